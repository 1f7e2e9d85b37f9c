#include "tests/unit/policy/support.h"

#include <gtest/gtest.h>

#include <array>

namespace sudare::policy_test {
namespace {

struct Marked {
  std::string text;
  int line = 0;
  int column = 0;
};

Marked unmark(const std::string& text) {
  const std::size_t at = text.find('^');
  if (at == std::string::npos) return {text, 0, 0};
  Marked out{text.substr(0, at) + text.substr(at + 1), 1, 1};
  for (std::size_t i = 0; i < at; ++i) {
    out.column = text[i] == '\n' ? 1 : out.column + 1;
    if (text[i] == '\n') ++out.line;
  }
  return out;
}

}  // namespace

std::string recipient(int number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes[0] = 9;
  bytes[1] = static_cast<std::uint8_t>(number);
  return age::Recipient::from_public_key(bytes)->to_string();
}

std::string purposes() {
  return R"(language: 1 serial: 1 not_after: "2030-12-31"
purpose {
  name: "service" recipient: ")" +
         recipient(1) + R"("
  pseudonym { rotate_days: 28 } consent: OPT_IN
  ceiling { cell: M1000 time_bucket_ms: 60000 allow: [
    DEALER, ALTITUDE, ODOMETER, TRIP_DISTANCE, ENERGY, AMBIENT, VIN, FRAME_NUMBER, TERMINAL_ID,
    DEVICE_SERIAL, PHONE, PLATE, ACCOUNT_ID, BEHAVIOUR, ROAD_LINK, PLACE_NAME, NMEA_SENTENCE,
    RADIO_ID, PERSON_NAME, FREE_TEXT, VIDEO, AUDIO] }
  linger_ms: 900000 batch_bytes_max: 16384 keep_hours: 72
}
purpose {
  name: "anonymous" recipient: ")" +
         recipient(2) + R"("
  pseudonym { none {} } consent: OPT_IN
  ceiling { cell: M1000 allow: VIN }
  linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24
}
purpose {
  name: "owner" recipient: ")" +
         recipient(3) + R"("
  pseudonym { until_transfer {} } consent: OPT_IN audience: OWNER
  ceiling { cell: EXACT allow: [
    DEALER, ALTITUDE, ODOMETER, TRIP_DISTANCE, ENERGY, AMBIENT, VIN, FRAME_NUMBER, TERMINAL_ID,
    DEVICE_SERIAL, PHONE, PLATE, ACCOUNT_ID, BEHAVIOUR, ROAD_LINK, PLACE_NAME, NMEA_SENTENCE,
    RADIO_ID, PERSON_NAME, FREE_TEXT, VIDEO, AUDIO] }
  linger_ms: 60000 batch_bytes_max: 16384 keep_hours: 72
}
purpose {
  name: "rescue" recipient: ")" +
         recipient(4) + R"("
  pseudonym { rotate_days: 1 } consent: LEGAL_OBLIGATION essential: true
  ceiling { cell: EXACT allow: [VIN, PHONE] }
  batch_bytes_max: 16384 keep_hours: 24 priority: 9
}
)";
}

std::string with_sources(const std::string& sources) { return purposes() + sources; }

std::string json_source(const std::string& classes, const std::string& purpose,
                        const std::string& rules) {
  const bool trusted = purpose == "owner" || purpose == "rescue";
  const std::string time = rules.find("time {") != std::string::npos ? ""
                           : trusted                                 ? "time { exact: true }"
                                                                     : "time { bucket_ms: 60000 }";
  return "source { topic: \"car/json\" codec: JSON\n" + classes + "\nrelease { to: \"" + purpose +
         "\"\n" + rules + "\n" + time + " } }\n";
}

std::string replaced(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "not in the text: " << from;
  EXPECT_EQ(text.find(from, at + 1), std::string::npos) << "more than once in the text: " << from;
  if (at == std::string::npos) return text;
  return text.substr(0, at) + to + text.substr(at + from.size());
}

PolicyLoad load(const std::string& text, const CeilingPlan* ceiling) {
  const SchemaSet schemas;
  return load_policy("p.textproto", text, schemas, ceiling);
}

std::string printed(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += diagnostic.to_string();
  return out;
}

void expect_accepted(const std::string& text, const CeilingPlan* ceiling) {
  const PolicyLoad result = load(text, ceiling);
  EXPECT_NE(result.policy, nullptr) << text << "\n" << printed(result.diagnostics);
}

void expect_refused(const std::string& text, const std::string& reason,
                    const CeilingPlan* ceiling) {
  const Marked marked = unmark(text);
  ASSERT_GT(marked.line, 0) << "no marker in the text";
  const PolicyLoad result = load(marked.text, ceiling);
  EXPECT_EQ(result.policy, nullptr) << "loaded: " << marked.text;
  for (const Diagnostic& found : result.diagnostics) {
    if (found.severity() != DiagnosticSeverity::kError) continue;
    if (found.text().find(reason) == std::string::npos) continue;
    if (found.line() != marked.line || found.column() != marked.column) continue;
    EXPECT_NE(found.hint(), "") << found.to_string();
    return;
  }
  ADD_FAILURE() << "no refusal for \"" << reason << "\" at " << marked.line << ":" << marked.column
                << " but:\n"
                << printed(result.diagnostics) << "in:\n"
                << marked.text;
}

}  // namespace sudare::policy_test
