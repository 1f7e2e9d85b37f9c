#include <algorithm>
#include <filesystem>
#include <string_view>

#include "fleet/doctor/check_unit.h"
#include "fleet/doctor/system_files.h"

namespace sudare::doctor {
namespace {

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

// In memory (zram), or a device-mapper target of dm-crypt's.
bool leaves_no_plaintext(std::string_view device, const SystemPlaces& places) {
  const std::string name = std::filesystem::path(device).filename().string();
  if (name.starts_with("zram")) return true;
  const auto kind = read_system_file(places.sys + "/block/" + name + "/dm/uuid");
  return kind && kind->starts_with("CRYPT-");
}

void check_core(const SystemPlaces& places, Report& report) {
  Check check(report, "machine.core");
  const auto pattern = read_system_file(places.proc + "/sys/kernel/core_pattern");
  if (!pattern) return check.skip("the kernel does not tell its core_pattern");
  check.ok("no program takes core dumps that LimitCORE=0 forbids");
  // core(5): the limit does not hold for a program; systemd's keeps to it.
  if (pattern->starts_with('|') && pattern->find("systemd-coredump") == std::string::npos) {
    check.warning(
        "core dumps go to a program, whatever LimitCORE says: the broker's memory holds "
        "what the car said (the gateway's is never dumped)",
        "sysctl kernel.core_pattern=core, or systemd-coredump");
  }
}

void check_swap(const SystemPlaces& places, Report& report) {
  Check check(report, "machine.swap");
  const auto table = read_system_file(places.proc + "/swaps");
  if (!table) return check.skip("the kernel does not tell of swap");
  check.ok("none in the clear");
  std::string_view rest = *table;
  take_line(rest);  // titles
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const std::string_view device = line.substr(0, line.find_first_of(" \t"));
    if (device.empty() || leaves_no_plaintext(device, places)) continue;
    check.warning("swap in the clear: what programs hold can get to the disk",
                  "none, zram or dm-crypt; the shipped units lock the gateway's memory "
                  "(LimitMEMLOCK) and keep the broker's out (MemorySwapMax=0)",
                  std::string(device));
  }
}

}  // namespace

void check_machine(const SystemPlaces& places, Report& report) {
  check_core(places, report);
  check_swap(places, report);
}

}  // namespace sudare::doctor
