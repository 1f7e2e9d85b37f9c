// The log of the relink authority: an append-only file with a line of JSON per use of a
// provisioning record (docs/formats.md, "Log of the relink authority").
//
// Invariants
//  1. An answer is given only after its line is on disk.
//  2. A line holds who asked, when, why, for which purposes and days, and how many cars it touched.
//     Never a VIN, frame number or pseudonym: what was asked for is a keyed hash, which only those
//     who hold the authority's keys can compare with a name.
//  3. Each line carries the hash of the one before, and a MAC under the authority's keys. An edit,
//  an
//     insertion or a removal in the middle breaks the chain; who has no key can't mend it. The end
//     is kept in FILE.head: a log that was cut does not reach it.
// Not promised: who can write both files can put back an earlier state of both. Keep heads
// elsewhere (every use prints one) and give them to verify_use_log().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/open/identity.h"

namespace sudare {

// A line: a reason of some sentences, a token per name that was asked for.
inline constexpr std::size_t kUseLineBytesMax = 64 * 1024;
inline constexpr std::size_t kReasonBytesMax = 1000;

// The key of the log's hashes and MACs, from all of the authorities' keys, in any order.
class UseLogKey {
 public:
  explicit UseLogKey(std::span<const age::open_side::Identity> identities)
      : UseLogKey(all_of(identities)) {}
  using Identities = std::vector<const age::open_side::Identity*>;
  explicit UseLogKey(Identities identities);
  // What stands in the log for a name or pseudonym: 16 bytes in hex.
  [[nodiscard]] std::string token(std::string_view asked) const;
  [[nodiscard]] std::string mac(std::string_view text) const;
  // Key ids of those keys, sorted, in hex: a line says with which it was written.
  [[nodiscard]] const std::vector<std::string>& key_ids() const { return key_ids_; }

 private:
  static Identities all_of(std::span<const age::open_side::Identity> identities);
  std::vector<std::string> key_ids_;
  SecretBytes<32> key_;
};

struct Use {
  std::string call;                // "relink", "members", "forget"
  std::string reason;              // as the operator gave it
  std::vector<std::string> asked;  // tokens; empty: all cars
  std::vector<std::string> purposes;
  std::string from;  // days as YYYY-MM-DD; may be empty
  std::string to;
  std::uint64_t cars = 0;  // that it touched
};

// The end of a log.
struct LogHead {
  std::uint64_t entries = 0;
  std::string hash;  // 64 hex digits; zeros before the first entry
};

// One writer at a time: the file is locked while it is open.
class UseLog {
 public:
  // Creates the file (0600) where it is missing. kRefused: another process writes it. What
  // verify_use_log says of a log that is not whole: nothing is added to it.
  static Result<UseLog> open(const std::string& file);
  ~UseLog();
  UseLog(UseLog&& other) noexcept;
  UseLog& operator=(UseLog&&) = delete;

  // On disk when it returns. kIo (errno), kTooLarge.
  Result<LogHead> append(const Use& use, const UseLogKey& key, const Clock& clock);

 private:
  UseLog(std::string file, int descriptor, LogHead head)
      : file_(std::move(file)), descriptor_(descriptor), head_(std::move(head)) {}
  std::string file_;
  int descriptor_;
  LogHead head_;
};

// Reads the whole log. kAuthentication (detail: line): it was changed, cut, or a line was not
// written with keys that are among `identities` (none: MACs are not checked). `kept`: a head that
// was noted elsewhere.
Result<LogHead> verify_use_log(const std::string& file,
                               std::span<const age::open_side::Identity> identities,
                               const std::optional<LogHead>& kept);

// The same of text, without FILE.head. Pure.
Result<LogHead> verify_use_lines(std::string_view text,
                                 std::span<const age::open_side::Identity> identities,
                                 const std::optional<LogHead>& kept);

// "12:ab…": as every use prints it. kMalformed.
Result<LogHead> parse_log_head(std::string_view text);
[[nodiscard]] std::string to_string(const LogHead& head);

}  // namespace sudare
