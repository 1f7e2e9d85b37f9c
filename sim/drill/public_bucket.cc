// T-Connect: an object store and the broker before it were public for ten years. Everything that
// they ever received is handed over.
#include "sim/drill/bucket_attack.h"
#include "sim/drill/drills.h"
#include "sim/drill/key_search.h"
#include "sim/page/text.h"

namespace sudare::sim::drill {

namespace {

// Keys that lie in the loot itself.
Identities keys_in(const Bucket& bucket) {
  KeySearch search;
  for (const Stored& stored : bucket) search.search(stored.payload);
  Identities keys;
  for (const auto& identity : search.identities()) {
    SecretBytes<kX25519Bytes> key;
    std::copy(identity.key().begin(), identity.key().end(), key.bytes().begin());
    keys.push_back(age::open_side::Identity::from_key(std::move(key)));
  }
  return keys;
}

}  // namespace

Parsed<DrillReport> public_bucket(const Ride& ride) {
  const auto& progress = ride.setting->options().progress;
  progress("searching the bucket");
  DrillReport report;
  report.name = "public-bucket";
  report.given = {std::to_string(ride.sealed.size()) + " objects of " +
                      std::to_string(ride.cars.size()) + " cars and a crowd of " +
                      std::to_string(ride.crowd) + ": names, bytes, the second of arrival",
                  "the cloud broker's files and log"};
  report.control = "a Mosquitto bridge of the same cars: their " + std::to_string(ride.raw.size()) +
                   " messages as they are";
  const AuditReport sealed = search_bucket(ride.sealed, ride.planted, ride.cloud->files());
  const AuditReport raw = search_bucket(ride.raw, ride.planted, ride.raw_cloud->files());
  report.figures.push_back({"identifiers of the cars and their people", Must::kNothing,
                            sealed.found_identifiers, sealed.identifiers, raw.found_identifiers,
                            raw.identifiers});
  report.figures.push_back({"positions", Must::kNothing, sealed.found_positions, sealed.positions,
                            raw.found_positions, raw.positions});
  progress("opening what can be opened");
  report.figures.push_back({"objects opened", Must::kNothing,
                            opened(ride.sealed, keys_in(ride.sealed)), ride.sealed.size(),
                            opened(ride.raw, {}), ride.raw.size()});
  progress("telling cars apart");
  std::set<std::string> cars;
  for (const auto& car : ride.cars) cars.insert(car->name());
  const ToldApart apart = tell_apart(ride.sealed, owners_of(ride.sealed, *ride.setting), cars);
  const ToldApart raw_apart = tell_apart(ride.raw, owners_of(ride.raw, *ride.setting), cars);
  report.figures.push_back({"cars told apart", Must::kNothing, apart.apart, apart.cars,
                            raw_apart.apart, raw_apart.cars});
  report.notes.push_back(
      "Cars told apart, at best by " + apart.best + ": " + percent(apart.best_precision) +
      " of its claims are right, of the whole crowd; by the control's " + raw_apart.best + ": " +
      percent(raw_apart.best_precision) +
      ". In a group of their own, though nobody can know which: " + std::to_string(apart.alone) +
      ".");
  report.notes.push_back(
      "The fullest topic holds " + std::to_string(apart.largest) +
      " cars. In a fleet of n it is n / 256: a fleet of some dozens is told apart "
      "by the shard byte.");
  report.left_in = ride.setting->left_in();
  return report;
}

}  // namespace sudare::sim::drill
