// G-Link: whoever has the dump and one purpose's key, and knows every identifier of the fleet,
// looks for them: as text, as keyless hashes, as what pseudonyms might be made of.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <set>

#include "crypto/identity/epoch_chain.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/open.h"
#include "crypto/seal/seal.h"
#include "fleet/cli/console.h"
#include "sim/attack/attackers/identifiers.h"
#include "sim/car/vehicle.h"
#include "sim/drill/drills.h"
#include "sim/drill/open_program.h"
#include "sudare/v1/batch.pb.h"

namespace sudare::sim::drill {

namespace {

constexpr std::size_t kOtherCars = 100;

// Who is in the fleet: the cars that drove, and as many others.
struct Register {
  std::vector<std::string> all;
  std::vector<std::string> driven;
};

void add(const CarIdentity& car, std::vector<std::string>& to) {
  to.insert(to.end(), {car.vin, car.frame_number, car.navigation_terminal, car.email});
}

Register register_of(const Ride& ride) {
  Register fleet;
  const std::uint64_t seed = ride.setting->options().seed;
  for (std::size_t i = 0; i < ride.cars.size(); ++i) {
    add(identity_of_seed(seed * 100 + i), fleet.driven);
  }
  fleet.all = fleet.driven;
  for (std::size_t i = 0; i < kOtherCars; ++i) {
    add(identity_of_seed(seed * 100 + 50'000 + i), fleet.all);
  }
  return fleet;
}

// What the holder of a purpose's key has: every text of every batch, and the names of objects.
struct Released {
  std::vector<std::string> texts;
  std::set<Pseudonym> pseudonyms;
  std::uint64_t batches = 0;
};

void add_texts(const sudare::v1::Batch& batch, Released& released) {
  released.texts.push_back(cli::hex(batch.pseudonym()));
  released.texts.push_back(cli::hex(batch.batch_id()));
  for (const sudare::v1::Record& record : batch.records()) {
    released.texts.push_back(record.topic());
    released.texts.push_back(record.payload());
  }
  if (batch.pseudonym().size() != kPseudonymBytes) return;
  Pseudonym pseudonym{};
  std::copy(batch.pseudonym().begin(), batch.pseudonym().end(), pseudonym.begin());
  released.pseudonyms.insert(pseudonym);
}

Released released_to(const Identities& keys, const std::string& purpose, const Bucket& bucket) {
  Released released;
  for (const Stored& stored : of_purpose(bucket, purpose)) {
    std::string plaintext;
    sudare::v1::Batch batch;
    released.texts.push_back(stored.topic);
    if (!age::open_side::open(keys, bytes_of(stored.payload), plaintext)) continue;
    const auto inside = open_signed_batch(purpose, bytes_of(plaintext));
    if (!inside || !batch.ParseFromString(inside->batch)) continue;
    ++released.batches;
    add_texts(batch, released);
  }
  return released;
}

// Roots that somebody might have made of an identifier instead of drawing them.
std::vector<RootKey> roots_of(const std::string& identifier) {
  std::vector<RootKey> roots;
  for (const EVP_MD* kind : {EVP_sha256(), EVP_sha3_256(), EVP_blake2s256()}) {
    RootKey root;
    unsigned int size = 0;
    if (EVP_Digest(identifier.data(), identifier.size(), root.bytes().data(), &size, kind,
                   nullptr) == 1) {
      roots.push_back(std::move(root));
    }
  }
  RootKey padded;
  std::copy_n(identifier.begin(), std::min(identifier.size(), kRootBytes), padded.bytes().begin());
  roots.push_back(std::move(padded));
  return roots;
}

std::optional<Pseudonym> pseudonym_from(const RootKey& root, const PurposePlan& purpose) {
  const std::uint16_t days =
      purpose.pseudonym == PseudonymKind::kUntilTransfer ? kUntilTransfer : purpose.rotate_days;
  const std::uint32_t epoch = days == kUntilTransfer ? 0 : epoch_of_day(days, Setting::today());
  const auto chain = chain_start(root, days);
  if (!chain) return std::nullopt;
  const auto key = epoch_key(*chain, purpose.name, days, epoch);
  if (!key) return std::nullopt;
  return key->pseudonym;
}

// Identifiers of which a pseudonym follows.
std::uint64_t recomputed(const std::vector<std::string>& identifiers, const PurposePlan& purpose,
                         const std::set<Pseudonym>& pseudonyms) {
  std::uint64_t hits = 0;
  for (const std::string& identifier : identifiers) {
    bool hit = false;
    for (const RootKey& root : roots_of(identifier)) {
      const auto pseudonym = pseudonym_from(root, purpose);
      hit = hit || (pseudonym && pseudonyms.contains(*pseudonym));
    }
    hits += hit ? 1 : 0;
  }
  return hits;
}

// The control: what is usual. For each identifier a batch under a keyless hash of it, for the same
// recipient; its pseudonym follows from it too.
Bucket usual_bucket(const std::vector<std::string>& identifiers, const PurposePlan& purpose) {
  Bucket bucket;
  const auto hashes = attack::keyless_hashes(identifiers);
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    sudare::v1::Batch batch;
    batch.set_purpose(purpose.name);
    const auto roots = roots_of(identifiers[i]);
    if (const auto pseudonym = pseudonym_from(roots.front(), purpose)) {
      batch.set_pseudonym(std::string(pseudonym->begin(), pseudonym->end()));
    }
    sudare::v1::Record& record = *batch.add_records();
    record.set_topic("vehicle/identity");
    record.set_payload("{\"car\": \"" + hashes[i] + "\"}");
    std::string compressed;
    std::string plaintext;
    Stored stored{"sudare/1/" + purpose.name + "/00", {}, 0, {}};
    const bool made = compress_batch(bytes_of(batch.SerializeAsString()), compressed) &&
                      write_signed_batch(bytes_of(compressed), std::nullopt,
                                         signed_batch_bytes(compressed.size(), false), plaintext) &&
                      age::seal(purpose.recipients, bytes_of(plaintext), stored.payload);
    if (made) bucket.push_back(std::move(stored));
  }
  return bucket;
}

// Whether the policy gives this purpose identifiers as they are: rescuers have to know the car.
bool may_have_identifiers(const PurposePlan& purpose) { return purpose.essential; }

}  // namespace

Parsed<DrillReport> dictionary(const Ride& ride) {
  ride.setting->options().progress("trying every identifier of the fleet");
  const Register fleet = register_of(ride);
  const Bucket own = ride.of_the_cars();
  DrillReport report;
  report.name = "dictionary";
  Figure found{"identifiers recognised, as text or keyless hash", Must::kNothing, 0, 0, 0, 0, 0};
  Figure made{"identifiers from which a pseudonym follows", Must::kNothing, 0, 0, 0, 0, 0};
  std::uint64_t batches = 0;
  std::string left_out;
  for (const PurposePlan& purpose : ride.setting->policy().purposes) {
    const Released released = released_to(ride.setting->keys(purpose.name), purpose.name, own);
    if (may_have_identifiers(purpose)) {
      left_out += (left_out.empty() ? "" : ", ") + purpose.name;
      continue;
    }
    if (released.batches == 0) continue;
    const Released usual = released_to(ride.setting->keys(purpose.name), purpose.name,
                                       usual_bucket(fleet.driven, purpose));
    batches += released.batches;
    found.got += attack::dictionary_attack(fleet.all, released.texts).found;
    found.of += fleet.all.size();
    found.control += attack::dictionary_attack(fleet.all, usual.texts).found_hashed;
    found.control_of += fleet.driven.size();
    if (purpose.pseudonym == PseudonymKind::kNone) continue;
    made.got += recomputed(fleet.all, purpose, released.pseudonyms);
    made.of += fleet.all.size();
    made.control += recomputed(fleet.all, purpose, usual.pseudonyms);
    made.control_of += fleet.driven.size();
  }
  report.given = {"the same bucket, and one purpose's private key, in turn: " +
                      std::to_string(batches) + " batches of the cars opened",
                  std::to_string(fleet.all.size()) +
                      " VINs, frame numbers, terminal numbers and e-mail addresses of the fleet"};
  report.control = "keyless SHA-256 of each identifier in its place, and pseudonyms made of it";
  report.figures = {found, made};
  if (!left_out.empty()) {
    report.notes.push_back("Not tried: " + left_out +
                           ". Its policy gives the rescuers VIN and frame number.");
  }
  report.left_in = ride.setting->left_in();
  return report;
}

}  // namespace sudare::sim::drill
