#include "fleet/authority/erasure_order.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "crypto/identity/encoding.h"
#include "fleet/cli/keys.h"
#include "sudare/v1/authority.pb.h"

namespace sudare {
namespace {

constexpr std::uint32_t kVersion = 1;

std::int64_t day_of(std::int64_t unix_ms) {
  return unix_ms / kMsPerDay - (unix_ms % kMsPerDay < 0 ? 1 : 0);
}

}  // namespace

Result<std::string> write_erasure_order(ErasureOrder order, const SigningKey& key) {
  TRY(check_purpose(order.purpose));
  v1::ErasureOrderHeader header;
  header.set_version(kVersion);
  header.set_purpose(order.purpose);
  header.set_issued_day(static_cast<std::uint32_t>(order.issued_day));
  header.set_serial(order.serial);
  header.set_every_time(order.every_time);
  if (!order.every_time) {
    header.set_first_day(static_cast<std::uint32_t>(order.first_day));
    header.set_last_day(static_cast<std::uint32_t>(order.last_day));
  }
  shuffle_and_pad(order.pseudonyms);
  return write_signed_list(ListKind::kErasure,
                           {header.SerializeAsString(), std::move(order.pseudonyms)}, key);
}

Result<ErasureOrder> read_erasure_order(const ReadBytes& read,
                                        std::span<const AuthorityKey> authorities) {
  TRY(SignedList signed_list, read_signed_list(ListKind::kErasure, read, authorities));
  v1::ErasureOrderHeader header;
  if (!header.ParseFromString(signed_list.header)) {
    return fail(ErrorCode::kMalformed, "erasure order: header");
  }
  if (header.version() != kVersion) {
    return fail(ErrorCode::kUnsupported, "erasure order: version", header.version());
  }
  // It becomes part of a file's name.
  if (!cli::is_purpose_name(header.purpose())) {
    return fail(ErrorCode::kMalformed, "erasure order: not a purpose's name");
  }
  if (!header.every_time() && header.first_day() > header.last_day()) {
    return fail(ErrorCode::kMalformed, "erasure order: its days");
  }
  ErasureOrder order;
  order.purpose = header.purpose();
  order.issued_day = header.issued_day();
  order.serial = header.serial();
  order.every_time = header.every_time();
  order.first_day = header.first_day();
  order.last_day = header.last_day();
  order.pseudonyms = std::move(signed_list.entries);
  return order;
}

Status ErasureOrders::add(const ErasureOrder& order, std::string_view purpose) {
  if (order.purpose != purpose) {
    return fail(ErrorCode::kRefused, "erasure order: another purpose's");
  }
  entries_ += order.pseudonyms.size();
  if (entries_ > kErasureEntriesMax) {
    return fail(ErrorCode::kTooLarge, "erasure orders: too many pseudonyms together");
  }
  Days days{order.first_day, order.last_day};
  if (order.every_time) {
    days = {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
  for (const Pseudonym& pseudonym : order.pseudonyms) {
    days_[std::string(text_of(pseudonym))].push_back(days);
  }
  return Done{};
}

bool ErasureOrders::names(std::string_view pseudonym, std::int64_t time_ms) const {
  const auto known = days_.find(pseudonym);
  if (known == days_.end()) return false;
  const std::int64_t day = day_of(time_ms);
  return std::any_of(known->second.begin(), known->second.end(),
                     [day](const Days& days) { return days.first <= day && day <= days.last; });
}

}  // namespace sudare
