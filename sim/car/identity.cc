#include "sim/car/identity.h"

#include <array>
#include <cstdio>
#include <iterator>

namespace sudare::sim {

namespace {

struct CarModel {
  const char* wmi;
  const char* vds;         // VIN positions 4 to 8
  const char* frame_type;  // of the frame number
  const char* model;
  const char* grade;
};
constexpr CarModel kModels[] = {
    {"JTD", "KN3DU", "ZVW30", "Prius", "S"},       {"JTD", "KARFU", "ZVW50", "Prius", "A"},
    {"JTD", "KB20U", "ZVW60", "Prius", "Z"},       {"JTN", "KHMBX", "ZYX10", "C-HR", "G"},
    {"JTD", "ACACU", "MXWH60", "Prius", "G"},      {"JTH", "BF5C2", "ZWA10", "CT 200h", "F Sport"},
    {"JTJ", "BARBZ", "AYZ10", "NX 300h", "I Pkg"},
};

struct ModelYear {
  unsigned year;
  char code;
};
constexpr ModelYear kYears[] = {{2018, 'J'}, {2019, 'K'}, {2020, 'L'}, {2021, 'M'},
                                {2022, 'N'}, {2023, 'P'}, {2024, 'R'}};

constexpr const char* kFamilyNames[][2] = {
    {"佐藤", "sato"}, {"鈴木", "suzuki"},   {"高橋", "takahashi"}, {"田中", "tanaka"},
    {"伊藤", "ito"},  {"渡辺", "watanabe"}, {"山本", "yamamoto"},  {"中村", "nakamura"}};
constexpr const char* kGivenNames[][2] = {
    {"太郎", "taro"}, {"花子", "hanako"}, {"健一", "kenichi"}, {"由美", "yumi"},
    {"誠", "makoto"}, {"愛子", "aiko"},   {"大輔", "daisuke"}, {"恵", "megumi"}};

// Hiragana that Japanese plates never carry.
constexpr const char* kPlateLetters[] = {"お", "し", "へ", "ん"};

std::string digits(Random& random, std::size_t count) {
  std::string result;
  while (result.size() < count) result += static_cast<char>('0' + random.below(10));
  return result;
}

template <class Entries>
const auto& pick(Random& random, const Entries& entries) {
  return entries[random.below(std::size(entries))];
}

// The transliteration of 49 CFR 565.15, table III; -1 for I, O, Q and what is no letter or digit.
int vin_value(char c) {
  constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  constexpr std::array<int, 23> kValues = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
                                           5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  if (c >= '0' && c <= '9') return c - '0';
  const std::size_t at = kLetters.find(c);
  return at == std::string_view::npos ? -1 : kValues[at];
}

std::string make_vin(Random& random, const CarModel& model, char year) {
  // Serials from 900,000 upwards; the position of the check digit is filled in last.
  std::string vin = std::string(model.wmi) + model.vds + "0" + year + "9" + "9" + digits(random, 5);
  vin[8] = vin_check_digit(vin);
  return vin;
}

}  // namespace

char vin_check_digit(std::string_view vin) {
  constexpr std::array<int, 17> kWeights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  if (vin.size() != kWeights.size()) return 0;
  int sum = 0;
  for (std::size_t i = 0; i < vin.size(); ++i) {
    const int value = vin_value(vin[i]);
    if (value < 0) return 0;
    sum += value * kWeights[i];
  }
  return sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
}

CarIdentity make_identity(Random random) {
  CarIdentity car;
  const CarModel& model = pick(random, kModels);
  const ModelYear& year = pick(random, kYears);
  car.vin = make_vin(random, model, year.code);
  // Frame serials from 9,900,000 upwards are not issued for any of these types.
  car.frame_number = std::string(model.frame_type) + "-99" + digits(random, 5);
  car.navigation_terminal = "NT99" + digits(random, 8);
  car.dcm_id = "DCM99" + digits(random, 10);
  car.plate = std::string("豊田 3") + digits(random, 2) + " " + pick(random, kPlateLetters) + " " +
              digits(random, 2) + "-" + digits(random, 2);
  car.model = model.model;
  car.model_year = year.year;
  car.grade = model.grade;
  car.account_id = "acct-" + digits(random, 10);
  const auto& family = pick(random, kFamilyNames);
  const auto& given = pick(random, kGivenNames);
  car.name = std::string(family[0]) + " " + given[0];
  car.email = std::string(given[1]) + "." + family[1] + "." + digits(random, 4) + "@example.jp";
  // +1 NPA 555 01xx (NANPA) and +44 7700 900xxx (Ofcom) are reserved for examples and drama.
  car.phone = "+1-202-555-01" + digits(random, 2);
  car.contact_name = std::string(family[0]) + " " + pick(random, kGivenNames)[0] + "（家族）";
  car.contact_phone = "+44 7700 900" + digits(random, 3);
  car.recorder_serial = "DRV99" + digits(random, 7);
  return car;
}

std::vector<Planted> planted_identifiers(const CarIdentity& identity) {
  using namespace sudare::v1;
  return {
      {VIN, identity.vin},
      {FRAME_NUMBER, identity.frame_number},
      {TERMINAL_ID, identity.navigation_terminal},
      {TERMINAL_ID, identity.dcm_id},
      {PLATE, identity.plate},
      {ACCOUNT_ID, identity.account_id},
      {EMAIL, identity.email},
      {PERSON_NAME, identity.name},
      {PHONE, identity.phone},
      {PERSON_NAME, identity.contact_name},
      {PHONE, identity.contact_phone},
      {DEVICE_SERIAL, identity.recorder_serial},
  };
}

}  // namespace sudare::sim
