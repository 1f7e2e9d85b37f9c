// An intruder with a car's access to the broker: forged batches and member lists against the real
// recipient.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fleet/authority/signing_key.h"
#include "sim/drill/forge.h"
#include "sim/drill/ride.h"

namespace sudare::sim::drill {

// The purpose whose recipient is deceived: one with a pseudonym, which every car sends.
inline constexpr const char* kDeceived = "ownership";

// Makes the authority's signing key (Setting::key_file("signing")) and its lists of the cars that
// drove. Returns the public key.
[[nodiscard]] Parsed<std::string> issue_member_lists(const Ride& ride);

struct Intrusion {
  std::uint64_t forged = 0;  // batches that reached the cloud
  std::uint64_t as_member = 0;
  std::uint64_t real_members = 0;  // records of the cars
  bool list_taken = false;         // the intruder's member list
};

// Publishes forgeries with the car's access, once for all that follows.
class Intruder {
 public:
  static Parsed<Intruder> publish(const Ride& ride, const std::string& authority);

  // What the recipient makes of them; the intruder's own list of members is signed with `key`.
  // `name`: of directories.
  [[nodiscard]] Parsed<Intrusion> deceive(const std::string& name, const SigningKey& key) const;

 private:
  Intruder(const Ride& ride, std::string authority, Forger forger)
      : ride_(&ride), authority_(std::move(authority)), forger_(std::move(forger)) {}

  const Ride* ride_;
  std::string authority_;
  Forger forger_;
  Bucket bucket_;  // the cars' and the intruder's
  std::uint64_t forged_ = 0;
  std::uint64_t seen_records_ = 0;  // members among the cars' alone
};

}  // namespace sudare::sim::drill
