// Log events: a literal name and fields that are integers or enums. There is no way to log run-time
// text, so a log line can't hold a VIN or a position. Written to stderr, as text or
// JSON lines; under systemd (JOURNAL_STREAM set) each line starts with its syslog priority, which
// journald reads.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include "base/error.h"
#include "base/literal.h"

namespace sudare {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

// An enum can be logged where `Literal literal_of(E)` exists beside it.
template <class E>
concept LoggableEnum = std::is_enum_v<E> && requires(E value) {
  { literal_of(value) } -> std::same_as<Literal>;
};

class LogField {
 public:
  template <std::integral Integer>
  LogField(Literal key, Integer value) : key_(key), value_(static_cast<std::int64_t>(value)) {}
  template <LoggableEnum E>
  LogField(Literal key, E value) : key_(key), name_(literal_of(value)), is_name_(true) {}
  LogField(Literal key, Literal value) : key_(key), name_(value), is_name_(true) {}

  [[nodiscard]] Literal key() const { return key_; }
  [[nodiscard]] bool is_name() const { return is_name_; }
  [[nodiscard]] Literal name() const { return name_; }
  [[nodiscard]] std::int64_t value() const { return value_; }

 private:
  Literal key_;
  Literal name_ = "";
  std::int64_t value_ = 0;
  bool is_name_ = false;
};

// Once, before other threads start. Without it: text, kInfo.
void log_setup(LogFormat format, LogLevel least);

// `log_event(LogLevel::kWarning, "cloud_refused", {{"reason_code", code}, {"outstanding", n}});`
// Any thread.
void log_event(LogLevel level, Literal name, std::initializer_list<LogField> fields = {});

// The fields of an error under the event's name: error, what, detail.
void log_error(Literal name, const Error& error);

}  // namespace sudare
