// Pieces of clips in any order, where an earlier run left some, and what else lies in the folder.
// Input: names of files and what is in them, as they are in a clip's folder; an empty name; then a
// batch. What is refused leaves nothing whole; what becomes whole has the bytes that its manifest
// says; what is told of other runs is what this one had.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "crypto/crypto_init.h"
#include "fleet/open/clip_output.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPurpose = "p";
// The clip whose folder is there: no sender, and an id of one letter.
const std::string kClipId(16, 'a');
constexpr const char* kFolder = "none-61616161616161616161616161616161.part";
constexpr std::size_t kFilesMax = 8;

void require(bool holds) {
  if (!holds) std::abort();
}

// Each piece is synced, which takes a disk milliseconds.
bool go_to_memory() {
  return !fs::is_directory("/dev/shm") || setenv("TMPDIR", "/dev/shm", 1) == 0;
}

std::string_view take_part(std::string_view& bytes) {
  const auto length = static_cast<std::uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  const std::string_view part = bytes.substr(0, length);
  bytes.remove_prefix(part.size());
  return part;
}

void leave_files(const fs::path& folder, std::string_view& bytes) {
  fs::create_directories(folder);
  for (std::size_t i = 0; i < kFilesMax && !bytes.empty(); ++i) {
    const std::string name(take_part(bytes));
    if (name.empty()) return;
    const std::string content(bytes.empty() ? std::string_view() : take_part(bytes));
    if (name.find('/') != std::string::npos || name.find('\0') != std::string::npos) continue;
    std::ofstream(folder / name, std::ios::binary) << content;
  }
}

std::uint64_t whole_clips(const fs::path& folder, std::uint64_t& bytes) {
  std::uint64_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".mp4") continue;
    ++count;
    bytes += entry.file_size();
  }
  return count;
}

void check(const ClipOutput& output, const fs::path& directory) {
  const auto told = output.incomplete();
  require(told.has_value());
  for (const IncompleteClip& one : *told) {
    require(one.missing.size() <= kMissingChunksToldMax && one.have <= kClipChunksMax);
    for (const auto& [first, count] : one.missing) require(count > 0);
  }
  ClipOutput next;
  next.open(directory, kPurpose);
  const auto again = next.incomplete();
  require(again.has_value() && again->size() == told->size());
}

void run(std::string_view bytes, const fs::path& directory) {
  const fs::path folder = directory / "p.clips";
  leave_files(folder / kFolder, bytes);
  VerifiedBatch verified;
  verified.verified = Verified::kNone;
  if (!verified.batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  if (verified.batch.chunks_size() > 16) return;  // each is a file that is synced
  // The fuzzer need not find it.
  for (v1::ClipChunk& chunk : *verified.batch.mutable_chunks()) {
    if (chunk.clip_id() == "a") chunk.set_clip_id(kClipId);
  }
  ClipOutput output;
  output.open(directory, kPurpose);
  std::string lines;
  const bool taken = output.take(verified, lines).has_value();
  const ClipCounts& counts = output.counts();
  const auto pieces = static_cast<std::uint64_t>(verified.batch.chunks_size());
  require(counts.chunks + counts.duplicates <= pieces);
  require(!taken || counts.chunks + counts.duplicates == pieces);
  std::uint64_t clip_bytes = 0;
  require(whole_clips(folder, clip_bytes) == counts.complete);
  require((counts.complete == 0) == lines.empty());
  std::uint64_t said = 0;
  for (const v1::ClipChunk& chunk : verified.batch.chunks()) said += chunk.data().size();
  // What was there before was at most kFilesMax files of 255 bytes.
  require(clip_bytes <= said + kFilesMax * 255);
  check(output, directory);
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  static const bool ready = crypto_init().has_value() && go_to_memory();
  require(ready);
  static const testkit::TemporaryDirectory directory;
  std::error_code error;
  fs::remove_all(directory.path() / "p.clips", error);
  run({reinterpret_cast<const char*>(data), size}, directory.path());
  return 0;
}
