// When the clips that are in the outbox may be sent: not over a network that is metered, or not
// known not to be, where the policy says so; and not more than so much a day. What the rules say is
// carried out by the uploader (withhold(), allow()).
//
// The network is what a local topic says, retained or not: "metered" or "unmetered". Days are unix
// days of trusted time. What was sent since the last commit is forgotten by a crash: at most what
// was on its way (kUplinkOutstandingBytesMax).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

enum class Network : std::uint8_t { kUnknown, kMetered, kUnmetered };
[[nodiscard]] Literal literal_of(Network network);

// On the collector's thread.
class SendRules {
 public:
  // Keeps references to policy and time. Entries that can't be read count as nothing sent.
  static Result<SendRules> load(const Store& store, const Policy& policy, const TrustedTime& time,
                                std::string network_topic);

  // Where the network's word comes from; empty where no purpose asks for it.
  [[nodiscard]] std::string topic_filter() const;
  [[nodiscard]] bool is_network(const Message& message) const;
  // Anything but the two words makes the network unknown. True: it is another now.
  bool apply(const Message& message);
  [[nodiscard]] Network network() const { return network_; }

  // Bytes published of each purpose since the last call, repeated ones included. What must be
  // persisted is appended to `out`.
  void published(const std::map<std::string, std::uint64_t>& bytes, std::vector<StateEntry>& out);

  // Purposes whose rows must not be sent over the present network. Sorted.
  [[nodiscard]] std::vector<std::string> withheld() const;
  // How much of a purpose may be published in all since the start of the process, as of today.
  // Those that are not in it have no bound.
  [[nodiscard]] std::map<std::string, std::uint64_t> allowances() const;

  void use_policy(const Policy& policy) { policy_ = &policy; }

 private:
  struct Sent {
    std::int64_t day = 0;
    std::uint64_t bytes = 0;  // on that day
  };

  SendRules(const Policy& policy, const TrustedTime& time, std::string topic);

  const Policy* policy_;
  const TrustedTime* time_;
  std::string topic_;
  Network network_ = Network::kUnknown;
  std::map<std::string, Sent, std::less<>> sent_;
  std::map<std::string, std::uint64_t, std::less<>> since_start_;
};

}  // namespace sudare
