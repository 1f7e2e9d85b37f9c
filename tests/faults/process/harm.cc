#include "tests/faults/process/harm.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

#include "tests/testkit/fixtures.h"

namespace sudare::faults {
namespace {

// How long nothing may arrive before what is missing counts as lost.
constexpr milliseconds kQuiet = std::chrono::seconds(10);
// Fewer runs are not worth a unit of their own.
constexpr std::uint64_t kLotLeast = 10;
constexpr milliseconds kQuietOfControl = std::chrono::seconds(1);

// In what each thread waits.
std::string waits_of(pid_t process) {
  std::string text;
  const std::filesystem::path threads = "/proc/" + std::to_string(process) + "/task";
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator(threads, gone)) {
    text += " " + testkit::read_file(thread.path() / "wchan");
  }
  return text;
}

// SIGTERM, and its end.
void end_gateway(testkit::Unit& unit, const Lot& lot, FaultResult& result) {
  if (const auto stopped = unit.stop(); stopped.status || lot.control) return;
  result.found(lot.name() + ": does not end; it waits in" + waits_of(unit.gateway().pid()) + "; " +
               unit.log());
  unit.kill();
}

std::string some_of(const std::vector<std::uint64_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(numbers.size(), 8); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(numbers[i]);
  }
  return text + (numbers.size() > 8 ? ", …" : "");
}

}  // namespace

std::mt19937_64 random_of(std::uint64_t seed, std::uint64_t run) {
  std::seed_seq both{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                     static_cast<std::uint32_t>(run), static_cast<std::uint32_t>(run >> 32)};
  return std::mt19937_64(both);
}

std::uint64_t below(std::mt19937_64& random, std::uint64_t end) { return random() % end; }

FaultResult in_parallel(std::uint64_t jobs, unsigned threads,
                        const std::function<FaultResult(std::uint64_t job)>& work) {
  FaultResult sum;
  std::mutex mutex;
  std::atomic<std::uint64_t> next = 0;
  const auto some = [&] {
    for (std::uint64_t job = next++; job < jobs; job = next++) {
      FaultResult one;
      try {
        one = work(job);
      } catch (const std::exception& error) {
        one.found(std::string("could not be done: ") + error.what());
      }
      const std::scoped_lock lock(mutex);
      sum.add(one);
    }
  };
  std::vector<std::thread> all;
  for (unsigned i = 0; i < threads; ++i) all.emplace_back(some);
  for (std::thread& one : all) one.join();
  return sum;
}

std::string Lot::name() const {
  return std::string(control ? "control, " : "") + "seed " + std::to_string(seed) + ", runs " +
         std::to_string(first) + " to " + std::to_string(end - 1) +
         (what.empty() ? "" : ", " + what);
}

FaultResult run_in_lots(const FaultOptions& options, const Plan& plan,
                        const std::function<FaultResult(const Lot&)>& work) {
  if (options.runs == 0) return {};
  allow_core_files();
  const std::uint64_t size = std::clamp<std::uint64_t>(
      options.runs / plan.threads, std::min(kLotLeast, plan.runs_of_lot), plan.runs_of_lot);
  const std::uint64_t control_runs = std::min(plan.control_runs, options.runs);
  const std::uint64_t control_size = std::min(plan.runs_of_lot, control_runs);
  const std::uint64_t lots = (options.runs + size - 1) / size;
  const std::uint64_t controls = (control_runs + control_size - 1) / control_size;
  std::mutex mutex;
  std::uint64_t done = 0;
  return in_parallel(lots + controls, plan.threads, [&](std::uint64_t job) {
    Lot lot;
    lot.seed = options.seed;
    lot.control = job >= lots;
    const std::uint64_t of = lot.control ? control_size : size;
    lot.first = (lot.control ? job - lots : job) * of;
    lot.end = std::min(lot.first + of, lot.control ? control_runs : options.runs);
    FaultResult one = work(lot);
    if (lot.control) {
      FaultResult control;
      control.control_runs = one.runs;
      control.control_lost = one.lost;
      return control;
    }
    const std::scoped_lock lock(mutex);
    done += one.runs;
    if (options.progress) options.progress(done);
    return one;
  });
}

bool connected(const testkit::Unit& unit) {
  return unit.log().find("local_connected") != std::string::npos;
}

std::chrono::milliseconds until_connected(const testkit::Unit& unit) {
  const auto start = std::chrono::steady_clock::now();
  if (!testkit::eventually([&] { return connected(unit); })) {
    throw std::runtime_error("the gateway does not come up: " + unit.log());
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

double metric(const testkit::Unit& unit, const std::string& name) {
  const std::string page = "\n" + unit.get("/metrics").body;
  const std::size_t at = page.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::strtod(page.c_str() + at + name.size() + 2, nullptr);
}

void find_missing(const Arrivals& arrivals, std::span<const Numbers> published, const Lot& lot,
                  FaultResult& result) {
  for (const auto& [first, end] : published) {
    result.acknowledged += end - first;
    const std::vector<std::uint64_t> missing = arrivals.missing(first, end);
    result.lost += missing.size();
    if (missing.empty()) continue;
    result.found(lot.name() + ": lost " + std::to_string(missing.size()) + " of " +
                 std::to_string(end - first) + ": " + some_of(missing));
  }
}

void find_repeated(const Arrivals& arrivals, const Lot& lot, FaultResult& result) {
  const std::uint64_t repeated = arrivals.repeated();
  result.duplicated += repeated;
  if (repeated > 0) result.found(lot.name() + ": " + std::to_string(repeated) + " came twice");
}

void find_plaintext(const testkit::Unit& unit, const std::string& where, FaultResult& result) {
  const std::uint64_t found = canaries_below(unit.directory());
  result.plaintext += found;
  if (found > 0) result.found(where + ": " + std::to_string(found) + " canaries on the unit");
  for (const auto& directory : {std::filesystem::current_path(), unit.directory()}) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (name != "core" && name.rfind("core.", 0) != 0) continue;
      ++result.plaintext;
      result.found(where + ": a core file, " + entry.path().string());
    }
  }
}

void settle(testkit::Unit& unit, Arrivals& arrivals, std::span<const Numbers> published,
            const Lot& lot, FaultResult& result) {
  if (unit.gateway().running()) end_gateway(unit, lot, result);
  unit.use_program(testkit::program("sudare-gateway"));
  unit.start();
  for (const auto& [first, end] : published) {
    if (!arrivals.wait_for(first, end, lot.control ? kQuietOfControl : kQuiet)) break;
  }
  find_missing(arrivals, published, lot, result);
  // The cloud's last acknowledgements may be on their way.
  testkit::eventually([&] { return metric(unit, "sudare_queue_rows") == 0; },
                      std::chrono::seconds(5));
  const std::uint64_t on_page =
      canaries_in(unit.get("/metrics").body) + canaries_in(unit.get("/healthz").body);
  result.plaintext += on_page;
  if (on_page > 0) result.found(lot.name() + ": canaries on the status page");
  const auto stopped = unit.stop();
  if (stopped.status != 0) result.found(lot.name() + ": the end fails: " + unit.log());
  find_plaintext(unit, lot.name(), result);
  if (lot.control) return;
  const Account account = unit.account();
  const FateCounts total = account.total();
  if (!account.adds_up()) result.found(lot.name() + ": the account does not add up");
  if (total.by_fate[static_cast<std::size_t>(Fate::kQueued)] != 0) {
    result.found(lot.name() + ": rows remain in the queue");
  }
  std::uint64_t wanted = 0;
  for (const auto& [first, end] : published) wanted += end - first;
  if (total.taken < wanted) {
    result.found(lot.name() + ": the account has " + std::to_string(total.taken) + " rows");
  }
  if (arrivals.failures() > 0) {
    result.found(lot.name() + ": " + std::to_string(arrivals.failures()) + " batches do not open");
  }
  if (arrivals.forks() > 0) {
    result.found(lot.name() + ": " + std::to_string(arrivals.forks()) + " forked batches");
  }
}

void allow_core_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_CORE, &limit);
}

}  // namespace sudare::faults
