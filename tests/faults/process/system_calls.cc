// One system call of the gateway's fails, or is the moment of its kill -9: in turn each call that
// touches a file, of a session that passes through all that the store does. The control
// acknowledges before it writes.
#include <algorithm>
#include <sstream>

#include "tests/faults/process/faults.h"
#include "tests/faults/process/one_session.h"
#include "tests/faults/process/strace.h"
#include "tests/testkit/fixtures.h"

namespace sudare::faults {
namespace {

namespace fs = std::filesystem;

constexpr Plan kPlan{.runs_of_lot = 40, .control_runs = 4, .threads = 3};
// How often a session makes each call at most, in one thread; it differs a little from one to the
// next. unlinkat and renameat are not made.
struct Calls {
  const char* name;
  std::uint64_t most;
};
constexpr std::array<Calls, 7> kCalls = {{{"pwrite64", 1600},
                                          {"write", 60},
                                          {"fdatasync", 45},
                                          {"fsync", 3},
                                          {"ftruncate", 12},
                                          {"unlink", 4},
                                          {"rename", 2}}};

constexpr std::uint64_t kControlEvery = 100;

struct Point {
  std::string call;
  std::uint64_t number = 0;  // of the calls of one thread
  std::string harm;          // "signal=SIGKILL", "error=EIO"
};

// What strace wrote, once it has seen the gateway's end.
std::string trace_of(const fs::path& output, pid_t gateway) {
  std::string text;
  std::string end = std::to_string(gateway);
  end.resize(std::max<std::size_t>(end.size(), 5), ' ');  // as strace aligns its lines
  end += " +++ ";
  testkit::eventually([&] {
    text = testkit::read_file(output);
    return text.find(end) != std::string::npos;
  });
  return text;
}

// In a fixed order without order: parts of a campaign go on where the one before ended.
std::vector<Point> points(const std::vector<std::string>& harms) {
  std::vector<Point> all;
  for (const Calls& calls : kCalls) {
    for (std::uint64_t n = 1; n <= calls.most; ++n) {
      for (const std::string& harm : harms) all.push_back({calls.name, n, harm});
    }
  }
  std::mt19937_64 random = random_of(0, 0);
  std::shuffle(all.begin(), all.end(), random);
  return all;
}

// A session that is done no harm makes no more calls than are tried.
void count_calls(OneSession& session, const Lot& lot, FaultResult& result) {
  const fs::path output = session.unit().directory() / "trace";
  std::string names;
  for (const Calls& calls : kCalls) names += (names.empty() ? "" : ",") + std::string(calls.name);
  session.run(under_strace(output, {"-e", "trace=" + names + ",unlinkat,renameat"},
                           testkit::program("sudare-gateway")));
  std::map<std::string, std::uint64_t> counts;  // by thread and call
  std::istringstream lines(trace_of(output, session.unit().gateway().pid()));
  for (std::string thread, rest; lines >> thread && std::getline(lines >> std::ws, rest);) {
    const std::string name = rest.substr(0, rest.find('('));
    const std::uint64_t count = ++counts[thread + name];
    const auto known = std::find_if(kCalls.begin(), kCalls.end(),
                                    [&](const Calls& one) { return one.name == name; });
    const bool call = known != kCalls.end() || name == "unlinkat" || name == "renameat";
    // Most writes are the log's and to sockets: as many as happen to come.
    if (!call || name == "write") continue;
    if (count <= (known == kCalls.end() ? 0 : known->most)) continue;
    result.found(lot.name() + ": a session makes more " + name + " than are tried");
    return;
  }
}

// True: the harm was done. It is not where a session happened to make fewer calls.
bool harm(OneSession& session, const Point& point, const Lot& lot, std::uint64_t run,
          FaultResult& result) {
  testkit::Unit& unit = session.unit();
  const fs::path output = unit.directory() / "trace";
  fs::remove(output);
  Arrivals arrivals(unit);
  // A kill is done to the gateway itself; a call that fails, to the same without its sandbox.
  const bool kill = point.harm.find("SIGKILL") != std::string::npos;
  fs::path program = kill ? testkit::program("sudare-gateway") : fs::path(SUDARE_WITHOUT_SANDBOX);
  if (lot.control) program = SUDARE_ACKNOWLEDGE_FIRST;
  const std::string what = point.call + ":" + point.harm + ":when=" + std::to_string(point.number);
  const int status = session.run(
      under_strace(output, {"-e", "trace=" + point.call, "-e", "inject=" + what}, program));
  const std::string trace = trace_of(output, unit.gateway().pid());
  const bool killed = trace.find("+++ killed by SIGKILL") != std::string::npos;
  const bool failed = trace.find("(INJECTED)") != std::string::npos;
  if (failed && status > 1 && !lot.control) {
    result.found(lot.name() + ": " + what + ": ends with status " + std::to_string(status));
  }
  Lot one = lot;
  one.first = run;
  one.end = run + 1;
  one.what = what;
  settle(unit, arrivals, OneSession::published(), one, result);
  return killed || failed;
}

FaultResult harm_a_lot(const Lot& lot, const std::vector<Point>& all) {
  FaultResult result;
  OneSession session;
  if (!lot.control) count_calls(session, lot, result);
  for (std::uint64_t run = lot.first; run < lot.end; ++run) {
    Point point = all[(lot.seed + run) % all.size()];
    // Past the start, which plays the log back and wipes it.
    if (lot.control) point = {"pwrite64", kControlEvery * (run + 1), point.harm};
    while (!harm(session, point, lot, run, result) && !lot.control) {
      if (point.number == 1) throw std::runtime_error("never called: " + point.call);
      point.number = (point.number + 1) / 2;
    }
    ++result.runs;
  }
  return result;
}

Fault at_each_call(const std::string& name, const std::string& what,
                   const std::vector<std::string>& harms) {
  Fault fault;
  fault.name = name;
  fault.what = what;
  fault.short_runs = 4;
  fault.long_runs = points(harms).size();
  fault.run = [harms](const FaultOptions& options) {
    const std::vector<Point> all = points(harms);
    return run_in_lots(options, kPlan, [&all](const Lot& lot) { return harm_a_lot(lot, all); });
  };
  return fault;
}

}  // namespace

Fault syscall_kill() {
  return at_each_call("syscall-kill",
                      "kill -9 at the N-th system call on files, each N of a session in turn; the "
                      "control acknowledges before it writes",
                      {"signal=SIGKILL"});
}

Fault syscall_error() {
  return at_each_call("syscall-error",
                      "EIO or ENOSPC from the N-th system call on files, each N of a session in "
                      "turn; the control acknowledges before it writes",
                      {"error=EIO", "error=ENOSPC"});
}

}  // namespace sudare::faults
