// Certainty from end to end for producers that want it. A broker's PUBACK promises nothing: one
// that is killed has lost what it acknowledged. A producer that the configuration names numbers its
// messages, and keeps each until a receipt says that it is committed here.
//
//   PUBLISH, MQTT 5 user property sudare-seq = "<producer>/<number>/<oldest>"
//     number   of this message: 1, 2, 3 …, over all topics of the producer
//     oldest   the least number that the producer still keeps; it waits for nothing below
//   retained at <receipt topic>/<producer>: the number up to which everything is committed, decimal
//
// After a reconnect the producer sends again, in order, what it keeps; what came before is counted
// as a duplicate and not released twice. It keeps at most kSequenceWindow messages, and goes on
// behind the receipt where it has lost its own count. docs/gateway.md, "Receipts".
//
// Believes a name only on the topics that the configuration gives it: who may publish there is the
// in-vehicle broker's access control's business. Else one app could end another's messages.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/receipts/sequence_window.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// A unit has some ten apps; each costs a window's memory and a retained message.
inline constexpr std::size_t kProducersMax = 64;
inline constexpr std::size_t kProducerNameBytesMax = 32;

struct ReceiptProducer {
  std::string name;                  // is_producer_name()
  std::vector<std::string> filters;  // MQTT topic filters
};

// a to z, 0 to 9, "-" and "_"; at most kProducerNameBytesMax.
[[nodiscard]] bool is_producer_name(std::string_view name);

// MQTT 5, section 4.7, without shared subscriptions. Pure.
[[nodiscard]] bool filter_matches(std::string_view filter, std::string_view topic);
// Whether `filter` matches every topic that `other` matches.
[[nodiscard]] bool filter_covers(std::string_view filter, std::string_view other);

struct Receipt {
  std::string_view producer;
  std::uint64_t received = 0;
};

// On the collector's thread.
class Receipts {
 public:
  // Goes on where the store says. `topic`: where receipts are published. kMalformed: its state is
  // damaged.
  static Result<std::unique_ptr<Receipts>> load(const Store& store,
                                                const std::vector<ReceiptProducer>& producers,
                                                const std::string& topic);

  // One of this gateway's own, which a producer's filter may cover.
  [[nodiscard]] bool is_receipt(const Message& message) const;
  // What is to be subscribed to beside `filters`: a message that nobody collects would hold back
  // the receipts of all behind it. No filter of the result is covered by another one: a broker may
  // send a message once for each that matches.
  [[nodiscard]] std::vector<std::string> with_topics_of_producers(
      std::vector<std::string> filters) const;

  enum class Verdict : std::uint8_t {
    kTake,    // new, or not numbered by one that is believed
    kSeen,    // it is committed, or will be by the next commit
    kTooFar,  // too far ahead of what is missing: to be sent again
  };
  // Of every message but retained ones, before anything else becomes of it.
  [[nodiscard]] Verdict take(const Message& message);

  // What must be in the next commit, which is the one that holds the messages.
  void take_changes(std::vector<StateEntry>& out);
  // That commit is on disk.
  void committed();

  // To be published, since the last call; all of them after publish_all().
  [[nodiscard]] std::vector<Receipt> due();
  void publish_all();

  [[nodiscard]] std::uint64_t refused() const { return refused_; }  // properties not believed

 private:
  struct Producer {
    ReceiptProducer plan;
    SequenceWindow window;
    std::uint64_t committed = 0;  // window.received(), as on disk
    bool changed = false;         // since the last take_changes()
    bool due = true;
  };
  [[nodiscard]] Producer* find(std::string_view name, std::string_view topic);

  std::string topic_;
  std::vector<Producer> producers_;
  std::uint64_t refused_ = 0;
};

}  // namespace sudare
