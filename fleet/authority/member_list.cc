#include "fleet/authority/member_list.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "crypto/identity/encoding.h"
#include "fleet/cli/keys.h"
#include "sudare/v1/authority.pb.h"

namespace sudare {
namespace {

constexpr std::uint32_t kVersion = 1;

}  // namespace

Result<std::string> write_member_list(MemberList list, const SigningKey& key) {
  TRY(check_purpose(list.purpose));
  v1::MemberListHeader header;
  header.set_version(kVersion);
  header.set_purpose(list.purpose);
  header.set_epoch_days(list.rotation_days);
  header.set_epoch(list.epoch);
  header.set_issued_day(static_cast<std::uint32_t>(list.issued_day));
  header.set_not_after_day(static_cast<std::uint32_t>(list.not_after_day));
  header.set_serial(list.serial);
  shuffle_and_pad(list.pseudonyms);
  return write_signed_list(ListKind::kMembers,
                           {header.SerializeAsString(), std::move(list.pseudonyms)}, key);
}

Result<MemberList> read_member_list(const ReadBytes& read,
                                    std::span<const AuthorityKey> authorities) {
  TRY(SignedList signed_list, read_signed_list(ListKind::kMembers, read, authorities));
  v1::MemberListHeader header;
  if (!header.ParseFromString(signed_list.header)) {
    return fail(ErrorCode::kMalformed, "member list: header");
  }
  if (header.version() != kVersion) {
    return fail(ErrorCode::kUnsupported, "member list: version", header.version());
  }
  if (header.epoch_days() > std::numeric_limits<std::uint16_t>::max()) {
    return fail(ErrorCode::kMalformed, "member list: rotation length");
  }
  // It becomes part of a file's name.
  if (!cli::is_purpose_name(header.purpose())) {
    return fail(ErrorCode::kMalformed, "member list: not a purpose's name");
  }
  MemberList list;
  list.purpose = header.purpose();
  list.rotation_days = static_cast<std::uint16_t>(header.epoch_days());
  list.epoch = header.epoch();
  list.issued_day = header.issued_day();
  list.not_after_day = header.not_after_day();
  list.serial = header.serial();
  list.pseudonyms = std::move(signed_list.entries);
  return list;
}

Status MemberLists::add(MemberList list, std::string_view purpose, std::int64_t today) {
  if (list.purpose != purpose) return fail(ErrorCode::kRefused, "member list: another purpose's");
  if (list.not_after_day < today) return fail(ErrorCode::kExpired, "member list: out of date");
  if (entries_ + list.pseudonyms.size() > kMemberEntriesMax) {
    return fail(ErrorCode::kTooLarge, "member lists: too many pseudonyms together");
  }
  const std::pair epoch{list.rotation_days, list.epoch};
  const auto known = lists_.find(epoch);
  if (known == lists_.end()) {
    entries_ += list.pseudonyms.size();
    lists_.emplace(epoch, std::move(list));
  } else if (known->second.serial < list.serial) {
    entries_ += list.pseudonyms.size();
    entries_ -= known->second.pseudonyms.size();
    known->second = std::move(list);
  }
  return Done{};
}

bool MemberLists::contains(std::uint16_t rotation_days, std::uint32_t epoch,
                           std::string_view pseudonym, std::int64_t today) const {
  Pseudonym wanted{};
  if (pseudonym.size() != wanted.size()) return false;
  std::memcpy(wanted.data(), pseudonym.data(), wanted.size());
  const auto list = lists_.find({rotation_days, epoch});
  if (list == lists_.end() || list->second.not_after_day < today) return false;
  const std::vector<Pseudonym>& members = list->second.pseudonyms;
  return std::binary_search(members.begin(), members.end(), wanted);
}

}  // namespace sudare
