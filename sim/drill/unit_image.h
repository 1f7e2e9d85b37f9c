// What a thief reads off a unit's disk: rows, small state, every byte of every file; and what can
// be tried with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "crypto/identity/epoch_chain.h"
#include "gateway/policy/policy.h"
#include "sim/drill/key_search.h"

namespace sudare::sim::drill {

struct ChainPosition {
  std::uint16_t rotation_days = 0;
  std::uint32_t epoch = 0;
  std::string key;  // 32 bytes
};

struct UnitImage {
  std::filesystem::path directory;
  std::vector<std::string> rows;  // age files: batches and fragments, the journal's among them
  std::uint64_t fragments = 0;
  std::vector<std::string> state;  // values
  std::vector<ChainPosition> chains;
};

// `directory`: of a state directory's copy, as it lay there when the power failed. A copy of it is
// recovered with the gateway's own store.
[[nodiscard]] Parsed<UnitImage> read_image(const std::filesystem::path& directory,
                                           const std::filesystem::path& scratch);

// Every key on the unit, and what follows from it, tried as the private key of a recipient.
void try_all_keys(const UnitImage& image, const Policy& policy, KeySearch& found);

// Of the rows, and of every age file that begins anywhere in the image's bytes.
struct Opened {
  std::uint64_t rows = 0;
  std::uint64_t carved = 0;
  std::uint64_t carved_of = 0;
};
[[nodiscard]] Opened open_image(const UnitImage& image, const Identities& keys);

// Every 32 bytes of the files below `paths` tried as the root, or as a chain at one of the `back`
// epochs before now, of which the present chains would follow; the pseudonyms of these epochs.
[[nodiscard]] std::set<Pseudonym> earlier_pseudonyms(
    const UnitImage& image, const std::vector<std::filesystem::path>& paths, const Policy& policy,
    std::uint32_t back);

}  // namespace sudare::sim::drill
