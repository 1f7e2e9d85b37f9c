#include <nlohmann/json.hpp>

#include "gateway/status/status_page.h"

namespace sudare {

Health health(const GatewaySnapshot& snapshot, std::int64_t monotonic_ms) {
  nlohmann::ordered_json reasons = nlohmann::ordered_json::array();
  nlohmann::ordered_json notes = nlohmann::ordered_json::array();
  if (!snapshot.collect.normal_connected || !snapshot.collect.urgent_connected) {
    reasons.push_back("local_disconnected");
  }
  if (snapshot.collect.refused_filters > 0) reasons.push_back("local_subscription_refused");
  if (snapshot.commit_failing) reasons.push_back("commit_failing");
  if (snapshot.restriction != Reason::kNone) {
    reasons.push_back(literal_of(snapshot.restriction).view());
  }
  if (!snapshot.upload.connected) notes.push_back("cloud_disconnected");
  if (snapshot.sandbox.landlock == 0) notes.push_back("no_landlock");
  if (snapshot.secrets_not_locked > 0) notes.push_back("secrets_not_locked");
  if (!snapshot.clock_confirmed) notes.push_back("clock_unconfirmed");
  if (!snapshot.car_checked) notes.push_back("car_not_checked");
  Health result;
  result.ok = reasons.empty();
  nlohmann::ordered_json page;
  page["ok"] = result.ok;
  page["reasons"] = std::move(reasons);
  page["notes"] = std::move(notes);
  page["queue"] = {{"rows", snapshot.store.rows},
                   {"records", snapshot.store.records},
                   {"bytes", snapshot.store.bytes}};
  if (snapshot.last_commit_ms < 0) page["last_commit_age_ms"] = nullptr;
  else page["last_commit_age_ms"] = monotonic_ms - snapshot.last_commit_ms;
  page["clock_confirmed"] = snapshot.clock_confirmed;
  page["sandbox"] = {{"seccomp", snapshot.sandbox.calls},
                     {"landlock_version", snapshot.sandbox.landlock}};
  result.json = page.dump() + "\n";
  return result;
}

}  // namespace sudare
