// `sudare provision --cars`: the units of a factory line.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include <sodium.h>

#include "crypto/crypto_init.h"
#include "crypto/secret_bytes.h"
#include "fleet/authority/car_name.h"
#include "fleet/cli/console.h"
#include "fleet/cli/descriptor.h"
#include "fleet/cli/line_reader.h"
#include "fleet/commands/provision_modes.h"
#include "fleet/provision/factory_line.h"

namespace sudare::commands {
namespace {

// What a run remembers of its cars grows with them: some 100 bytes each.
constexpr std::size_t kCarsPerRunMax = 1'000'000;

// How soon a signal is noticed while a line of cars waits for the next one.
constexpr int kStopLookMs = 200;

using Outcome = cli::LineReader::Outcome;

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

// A core file would hold the cars' numbers.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_DUMPABLE, 0);
}

// The cars of this run, by a keyed hash of their numbers: one car under two units' names would have
// two records at the relink authority.
class SeenCars {
 public:
  SeenCars() { random_bytes(key_); }
  // The line that had this car under another unit's name; 0: none.
  std::uint64_t add(const CarLine& car, std::uint64_t line) {
    const std::uint64_t unit = hash(car.unit);
    std::uint64_t clash = 0;
    for (std::string& name : names_of(car.identity)) {
      const auto [found, fresh] = cars_.try_emplace(hash(name), Seen{line, unit});
      if (!fresh && found->second.unit != unit) clash = found->second.line;
      wipe_text(name);
    }
    return clash;
  }
  [[nodiscard]] std::size_t size() const { return cars_.size(); }

 private:
  struct Seen {
    std::uint64_t line = 0;
    std::uint64_t unit = 0;
  };
  [[nodiscard]] std::uint64_t hash(std::string_view text) const {
    std::uint64_t out = 0;
    crypto_shorthash(reinterpret_cast<unsigned char*>(&out),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), key_.data());
    return out;
  }
  std::array<std::uint8_t, crypto_shorthash_KEYBYTES> key_{};
  std::unordered_map<std::uint64_t, Seen> cars_;
};

struct Counts {
  std::uint64_t made = 0;
  std::uint64_t present = 0;
  std::uint64_t failed = 0;
};

class Run {
 public:
  Run(const ProvisionCall& call, FactoryLine line, int descriptor)
      : call_(call), line_(std::move(line)), descriptor_(descriptor), reader_(descriptor) {}

  int all() {
    std::string line;
    line.reserve(cli::kLineBytesMax);  // one that grows leaves copies behind
    const bool begun = read_header(line);
    while (begun && !cli::stopped() && next(line)) {
    }
    wipe_text(line);
    make_batch();
    progress_.clear();
    summary();
    return begun && whole_ && counts_.failed == 0 ? cli::kExitOk : cli::kExitFailure;
  }

 private:
  bool read_header(std::string& line) {
    const Result<Outcome> got = wait() ? reader_.next(line) : Result<Outcome>(Outcome::kEnd);
    if (got && *got == Outcome::kLine) {
      if (auto list = CarList::begin(line)) {
        list_.emplace(std::move(*list));
        return true;
      } else {
        report(1, list.error(), car_list_hint(list.error()));
      }
    } else {
      cli::report(list_name() + ": no header",
                  "its first line: unit,vin,frame_number,terminal_number");
    }
    return whole_ = false;
  }

  // False: the end.
  bool next(std::string& line) {
    if (!wait()) return false;
    const Result<Outcome> got = reader_.next(line);
    if (!got) {
      cli::report(list_name(), got.error(), "is the disk whole?");
      return whole_ = false;
    }
    if (*got == Outcome::kEnd) return false;
    if (seen_.size() >= kCarsPerRunMax) {
      cli::report(list_name() + ": too many cars for one run",
                  "give them in parts of " + std::to_string(kCarsPerRunMax));
      return whole_ = false;
    }
    if (*got == Outcome::kTooLong) {
      refuse({}, reader_.number(), {ErrorCode::kTooLarge, "CSV: the line is too long"});
    } else if (!line.empty()) {
      take(line, reader_.number());
    }
    wipe_text(line);
    if (batch_.size() >= kFactoryBatchCars) make_batch();
    return true;
  }

  // Until a line can be read; what was read is made meanwhile. False: stopped.
  bool wait() {
    if (!reader_.waits()) return true;
    pollfd one{descriptor_, POLLIN, 0};
    if (poll(&one, 1, 0) > 0) return true;
    make_batch();
    while (!cli::stopped()) {
      if (poll(&one, 1, kStopLookMs) > 0) return true;
    }
    return false;
  }

  void take(const std::string& line, std::uint64_t number) {
    Result<CarLine> car = list_->read(line);
    if (!car) return refuse({}, number, car.error());
    for (const CarLine& one : batch_) {
      if (one.unit != car->unit) continue;
      make_batch();  // the second one is compared with what the first one has made
      break;
    }
    if (const std::uint64_t other = seen_.add(*car, number); other > 0) {
      refuse(car->unit, number, {ErrorCode::kRefused, "the same car as under another unit's name"},
             "line " + std::to_string(other) +
                 " has it: one of the two units goes into another "
                 "car");
      return wipe_car(*car);
    }
    batch_.push_back(std::move(*car));
    numbers_.push_back(number);
  }

  void make_batch() {
    if (batch_.empty()) return;
    const std::vector<CarOutcome> outcomes = line_.make(batch_, cli::stopped, {});
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      wipe_car(batch_[i]);
      if (outcomes[i].made == CarMade::kFailed) {
        if (cli::stopped() && outcomes[i].error.code == ErrorCode::kUnavailable) continue;
        refuse(batch_[i].unit, numbers_[i], outcomes[i].error);
        continue;
      }
      const bool made = outcomes[i].made == CarMade::kMade;
      ++(made ? counts_.made : counts_.present);
      print(batch_[i].unit, numbers_[i], made ? "made" : "present", nullptr);
    }
    batch_.clear();
    numbers_.clear();
    if (call_.json) std::cout.flush();
    progress_.show(std::to_string(counts_.made) + " made, " + std::to_string(counts_.present) +
                   " there already, " + std::to_string(counts_.failed) + " failed");
  }

  void refuse(const std::string& unit, std::uint64_t number, const Error& error,
              std::string_view hint = {}) {
    ++counts_.failed;
    progress_.clear();
    report(number, error, hint.empty() ? car_list_hint(error) : hint);
    print(unit, number, "failed", &error);
  }

  void report(std::uint64_t number, const Error& error, std::string_view hint) const {
    cli::report(list_name() + ":" + std::to_string(number), error, hint);
  }
  [[nodiscard]] std::string list_name() const { return call_.cars == "-" ? "stdin" : call_.cars; }

  // `unit` is empty where the line has none that can be shown.
  void print(const std::string& unit, std::uint64_t number, const char* state, const Error* error) {
    if (!call_.json) return;
    nlohmann::ordered_json line{{"line", number}, {"state", state}};
    if (!unit.empty()) line["unit"] = unit;
    if (error != nullptr) line["error"] = error->what.view();
    std::cout << line.dump() << "\n";
  }

  void summary() {
    if (cli::stopped()) {
      whole_ = false;
      std::cerr << "stopped: give the same cars again, and the rest is made\n";
    }
    if (call_.json) return;
    std::cout << counts_.made << " made, " << counts_.present << " there already, "
              << counts_.failed << " failed: " << call_.output << "\n";
  }

  const ProvisionCall& call_;
  FactoryLine line_;
  int descriptor_;
  cli::LineReader reader_;
  std::optional<CarList> list_;
  SeenCars seen_;
  std::vector<CarLine> batch_;
  std::vector<std::uint64_t> numbers_;  // of their lines
  Counts counts_;
  cli::Progress progress_;
  bool whole_ = true;  // the list was read to its end
};

}  // namespace

int provision_cars(const ProvisionCall& call) {
  forbid_core_dumps();
  FactoryOptions options;
  options.output = call.output;
  if (!parse_authorities(call, options.authorities)) return cli::kExitFailure;
  if (const Status ready = crypto_init(); !ready) return cli::report("libsodium", ready.error());
  const Descriptor file(call.cars == "-" ? dup(STDIN_FILENO)
                                         : open(call.cars.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return cli::report(call.cars + ": " + std::strerror(errno), "--cars FILE, or - for stdin");
  }
  const SystemClock clock;
  auto line = FactoryLine::open(std::move(options), clock);
  if (!line) {
    return cli::report(call.output, line.error(),
                       line.error().code == ErrorCode::kIo ? "is the folder writable?" : "");
  }
  cli::stop_on_signals();
  return Run(call, std::move(*line), file.get()).all();
}

}  // namespace sudare::commands
