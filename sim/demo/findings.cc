// Which figures of a demonstration are off.
#include <string>

#include "sim/demo/demo.h"

namespace sudare::sim {

namespace {

class Findings {
 public:
  void expect(bool holds, const std::string& otherwise) {
    if (!holds) all_.push_back(otherwise);
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

std::uint64_t rows(const PurposeAccount& account, const std::string& fate) {
  const auto found = account.fates.find(fate);
  return found == account.fates.end() ? 0 : found->second;
}

void check_clips(const DemoResult& result, Findings& findings) {
  const ClipFigures& clips = result.clips;
  if (clips.purpose.empty()) return;
  findings.expect(clips.not_made == 0, "a clip could not be made: is ffmpeg installed?");
  findings.expect(clips.opened == clips.made, std::to_string(clips.made) + " clips made, " +
                                                  std::to_string(clips.opened) + " opened");
  findings.expect(clips.made == 0 || clips.recorder.identifiers * clips.recorder.positions > 0,
                  "the control scan found nothing in the recorder's clips");
  findings.expect(clips.recipient.identifiers + clips.recipient.positions == 0,
                  "an opened clip holds an identifier or a position");
  const auto account = result.account.find(clips.purpose);
  const std::uint64_t delivered =
      account == result.account.end() ? 0 : rows(account->second, "delivered");
  findings.expect(delivered == clips.pieces, clips.purpose + ": " + std::to_string(delivered) +
                                                 " pieces delivered, " +
                                                 std::to_string(clips.pieces) + " opened");
}

void check_purposes(const DemoResult& result, Findings& findings) {
  for (const auto& [purpose, account] : result.account) {
    const std::string name = purpose.empty() ? "rows without purpose" : purpose;
    findings.expect(account.adds_up(), name + ": the account does not add up");
    if (!purpose.empty() && purpose == result.clips.purpose) continue;
    findings.expect(account.taken == account.sent, name + ": " + std::to_string(account.sent) +
                                                       " rows sent, " +
                                                       std::to_string(account.taken) + " taken");
    findings.expect(rows(account, "queued") == 0, name + ": rows are still queued");
    const auto compared = result.comparison.purposes.find(purpose);
    const std::uint64_t opened =
        compared == result.comparison.purposes.end() ? 0 : compared->second.opened;
    findings.expect(rows(account, "delivered") == opened,
                    name + ": " + std::to_string(rows(account, "delivered")) + " rows delivered, " +
                        std::to_string(opened) + " opened");
  }
  std::uint64_t opened = 0;
  for (const auto& [purpose, counts] : result.comparison.purposes) {
    opened += counts.opened;
    findings.expect(counts.lost == 0, purpose + ": records were lost");
    findings.expect(counts.duplicated == 0, purpose + ": records came twice");
    findings.expect(counts.altered == 0, purpose + ": records that the policy does not make");
    findings.expect(counts.identifiers == 0, purpose + ": opened output holds identifiers");
    findings.expect(counts.positions == 0, purpose + ": opened output holds exact positions");
    const std::uint64_t due = result.without_signature.contains(purpose) ? 0 : counts.opened;
    findings.expect(counts.verified == due, purpose + ": not the records that are due are signed");
  }
  findings.expect(opened > 0, "nothing was opened");
}

}  // namespace

std::vector<std::string> findings(const DemoResult& result) {
  Findings findings;
  findings.expect(result.run.sent > 0, "the car sent nothing");
  findings.expect(result.run.acknowledged == result.run.sent,
                  "the in-vehicle broker did not take every message");
  check_purposes(result, findings);
  check_clips(result, findings);
  findings.expect(result.failed_programs == 0,
                  "a program failed, or a recipient met a batch that it could not open or a gap");
  findings.expect(result.recorded, "the recording of a broker's traffic was interrupted");
  // A scan that finds nothing where everything is in the clear proves nothing elsewhere.
  findings.expect(result.vehicle_broker.identifiers == result.planted_identifiers &&
                      result.vehicle_broker.positions == result.planted_positions,
                  "the control scan missed something in the in-vehicle broker's traffic");
  findings.expect(result.planted_identifiers > 0 && result.planted_positions > 0,
                  "nothing was planted");
  findings.expect(result.cloud_messages > 0 && result.cloud_messages >= result.batches,
                  "the recording of the cloud broker is not complete");
  findings.expect(result.cloud_broker.identifiers + result.cloud_broker.positions == 0,
                  "the cloud broker received something in the clear");
  findings.expect(result.unit.identifiers + result.unit.positions == 0,
                  "the unit's disk or log holds something in the clear");
  return findings.take();
}

}  // namespace sudare::sim
