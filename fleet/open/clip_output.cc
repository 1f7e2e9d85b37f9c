#include "fleet/open/clip_output.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "fleet/cli/console.h"
#include "fleet/cli/new_file.h"
#include "fleet/cli/read_file.h"
#include "fleet/open/hex16.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kOwnerOnly = 0600;
constexpr std::size_t kClipIdBytes = 16;
constexpr std::size_t kClipHashBytes = 32;
constexpr std::size_t kManifestBytesMax = 1024;
constexpr const char* kManifest = "manifest";
constexpr const char* kPart = ".part";
constexpr const char* kDamaged = ".damaged";
constexpr const char* kWhole = ".mp4";

std::string name_of(const v1::Batch& batch, const v1::ClipChunk& chunk) {
  const std::string sender = batch.pseudonym().empty() ? "none" : cli::hex(batch.pseudonym());
  return sender + "-" + cli::hex(chunk.clip_id());
}

Status check(const v1::ClipChunk& chunk) {
  if (chunk.clip_id().size() != kClipIdBytes || chunk.data().empty() ||
      chunk.index() >= kClipChunksMax) {
    return fail(ErrorCode::kMalformed, "clip: not a chunk");
  }
  if (!chunk.has_manifest()) return Done{};
  const v1::ClipManifest& manifest = chunk.manifest();
  if (manifest.chunk_count() != chunk.index() + 1 ||
      manifest.clip_hash().size() != kClipHashBytes) {
    return fail(ErrorCode::kMalformed, "clip: manifest");
  }
  return Done{};
}

// The number that a chunk's file is named by.
std::optional<std::uint32_t> index_of(const std::string& name) {
  std::uint32_t index = 0;
  const char* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, index);
  if (read.ec != std::errc() || read.ptr != end || index >= kClipChunksMax) return std::nullopt;
  return index;
}

const char* text_of(v1::ClipManifest::Profile profile) {
  switch (profile) {
    case v1::ClipManifest::ORIGINAL_PICTURE: return "original-picture";
    case v1::ClipManifest::SKETCH: return "sketch";
    default: return "unknown";
  }
}

const char* text_of(v1::ClipManifest::Trigger trigger) {
  switch (trigger) {
    case v1::ClipManifest::IMPACT: return "impact";
    case v1::ClipManifest::MANUAL: return "manual";
    case v1::ClipManifest::PARKING_SHOCK: return "parking-shock";
    default: return "unknown";
  }
}

// What a clip's bytes come to, from front to back.
class ClipDigest {
 public:
  ClipDigest() { crypto_generichash_init(&state_, nullptr, 0, kClipHashBytes); }
  void add(std::string_view bytes) {
    crypto_generichash_update(&state_, bytes_of(bytes).data(), bytes.size());
    size_ += bytes.size();
  }
  // At the end.
  [[nodiscard]] bool is(const v1::ClipManifest& manifest) {
    std::string hash;
    const MutableByteSpan into = grow(hash, kClipHashBytes);
    crypto_generichash_final(&state_, into.data(), into.size());
    return size_ == manifest.clip_bytes() && hash == manifest.clip_hash();
  }

 private:
  crypto_generichash_state state_{};
  std::uint64_t size_ = 0;
};

// Chunks past the manifest's count are nobody's.
bool is_whole(const std::set<std::uint32_t>& have, const v1::ClipManifest& manifest) {
  const std::uint32_t count = manifest.chunk_count();
  const auto below = std::distance(have.begin(), have.lower_bound(count));
  return count > 0 && static_cast<std::uint32_t>(below) == count;
}

std::string line_of(const std::string& purpose, const fs::path& file, const VerifiedBatch& verified,
                    const v1::ClipManifest& manifest) {
  const v1::Batch& batch = verified.batch;
  nlohmann::ordered_json line{{"purpose", purpose}, {"pseudonym", nullptr}};
  if (!batch.pseudonym().empty()) line["pseudonym"] = cli::hex(batch.pseudonym());
  line["clip"] = file.string();
  line["clip_bytes"] = manifest.clip_bytes();
  line["chunks"] = manifest.chunk_count();
  line["profile"] = text_of(manifest.profile());
  line["trigger"] = text_of(manifest.trigger());
  line["batch_id"] = cli::hex(batch.batch_id());
  line["record"] = batch.first_record();
  line["verified"] = std::string(literal_of(verified.verified).view());
  return line.dump() + "\n";
}

// What is not in `have` below `end`.
std::vector<std::pair<std::uint32_t, std::uint32_t>> missing_below(
    std::uint32_t end, const std::set<std::uint32_t>& have) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> missing;
  std::uint32_t expected = 0;
  const auto note = [&](std::uint32_t until) {
    if (until > expected && missing.size() < kMissingChunksToldMax) {
      missing.emplace_back(expected, until - expected);
    }
  };
  for (const std::uint32_t index : have) {
    note(index);
    expected = index + 1;
  }
  note(end);
  return missing;
}

}  // namespace

void ClipOutput::open(const fs::path& directory, const std::string& purpose) {
  directory_ = directory;
  purpose_ = purpose;
}

fs::path ClipOutput::folder() const { return directory_ / (purpose_ + ".clips"); }
fs::path ClipOutput::part(const std::string& name) const { return folder() / (name + kPart); }

Result<ClipOutput::Clip> ClipOutput::load(const std::string& name) const {
  Clip clip;
  std::error_code error;
  for (fs::directory_iterator entry(part(name), error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto index = index_of(entry->path().filename().string())) clip.have.insert(*index);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(ErrorCode::kIo, "clip: its folder", error.value());
  }
  const auto bytes = cli::read_file(part(name) / kManifest, kManifestBytesMax);
  if (bytes && !clip.manifest.ParseFromString(*bytes)) clip.manifest.Clear();
  return clip;
}

Result<ClipOutput::Clip*> ClipOutput::find(const std::string& name) {
  if (const auto known = clips_.find(name); known != clips_.end()) return &known->second;
  TRY(Clip loaded, load(name));
  if (clips_.size() >= kClipsFollowedMax) clips_.erase(clips_.begin());
  return &clips_.emplace(name, std::move(loaded)).first->second;
}

Status ClipOutput::store(const std::string& name, const v1::ClipChunk& chunk, Clip& clip) {
  if (!clip.have.insert(chunk.index()).second) {
    ++counts_.duplicates;
    return Done{};
  }
  std::error_code error;
  fs::create_directories(part(name), error);
  fs::permissions(part(name), fs::perms::owner_all, error);
  if (chunk.has_manifest()) {
    TRY(cli::write_file(part(name) / kManifest, chunk.manifest().SerializeAsString(), kOwnerOnly));
    clip.manifest = chunk.manifest();
  }
  ++counts_.chunks;
  return cli::write_file(part(name) / std::to_string(chunk.index()), chunk.data(), kOwnerOnly);
}

Result<bool> ClipOutput::assemble(const std::string& name, const Clip& clip) const {
  TRY(cli::NewFile file, cli::NewFile::open(folder() / (name + kWhole)));
  ClipDigest digest;
  for (std::uint32_t index = 0; index < clip.manifest.chunk_count(); ++index) {
    TRY(const std::string data,
        cli::read_file(part(name) / std::to_string(index), cli::kSealedFileBytesMax));
    TRY(file.write(data));
    digest.add(data);
  }
  std::error_code error;
  if (digest.is(clip.manifest)) {
    // The chunks go once the clip's name is on disk.
    TRY(file.commit());
    fs::remove_all(part(name), error);
    return true;
  }
  fs::remove_all(folder() / (name + kDamaged), error);  // of the same chunks, sent again
  fs::rename(part(name), folder() / (name + kDamaged), error);
  if (error) return fail(ErrorCode::kIo, "clip: rename", error.value());
  return false;
}

Status ClipOutput::take(const VerifiedBatch& verified, std::string& lines) {
  const v1::Batch& batch = verified.batch;
  if (batch.chunks_size() == 0) return Done{};
  if (directory_.empty()) {
    return fail(ErrorCode::kRefused, "clip: standard output takes none; -o DIR does");
  }
  for (const v1::ClipChunk& chunk : batch.chunks()) {
    TRY(check(chunk));
    const std::string name = name_of(batch, chunk);
    if (fs::exists(folder() / (name + kWhole))) {
      ++counts_.duplicates;
      continue;
    }
    TRY(Clip * clip, find(name));
    TRY(store(name, chunk, *clip));
    if (!is_whole(clip->have, clip->manifest)) continue;
    TRY(const bool whole, assemble(name, *clip));
    if (whole) {
      ++counts_.complete;
      const fs::path file = fs::path(purpose_ + ".clips") / (name + kWhole);
      lines += line_of(purpose_, file, verified, clip->manifest);
    } else {
      ++counts_.damaged;
    }
    clips_.erase(name);
  }
  return Done{};
}

Result<std::vector<IncompleteClip>> ClipOutput::incomplete() const {
  std::vector<IncompleteClip> all;
  if (directory_.empty() || !fs::exists(folder())) return all;
  std::error_code error;
  for (fs::directory_iterator entry(folder(), error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != kPart) continue;
    IncompleteClip one;
    one.name = entry->path().stem().string();
    TRY(const Clip clip, load(one.name));
    one.have = static_cast<std::uint32_t>(clip.have.size());
    one.of = clip.manifest.chunk_count();
    const std::uint32_t greatest = clip.have.empty() ? 0 : *clip.have.rbegin() + 1;
    one.missing = missing_below(std::max(one.of, greatest), clip.have);
    all.push_back(std::move(one));
  }
  if (error) return fail(ErrorCode::kIo, "clips: their folder", error.value());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

Result<std::uint64_t> erase_clips(const fs::path& directory, const std::string& purpose,
                                  const ErasureOrders& orders) {
  std::uint64_t erased = 0;
  const fs::path folder = directory / (purpose + ".clips");
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::string pseudonym = sixteen_bytes(name.substr(0, name.find('-')));
    if (!pseudonym.empty() && orders.names(pseudonym)) found.push_back(entry->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(ErrorCode::kIo, "erasing: clips", error.value());
  }
  for (const fs::path& path : found) {
    fs::remove_all(path, error);
    if (error) return fail(ErrorCode::kIo, "erasing: clips", error.value());
    ++erased;
  }
  return erased;
}

}  // namespace sudare
