#include "gateway/pipeline_offers.h"

#include <algorithm>
#include <utility>

namespace sudare {
namespace {

template <class Place>
std::string take_out(Place& place) {
  std::string text = std::move(place->text);
  place.reset();
  return text;
}

}  // namespace

std::uint64_t PolicyOffers::add(OfferedTexts texts) {
  fresh_.append(std::move(texts));
  return fresh_.take_dropped();
}

std::optional<std::string> PolicyOffers::next(std::int64_t now_ms, std::int64_t unix_day) {
  if (not_kept_ && now_ms - not_kept_->since >= kOfferAgainMs) return take_out(not_kept_);
  if (not_today_ && unix_day != not_today_->since) return take_out(not_today_);
  if (fresh_.size() == 0 || look_in_ms(now_ms) > 0) return std::nullopt;
  paid_until_ms_ = std::max(paid_until_ms_, now_ms) + kLookEveryMs;
  std::string text = fresh_.take_front();
  // Sent again: the disk is not asked any sooner for that.
  if (not_kept_ && text == not_kept_->text) return std::nullopt;
  return text;
}

std::int64_t PolicyOffers::look_in_ms(std::int64_t now_ms) const {
  return std::max<std::int64_t>(0, paid_until_ms_ - now_ms - (kLooksAtOnceMax - 1) * kLookEveryMs);
}

std::int64_t PolicyOffers::due_in_ms(std::int64_t now_ms) const {
  std::int64_t due_ms = fresh_.size() > 0 ? look_in_ms(now_ms) : -1;
  if (not_kept_) {
    const std::int64_t again_ms =
        std::max<std::int64_t>(0, not_kept_->since + kOfferAgainMs - now_ms);
    due_ms = due_ms < 0 ? again_ms : std::min(due_ms, again_ms);
  }
  return due_ms;
}

void PolicyOffers::keep(std::optional<Kept>& place, Kept kept) {
  if (!place || kept.serial >= place->serial) place = std::move(kept);
}

void PolicyOffers::not_kept(std::string text, std::uint64_t serial, std::int64_t now_ms) {
  keep(not_kept_, {std::move(text), serial, now_ms});
}

void PolicyOffers::not_today(std::string text, std::uint64_t serial, std::int64_t unix_day) {
  keep(not_today_, {std::move(text), serial, unix_day});
}

void PolicyOffers::in_force(std::uint64_t serial) {
  if (not_kept_ && not_kept_->serial <= serial) not_kept_.reset();
  if (not_today_ && not_today_->serial <= serial) not_today_.reset();
}

}  // namespace sudare
