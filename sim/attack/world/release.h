// What a recipient gets of a World's cars: their messages go through the gateway's own decode,
// detect and minimize (fleet/preview), one instance per car, consents given; what comes out is
// parsed from the released bytes, as a recipient would. Sealing is modelled: batches close and
// leave when gateway/seal says, with its sizes, but aren't encrypted.
//
// A record may be released later than its message (hold-back): what a message makes the gateway
// release counts as released at that message's time.
//
// Not modelled: a link that is down (a batch arrives when it is sent), a unit that loses power
// while its car is parked, consent that is withdrawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/policy/policy.h"
#include "sim/attack/data.h"
#include "sim/attack/world/world.h"

namespace sudare::sim::attack {

// A batch as whoever watches the uplink or the broker sees it.
struct CipherEvent {
  std::int64_t arrival_ms = 0;
  std::uint32_t bytes = 0;
};

// A harsh manoeuvre: what vehicle/driving reports, and where it really was.
struct Hazard {
  std::int64_t time_ms = 0;
  Place place;  // as measured
};

// One car's raw data beside what is released of it, for measures of utility.
struct CarView {
  std::size_t car = 0;
  const std::vector<Outing>* outings = nullptr;  // the raw fixes, in the order of time
  const std::vector<Hazard>* hazards = nullptr;
  // Of vehicle/position, by released time; latitude and longitude are 0 where not released.
  const std::vector<Seen>* released = nullptr;
  // Of vehicle/driving: events with a place.
  const std::vector<Seen>* released_hazards = nullptr;
};
// Called once per car, from several threads at once: writes to a slot of the car's own. The view
// ends with the call.
using CarObserver = std::function<void(const CarView&)>;

struct ReleaseOptions {
  std::size_t threads = 0;  // 0: as many as there are cores
  // One track per car over all its epochs: grants the attacker perfect linkage, and makes 30 days
  // under one pseudonym of any rotation. Else a track per car and epoch.
  bool one_track_per_car = false;
  bool keep_tracks = true;  // false: only `observer` gets what is released
  std::uint64_t seed = 1;   // of sending times, noise and the order of tracks
  std::function<void(std::size_t done, std::size_t total)> progress;  // cars; one call at a time
  CarObserver observer;
};

// The messages, by what became of them for this purpose.
struct ReleaseCounts {
  std::uint64_t messages = 0;  // on topics with a rule for the purpose
  std::uint64_t released = 0;
  std::uint64_t rejected = 0;    // not decoded: the policy doesn't fit the simulator's schemas
  std::uint64_t unreadable = 0;  // released, but on no topic whose payload is known here
};

struct Released {
  Fleet fleet;                                        // keeps a pointer to the World's network
  std::vector<std::vector<CipherEvent>> ciphertexts;  // by car, by arrival
  ReleaseCounts counts;
};

// The topics: vehicle/position, vehicle/status, vehicle/driving, vehicle/trip, as far as the policy
// has them. A position pair, speed, heading and odometer are taken of each record that has one of
// them; vehicle/trip gives one Seen per end. The same arguments give the same result with any
// number of threads. `purpose`: an index into policy.purposes. Nothing: stop_requested().
[[nodiscard]] std::optional<Released> release(const World& world, const Policy& policy,
                                              PurposeIndex purpose, const ReleaseOptions& options);

}  // namespace sudare::sim::attack
