// The last stage: closed batches from the outbox to the cloud broker, on a thread of its own. A
// slow or absent cloud never delays a commit: this side reads the outbox through a connection of
// its own, and hands back the ids that the cloud acknowledged.
//
// A row stays in the outbox until the committing thread has deleted it; a row that was sent and not
// acknowledged is sent again on the next connection, as the same bytes (the recipient drops
// duplicates by batch id). A unit whose time (UploadOptions::tls_time_ms)
// is wrong by more than the validity of the broker's certificate can't connect, keeps its rows, and
// says so.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/policy/offered_texts.h"
#include "gateway/stages.h"

namespace sudare {

class JournaledRows;  // gateway/store/journaled_rows.h

struct UploadOptions {
  MqttPeer peer;
  std::uint16_t keepalive_seconds = 60;
  std::size_t outstanding_max = 0;  // published and unacknowledged, or not yet deleted
  std::int64_t backoff_ms_max = 0;
  std::string state_directory;
  std::int64_t session = 0;                   // Store::session()
  const JournaledRows* journaled = nullptr;   // Store::journaled(); outlives the uploader
  std::function<std::int64_t()> tls_time_ms;  // MqttOptions; called on the uploader's thread
  // As withhold() and allow(), from the first moment on.
  std::vector<std::string> withheld;
  std::map<std::string, std::uint64_t> allowed_bytes;
  // Where signed policies come retained; empty: none is asked for, and what is sent there is a
  // protocol error.
  std::string policy_topic;
};

struct UploadStatus {
  bool connected = false;
  std::uint64_t connects = 0;
  std::uint64_t failed_connects = 0;  // also connections that were lost
  std::uint64_t published = 0;        // PUBLISH packets, repeated ones included
  std::uint64_t published_bytes = 0;  // topic and payload of them
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;      // acknowledged with an error
  std::uint64_t outstanding = 0;  // now
  bool idle = false;              // nothing outstanding, and nothing that could be sent now
  // Of the policy topic.
  std::uint64_t policy_messages = 0;      // that were not empty, nor over the limit
  std::uint64_t policy_refusals = 0;      // of the subscription, by the broker
  std::uint64_t policy_oversized = 0;     // packets over the limit: they end the connection
  std::uint64_t unexpected_messages = 0;  // on another topic: they end the connection
};

// What the committing thread must delete, or quarantine.
struct UploadHandoff {
  std::vector<RowId> delivered;
  std::vector<RowId> damaged;
  // Bytes published since the last one, of purposes with an allowance.
  std::map<std::string, std::uint64_t> published;
  // Texts from the policy topic, as they came, each of at most kPolicyOverAirBytesMax.
  OfferedTexts policies;
};

class UploadWorker;  // upload_worker.h

class Uploader {
 public:
  // Starts the thread. The store must be open in this process. kIo where a file descriptor or the
  // outbox can't be opened.
  static Result<std::unique_ptr<Uploader>> start(const UploadOptions& options, const Clock& clock);
  // stop(), and waits for the thread without limit.
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  // All below: from the committing thread.
  // Rows were added: look at the outbox.
  void wake();
  // Readable when take() has something.
  [[nodiscard]] int handoff_fd() const;
  [[nodiscard]] UploadHandoff take();
  // These, handed over before, are no longer in the outbox.
  void deleted(const std::vector<RowId>& ids);
  // From now on no row of these purposes is published; replaces those named before. What is already
  // published can't be called back.
  void withhold(std::vector<std::string> purposes);
  // From now on no more than so many bytes of these purposes are published in all since the start,
  // repeated ones included; replaces those named before. Purposes that are not named have no bound.
  void allow(std::map<std::string, std::uint64_t> bytes);
  [[nodiscard]] UploadStatus status() const;

  // Tells the broker and ends the thread. False where it has not ended within `longest_ms`: it may
  // be looking up a host name, which nothing can interrupt.
  bool stop(std::int64_t longest_ms);

 private:
  explicit Uploader(std::unique_ptr<UploadWorker> worker);
  std::unique_ptr<UploadWorker> worker_;
};

}  // namespace sudare
