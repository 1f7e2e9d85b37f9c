// The conformance vectors of age (C2SP CCTV): each states what must happen to it, by the kind of
// failure, and the hash of the plaintext that comes out before it.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "crypto/hkdf.h"
#include "crypto/open/open.h"
#include "tests/testkit/fixtures.h"

namespace sudare::age::open_side {
namespace {

constexpr std::size_t kApplicable = 67;
constexpr std::size_t kNotApplicable = 76;
constexpr std::size_t kCompressed = 19;
constexpr std::size_t kInflatedBytesMax = 64 * 1024 * 1024;

struct Vector {
  std::multimap<std::string, std::string> fields;
  std::string file;

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

std::string inflate_all(const std::string& compressed) {
  std::string out(kInflatedBytesMax, '\0');
  uLongf size = out.size();
  EXPECT_EQ(Z_OK, uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                             reinterpret_cast<const Bytef*>(compressed.data()), compressed.size()));
  out.resize(size);
  return out;
}

// "key: value" lines, an empty line, the file.
Vector read_vector(const std::filesystem::path& path) {
  Vector vector;
  std::string rest = testkit::read_file(path);
  for (;;) {
    const std::size_t end = rest.find('\n');
    const std::string line = rest.substr(0, end);
    rest.erase(0, end + 1);
    if (line.empty()) break;
    const std::size_t colon = line.find(": ");
    vector.fields.emplace(line.substr(0, colon), line.substr(colon + 2));
  }
  vector.file = std::move(rest);
  if (vector.field("compressed") == "zlib") vector.file = inflate_all(vector.file);
  return vector;
}

std::string hex_sha256(std::string_view text) {
  std::array<std::uint8_t, kSha256Bytes> digest{};
  sha256({bytes_of(text)}, digest);
  std::string hex;
  for (const std::uint8_t byte : digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return hex;
}

struct Outcome {
  std::string kind;
  std::string plaintext;
};

std::string kind_of(const Status& status) {
  if (status) return "success";
  return std::string(literal_of(open_failure(status.error())).view());
}

Outcome open_in_pieces(const std::vector<Identity>& identities, ByteSpan file, std::size_t piece) {
  Outcome outcome;
  OpenStream stream(identities);
  Status status = Done{};
  while (status && !file.empty()) {
    const std::size_t count = std::min(piece, file.size());
    status = stream.push(file.first(count), outcome.plaintext);
    file = file.subspan(count);
  }
  if (status) status = stream.finish(outcome.plaintext);
  outcome.kind = kind_of(status);
  return outcome;
}

void check(const Vector& vector) {
  std::vector<Identity> identities;
  const auto range = vector.fields.equal_range("identity");
  for (auto it = range.first; it != range.second; ++it) {
    auto identity = Identity::parse(bytes_of(it->second));
    ASSERT_TRUE(identity.has_value());
    identities.push_back(std::move(*identity));
  }
  std::vector<std::size_t> pieces = {vector.file.size() + 1, 65'551, 4'096};
  if (vector.file.size() < 200'000) pieces.push_back(1);
  for (const std::size_t piece : pieces) {
    SCOPED_TRACE("in pieces of " + std::to_string(piece));
    const Outcome outcome = open_in_pieces(identities, bytes_of(vector.file), piece);
    EXPECT_EQ(outcome.kind, vector.field("expect"));
    const std::string payload = vector.field("payload");
    if (payload.empty()) {
      EXPECT_TRUE(outcome.plaintext.empty());
    } else {
      EXPECT_EQ(hex_sha256(outcome.plaintext), payload);
    }
  }
  std::string whole = "before";
  EXPECT_EQ(kind_of(open(identities, bytes_of(vector.file), whole)), vector.field("expect"));
  if (vector.field("expect") != "success") {
    EXPECT_EQ(whole, "before");
  }
}

std::set<std::string> not_applicable() {
  const char* source = std::getenv("SUDARE_SOURCE_DIR");
  std::ifstream in(std::filesystem::path(source == nullptr ? "." : source) /
                   "tests/conformance/crypto/age_not_applicable.txt");
  std::set<std::string> names;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') names.insert(line);
  }
  return names;
}

TEST(AgeVectorsTest, EveryVectorEndsAsItSaysOrIsListedAsNotApplicable) {
  SUDARE_FIXTURE_OR_SKIP(folder, "age");
  std::set<std::string> unused = not_applicable();
  EXPECT_EQ(unused.size(), kNotApplicable);
  std::map<std::string, int> run_by_kind;
  std::size_t run = 0;
  std::size_t compressed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (unused.erase(name) > 0) continue;
    SCOPED_TRACE(name);
    const Vector vector = read_vector(entry.path());
    check(vector);
    ++run;
    compressed += vector.field("compressed") == "zlib" ? 1 : 0;
    ++run_by_kind[vector.field("expect")];
  }
  EXPECT_TRUE(unused.empty()) << "listed as not applicable, but not there: " << *unused.begin();
  EXPECT_EQ(run, kApplicable);
  EXPECT_EQ(compressed, kCompressed);
  for (const auto& [kind, count] : run_by_kind) {
    std::printf("%s: %d\n", kind.c_str(), count);
  }
  std::printf("%zu vectors run, %zu of them compressed, %zu not applicable\n", run, compressed,
              kNotApplicable);
}

}  // namespace
}  // namespace sudare::age::open_side
