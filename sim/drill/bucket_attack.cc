#include "sim/drill/bucket_attack.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "crypto/identity/signed_batch.h"
#include "crypto/open/open.h"
#include "fleet/audit/text_runs.h"
#include "fleet/cli/console.h"
#include "sim/drill/key_search.h"
#include "sim/drill/ride.h"
#include "sudare/v1/batch.pb.h"

namespace sudare::sim::drill {

namespace {

// The schemas are published. (The simulator's messages link them in.)
constexpr const char* kSchemas[] = {"Position",        "VehicleStatus",      "VehicleHealth",
                                    "Driving",         "Maintenance",        "Emergency",
                                    "SecurityEvent",   "RemoteCommand",      "RemoteResult",
                                    "VehicleIdentity", "SoftwareReport",     "Trip",
                                    "AccountProfile",  "DriveRecorderEvent", "InfotainmentRequest"};

bool parses_as(const char* name, std::string_view payload) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      std::string("sudare.vehicle.v1.") + name);
  if (type == nullptr) return false;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  return message->ParseFromArray(payload.data(), static_cast<int>(payload.size())) &&
         message->GetReflection()->GetUnknownFields(*message).empty();
}

std::string first_levels(const std::string& topic, int levels) {
  std::size_t at = 0;
  for (int i = 0; i < levels && at != std::string::npos; ++i) at = topic.find('/', at + 1);
  return topic.substr(0, at);
}

std::string last_level(const std::string& topic) { return topic.substr(topic.rfind('/') + 1); }

struct Feature {
  const char* name;
  std::function<std::string(const Stored&)> of;
};

std::vector<Feature> features() {
  const auto size = [](const Stored& one) { return std::to_string(one.payload.size()); };
  const auto second = [](const Stored& one) { return std::to_string(one.second); };
  return {
      {"topic", [](const Stored& one) { return one.topic; }},
      {"first two levels of the topic",
       [](const Stored& one) { return first_levels(one.topic, 2); }},
      {"last level of the topic", [](const Stored& one) { return last_level(one.topic); }},
      {"size", size},
      {"second", second},
      {"topic and size", [=](const Stored& one) { return one.topic + ' ' + size(one); }},
      {"last level and size",
       [=](const Stored& one) { return last_level(one.topic) + ' ' + size(one); }},
      {"topic and second", [=](const Stored& one) { return one.topic + ' ' + second(one); }},
      {"last level and second",
       [=](const Stored& one) { return last_level(one.topic) + ' ' + second(one); }},
      {"size and second", [=](const Stored& one) { return size(one) + ' ' + second(one); }},
  };
}

struct Claims {
  std::uint64_t made = 0;
  std::uint64_t right = 0;
  std::set<std::string> apart;
  std::uint64_t largest = 0;
};

Claims claims_by(const Feature& feature, const Bucket& bucket, const Owners& owners) {
  struct Group {
    std::set<std::string> owners;
    std::uint64_t objects = 0;
  };
  std::map<std::string, Group> groups;
  for (std::size_t i = 0; i < bucket.size(); ++i) {
    if (owners[i].empty()) continue;
    Group& group = groups[feature.of(bucket[i])];
    group.owners.insert(owners[i]);
    ++group.objects;
  }
  Claims claims;
  for (const auto& [key, group] : groups) {
    claims.largest = std::max<std::uint64_t>(claims.largest, group.owners.size());
    if (group.objects < 2) continue;
    ++claims.made;
    if (group.owners.size() > 1) continue;
    ++claims.right;
    claims.apart.insert(*group.owners.begin());
  }
  return claims;
}

}  // namespace

bool opens(const Identities& keys, std::string_view age_file) {
  if (keys.empty() || !age_file.starts_with(kAgeMagic)) return false;
  age::open_side::OpenStream stream(keys);
  std::string plaintext;
  const Status pushed = stream.push(bytes_of(age_file), plaintext);
  if (!pushed) {
    return age::open_side::open_failure(pushed.error()) == age::open_side::OpenFailure::kPayload;
  }
  const Status finished = stream.finish(plaintext);
  return finished ||
         age::open_side::open_failure(finished.error()) == age::open_side::OpenFailure::kPayload;
}

bool is_readable(std::string_view payload) {
  const google::protobuf::LogSilencer quiet;
  if (payload.empty() || payload.starts_with(kAgeMagic)) return false;
  const auto json = nlohmann::json::parse(payload, nullptr, false);
  if (json.is_object() || json.is_array()) return true;
  for (const char* name : kSchemas) {
    if (parses_as(name, payload)) return true;
  }
  return false;
}

std::uint64_t opened(const Bucket& bucket, const Identities& keys) {
  std::uint64_t count = 0;
  for (const Stored& stored : bucket) {
    count += is_readable(stored.payload) || opens(keys, stored.payload) ? 1 : 0;
  }
  return count;
}

AuditReport search_bucket(const Bucket& bucket, const AuditInputs& wanted,
                          const std::vector<std::filesystem::path>& files) {
  Auditor auditor(wanted);
  const AuditSink sink = [](const AuditFinding& /*finding*/) {};
  const auto scan = [&](std::string_view bytes) {
    auditor.scan_bytes("loot", bytes, sink);
    unpack(bytes, [&](std::string_view unpacked) { auditor.scan_bytes("loot", unpacked, sink); });
  };
  for (const Stored& stored : bucket) {
    scan(stored.topic);
    scan(stored.payload);
  }
  for (const std::filesystem::path& path : files) {
    for_each_file(path, [&](const std::filesystem::path& file, std::string_view bytes) {
      scan(file.filename().string());
      scan(bytes);
    });
  }
  return auditor.report();
}

ToldApart tell_apart(const Bucket& bucket, const Owners& owners,
                     const std::set<std::string>& watched) {
  ToldApart result;
  for (const std::string& car : watched) {
    result.cars += std::count(owners.begin(), owners.end(), car) > 1 ? 1 : 0;
  }
  std::set<std::string> apart;
  std::set<std::string> alone;
  for (const Feature& feature : features()) {
    const Claims claims = claims_by(feature, bucket, owners);
    const double precision =
        claims.made > 0 ? static_cast<double>(claims.right) / static_cast<double>(claims.made) : 0;
    if (precision > result.best_precision || result.best.empty()) {
      result.best = feature.name;
      result.best_precision = precision;
    }
    if (feature.name == std::string("topic")) result.largest = claims.largest;
    for (const std::string& car : claims.apart) {
      if (watched.contains(car)) (precision > 0.5 ? apart : alone).insert(car);
    }
  }
  result.apart = apart.size();
  result.alone = alone.size();
  return result;
}

Owners owners_of(const Bucket& bucket, const Setting& setting) {
  Owners owners;
  for (const Stored& stored : bucket) {
    owners.push_back(stored.sender);
    if (stored.sender != kCrowd) continue;
    // "sudare/1/<purpose>/<xx>"
    const std::string purpose = last_level(first_levels(stored.topic, 3));
    std::string plaintext;
    sudare::v1::Batch batch;
    owners.back().clear();
    if (!age::open_side::open(setting.keys(purpose), bytes_of(stored.payload), plaintext)) continue;
    const auto inside = open_signed_batch(purpose, bytes_of(plaintext));
    if (!inside || !batch.ParseFromString(inside->batch) || batch.pseudonym().empty()) continue;
    owners.back() = purpose + ' ' + cli::hex(batch.pseudonym());
  }
  return owners;
}

}  // namespace sudare::sim::drill
