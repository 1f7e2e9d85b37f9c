// Erasure orders: the relink authority's word that records under some pseudonyms of one purpose are
// to go, those that are still on their way too. An order is never undone and never expires.
//
// What an order gives away: who holds records of several of its pseudonyms learns that they may be
// one car's. Orders are padded, sorted, one per purpose, and may cover several cars, so that it
// does not learn that for certain.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fleet/authority/signed_list.h"

namespace sudare {

struct ErasureOrder {
  std::string purpose;
  std::int64_t issued_day = 0;
  std::uint64_t serial = 0;
  bool every_time = true;      // records of these pseudonyms, whatever time they carry
  std::int64_t first_day = 0;  // otherwise: of these unix days, both included
  std::int64_t last_day = 0;
  std::vector<Pseudonym> pseudonyms;
};

// As write_member_list and read_member_list.
Result<std::string> write_erasure_order(ErasureOrder order, const SigningKey& key);
Result<ErasureOrder> read_erasure_order(const ReadBytes& read,
                                        std::span<const AuthorityKey> authorities);

// Pseudonyms of all orders that a recipient holds: an order has some hundreds.
inline constexpr std::uint64_t kErasureEntriesMax = 4'000'000;

// The orders of one purpose. One thread.
class ErasureOrders {
 public:
  // kRefused: another purpose. kTooLarge: kErasureEntriesMax.
  Status add(const ErasureOrder& order, std::string_view purpose);
  // Whether a record of this pseudonym (16 bytes) and time (unix ms, as in the record) is to go.
  [[nodiscard]] bool names(std::string_view pseudonym, std::int64_t time_ms) const;
  // At any time at all: for what carries none.
  [[nodiscard]] bool names(std::string_view pseudonym) const {
    return days_.find(pseudonym) != days_.end();
  }
  [[nodiscard]] bool empty() const { return days_.empty(); }

 private:
  struct Days {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  std::map<std::string, std::vector<Days>, std::less<>> days_;
  std::uint64_t entries_ = 0;
};

}  // namespace sudare
