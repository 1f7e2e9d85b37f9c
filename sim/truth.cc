#include "sim/truth.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "sim/base64_text.h"

namespace sudare::sim {

namespace {

using nlohmann::json;

// A month of one car is 150,000 messages and 60 MB.
constexpr std::size_t kTruthBytesMax = std::size_t{4} * 1024 * 1024 * 1024;

}  // namespace

Parsed<std::unique_ptr<TruthWriter>> TruthWriter::create(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // An older file keeps its mode when it is replaced: set it.
  if (fd < 0 || fchmod(fd, 0600) != 0) {
    const int reason = errno;
    if (fd >= 0) ::close(fd);
    return input_error(path, 0, std::strerror(reason), "--truth names a file that can be written");
  }
  std::FILE* file = fdopen(fd, "w");
  // By lines: a run that is killed leaves whole lines.
  std::setvbuf(file, nullptr, _IOLBF, BUFSIZ);
  return std::unique_ptr<TruthWriter>(new TruthWriter(file));
}

TruthWriter::~TruthWriter() {
  if (file_ != nullptr) std::fclose(file_);
}

void TruthWriter::line(const std::string& text) {
  if (std::fputs((text + "\n").c_str(), file_) < 0) failed_ = true;
}

void TruthWriter::planted(const Planted& planted) {
  line(json{{"kind", "planted"},
            {"class", sudare::v1::PersonalClass_Name(planted.personal)},
            {"value", planted.value}}
           .dump());
}

void TruthWriter::place(const std::string& name, const Place& place) {
  line(json{{"kind", "place"},
            {"name", name},
            {"latitude_e7", to_e7(place.latitude)},
            {"longitude_e7", to_e7(place.longitude)}}
           .dump());
}

void TruthWriter::message(std::uint64_t sequence, const Outgoing& outgoing, std::int64_t sent_ms,
                          std::uint32_t car) {
  json positions = json::array();
  for (const PositionE7& at : outgoing.positions) {
    positions.push_back({at.latitude, at.longitude});
  }
  json message{{"kind", "message"},
               {"sequence", sequence},
               {"topic", outgoing.topic},
               {"time_ms", outgoing.time_ms},
               {"sent_ms", sent_ms},
               {"retained", outgoing.retained},
               {"car", car},
               {"payload_base64", to_base64(outgoing.payload)},
               {"positions", std::move(positions)}};
  if (!outgoing.damage.empty()) message["damage"] = outgoing.damage;
  line(message.dump());
}

void TruthWriter::acknowledged(std::uint64_t sequence) {
  line(json{{"kind", "acknowledged"}, {"sequence", sequence}}.dump());
}

bool TruthWriter::close() {
  if (file_ == nullptr) return !failed_;
  if (std::fclose(std::exchange(file_, nullptr)) != 0) failed_ = true;
  return !failed_;
}

namespace {

// Takes one line in; false where it is not what TruthWriter writes.
bool take_line(const json& line, Truth& truth,
               std::unordered_map<std::uint64_t, std::size_t>& by_sequence) {
  const std::string kind = line.at("kind");
  if (kind == "planted") {
    Planted planted;
    const std::string name = line.at("class");
    if (!sudare::v1::PersonalClass_Parse(name, &planted.personal)) return false;
    planted.value = line.at("value");
    truth.planted.push_back(std::move(planted));
  } else if (kind == "place") {
    truth.places.push_back({line.at("name"), {line.at("latitude_e7"), line.at("longitude_e7")}});
  } else if (kind == "message") {
    TruthMessage message;
    message.sequence = line.at("sequence");
    message.topic = line.at("topic");
    message.time_ms = line.at("time_ms");
    message.sent_ms = line.at("sent_ms");
    message.retained = line.at("retained");
    message.damage = line.value("damage", "");
    message.car = line.value("car", 0U);
    auto payload = from_base64(line.at("payload_base64").get<std::string>());
    if (!payload) return false;
    message.payload = *std::move(payload);
    for (const json& at : line.at("positions")) {
      message.positions.push_back({at.at(0), at.at(1)});
    }
    by_sequence[message.sequence] = truth.messages.size();
    truth.messages.push_back(std::move(message));
  } else if (kind == "acknowledged") {
    const auto found = by_sequence.find(line.at("sequence").get<std::uint64_t>());
    if (found == by_sequence.end()) return false;
    truth.messages[found->second].acknowledged = true;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Parsed<Truth> parse_truth(const std::string& file, std::string_view text) {
  Truth truth;
  std::unordered_map<std::uint64_t, std::size_t> by_sequence;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    bool taken = false;
    try {
      taken = take_line(json::parse(line), truth, by_sequence);
    } catch (const json::exception&) {
      taken = false;
    }
    if (!taken) {
      return input_error(file, number, "is no line of a ground truth",
                         "pass a file that `sudare-sim vehicle --truth` wrote");
    }
  }
  return truth;
}

Parsed<Truth> read_truth(const std::string& path) {
  auto text = read_whole_file(path, kTruthBytesMax);
  if (!text) return tl::unexpected<InputError>(text.error());
  return parse_truth(path, *text);
}

}  // namespace sudare::sim
