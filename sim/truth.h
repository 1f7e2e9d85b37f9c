// The ground truth of a run, as NDJSON: what was planted, every message that was sent, which of
// them the broker acknowledged. It holds everything that the gateway must not let out: mode 0600.
//
//   {"kind":"planted","class":"VIN","value":"JTD…"}
//   {"kind":"place","name":"home","latitude_e7":350830000,"longitude_e7":1371560000}
//   {"kind":"message","sequence":1,"topic":"vehicle/position","time_ms":…,"sent_ms":…,
//    "retained":false,"car":0,"payload_base64":"…","positions":[[350830000,1371560000]]}
//    and "damage":"truncated" where the message was damaged (traffic/malformed.h)
//   {"kind":"acknowledged","sequence":1}
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "sim/car/identity.h"
#include "sim/error.h"
#include "sim/traffic/traffic.h"

namespace sudare::sim {

// Not thread-safe. What was written is complete to the last line even after a kill.
class TruthWriter {
 public:
  // Replaces the file.
  static Parsed<std::unique_ptr<TruthWriter>> create(const std::string& path);
  ~TruthWriter();
  TruthWriter(const TruthWriter&) = delete;
  TruthWriter& operator=(const TruthWriter&) = delete;

  void planted(const Planted& planted);
  void place(const std::string& name, const Place& place);
  // `car`: which of a fleet's cars sent it; they share a file.
  void message(std::uint64_t sequence, const Outgoing& outgoing, std::int64_t sent_ms,
               std::uint32_t car = 0);
  void acknowledged(std::uint64_t sequence);
  // False where anything could not be written (a full disk).
  [[nodiscard]] bool close();

 private:
  explicit TruthWriter(std::FILE* file) : file_(file) {}
  void line(const std::string& text);

  std::FILE* file_;
  bool failed_ = false;
};

struct TruthMessage {
  std::uint64_t sequence = 0;
  std::string topic;
  std::string payload;
  std::int64_t time_ms = 0;
  std::int64_t sent_ms = 0;
  bool retained = false;
  bool acknowledged = false;
  std::vector<PositionE7> positions;
  std::string damage{};
  std::uint32_t car = 0;
};

struct PlantedPlace {
  std::string name;
  PositionE7 at;
};

struct Truth {
  std::vector<Planted> planted;
  std::vector<PlantedPlace> places;
  std::vector<TruthMessage> messages;  // in the order in which they were sent
};

// Every error names the line.
[[nodiscard]] Parsed<Truth> read_truth(const std::string& path);
[[nodiscard]] Parsed<Truth> parse_truth(const std::string& file, std::string_view text);

}  // namespace sudare::sim
