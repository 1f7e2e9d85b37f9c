#include "sim/drill/intruder.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "crypto/identity/signed_batch.h"
#include "crypto/open/open.h"
#include "sim/drill/open_program.h"
#include "sim/mqtt/publisher.h"
#include "sim/process/child.h"
#include "sim/process/local.h"
#include "sim/process/wait.h"
#include "sudare/v1/batch.pb.h"

namespace sudare::sim::drill {

namespace {

namespace fs = std::filesystem;

constexpr const char* kLists = "lists";
constexpr std::int64_t kArriveMsMax = 20'000;

// A list of one purpose, for `sudare open`: which takes no other's.
std::vector<std::string> lists_for(const std::string& purpose, const fs::path& directory,
                                   const std::string& authority) {
  std::vector<std::string> options = {"--authority", authority};
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (!entry.path().filename().string().starts_with(purpose + ".")) continue;
    options.insert(options.end(), {"--members", entry.path()});
  }
  return options;
}

std::string a_pseudonym(const Setting& setting, const Bucket& bucket) {
  for (const Stored& stored : of_purpose(bucket, kDeceived)) {
    std::string plaintext;
    sudare::v1::Batch batch;
    if (!age::open_side::open(setting.keys(kDeceived), bytes_of(stored.payload), plaintext))
      continue;
    const auto inside = open_signed_batch(kDeceived, bytes_of(plaintext));
    if (inside && batch.ParseFromString(inside->batch)) return batch.pseudonym();
  }
  return {};
}

// With the car's access to the broker.
Parsed<Done> publish_all(const Ride& ride, const std::vector<Forgery>& forgeries) {
  const std::size_t before = ride.cloud->count();
  PublisherOptions options;
  options.broker = ride.cloud->peer(kIntruder);
  auto publisher = Publisher::connect(options, [](std::uint64_t) {});
  if (!publisher) return tl::unexpected<InputError>(publisher.error());
  std::uint64_t sequence = 0;
  for (const Forgery& forgery : forgeries) {
    if (!(*publisher)->publish(++sequence, forgery.topic, forgery.payload, false)) {
      return input_error({}, 0, "stopped");
    }
  }
  (*publisher)->drain(kArriveMsMax);
  if (wait_until([&] { return ride.cloud->count() >= before + forgeries.size(); }, kArriveMsMax)) {
    return Done{};
  }
  return input_error({}, 0, "forged batches did not reach the cloud");
}

std::uint64_t members(const OpenedByProgram& opened, bool forged) {
  return static_cast<std::uint64_t>(
      std::count_if(opened.records.begin(), opened.records.end(), [&](const OpenedRecord& record) {
        return record.verified == "member" && (record.topic == kForgedTopic) == forged;
      }));
}

const PurposePlan& purpose_of(const Policy& policy, const std::string& name) {
  return *std::find_if(policy.purposes.begin(), policy.purposes.end(),
                       [&](const PurposePlan& purpose) { return purpose.name == name; });
}

}  // namespace

Parsed<std::string> issue_member_lists(const Ride& ride) {
  const Setting& setting = *ride.setting;
  const std::string tool = setting.tools().sudare();
  const fs::path log = setting.place().in("tool.log");
  if (auto made =
          run_tool({tool, "key", "new", "--signing", "-o", setting.key_file("signing")}, log);
      !made) {
    return made;
  }
  std::vector<std::string> arguments = {tool,
                                        "members",
                                        "-i",
                                        setting.key_file("relink"),
                                        "--signing-key",
                                        setting.key_file("signing"),
                                        "--log",
                                        setting.place().in("uses.log"),
                                        "--reason",
                                        "drill",
                                        "--policy",
                                        setting.place().in("policy.textproto"),
                                        "-o",
                                        setting.place().in(kLists)};
  for (const auto& car : ride.cars) arguments.push_back(car->record());
  if (auto made = run_tool(arguments, log); !made) return made;
  const auto key = read_signing_key(setting.key_file("signing"));
  if (!key) return input_error(key.error(), "the authority's signing key");
  return key->authority().to_string();
}

Parsed<Intruder> Intruder::publish(const Ride& ride, const std::string& authority) {
  const Setting& setting = *ride.setting;
  auto forger = Forger::make(purpose_of(setting.policy(), kDeceived));
  if (!forger) return tl::unexpected<InputError>(forger.error());
  Intruder intruder(ride, authority, *std::move(forger));
  const Bucket cars = ride.of_the_cars();
  auto forgeries = intruder.forger_.batches(a_pseudonym(setting, cars));
  if (!forgeries) return tl::unexpected<InputError>(forgeries.error());
  // One that was seen, once more.
  const Bucket seen = of_purpose(cars, kDeceived);
  if (!seen.empty()) forgeries->push_back({seen.front().topic, seen.front().payload});
  if (auto done = publish_all(ride, *forgeries); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  intruder.forged_ = forgeries->size();
  const auto honest =
      open_with_program(setting, "open-honest", kDeceived, cars,
                        lists_for(kDeceived, setting.place().in(kLists), authority));
  if (!honest) return tl::unexpected<InputError>(honest.error());
  intruder.seen_records_ = members(*honest, false);
  intruder.bucket_ = cars;
  const Bucket all = ride.cloud->bucket();
  std::copy_if(all.begin(), all.end(), std::back_inserter(intruder.bucket_),
               [](const Stored& stored) { return stored.sender == kIntruder; });
  return intruder;
}

Parsed<Intrusion> Intruder::deceive(const std::string& name, const SigningKey& key) const {
  const Setting& setting = *ride_->setting;
  auto options = lists_for(kDeceived, setting.place().in(kLists), authority_);
  const auto list = forger_.member_list(key);
  if (!list) return tl::unexpected<InputError>(list.error());
  const fs::path file = setting.place().in(name + ".members");
  if (auto done = write_text(file, *list); !done) return tl::unexpected<InputError>(done.error());
  auto with_list = options;
  with_list.insert(with_list.end(), {"--members", file});
  auto opened = open_with_program(setting, name + "-list", kDeceived, bucket_, with_list);
  if (!opened) return tl::unexpected<InputError>(opened.error());
  Intrusion result;
  result.forged = forged_;
  result.list_taken = !opened->records.empty();
  if (!result.list_taken) {
    // It stops before it opens anything; a recipient takes the list away.
    opened = open_with_program(setting, name, kDeceived, bucket_, options);
    if (!opened) return tl::unexpected<InputError>(opened.error());
  }
  result.real_members = members(*opened, false);
  // What comes again must not count again. (With the intruder's list in force the cars are none.)
  result.as_member = members(*opened, true);
  if (result.real_members > seen_records_) result.as_member += result.real_members - seen_records_;
  return result;
}

}  // namespace sudare::sim::drill
