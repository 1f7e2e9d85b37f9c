// Damaged clips through the real minimize | verify: `clip_mutate [--count N] [--seed S] [--first
// I]`. Clips with something planted in them are cut short, have bits flipped, boxes resized, parts
// copied over others. Nothing planted may come out, nothing may take over ten seconds, and this
// process must live; sudare-clip dies of nothing but its limits, and verify finds nothing. Prints
// what became of them; each damaged clip is named by seed and number, and
// `--first I
// --count 1` makes it again. Exit 1 where a promise was broken.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "clip/run/clip_run.h"
#include "fleet/cli/descriptor.h"
#include "tests/system/clip/plants.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::clip_test {
namespace {

using Random = std::mt19937_64;

constexpr std::chrono::seconds kLongest(10);
constexpr int kProgress = 1000;

struct Source {
  std::string name;
  std::string bytes;
  std::vector<std::string> planted;
};

std::vector<Source> make_sources(const std::filesystem::path& directory) {
  std::vector<Source> sources;
  for (const Plant& plant : plants()) {
    const std::filesystem::path folder = directory / plant.name;
    std::filesystem::create_directories(folder);
    const std::string file = plant.make(folder.string() + "/");
    sources.push_back({plant.name, testkit::read_file(folder / file), plant.planted});
  }
  return sources;
}

std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

void flip_bits(Random& random, std::string& bytes) {
  const std::size_t count = std::size_t{1} << below(random, 8);
  for (std::size_t i = 0; i < count; ++i) {
    bytes[below(random, bytes.size())] ^= static_cast<char>(1U << below(random, 8));
  }
}

// A length in front of four letters, as in MP4 and (the other way round) in AVI.
void resize_box(Random& random, std::string& bytes) {
  const std::size_t start = below(random, bytes.size());
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = start; at + 8 < bytes.size(); ++at) {
    if (!letter(bytes[at + 4]) || !letter(bytes[at + 5]) || !letter(bytes[at + 6])) continue;
    const std::uint32_t size = below(random, 2) == 0
                                   ? static_cast<std::uint32_t>(random())
                                   : static_cast<std::uint32_t>(below(random, 64));
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(size >> (24 - 8 * i));
    return;
  }
}

// Numbers at the ends of their range where lengths, counts and offsets are.
void set_number(Random& random, std::string& bytes) {
  static const std::vector<std::string> numbers{
      std::string(4, '\0'), std::string(4, '\xFF'), std::string("\x7F\xFF\xFF\xFF"),
      std::string("\x80\0\0\0", 4), std::string("\0\0\0\1", 4)};
  if (bytes.size() < 5) return;
  // Headers stand at the beginning or, in MP4, at the end.
  const std::size_t span = std::min<std::size_t>(bytes.size() - 4, 4096);
  const std::size_t at = below(random, span);
  const std::size_t place = below(random, 2) == 0 ? at : bytes.size() - 4 - at;
  bytes.replace(place, 4, numbers[below(random, numbers.size())]);
}

void copy_part(Random& random, std::string& bytes) {
  const std::size_t size = 1 + below(random, std::min<std::size_t>(bytes.size(), 2000));
  const std::string part = bytes.substr(below(random, bytes.size() - size + 1), size);
  bytes.replace(below(random, bytes.size() - size + 1), size, part);
}

std::string damaged(Random& random, std::string bytes) {
  const std::size_t steps = 1 + below(random, 3);
  for (std::size_t i = 0; i < steps; ++i) {
    switch (below(random, 5)) {
      case 0: bytes.resize(1 + below(random, bytes.size())); break;
      case 1: flip_bits(random, bytes); break;
      case 2: resize_box(random, bytes); break;
      case 3: set_number(random, bytes); break;
      default: copy_part(random, bytes); break;
    }
  }
  return bytes;
}

// Of a run that crashed: only by what the processes were given, which costs this clip and nothing
// else.
bool over_its_limits(const clip::ClipResult& result) {
  constexpr int kSignalBase = 128;  // ProcessEnd::status
  const auto limited = [](const clip::ProcessEnd& end) {
    return end.report || end.status == kSignalBase + SIGXCPU || end.status == kSignalBase + SIGKILL;
  };
  return limited(result.worker) && limited(result.verify);
}

struct Counts {
  std::map<std::string, int> became;
  int broken = 0;
  std::chrono::milliseconds slowest{0};
};

class Driver {
 public:
  explicit Driver(std::vector<Source> sources) : sources_(std::move(sources)) {}

  void one(std::uint64_t seed, int number, Counts& counts) {
    Random random(seed * 1'000'003 + static_cast<std::uint64_t>(number));
    const Source& source = sources_[below(random, sources_.size())];
    const std::filesystem::path file = directory_.path() / "clip";
    std::ofstream(file, std::ios::binary) << damaged(random, source.bytes);
    clip::Options options;
    options.mode = clip::Mode::kMinimize;
    options.profile =
        below(random, 2) == 0 ? clip::Profile::kSketch : clip::Profile::kOriginalPicture;
    if (below(random, 3) == 0) options.window = clip::Window{1500, 2500};
    const std::string name =
        source.name + ", seed " + std::to_string(seed) + ", number " + std::to_string(number);
    const auto start = std::chrono::steady_clock::now();
    const auto [result, out] = run(options, file);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    counts.slowest = std::max(counts.slowest, took);
    judge(name, source, result, out, counts);
  }

 private:
  std::pair<clip::ClipResult, std::string> run(const clip::Options& options,
                                               const std::filesystem::path& file) {
    const Descriptor clip(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    auto run = clip::ClipRun::start(program_, options, clip.get(), kLongest, clock_);
    if (!run) throw std::runtime_error("sudare-clip does not start");
    std::string out;
    std::vector<std::byte> buffer(1 << 16);
    while (!run->ended()) {
      pollfd ready{run->descriptor(), POLLIN, 0};
      poll(&ready, 1, static_cast<int>(run->time_left().count()));
      const std::size_t count = run->read(buffer);
      out.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    return {run->result(), out};
  }

  static void judge(const std::string& name, const Source& source, const clip::ClipResult& result,
                    const std::string& out, Counts& counts) {
    std::string became(literal_of(result.outcome).view());
    if (result.reason != clip::Reason::kNone) {
      became.append(": ").append(literal_of(result.reason).view());
    }
    if (result.crashed) became = "crashed";
    if (result.timed_out) became = "timed out";
    ++counts.became[became];
    if (result.crashed || result.outcome == clip::Outcome::kFindings) {
      std::cout << became << " (" << result.worker.status << ", " << result.verify.status
                << "): " << name << "\n";
    }
    // Text that a mutation copied into coded data is for verify to find; any other finding means
    // that minimize and verify disagree on what may leave.
    const bool disagree =
        result.outcome == clip::Outcome::kFindings && result.reason != clip::Reason::kMarker;
    bool broken = result.timed_out || disagree || (result.crashed && !over_its_limits(result));
    if (result.ok()) {
      for (const std::string& mark : source.planted) {
        broken = broken || out.find(mark) != std::string::npos;
      }
    }
    if (broken) std::cout << "BROKEN: " << became << ": " << name << "\n";
    counts.broken += broken ? 1 : 0;
  }

  std::vector<Source> sources_;
  testkit::TemporaryDirectory directory_;
  const std::filesystem::path program_ = testkit::program("sudare-clip");
  SystemClock clock_;
};

}  // namespace
}  // namespace sudare::clip_test

int main(int argument_count, char** arguments) {
  using namespace sudare::clip_test;
  int count = 10'000;
  int first = 0;
  std::uint64_t seed = std::random_device{}();
  CLI::App app{"damaged clips through sudare-clip"};
  app.add_option("--count", count);
  app.add_option("--first", first);
  app.add_option("--seed", seed);
  CLI11_PARSE(app, argument_count, arguments);
  const sudare::testkit::TemporaryDirectory directory;
  Driver driver(make_sources(directory.path()));
  Counts counts;
  for (int number = first; number < first + count; ++number) {
    driver.one(seed, number, counts);
    if ((number + 1 - first) % kProgress == 0) {
      std::cout << number + 1 - first << " done" << std::endl;
    }
  }
  std::cout << count << " damaged clips, seed " << seed << ", slowest " << counts.slowest.count()
            << " ms\n";
  for (const auto& [became, times] : counts.became)
    std::cout << "  " << became << ": " << times << "\n";
  return counts.broken == 0 ? 0 : 1;
}
