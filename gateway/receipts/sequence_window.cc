#include "gateway/receipts/sequence_window.h"

#include <cstddef>

#include "gateway/store/little_endian.h"

namespace sudare {

bool SequenceWindow::has(std::uint64_t sequence) const {
  const auto bit = static_cast<std::size_t>(sequence % kSequenceWindow);
  return (came_[bit / 64] >> (bit % 64) & 1U) != 0;
}

void SequenceWindow::set(std::uint64_t sequence, bool came) {
  const auto bit = static_cast<std::size_t>(sequence % kSequenceWindow);
  const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
  if (came) came_[bit / 64] |= mask;
  else came_[bit / 64] &= ~mask;
}

void SequenceWindow::move_on() {
  while (has(received_ + 1)) {
    ++received_;
    set(received_, false);
  }
}

void SequenceWindow::skip_to(std::uint64_t oldest) {
  if (oldest <= received_ + 1) return;
  if (oldest - received_ > kSequenceWindow) {
    came_ = {};
    received_ = oldest - 1;
    return;
  }
  while (received_ + 1 < oldest) set(++received_, false);
  move_on();
}

SequenceWindow::Verdict SequenceWindow::note(std::uint64_t sequence) {
  if (sequence <= received_) return Verdict::kSeen;
  if (sequence - received_ > kSequenceWindow) return Verdict::kTooFar;
  if (has(sequence)) return Verdict::kSeen;
  set(sequence, true);
  move_on();
  return Verdict::kNew;
}

// The words behind the last one that has a bit are left out: most producers are never ahead.
std::string SequenceWindow::encode() const {
  std::size_t words = kWords;
  while (words > 0 && came_[words - 1] == 0) --words;
  std::string bytes;
  append_u64(bytes, received_);
  for (std::size_t i = 0; i < words; ++i) append_u64(bytes, came_[i]);
  return bytes;
}

Result<SequenceWindow> SequenceWindow::decode(std::string_view bytes) {
  if (bytes.size() < 8 || bytes.size() % 8 != 0 || bytes.size() / 8 - 1 > kWords) {
    return fail(ErrorCode::kMalformed, "receipts: the numbers of a producer");
  }
  SequenceWindow window;
  window.received_ = read_u64(bytes, 0);
  for (std::size_t at = 8; at < bytes.size(); at += 8) {
    window.came_[at / 8 - 1] = read_u64(bytes, at);
  }
  return window;
}

}  // namespace sudare
