// What an attacker makes of a bucket: reads what can be read, opens what a key opens, looks for
// identifiers and positions, and tells cars apart by what is visible of each object.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/audit/audit.h"
#include "sim/drill/cloud.h"
#include "sim/drill/setting.h"

namespace sudare::sim::drill {

// Whether one of the keys fits it, whole or cut short at its end.
[[nodiscard]] bool opens(const Identities& keys, std::string_view age_file);

// A message of the vehicle's published schemas, or JSON: as a bridge leaves it.
[[nodiscard]] bool is_readable(std::string_view payload);

// Objects that are readable as they are, or with one of the keys.
[[nodiscard]] std::uint64_t opened(const Bucket& bucket, const Identities& keys);

// Names and contents, unpacked where they are packed, in every form that the auditor knows.
[[nodiscard]] AuditReport search_bucket(const Bucket& bucket, const AuditInputs& wanted,
                                        const std::vector<std::filesystem::path>& files);

// Whose each object is: a name per car, "" where that can't be known. Of the director.
using Owners = std::vector<std::string>;

struct ToldApart {
  std::uint64_t cars = 0;     // of `watched`, of whom at least two objects are there
  std::uint64_t apart = 0;    // of them, that the attacker tells from all others
  std::uint64_t alone = 0;    // of them, in a group of their own, though the attacker can't know it
  std::string best;           // by what the attacker groups best
  double best_precision = 0;  // of what it claims by it
  std::uint64_t largest = 0;  // cars in the fullest group of the topic: the crowd
};

// Groups objects by topic, parts of it, size, second of arrival and their combinations, and claims
// that the objects of a group are one car's. A car is told apart where a group of at least two
// objects is its alone, by a feature whose claims are right more often than not, over the whole
// crowd: what is right less often than a coin tells nobody apart.
[[nodiscard]] ToldApart tell_apart(const Bucket& bucket, const Owners& owners,
                                   const std::set<std::string>& watched);

// The owners: by sender; of a crowd by the pseudonym inside, opened with the purposes' keys.
[[nodiscard]] Owners owners_of(const Bucket& bucket, const Setting& setting);

}  // namespace sudare::sim::drill
