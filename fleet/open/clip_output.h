// Drive-recorder clips from their chunks, which arrive in any order, more than once, and over
// several runs. DIR/<purpose>.clips/NAME.part/ holds a file per chunk; NAME.mp4 takes its place
// once all are there and the whole is what the manifest in the last one says (docs/formats.md,
// "Clips"). NAME is the pseudonym, or "none", and the clip's random id. A clip whose whole is not
// what its manifest says is left as NAME.damaged/.
//
// Recipients of a purpose without pseudonym take what anyone may have made: a forged chunk can
// damage a clip whose id its maker knows, and the manifest tells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fleet/authority/erasure_order.h"
#include "fleet/open/open_batch.h"

namespace sudare {

// 64 KiB at the least each: 4 GiB, past what a recorder keeps in one file.
inline constexpr std::uint32_t kClipChunksMax = 65'536;

// Clips whose chunks are remembered between batches; those past it are looked up in their folder.
inline constexpr std::size_t kClipsFollowedMax = 1000;

// Ranges of missing chunks that are told of one clip.
inline constexpr std::size_t kMissingChunksToldMax = 16;

struct ClipCounts {
  std::uint64_t chunks = 0;      // that were new
  std::uint64_t duplicates = 0;  // that were there
  std::uint64_t complete = 0;
  std::uint64_t damaged = 0;  // whole, and not what the manifest says
};

struct IncompleteClip {
  std::string name;
  std::uint32_t have = 0;
  std::uint32_t of = 0;  // 0: the last chunk, which says it, has not come
  std::vector<std::pair<std::uint32_t, std::uint32_t>> missing;  // first, count; below `of`, or
                                                                 // below the greatest that came
};

// One purpose; one thread. Other processes may write to the same directory.
class ClipOutput {
 public:
  // `directory`: as `sudare open -o`; empty: none, and a chunk is an error.
  void open(const std::filesystem::path& directory, const std::string& purpose);

  // Stores the batch's chunks, on disk when it returns. Appends a line per clip that became whole:
  // {"purpose","pseudonym","clip","clip_bytes","chunks","profile","trigger","batch_id","record",
  //  "verified"}; "clip" is the file, below the directory.
  // kRefused: no directory. kMalformed: no chunk of a clip. kIo (errno).
  Status take(const VerifiedBatch& batch, std::string& lines);

  [[nodiscard]] const ClipCounts& counts() const { return counts_; }
  // Of this run and those before, by name. kIo.
  [[nodiscard]] Result<std::vector<IncompleteClip>> incomplete() const;

 private:
  struct Clip {
    std::set<std::uint32_t> have;
    v1::ClipManifest manifest;  // chunk_count 0: not there yet
  };

  [[nodiscard]] std::filesystem::path folder() const;
  [[nodiscard]] std::filesystem::path part(const std::string& name) const;
  [[nodiscard]] Result<Clip> load(const std::string& name) const;
  Result<Clip*> find(const std::string& name);
  Status store(const std::string& name, const v1::ClipChunk& chunk, Clip& clip);
  [[nodiscard]] Result<bool> assemble(const std::string& name, const Clip& clip) const;

  std::filesystem::path directory_;
  std::string purpose_;
  std::map<std::string, Clip> clips_;  // incomplete ones
  ClipCounts counts_;
};

// Removes the clips, whole or not, of the pseudonyms that an order names: a clip carries no time,
// so that an order for some days is one for all of the pseudonym's clips. Returns how many they
// were.
Result<std::uint64_t> erase_clips(const std::filesystem::path& directory,
                                  const std::string& purpose, const ErasureOrders& orders);

}  // namespace sudare
