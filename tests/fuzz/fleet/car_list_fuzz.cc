// The CSV of a factory line, its header and its lines, and the marks that it finds in folders.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/provision/car_list.h"
#include "fleet/provision/csv_line.h"
#include "fleet/provision/factory_line.h"

namespace {

// What is read must be what a folder may be called, and tell nothing of the car.
void read_car(const sudare::CarList& list, std::string_view line) {
  auto car = list.read(line);
  if (!car) return;
  const bool named = !car->identity.vin.empty() || !car->identity.frame_number.empty();
  if (!sudare::is_unit_name(car->unit) || !named ||
      sudare::tells_the_car(car->unit, car->identity)) {
    std::abort();
  }
  sudare::wipe_car(*car);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto mark = parse_provisioned_mark(text); mark && provisioned_mark(*mark) != text) {
    std::abort();
  }
  const std::size_t end = text.find('\n');
  const auto list = CarList::begin(text.substr(0, end));
  if (list && end != std::string_view::npos) read_car(*list, text.substr(end + 1));
  static const auto usual = CarList::begin("unit,vin,frame_number,terminal_number");
  read_car(*usual, text);
  const auto fields = csv_fields(text);
  if (fields && (fields->empty() || fields->size() > kCsvFieldsMax)) std::abort();
  return 0;
}
