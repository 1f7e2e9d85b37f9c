// The numbers of producers, and the state that is kept of them. Input: lines; an even first byte:
// each is what a message says of its number, else all of it is the kept state.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/receipts/receipts.h"
#include "sim/fleet/memory_store.h"

namespace sudare {
namespace {

void decode(std::string_view bytes) {
  const auto window = SequenceWindow::decode(bytes);
  if (!window) return;
  const auto again = SequenceWindow::decode(window->encode());
  if (!again || !(*again == *window)) std::abort();
}

void take(std::string_view text) {
  const sim::fleet::MemoryStore store(1U << 20U);
  auto receipts = Receipts::load(store, {{"app", {"a/#"}}, {"b", {"+"}}}, "r");
  if (!receipts) std::abort();
  std::uint64_t received = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Message message;
    message.topic.set("a/x");
    message.sequence.set(std::string(text.substr(0, end)));
    const Receipts::Verdict first = (*receipts)->take(message);
    const std::uint64_t refused = (*receipts)->refused();
    // What was taken is known when it comes again, where it was believed.
    const Receipts::Verdict second = (*receipts)->take(message);
    const bool believed = end > 0 && (*receipts)->refused() == refused;
    if (believed && first == Receipts::Verdict::kTake && second != Receipts::Verdict::kSeen) {
      std::abort();
    }
    (*receipts)->committed();
    (*receipts)->publish_all();
    const std::uint64_t now = (*receipts)->due().front().received;
    if (now < received) std::abort();
    received = now;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) sudare::take(bytes);
  else sudare::decode(bytes);
  return 0;
}
