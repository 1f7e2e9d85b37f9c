// `sudare provision --erase`: a unit's end of life.
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "fleet/cli/console.h"
#include "fleet/commands/provision_modes.h"
#include "fleet/provision/erase.h"

namespace sudare::commands {
namespace {

void print(const ProvisionCall& call, const Erasure& done) {
  if (call.json) {
    const nlohmann::ordered_json line{{"state", call.state},
                                      {"removed", done.removed},
                                      {"not_overwritten", done.not_overwritten},
                                      {"left", done.left}};
    std::cout << line.dump() << "\n";
    return;
  }
  std::cout << "erased: " << call.state << ": " << cli::counted(done.removed, "file")
            << " of Sudare\n"
            << "not erased: what the flash chip, or a file system that does not overwrite in place "
               "(btrfs, f2fs, UBIFS), keeps of former blocks; what a release before this one left "
               "in free blocks; backups, the configuration, the broker's password and the TLS "
               "key\n";
}

const char* hint(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound: return "--state: the gateway's state_directory";
    case ErrorCode::kMalformed:
      return "nothing was removed: neither outbox.db nor outbox.journal there says that it is "
             "Sudare's; is it the gateway's state_directory? One that is damaged beyond that is "
             "erased by hand: docs/identity.md, End of life";
    case ErrorCode::kRefused: return "stop the gateway first";
    default:
      return "the same command again removes what is left; storage that goes on refusing must be "
             "destroyed";
  }
}

}  // namespace

int provision_erase(const ProvisionCall& call) {
  const Result<Erasure> done = erase_state(call.state);
  if (!done) {
    return cli::report(call.state, done.error(), hint(done.error().code));
  }
  print(call, *done);
  for (const std::string& name : done->left) {
    std::cerr << "warning: " << call.state << "/" << name << ": not written by Sudare, left\n";
  }
  if (done->not_overwritten > 0) {
    std::cerr << "warning: " << done->not_overwritten
              << " files were removed without being overwritten\n";
  }
  return cli::kExitOk;
}

}  // namespace sudare::commands
