// Runs a fuzz target without libFuzzer: over every file of the seed corpus, and over truncations
// and bit flips of each, so that the target is compiled and exercised by every test run.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Enough to notice a crash near the seeds, few enough to take a second or two.
constexpr int kMutationsPerSeed = 200;
constexpr std::uint32_t kSeed = 20221001;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutate(std::string input, std::mt19937& random) {
  if (input.empty()) return input;
  if (random() % 4 == 0) input.resize(random() % input.size());
  for (std::uint32_t flips = random() % 4; flips > 0 && !input.empty(); --flips) {
    input[random() % input.size()] = static_cast<char>(random());
  }
  return input;
}

}  // namespace

int main(int count, char** arguments) {
  std::mt19937 random(kSeed);
  int inputs = 0;
  run("");
  for (int i = 1; i < count; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string seed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      run(seed);
      for (int n = 0; n < kMutationsPerSeed; ++n) run(mutate(seed, random));
      ++inputs;
    }
  }
  std::printf("%d seeds, %d mutations each, seed %u: no crash\n", inputs, kMutationsPerSeed, kSeed);
  return inputs > 0 ? 0 : 1;
}
