// Who the simulated car and its owner are. Everything follows from the seed, is well-formed (VIN
// with a Toyota or Lexus maker code and a valid check digit, frame number with a real type code)
// and belongs to nobody: serials outside the issued ranges, mail under example.jp, telephone
// numbers that regulators reserve for examples, a plate letter that is never issued.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/random.h"
#include "sudare/v1/privacy.pb.h"

namespace sudare::sim {

struct CarIdentity {
  std::string vin;
  std::string frame_number;
  std::string navigation_terminal;
  std::string dcm_id;
  std::string plate;
  std::string model;
  unsigned model_year = 0;
  std::string grade;
  std::string account_id;
  std::string email;
  std::string name;
  std::string phone;
  std::string contact_name;
  std::string contact_phone;
  std::string recorder_serial;
};

[[nodiscard]] CarIdentity make_identity(Random random);

// The check digit of a 17-character VIN (49 CFR 565.15), '0' … '9' or 'X'; 0 where a character
// can't be in a VIN.
[[nodiscard]] char vin_check_digit(std::string_view vin);

// What a scan has to look for: every value that names the car or a person.
struct Planted {
  sudare::v1::PersonalClass personal;
  std::string value;
};
[[nodiscard]] std::vector<Planted> planted_identifiers(const CarIdentity& identity);

}  // namespace sudare::sim
