#include "fleet/provision/factory_line.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include "crypto/crypto_init.h"
#include "fleet/cli/console.h"
#include "fleet/cli/descriptor.h"
#include "fleet/cli/read_file.h"
#include "fleet/provision/provision.h"
#include "fleet/provision/unsynced_disk.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMaking = "/.making";
constexpr std::string_view kMarkName = "/provisioned";
constexpr std::string_view kStateName = "/state";
constexpr std::string_view kMarkBegin = "sudare-provisioned/1 ";
constexpr std::size_t kMarkBytesMax = 256;

// Sealing and chains take the processor, syncing waits: a thread per core, and enough for the disk
// to put many syncs into one of its own.
constexpr unsigned kThreadsMax = 8;
constexpr unsigned kSyncThreads = 16;

template <class Work>
void in_parallel(std::size_t count, unsigned threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto loop = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads && i < count; ++i) others.emplace_back(loop);
  loop();
  for (std::thread& other : others) other.join();
}

Status write_new(const std::string& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return fail(ErrorCode::kIo, "a file can't be created", errno);
  return write_all(file.get(), bytes, "a file can't be written");
}

Status make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return Done{};
  return fail(ErrorCode::kIo, "a directory can't be created", errno);
}

// A file or a directory.
Status sync_path(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 || fsync(file.get()) != 0) return fail(ErrorCode::kIo, "fsync", errno);
  return Done{};
}

// The folder that `path` is in, also where that is a link.
std::string parent_of(const std::string& path) {
  fs::path whole = fs::absolute(path).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();  // "out/"
  return (whole.parent_path() / ".").string();
}

Status empty_directory(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) {
    return fail(ErrorCode::kIo, "what was not finished can't be removed", error.value());
  }
  return make_directory(path);
}

std::vector<std::string> sealed_names(std::size_t authorities) {
  if (authorities == 1) return {"/sealed"};
  return {"/sealed.1", "/sealed.2"};
}

// kNotFound: no such folder.
Status recognise(const std::string& folder, const CarIdentity& identity) {
  struct stat info {};
  if (lstat(folder.c_str(), &info) != 0 && errno == ENOENT) {
    return fail(ErrorCode::kNotFound, "not made");
  }
  const Result<std::string> text = cli::read_file(folder + std::string(kMarkName), kMarkBytesMax);
  const auto kept = text ? parse_provisioned_mark(*text) : tl::unexpected<Error>(text.error());
  if (!kept) return fail(ErrorCode::kRefused, "the unit's folder was not made by this command");
  const bool same =
      kept->covers(identity.vin, identity.frame_number) &&
      kept->match(identity.vin, identity.frame_number) == CarFingerprint::Match::kSame;
  if (!same) return fail(ErrorCode::kRefused, "the unit was made for another car");
  if (StateDirectory::is_being_erased(folder + std::string(kStateName))) {
    return fail(ErrorCode::kRefused,
                "the unit is being erased: sudare provision --erase finishes it");
  }
  return Done{};
}

}  // namespace

std::string provisioned_mark(const CarFingerprint& fingerprint) {
  return std::string(kMarkBegin) + cli::hex(fingerprint.encode()) + "\n";
}

Result<CarFingerprint> parse_provisioned_mark(std::string_view text) {
  constexpr std::size_t kLength = kMarkBegin.size() + 2 * kFingerprintBytes + 1;
  if (text.size() != kLength || text.substr(0, kMarkBegin.size()) != kMarkBegin ||
      text.back() != '\n') {
    return fail(ErrorCode::kMalformed, "not a mark of a provisioned unit");
  }
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  for (std::size_t i = kMarkBegin.size(); i + 1 < kLength; i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) {
      return fail(ErrorCode::kMalformed, "not a mark of a provisioned unit");
    }
    bytes += static_cast<char>(high << 4 | low);
  }
  return CarFingerprint::decode(bytes);
}

std::string FactoryLine::folder(const CarLine& car) const {
  return options_.output + "/" + car.unit;
}

std::string FactoryLine::unfinished(const CarLine& car) const {
  return options_.output + std::string(kMaking) + "/" + car.unit;
}

Result<FactoryLine> FactoryLine::open(FactoryOptions options, const Clock& clock) {
  TRY(crypto_init());
  if (options.authorities.empty() || options.authorities.size() > 2) {
    return fail(ErrorCode::kRefused, "provision: one or two relink authorities");
  }
  TRY(make_directory(options.output));
  // Also where it is there: an earlier run may have been cut before it was sure of its name.
  TRY(sync_path(parent_of(options.output)));
  auto lock = real_disk().open(options.output + "/.lock", Disk::Open::kUsual);
  if (!lock) return fail(ErrorCode::kIo, "the output folder can't be written", errno);
  if (!lock->lock()) {
    if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "flock", errno);
    return fail(ErrorCode::kRefused, "another process provisions there");
  }
  TRY(empty_directory(options.output + std::string(kMaking)));
  // Also what an earlier run named and was cut before it was sure of.
  TRY(sync_path(options.output));
  return FactoryLine(std::move(options), clock, std::move(lock));
}

Status FactoryLine::make_car(const CarLine& car) const {
  const std::string making = unfinished(car);
  TRY(make_directory(making));
  ProvisionOptions options;
  options.state_directory = making + std::string(kStateName);
  options.identity = car.identity;
  options.authorities = options_.authorities;
  options.fingerprint = CarFingerprint::make(car.identity.vin, car.identity.frame_number);
  options.disk = &unsynced_disk();
  const std::vector<std::string> names = sealed_names(options_.authorities.size());
  const Status done =
      provision(options, clock_, [&](const std::vector<std::string>& shares) -> Status {
        for (std::size_t i = 0; i < shares.size(); ++i) {
          TRY(write_new(making + names[i], shares[i]));
        }
        return Done{};
      });
  CarLine copy{{}, std::move(options.identity)};
  wipe_car(copy);
  if (!done) return done;
  const std::string log = StateDirectory::database_path(options.state_directory) + "-wal";
  if (fs::exists(log)) return fail(ErrorCode::kIo, "the store was not closed");
  if (!options.fingerprint) return fail(ErrorCode::kMalformed, "neither VIN nor frame number");
  return write_new(making + std::string(kMarkName), provisioned_mark(*options.fingerprint));
}

Status FactoryLine::sync_car(const CarLine& car) const {
  const std::string making = unfinished(car);
  const std::string state = making + std::string(kStateName);
  std::vector<std::string> paths = {StateDirectory::database_path(state),
                                    making + std::string(kMarkName)};
  for (const std::string& name : sealed_names(options_.authorities.size())) {
    paths.push_back(making + name);
  }
  // Their names after them.
  paths.push_back(state);
  paths.push_back(making);
  for (const std::string& path : paths) {
    TRY(sync_path(path));
  }
  return Done{};
}

Status FactoryLine::name_car(const CarLine& car) const {
  if (std::rename(unfinished(car).c_str(), folder(car).c_str()) == 0) return Done{};
  return fail(ErrorCode::kIo, "rename", errno);
}

std::vector<CarOutcome> FactoryLine::make(std::span<const CarLine> cars,
                                          const std::function<bool()>& stopped,
                                          const std::function<void(FactoryStep)>& reached) {
  std::vector<CarOutcome> outcomes(cars.size());
  const auto settle = [&](std::size_t i, const Status& status) {
    if (!status) outcomes[i] = {CarMade::kFailed, status.error()};
  };
  const auto tell = [&](FactoryStep step) {
    if (reached) reached(step);
  };
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
  in_parallel(cars.size(), cores, [&](std::size_t i) {
    if (stopped && stopped()) return;
    const Status present = recognise(folder(cars[i]), cars[i].identity);
    if (present) {
      outcomes[i].made = CarMade::kPresent;
    } else if (present.error().code != ErrorCode::kNotFound) {
      settle(i, present);
    } else {
      outcomes[i].made = CarMade::kMade;
      settle(i, make_car(cars[i]));
    }
  });
  tell(FactoryStep::kMade);
  in_parallel(cars.size(), kSyncThreads, [&](std::size_t i) {
    if (outcomes[i].made == CarMade::kMade) settle(i, sync_car(cars[i]));
  });
  tell(FactoryStep::kSynced);
  for (std::size_t i = 0; i < cars.size(); ++i) {
    if (outcomes[i].made == CarMade::kMade) settle(i, name_car(cars[i]));
  }
  tell(FactoryStep::kNamed);
  Status synced = sync_path(options_.output);
  if (synced) synced = sync_path(options_.output + std::string(kMaking));
  for (std::size_t i = 0; !synced && i < cars.size(); ++i) {
    if (outcomes[i].made == CarMade::kMade) settle(i, synced);
  }
  for (std::size_t i = 0; i < cars.size(); ++i) {
    std::error_code ignored;  // emptied at the next start
    if (outcomes[i].made == CarMade::kFailed) fs::remove_all(unfinished(cars[i]), ignored);
  }
  return outcomes;
}

}  // namespace sudare
