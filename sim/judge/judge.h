// Judges a real unit: receives at the cloud broker what the unit sends while the simulated car
// drives, and compares it with the ground truth. Neither key nor policy is needed: without, it
// counts batches and bytes and looks for planted values in them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/policy/policy.h"
#include "sim/judge/judgement.h"
#include "sim/judge/openings.h"

namespace sudare::sim {

struct JudgeOptions {
  MqttPeer cloud;
  std::vector<std::string> key_files;
  std::string policy_file;  // empty: none
  std::vector<std::string> descriptor_sets;
  double settle_seconds = -1;  // below 0: what the policy lets a batch take
  bool shared_cloud = false;   // other units send to this broker too
};

class Judge {
 public:
  // Reads keys and policy and subscribes; the car has not begun. Every error says what to do.
  static Parsed<std::unique_ptr<Judge>> start(const JudgeOptions& options);

  // The car begins: what has come so far is an earlier run's.
  void begin();
  // Called a few times a second while it waits, with what is left of the time.
  using Waiting = std::function<void(std::int64_t left_ms)>;
  // The car has ended. Waits until everything expected has come and nothing more does, at most the
  // settling time, or until stop_requested().
  [[nodiscard]] Judgement finish(const Truth& truth, const Waiting& waiting);

  [[nodiscard]] std::int64_t settle_ms_max() const { return settle_ms_max_; }

 private:
  explicit Judge(const JudgeOptions& options) : options_(options) {}
  Parsed<Done> read_keys();
  Parsed<Done> read_policy();
  [[nodiscard]] std::int64_t settle_ms() const;
  [[nodiscard]] bool has_key(const std::string& purpose) const;
  void take_in();
  [[nodiscard]] std::vector<ExpectedRecord> expected(const Truth& truth) const;
  [[nodiscard]] bool all_came(const std::vector<ExpectedRecord>& expected) const;
  void leave_out_others(const std::vector<ExpectedRecord>& expected, Judgement& result);
  // By the clock of the unit, if that could be measured.
  void compare_records(const Truth& truth, Judgement& result);
  void pick_examples(const std::vector<ExpectedRecord>& expected, const std::vector<Match>& matches,
                     Judgement& result) const;
  void measure_latency(const Truth& truth, const std::vector<ExpectedRecord>& expected,
                       const std::vector<Match>& matches, Judgement& result) const;
  void count(Judgement& result) const;
  void scan(const Truth& truth, Judgement& result) const;

  JudgeOptions options_;
  std::vector<age::open_side::Identity> keys_;
  std::unique_ptr<const Policy> policy_;
  std::int64_t settle_ms_max_ = 0;
  std::unique_ptr<CloudInbox> inbox_;
  std::unique_ptr<Openings> openings_;
  std::vector<Delivery> deliveries_;  // as they came, for the scan
  std::set<std::string> own_;         // pseudonyms that are not left out
  std::uint64_t early_ = 0;
};

}  // namespace sudare::sim
