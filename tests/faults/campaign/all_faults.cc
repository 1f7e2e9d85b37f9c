#include "tests/faults/campaign/all_faults.h"

#include <iterator>

#include "tests/faults/disk/disk.h"
#include "tests/faults/hostile/hostile.h"
#include "tests/faults/network/network.h"
#include "tests/faults/pipeline/pipeline.h"
#include "tests/faults/power/power.h"
#include "tests/faults/process/process.h"

namespace sudare::faults {

std::vector<Fault> all_faults() {
  std::vector<Fault> all;
  for (auto area : {process_faults, disk_faults, power_faults, network_faults, hostile_faults,
                    pipeline_faults}) {
    std::vector<Fault> faults = area();
    all.insert(all.end(), std::make_move_iterator(faults.begin()),
               std::make_move_iterator(faults.end()));
  }
  return all;
}

}  // namespace sudare::faults
