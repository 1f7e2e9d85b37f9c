// Collects what is wrong with one policy or ceiling, each at the element that is wrong. Part of the
// policy reader.
#pragma once

#include <string>

#include "base/diagnostic.h"
#include "gateway/policy/text_proto.h"

namespace sudare {

// Makes Diagnostics about policies, ceilings and descriptor sets.
struct PolicyReader {
  static DiagnosticKey key() { return {}; }
};

class Findings {
 public:
  explicit Findings(std::string file) : file_(std::move(file)) {}

  // `where`: path of an element, as in TextPositions.
  void error(const std::string& where, std::string text, std::string hint);
  void warn(const std::string& where, std::string text, std::string hint);

  [[nodiscard]] bool any_error() const { return errors_ > 0; }
  [[nodiscard]] int line_of(const std::string& where) const { return positions_.at(where).line; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] TextPositions& positions() { return positions_; }
  // In the order of the file.
  [[nodiscard]] Diagnostics take();

 private:
  void add(DiagnosticSeverity severity, const std::string& where, std::string text,
           std::string hint);

  std::string file_;
  TextPositions positions_;
  Diagnostics diagnostics_;
  int errors_ = 0;
};

// "purpose[3]"
[[nodiscard]] std::string element(const std::string& name, int index);

}  // namespace sudare
