#include "gateway/minimize/delay_line.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace sudare {

DelayLine::DelayLine() : bytes_(kWaitingBytesMax), entries_(kWaitingFixesMax) {}

// An entry lies in one piece: where the end of the memory is too near, at its beginning.
bool DelayLine::find_room(std::size_t bytes, std::size_t& offset) const {
  if (count_ == 0) {
    offset = 0;
    return bytes <= bytes_.size();
  }
  const std::size_t begin = oldest().offset;
  if (end_ > begin) {
    offset = bytes <= bytes_.size() - end_ ? end_ : 0;
    return offset == end_ || bytes < begin;
  }
  offset = end_;
  return bytes < begin - end_;
}

bool DelayLine::thinned_out() {
  const std::size_t fill = 4 * std::max(count_ * bytes_.size(), used_bytes_ * entries_.size()) /
                           (entries_.size() * bytes_.size());  // quarters
  const std::size_t one_in = fill >= 3 ? 4 : fill == 2 ? 2 : 1;
  return offers_++ % one_in != 0;
}

bool DelayLine::push(FixNumber number, const Release::Content& content) {
  const std::size_t bytes = content.topic.size() + content.payload.size();
  std::size_t offset = 0;
  if (thinned_out() || count_ == entries_.size() || bytes > bytes_.size() ||
      !find_room(bytes, offset))
    return false;
  Entry& entry = entries_[(first_ + count_) % entries_.size()];
  entry.number = number;
  entry.time_ms = content.time_ms;
  entry.offset = static_cast<std::uint32_t>(offset);
  entry.topic_bytes = static_cast<std::uint16_t>(content.topic.size());
  entry.payload_bytes = static_cast<std::uint32_t>(content.payload.size());
  entry.codec = content.codec;
  std::memcpy(bytes_.data() + offset, content.topic.data(), content.topic.size());
  std::memcpy(bytes_.data() + offset + content.topic.size(), content.payload.data(),
              content.payload.size());
  end_ = offset + bytes;
  used_bytes_ += bytes;
  ++count_;
  return true;
}

bool DelayLine::pop_up_to(FixNumber most, Release::Content& content) {
  if (count_ == 0 || oldest().number > most) return false;
  const Entry& entry = oldest();
  char* const at = bytes_.data() + entry.offset;
  content.topic.assign(at, entry.topic_bytes);
  content.payload.assign(at + entry.topic_bytes, entry.payload_bytes);
  content.time_ms = entry.time_ms;
  content.codec = entry.codec;
  const std::size_t bytes = std::size_t{entry.topic_bytes} + entry.payload_bytes;
  sodium_memzero(at, bytes);
  used_bytes_ -= bytes;
  first_ = (first_ + 1) % entries_.size();
  --count_;
  return true;
}

std::size_t DelayLine::clear() {
  const std::size_t count = count_;
  if (count > 0) sodium_memzero(bytes_.data(), bytes_.size());
  first_ = count_ = end_ = used_bytes_ = 0;
  return count;
}

}  // namespace sudare
