// In the place of status_server.cc, metrics_text.cc and health.cc where the status page is not in
// this build (SUDARE_STATUS=OFF). A configuration that asks for it is refused before
// (config/load_config.cc).
#include "gateway/status/status_server.h"

namespace sudare {

Result<std::unique_ptr<StatusServer>> StatusServer::bind(const StatusOptions&,
                                                         const SharedSnapshot&, const Clock&) {
  return fail(ErrorCode::kUnsupported, "status: not in this build");
}

}  // namespace sudare
