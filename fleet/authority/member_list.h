// Member lists: the relink authority's word on which pseudonyms belong to real cars, one list per
// purpose, rotation length and epoch. A recipient learns from one that a pseudonym is a car's, and
// nothing about which.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fleet/authority/signed_list.h"

namespace sudare {

// Pseudonyms in all lists of one recipient together: 256 MB.
inline constexpr std::uint64_t kMemberEntriesMax = 16'000'000;

struct MemberList {
  std::string purpose;
  std::uint16_t rotation_days = 0;
  std::uint32_t epoch = 0;
  std::int64_t issued_day = 0;
  std::int64_t not_after_day = 0;  // the last day on which it may be used
  std::uint64_t serial = 0;
  std::vector<Pseudonym> pseudonyms;
};

// Pads and signs; takes the pseudonyms. kTooLarge past kListEntriesMax; kRefused on a purpose
// without a name.
Result<std::string> write_member_list(MemberList list, const SigningKey& key);

// Errors of read_signed_list; kUnsupported on another version; kMalformed on a header that
// write_member_list does not make.
Result<MemberList> read_member_list(const ReadBytes& read,
                                    std::span<const AuthorityKey> authorities);

// What a recipient of one purpose holds. One thread.
class MemberLists {
 public:
  // kRefused: another purpose. kExpired: not_after_day is before `today`. kTooLarge:
  // kMemberEntriesMax. Of two lists for one epoch the one with the greater serial holds.
  Status add(MemberList list, std::string_view purpose, std::int64_t today);

  // Whether the pseudonym is on the list of its epoch, and the list may still be used `today`: a
  // recipient may run for longer than a list holds.
  [[nodiscard]] bool contains(std::uint16_t rotation_days, std::uint32_t epoch,
                              std::string_view pseudonym, std::int64_t today) const;
  [[nodiscard]] bool empty() const { return lists_.empty(); }

 private:
  std::map<std::pair<std::uint16_t, std::uint32_t>, MemberList> lists_;
  std::uint64_t entries_ = 0;
};

}  // namespace sudare
