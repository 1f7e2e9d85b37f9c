#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/utc.h"

namespace sudare {
namespace {

struct Setup {
  std::atomic<LogFormat> format{LogFormat::kText};
  std::atomic<LogLevel> least{LogLevel::kInfo};
  bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  std::unique_ptr<spdlog::logger> logger;

  Setup() {
    logger = std::make_unique<spdlog::logger>("sudare",
                                              std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
  }
};

Setup& setup() {
  static Setup instance;
  return instance;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

std::string_view syslog_prefix(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "<7>";
    case LogLevel::kInfo: return "<6>";
    case LogLevel::kWarning: return "<4>";
    case LogLevel::kError: return "<3>";
  }
  return "<3>";
}

std::string utc_now() {
  constexpr std::int64_t kMsPerSecond = 1000;
  const std::int64_t now_ms = SystemClock().wall_ms();
  char millis[8];
  std::snprintf(millis, sizeof millis, ".%03dZ", static_cast<int>(now_ms % kMsPerSecond));
  return utc_text(now_ms, "%Y-%m-%dT%H:%M:%S") + millis;
}

void append_text(std::string& line, const LogField& field) {
  line.append(" ").append(field.key().view()).append("=");
  if (field.is_name()) line.append(field.name().view());
  else line.append(std::to_string(field.value()));
}

void append_json(std::string& line, const LogField& field) {
  line.append(",\"").append(field.key().view()).append("\":");
  if (field.is_name()) line.append("\"").append(field.name().view()).append("\"");
  else line.append(std::to_string(field.value()));
}

}  // namespace

void log_setup(LogFormat format, LogLevel least) {
  setup().format = format;
  setup().least = least;
}

void log_event(LogLevel level, Literal name, std::initializer_list<LogField> fields) {
  Setup& state = setup();
  if (level < state.least.load()) return;
  std::string line(state.journal ? syslog_prefix(level) : std::string_view{});
  if (state.format.load() == LogFormat::kJson) {
    line.append("{\"time\":\"")
        .append(utc_now())
        .append("\",\"level\":\"")
        .append(level_name(level));
    line.append("\",\"event\":\"").append(name.view()).append("\"");
    for (const LogField& field : fields) append_json(line, field);
    line.append("}");
  } else {
    line.append(utc_now()).append(" ").append(level_name(level)).append(" ").append(name.view());
    for (const LogField& field : fields) append_text(line, field);
  }
  state.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void log_error(Literal name, const Error& error) {
  log_event(LogLevel::kError, name,
            {{"error", error.code}, {"what", error.what}, {"detail", error.detail}});
}

}  // namespace sudare
