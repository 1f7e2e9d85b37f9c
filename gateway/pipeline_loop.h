// The running gateway: the collector's thread, which is the program's main thread, and the start
// and end of the others. Signals arrive here: SIGTERM and SIGINT end it within kShutdownMsMax,
// SIGHUP loads the policy again.
#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "gateway/collect/collector.h"
#include "gateway/config/config_plan.h"
#include "gateway/pipeline.h"
#include "gateway/pipeline_offers.h"
#include "gateway/pipeline_pace.h"
#include "gateway/pipeline_policy.h"
#include "gateway/policy/updates.h"
#include "gateway/sandbox/paths.h"
#include "gateway/sandbox/sandbox.h"
#include "gateway/status/service_manager.h"
#include "gateway/status/snapshot.h"
#include "gateway/status/status_server.h"
#include "gateway/upload/uploader.h"

namespace sudare {

// Blocks the signals that Gateway handles. Before any thread starts.
void block_gateway_signals();

class Gateway {
 public:
  // Opens the store and loads everything, enters the sandbox; connects nowhere yet. While the
  // process has one thread. Null where it can't start; why, and
  // what is odd but no hindrance, is in `diagnostics`. Keeps references to `plan` and `clock`.
  static std::unique_ptr<Gateway> start(const GatewayConfigPlan& plan, const Clock& clock,
                                        Diagnostics& diagnostics);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Until SIGTERM or SIGINT. False where a thread could not be ended in time: the caller then
  // leaves with _Exit; everything is on disk.
  bool run();
  // After run(): it ended because files that it needs are out of its reach (gateway/sandbox): it is
  // to be started again.
  [[nodiscard]] bool start_again() const { return out_of_reach_; }

 private:
  Gateway(const GatewayConfigPlan& plan, const Clock& clock);
  bool open(Diagnostics& diagnostics);
  bool load_policy(Diagnostics& diagnostics);
  bool watch_clips(Diagnostics& diagnostics);
  void take_over(const Policy& policy, const std::string& text);
  bool bind_status(Diagnostics& diagnostics);
  bool confine(Diagnostics& diagnostics);
  bool start_threads(Diagnostics& diagnostics);

  void turn();
  void wait();
  void read();
  void take_handoff();
  void handle_signals();
  void commit(bool close_all);
  void committed(bool uploadable);
  void reload();
  void take_offers(OfferedTexts texts);
  void look_at_offer();
  Status take_offer(PolicyFiles::Offer& offer, const std::string& text);
  void refuse_offer(PolicyRefusal why, const PolicyFiles::Offer& offer);
  void count_refused(PolicyRefusal why, std::uint64_t texts);
  void say_refused(PolicyRefusal why, const PolicyFiles::Offer& offer);
  void use_filters();
  void tell_withheld();
  void tell_allowances();
  void tell_receipts();
  void turn_clips();
  void look_at_reach();
  void publish_snapshot(bool at_once);
  bool shut_down();
  void drain(std::int64_t deadline_ms);

  const GatewayConfigPlan& plan_;
  const Clock& clock_;
  ServiceManager manager_;
  PolicyFiles files_;
  std::unique_ptr<clip::Starter> starter_;  // null where no clip is taken
  SandboxLevel sandbox_;
  std::optional<Reach> reach_;  // where paths are restricted
  std::unique_ptr<Store> store_;
  std::unique_ptr<TrustedTime> time_;
  std::unique_ptr<Pipeline> pipeline_;
  Collector collector_;
  Collector::Take take_;
  CommitPace pace_;
  SharedSnapshot snapshot_;
  std::unique_ptr<StatusServer> status_;
  std::unique_ptr<Uploader> uploader_;  // last: its thread ends before anything else goes

  int signal_fd_ = -1;
  std::vector<pollfd> waited_;
  std::vector<RowId> handed_over_;                   // by the uploader, not yet deleted by a commit
  std::vector<std::string> withheld_;                // as the uploader knows it
  std::map<std::string, std::uint64_t> allowances_;  // likewise
  bool ending_ = false;
  bool out_of_reach_ = false;
  std::int64_t reach_due_ms_ = 0;
  std::uint32_t pins_refused_ = 0;      // told in the log
  bool urgent_ = false;                 // a message of the urgent session waits for its commit
  int failed_commits_ = 0;              // in a row
  std::uint64_t receipt_connects_ = 0;  // connections at which all receipts were published
  CommitHistogram commits_;
  std::int64_t last_commit_ms_ = -1;
  std::int64_t snapshot_ms_ = 0;
  PolicyFloors floors_;        // what was in force, and what may follow it
  bool over_the_air_ = false;  // the ceiling pins signers
  PolicyOffers offers_;        // from the cloud
  PolicyUpdates policy_updates_;
  std::array<std::int64_t, kPolicyRefusalCount> refusal_due_ms_{};  // in the log
  std::uint64_t policy_reloads_ = 0;
  std::uint64_t policy_refusals_ = 0;
};

}  // namespace sudare
