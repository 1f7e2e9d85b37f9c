#include "fleet/cli/console.h"

#include <sodium.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace sudare::cli {
namespace {

constexpr std::int64_t kProgressIntervalMs = 100;

std::atomic<bool> stop_requested{false};

void request_stop(int /*signal*/) { stop_requested = true; }

}  // namespace

int report(std::string_view text, std::string_view hint) {
  std::cerr << "error: " << text << "\n";
  if (!hint.empty()) std::cerr << "hint: " << hint << "\n";
  return kExitFailure;
}

int report(std::string_view subject, const Error& error, std::string_view hint) {
  std::string text(subject);
  text.append(": ").append(error.what.view()).append(" (").append(literal_of(error.code).view());
  if (error.detail != 0) text.append(", ").append(std::to_string(error.detail));
  text.append(")");
  return report(text, hint);
}

bool report(const Diagnostics& diagnostics) {
  bool failed = false;
  for (const Diagnostic& diagnostic : diagnostics) {
    std::cerr << diagnostic.to_string();
    failed = failed || diagnostic.severity() == DiagnosticSeverity::kError;
  }
  return failed;
}

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}
Progress::~Progress() { clear(); }

void Progress::show(std::string_view line) {
  if (!terminal_) return;
  const std::int64_t now = SystemClock().monotonic_ms();
  if (shown_ && now - last_ms_ < kProgressIntervalMs) return;
  last_ms_ = now;
  shown_ = true;
  std::cerr << "\r\033[K" << line << std::flush;
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
  shown_ = false;
}

void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stopped() { return stop_requested; }

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  text.pop_back();
  return text;
}

std::string base64(std::string_view bytes) {
  const int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  text.pop_back();
  return text;
}

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sudare::cli
