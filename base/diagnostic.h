// What is wrong with a file that an operator wrote (configuration, policy, keys): text with
// file:line:column. The only error type with run-time text. Only the readers of such files can make
// one, so that no value from a car finds its way in.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sudare {

// The readers of operators' files. Each defines its struct in its own folder.
struct ConfigReader;   // gateway/config
struct PolicyReader;   // gateway/policy
struct KeyFileReader;  // fleet: key files, recipients on the command line, simulator profiles

class DiagnosticKey {
 private:
  constexpr DiagnosticKey() {}  // NOLINT(modernize-use-equals-default)
  friend struct ConfigReader;
  friend struct PolicyReader;
  friend struct KeyFileReader;
};

enum class DiagnosticSeverity { kError, kWarning };

class Diagnostic {
 public:
  Diagnostic(const DiagnosticKey& /*passkey*/, DiagnosticSeverity severity, std::string file,
             int line, int column, std::string text, std::string hint)
      : severity_(severity),
        file_(std::move(file)),
        line_(line),
        column_(column),
        text_(std::move(text)),
        hint_(std::move(hint)) {}

  [[nodiscard]] DiagnosticSeverity severity() const { return severity_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] int line() const { return line_; }      // from 1; 0: the file as a whole
  [[nodiscard]] int column() const { return column_; }  // from 1; 0: the line as a whole
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& hint() const {
    return hint_;
  }  // what would fix it; may be empty

  // "error: gateway.textproto:3:7: unknown field \"foo\"\nhint: ...\n", as programs print it on
  // stderr.
  [[nodiscard]] std::string to_string() const;

 private:
  DiagnosticSeverity severity_;
  std::string file_;
  int line_;
  int column_;
  std::string text_;
  std::string hint_;
};

using Diagnostics = std::vector<Diagnostic>;

}  // namespace sudare
