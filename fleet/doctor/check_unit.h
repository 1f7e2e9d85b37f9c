// Checks of the machine that a gateway runs on: its clock, its disk, its state directory and the
// keys that lie about.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "fleet/doctor/report.h"
#include "fleet/doctor/stored_state.h"
#include "gateway/config/config_plan.h"
#include "gateway/policy/policy.h"

namespace sudare::doctor {

// Where the kernel tells of itself: "/proc" and "/sys".
struct SystemPlaces {
  std::string proc = "/proc";
  std::string sys = "/sys";
};

// check_clock.cc. The day before which it can't be: the build's, or later what the unit knows.
// `state` may be null. Returns the floor day.
std::int64_t check_clock(const StoredState* state, const SystemPlaces& places, Report& report);

// check_disk.cc
void check_disk(const GatewayConfigPlan& plan, Report& report);

// check_machine.cc: where else memory may end up.
void check_machine(const SystemPlaces& places, Report& report);

// check_state.cc: the directory, what lies in it, and private keys there and beside `config_file`.
void check_state_files(const GatewayConfigPlan& plan, const std::string& config_file,
                       Report& report);
// The same of its store: null where it can't be read, which is reported. While it is open, nothing
// else of this process may open and close outbox.db: SQLite would lose its locks.
[[nodiscard]] std::unique_ptr<StoredState> check_store(const GatewayConfigPlan& plan,
                                                       Report& report);

// check_policy.cc. `state` may be null. Returns the policy that was judged; null where none is
// valid.
std::unique_ptr<const Policy> check_policy(const GatewayConfigPlan& plan, const StoredState* state,
                                           std::int64_t floor_day, Report& report);

// check_car.cc: is the unit in its car, and would it notice if it were not? Both may be null.
void check_car(const StoredState* state, const Policy* policy, Report& report);

}  // namespace sudare::doctor
