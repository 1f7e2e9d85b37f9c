// /metrics. The families are built by hand from one snapshot, so that the figures of one answer
// belong to one moment; prometheus-cpp writes them.
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

#include "gateway/status/status_page.h"

namespace sudare {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<std::pair<std::string, std::string>>;

std::string text(Literal literal) { return std::string(literal.view()); }

class Families {
 public:
  MetricFamily& begin(const char* name, const char* help, MetricType type) {
    MetricFamily& family = all_.emplace_back();
    family.name = name;
    family.help = help;
    family.type = type;
    return family;
  }
  void counter(const char* name, const char* help, std::uint64_t value) {
    add(begin(name, help, MetricType::Counter), {}, static_cast<double>(value));
  }
  void gauge(const char* name, const char* help, double value) {
    add(begin(name, help, MetricType::Gauge), {}, value);
  }
  static void add(MetricFamily& family, const Labels& labels, double value) {
    ClientMetric& metric = family.metric.emplace_back();
    for (const auto& [key, label] : labels) metric.label.push_back({key, label});
    if (family.type == MetricType::Counter) metric.counter.value = value;
    else metric.gauge.value = value;
  }
  [[nodiscard]] std::string serialize() const {
    return prometheus::TextSerializer().Serialize(all_);
  }

 private:
  std::vector<MetricFamily> all_;
};

// A row that was queued and then delivered leaves one fate for another: by fate these are gauges.
void add_account(Families& families, const Account& account) {
  MetricFamily& taken = families.begin(
      "sudare_rows_taken_total", "Rows (message, purpose) that were taken.", MetricType::Counter);
  for (const auto& [purpose, counts] : account.purposes) {
    Families::add(taken, {{"purpose", purpose}}, static_cast<double>(counts.taken));
  }
  MetricFamily& fates = families.begin(
      "sudare_rows", "Rows by what became of them; they add up to those taken.", MetricType::Gauge);
  for (const auto& [purpose, counts] : account.purposes) {
    for (std::size_t i = 0; i < kFateCount; ++i) {
      Families::add(fates, {{"purpose", purpose}, {"fate", text(literal_of(static_cast<Fate>(i)))}},
                    static_cast<double>(counts.by_fate[i]));
    }
  }
  MetricFamily& reasons = families.begin(
      "sudare_rows_by_reason_total", "Rows that did not go on, by reason.", MetricType::Counter);
  for (const auto& [purpose, counts] : account.purposes) {
    for (std::size_t i = 0; i < kReasonCount; ++i) {
      if (counts.by_reason[i] == 0) continue;
      Families::add(reasons,
                    {{"purpose", purpose}, {"reason", text(literal_of(static_cast<Reason>(i)))}},
                    static_cast<double>(counts.by_reason[i]));
    }
  }
}

void add_commits(Families& families, const GatewaySnapshot& snapshot) {
  MetricFamily& family = families.begin("sudare_commit_duration_seconds",
                                        "Time that a commit took.", MetricType::Histogram);
  ClientMetric& metric = family.metric.emplace_back();
  metric.histogram.sample_count = snapshot.commits.count;
  metric.histogram.sample_sum = static_cast<double>(snapshot.commits.sum_us) * 1e-6;
  std::uint64_t up_to = 0;
  for (std::size_t i = 0; i < kCommitBucketsUs.size(); ++i) {
    up_to += snapshot.commits.buckets[i];
    metric.histogram.bucket.push_back({up_to, static_cast<double>(kCommitBucketsUs[i]) * 1e-6});
  }
  families.counter("sudare_commits_failed_total", "Commits that failed and were tried again.",
                   snapshot.failed_commits);
}

void add_store(Families& families, const StoreStatus& store) {
  families.gauge("sudare_queue_rows", "Age files in the outbox.", static_cast<double>(store.rows));
  families.gauge("sudare_queue_records", "Records in them.", static_cast<double>(store.records));
  families.gauge("sudare_queue_bytes", "Bytes of ciphertext in the outbox.",
                 static_cast<double>(store.bytes));
  families.gauge("sudare_store_file_bytes", "Size of the outbox's file.",
                 static_cast<double>(store.file_bytes));
}

void add_brokers(Families& families, const GatewaySnapshot& snapshot) {
  const CollectStatus& local = snapshot.collect;
  MetricFamily& connected = families.begin("sudare_local_connected",
                                           "Whether a session is connected.", MetricType::Gauge);
  Families::add(connected, {{"session", "normal"}}, local.normal_connected ? 1 : 0);
  Families::add(connected, {{"session", "urgent"}}, local.urgent_connected ? 1 : 0);
  families.gauge("sudare_local_subscribed", "Whether the broker has answered every subscription.",
                 local.subscribed ? 1 : 0);
  families.counter("sudare_local_connects_total", "Connections to the in-vehicle broker.",
                   local.connects);
  families.counter("sudare_local_messages_total", "Messages read from the in-vehicle broker.",
                   local.messages);
  families.counter("sudare_local_payload_bytes_total", "Bytes of their payloads.", local.bytes);
  families.gauge("sudare_local_subscriptions_refused", "Topic filters that the broker refused.",
                 static_cast<double>(local.refused_filters));
  const UploadStatus& cloud = snapshot.upload;
  families.gauge("sudare_uplink_connected", "Whether the cloud broker is connected.",
                 cloud.connected ? 1 : 0);
  families.counter("sudare_uplink_connects_total", "Connections to the cloud broker.",
                   cloud.connects);
  families.counter("sudare_uplink_connects_failed_total",
                   "Connections to the cloud broker that failed or were lost.",
                   cloud.failed_connects);
  families.counter("sudare_uplink_published_total", "Batches sent, repeated ones included.",
                   cloud.published);
  families.counter("sudare_uplink_bytes_total", "Bytes of topics and batches sent.",
                   cloud.published_bytes);
  families.counter("sudare_uplink_acknowledged_total", "Batches that the cloud acknowledged.",
                   cloud.acknowledged);
  families.counter("sudare_uplink_refused_total", "Batches that the cloud refused.", cloud.refused);
  families.gauge("sudare_uplink_outstanding", "Batches sent and not yet acknowledged.",
                 static_cast<double>(cloud.outstanding));
}

void add_clip_files(Families& families, const ClipStatus& clips) {
  families.counter("sudare_clip_deletions_failed_total", "Attempts to delete a file that failed.",
                   clips.deletions_failed);
  families.gauge("sudare_clip_files_to_delete", "Files that could not be deleted yet.",
                 static_cast<double>(clips.files_to_delete));
  families.gauge("sudare_clip_files_remembered", "Keyed tags of files in the ledger.",
                 static_cast<double>(clips.files_remembered));
  families.counter("sudare_clip_files_not_remembered_total",
                   "Files that were kept while the ledger was full.", clips.files_not_remembered);
  families.gauge("sudare_clip_processes_left_behind",
                 "Processes of sudare-clip that were killed and have not ended.",
                 static_cast<double>(clips.processes_left_behind));
  families.gauge("sudare_clip_spool_too_full",
                 "Whether the spool directory has more files than are looked at.",
                 clips.spool_too_full ? 1 : 0);
}

void add_clips(Families& families, const GatewaySnapshot& snapshot) {
  const ClipStatus& clips = snapshot.clips;
  if (!clips.on) return;
  families.gauge("sudare_clip_spool_there", "Whether the spool directory is there.",
                 clips.spool_there ? 1 : 0);
  families.gauge("sudare_clips_waiting", "Files in the spool directory that are not settled.",
                 static_cast<double>(clips.files_waiting));
  families.gauge("sudare_clip_events_waiting", "Events whose clip is not settled.",
                 static_cast<double>(clips.events_waiting));
  families.gauge("sudare_clips_in_work", "Clips that are being rebuilt.", clips.in_work ? 1 : 0);
  families.gauge("sudare_clip_work_bytes", "Bytes of it that were rebuilt and verified so far.",
                 static_cast<double>(clips.work_bytes));
  families.gauge("sudare_clip_pieces_held", "Pieces in the outbox whose clip is not whole.",
                 static_cast<double>(snapshot.store.held_rows));
  families.gauge("sudare_clip_held_bytes", "Bytes of ciphertext of them.",
                 static_cast<double>(snapshot.store.held_bytes));
  families.counter("sudare_clips_released_total", "Clips that were released, per purpose.",
                   clips.released);
  families.counter("sudare_clip_pieces_released_total", "Pieces of them.", clips.released_pieces);
  families.counter("sudare_clip_bytes_released_total", "Bytes of them, before sealing.",
                   clips.released_bytes);
  MetricFamily& rejected =
      families.begin("sudare_clips_not_released_total",
                     "Clips that a purpose did not receive, by reason.", MetricType::Counter);
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    if (clips.rejected[i] == 0) continue;
    const Literal reason = i == 0 ? Literal("not_consented") : literal_of(static_cast<Reason>(i));
    Families::add(rejected, {{"reason", text(reason)}}, static_cast<double>(clips.rejected[i]));
  }
  families.counter("sudare_clips_retried_total",
                   "Failed attempts, not by the clip's fault, that are followed by another.",
                   clips.retried);
  families.counter("sudare_clips_failed_total", "Clips of which two attempts failed.",
                   clips.failed);
  families.gauge("sudare_clips_failing", "Clips of them that are to be tried again.",
                 static_cast<double>(clips.failing));
  families.counter("sudare_clips_started_anew_total",
                   "Clips that began again: consent, policy, pseudonym or a failed commit.",
                   clips.started_anew);
  families.counter("sudare_clips_no_room_total", "Times that the store had no room for a clip.",
                   clips.no_room);
  families.counter("sudare_clip_events_refused_total",
                   "Events without a file's name, a trigger or a moment.", clips.events_refused);
  families.counter("sudare_clip_events_expired_total", "Events whose clip never came.",
                   clips.events_expired);
  families.counter("sudare_clip_files_deleted_total", "Files deleted as the policy says.",
                   clips.files_deleted);
  add_clip_files(families, clips);
  families.gauge("sudare_network_unmetered", "Whether the network is known not to be metered.",
                 snapshot.network == Network::kUnmetered ? 1 : 0);
}

void add_policy_updates(Families& families, const GatewaySnapshot& snapshot) {
  if (snapshot.policy_serial > 0) {
    families.gauge("sudare_policy_days_left",
                   "Days until the policy in force expires; negative: since it did.",
                   static_cast<double>(snapshot.policy_days_left));
  }
  const PolicyUpdates& updates = snapshot.policy_updates;
  families.counter("sudare_policy_updates_taken_total", "Policies taken over from the cloud.",
                   updates.taken);
  MetricFamily& refused =
      families.begin("sudare_policy_updates_refused_total",
                     "Policies from the cloud that were refused, by reason.", MetricType::Counter);
  for (std::size_t i = 1; i < kPolicyRefusalCount; ++i) {
    Families::add(refused, {{"reason", text(literal_of(static_cast<PolicyRefusal>(i)))}},
                  static_cast<double>(updates.refused[i]));
  }
  const UploadStatus& cloud = snapshot.upload;
  families.counter("sudare_policy_topic_messages_total", "Texts that came on the policy topic.",
                   cloud.policy_messages);
  families.counter("sudare_policy_topic_refused_total",
                   "Connections on which the broker refused the policy topic.",
                   cloud.policy_refusals);
  families.counter("sudare_policy_topic_oversized_total",
                   "Packets of the cloud broker that were over the limit.", cloud.policy_oversized);
  families.counter("sudare_uplink_unexpected_total",
                   "Messages of the cloud broker that nobody asked for.",
                   cloud.unexpected_messages);
}

void add_state(Families& families, const GatewaySnapshot& snapshot) {
  families.counter("sudare_consent_changes_total", "Changes of consent that were taken.",
                   snapshot.consent_changes);
  families.counter("sudare_consent_refused_total", "Consent messages that were refused.",
                   snapshot.consent_refused);
  families.counter("sudare_sequences_refused_total",
                   "Messages with a sudare-seq that is not believed on their topic.",
                   snapshot.sequences_refused);
  families.counter("sudare_unknown_enum_values_total", "Values that their schema does not name.",
                   snapshot.unknown_enums);
  families.gauge("sudare_policy_serial", "Serial number of the policy in force.",
                 static_cast<double>(snapshot.policy_serial));
  families.gauge("sudare_policy_served", "0: only essential purposes are served.",
                 snapshot.restriction == Reason::kNone ? 1 : 0);
  families.counter("sudare_policy_reloads_total", "Policies taken over while running.",
                   snapshot.policy_reloads);
  families.counter("sudare_policy_refusals_total", "Policies refused while running.",
                   snapshot.policy_refusals);
  add_policy_updates(families, snapshot);
  families.gauge("sudare_car_checked",
                 "Whether who the car says it is, is compared with whose unit it is.",
                 snapshot.car_checked ? 1 : 0);
  families.counter("sudare_car_differed_total", "Messages that named another car.",
                   snapshot.car_differed);
  families.gauge("sudare_unit_moved", "1: the unit is in another car, and has stopped.",
                 snapshot.restriction == Reason::kUnitMoved ? 1 : 0);
  families.gauge("sudare_clock_confirmed", "Whether two sources of time agree.",
                 snapshot.clock_confirmed ? 1 : 0);
  families.counter("sudare_secrets_not_locked_total",
                   "Times that a secret's memory was not locked: it may be written to swap.",
                   snapshot.secrets_not_locked);
  families.gauge("sudare_sandbox_seccomp", "Whether system calls are restricted.",
                 snapshot.sandbox.calls ? 1 : 0);
  families.gauge("sudare_sandbox_landlock_version",
                 "Of the kernel's Landlock, which restricts paths; 0: it has none.",
                 static_cast<double>(snapshot.sandbox.landlock));
}

}  // namespace

std::string metrics_text(const GatewaySnapshot& snapshot) {
  Families families;
  add_account(families, snapshot.account);
  add_commits(families, snapshot);
  add_store(families, snapshot.store);
  add_brokers(families, snapshot);
  add_clips(families, snapshot);
  add_state(families, snapshot);
  return families.serialize();
}

}  // namespace sudare
