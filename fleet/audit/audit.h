// `sudare audit`: looks through files for personal data in the clear. Finds the classes that detect
// knows, in text and in the text fields of binary files, and identifiers and positions that are
// given; all of it also inside base64, hexadecimal digits and percent-encoding, one level deep.
// Doesn't unpack archives or compressed files, doesn't read images or sound, and can't see inside
// ciphertext: that nothing is found proves nothing about what nobody named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fleet/audit/identifiers.h"
#include "fleet/audit/positions.h"

namespace sudare {

struct AuditInputs {
  std::vector<std::string> identifiers;
  std::vector<AuditPosition> positions;
};

// Where something was found, never what.
struct AuditFinding {
  std::string_view where;  // the file
  std::uint64_t offset = 0;
  std::string_view what;  // "identifier", "position", or a class of detect: "vin", "email", ...
  double confidence = 0;  // 0 to 1
};
using AuditSink = std::function<void(const AuditFinding& finding)>;

struct AuditReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> unreadable;
  std::map<std::string, std::uint64_t, std::less<>> findings;  // by class
  std::uint64_t identifiers = 0;                               // given
  std::uint64_t found_identifiers = 0;                         // of them, distinct
  std::uint64_t positions = 0;
  std::uint64_t found_positions = 0;

  [[nodiscard]] std::uint64_t total() const;
};

// Files one after the other, with one report. One thread.
class Auditor {
 public:
  explicit Auditor(const AuditInputs& inputs);

  // Bounded memory however large the file is. kNotFound, kIo (detail: errno); also noted in the
  // report.
  Status scan_file(const std::filesystem::path& file, const AuditSink& sink);
  // A file, or a directory with all the files below it in the order of their names. Symbolic links
  // inside are not followed; what is no file is left out. A failure doesn't end the scan; the
  // report names it.
  void scan_path(const std::filesystem::path& path, const AuditSink& sink);
  // Bytes that are in memory, as if they were a file.
  void scan_bytes(std::string_view where, std::string_view bytes, const AuditSink& sink);

  [[nodiscard]] AuditReport report() const;

 private:
  void scan_window(std::string_view where, std::uint64_t base, std::string_view bytes,
                   std::size_t report_from, std::size_t report_to, const AuditSink& sink);

  IdentifierFinder identifiers_;
  PositionFinder positions_;
  std::vector<bool> identifiers_found_;
  std::vector<bool> positions_found_;
  AuditReport report_;
};

// All paths, with an Auditor of their own.
AuditReport audit(const std::vector<std::string>& paths, const AuditInputs& inputs,
                  const AuditSink& sink);

}  // namespace sudare
