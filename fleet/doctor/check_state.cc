#include <pwd.h>
#include <sys/stat.h>

#include <filesystem>

#include "fleet/cli/console.h"
#include "fleet/doctor/check_unit.h"
#include "fleet/doctor/system_files.h"
#include "fleet/provision/state_files.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/state_directory.h"

namespace sudare::doctor {
namespace {

namespace fs = std::filesystem;

// What a key or a sealed file says of itself stands at its beginning.
constexpr std::size_t kBeginningBytes = std::size_t{16} * 1024;
constexpr int kFilesMax = 1000;
// The user that the packages make.
constexpr const char* kServiceUser = "sudare";

enum class KeyKind : std::uint8_t { kNone, kOpens, kPem };

// Only what a line of the file begins with: a comment may speak of keys.
KeyKind key_in(const std::string& text) {
  const auto begins_line = [&](const char* word) {
    return text.starts_with(word) || text.find(std::string("\n") + word) != std::string::npos;
  };
  for (const char* word : {"AGE-SECRET-KEY-", "AGE-PLUGIN-", "SUDARE-SIGNING-KEY-"}) {
    if (begins_line(word)) return KeyKind::kOpens;
  }
  const bool pem = begins_line("-----BEGIN ") && text.find("PRIVATE KEY-----") != std::string::npos;
  return pem ? KeyKind::kPem : KeyKind::kNone;
}

// Whether the directory could be read.
template <class Visit>
bool visit_files(const fs::path& directory, Visit visit) {
  std::error_code error;
  int files = 0;
  for (fs::directory_iterator it(directory, error), end; !error && it != end && files < kFilesMax;
       it.increment(error), ++files) {
    if (auto text = read_beginning(it->path(), kBeginningBytes)) visit(it->path(), *text);
  }
  return !error;
}

void check_directory(const std::string& directory, Report& report) {
  Check check(report, "state.directory");
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return check.problem("there is no such directory",
                         "install -d -m 700 -o sudare -g sudare DIR; then sudare provision",
                         directory);
  }
  check.ok(directory);
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    check.problem("others may look into the state directory", "chmod 700", directory);
  }
  const passwd* const service = getpwnam(kServiceUser);
  if (service != nullptr && service->pw_uid != info.st_uid) {
    check.warning("it does not belong to the user that the shipped service runs as",
                  "chown -R sudare:sudare", directory);
  }
  struct stat file {};
  const std::string store = StateDirectory::database_path(directory);
  if (stat(store.c_str(), &file) != 0) return;
  if (file.st_uid != info.st_uid) {
    check.problem("it belongs to another user than its directory: the gateway can't open it",
                  "chown -R --reference=DIR DIR; provision as the gateway's user", store);
  }
  if ((file.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    check.problem("others may read or write the store", "chmod 600", store);
  }
}

// Names are not told: an operator may have named a file after its car.
void check_left(const std::string& directory, Report& report) {
  Check check(report, "state.left");
  check.ok("nothing but Sudare's own files");
  std::size_t shares = 0;
  std::size_t others = 0;
  const auto names = names_of_others(directory);
  if (!names) return check.skip("the state directory can't be read");
  for (const std::string& name : *names) {
    const auto text = read_beginning(fs::path(directory) / name, kBeginningBytes);
    if (text && text->starts_with("age-encryption.org/")) ++shares;
    else ++others;
  }
  if (shares > 0) {
    check.problem(
        "still on the unit, for the relink authority: " + cli::counted(shares, "sealed file"),
        "move them to where the authority fetches them", directory);
  }
  if (others > 0) {
    check.warning(cli::counted(others, "file") + " that Sudare did not write",
                  "move them away: a change of owner is refused while they are there", directory);
  }
}

void check_keys(const std::string& state, const std::string& config_file, Report& report) {
  Check check(report, "state.keys");
  check.ok("no key that opens anything");
  bool all = visit_files(state, [&](const fs::path&, const std::string& text) {
    if (key_in(text) != KeyKind::kNone) {
      check.problem("a private key lies in the state directory", "no key belongs there", state);
    }
  });
  const fs::path beside = fs::absolute(config_file).parent_path();
  all &= visit_files(beside, [&](const fs::path& path, const std::string& text) {
    const KeyKind kind = key_in(text);
    if (kind == KeyKind::kOpens) {
      check.problem("a private key that opens or signs lies on the unit",
                    "move it to its owner; the unit needs public keys only", path.string());
    }
    struct stat info {};
    if (kind == KeyKind::kPem && stat(path.c_str(), &info) == 0 &&
        (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
      check.problem("others may read a private key", "chmod 600", path.string());
    }
  });
  if (!all && check.clean()) {
    check.skip("the state directory, or the configuration's, can't be read");
  }
}

}  // namespace

void check_state_files(const GatewayConfigPlan& plan, const std::string& config_file,
                       Report& report) {
  check_directory(plan.state_directory, report);
  check_left(plan.state_directory, report);
  check_keys(plan.state_directory, config_file, report);
}

std::unique_ptr<StoredState> check_store(const GatewayConfigPlan& plan, Report& report) {
  // Before the store is open.
  const bool erasing = StateDirectory::is_being_erased(plan.state_directory);
  auto state = StoredState::open(plan.state_directory);
  {
    Check check(report, "state.store");
    if (erasing) {
      check.problem("the unit is being erased: no gateway starts here",
                    "finish it: sudare provision --erase --state DIR; then sudare provision",
                    plan.state_directory);
    } else if (state) {
      check.ok("format " + std::to_string((*state)->version()));
    } else if (state.error().code == ErrorCode::kUnavailable) {
      check.skip(std::string(state.error().what.view()));
    } else {
      check.problem(std::string(state.error().what.view()),
                    state.error().code == ErrorCode::kNotFound
                        ? "sudare provision, as the gateway's user"
                    : state.error().code == ErrorCode::kUnsupported
                        ? "a newer version of Sudare wrote it"
                        : "it must be readable; a damaged one: provision a fresh directory",
                    StateDirectory::database_path(plan.state_directory));
    }
  }
  Check check(report, "state.chains");
  if (!state) {
    check.skip("the store is not read");
    return nullptr;
  }
  check.ok("the pseudonym chains are whole");
  const SystemClock clock;
  const Policy none;
  const auto time = TrustedTime::load(**state, clock, 0);
  if (!time) {
    check.problem(std::string(time.error().what.view()), "provision a fresh directory");
  } else if (const auto epochs = Epochs::load(**state, **time, none); !epochs) {
    check.problem(std::string(epochs.error().what.view()),
                  epochs.error().code == ErrorCode::kNotFound ? "sudare provision"
                                                              : "provision a fresh directory");
  }
  return std::move(*state);
}

}  // namespace sudare::doctor
