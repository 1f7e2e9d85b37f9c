// The status page: GET /metrics and GET /healthz (200 or 503), on loopback, on a thread of its own.
// Off by default. Shows snapshots only; nothing can be changed through it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/status/snapshot.h"

namespace sudare {

struct StatusOptions {
  std::string host;        // of loopback; the configuration refuses others
  std::uint16_t port = 0;  // 0: any free one
};

class StatusServer {
 public:
  // Takes the port; answers from serve() on. kUnavailable where the port is taken; kRefused where
  // the host is not on loopback; kUnsupported where the page is not in this build
  // (SUDARE_STATUS=OFF: no_status.cc). Keeps references.
  static Result<std::unique_ptr<StatusServer>> bind(const StatusOptions& options,
                                                    const SharedSnapshot& snapshot,
                                                    const Clock& clock);
  virtual ~StatusServer() = default;
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  // Once: starts the thread.
  virtual void serve() = 0;
  [[nodiscard]] virtual std::uint16_t port() const = 0;

 protected:
  StatusServer() = default;
};

}  // namespace sudare
