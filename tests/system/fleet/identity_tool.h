// The vocabulary of the tests of pseudonyms: two authorities, a recipient, and cars.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "crypto/identity/signed_batch.h"
#include "crypto/seal/seal.h"
#include "fleet/authority/provisioned_cars.h"
#include "fleet/cli/keys.h"
#include "sudare/v1/batch.pb.h"
#include "tests/system/fleet/tool.h"

namespace sudare::fleet_test {

inline constexpr const char* kVin = "JTDKB20U793012345";
inline constexpr const char* kFrame = "ZVW30-1234567";
inline constexpr std::uint16_t kRotation = 28;

// Two authorities, a signing key, a recipient of "traffic", and cars that were provisioned.
class IdentityTool : public ToolTest {
 protected:
  void SetUp() override {
    first_ = key("first.key", "relink");
    second_ = key("second.key", "relink");
    key("traffic.key", "traffic");
    const auto signing = sudare({"key", "new", "--signing", "-o", path("signing.key")});
    ASSERT_EQ(signing.status, 0) << signing.errors;
    authority_ = signing.output.substr(0, signing.output.find('\n'));
    std::filesystem::create_directories(path("records"));
    provision("state", "car", {});
  }
  void provision(const std::string& state, const std::string& record,
                 const std::vector<std::string>& more, const std::string& vin = kVin) {
    const std::string identity = write("id.json", R"({"vin": ")" + vin + R"(", "frame_number": ")" +
                                                      (vin == kVin ? kFrame : "") + "\"}");
    std::vector<std::string> call{"provision",
                                  "--state",
                                  path(state),
                                  "--identity",
                                  identity,
                                  "-o",
                                  path("records/" + record),
                                  "--relink-recipient",
                                  first_,
                                  "--relink-recipient",
                                  second_};
    call.insert(call.end(), more.begin(), more.end());
    const auto done = sudare(call);
    ASSERT_EQ(done.status, 0) << done.errors;
  }
  // A call of the authority's, with its keys.
  testkit::RunResult authority(const std::string& call, const std::vector<std::string>& more,
                               const std::vector<std::string>& keys = {"first.key", "second.key"}) {
    std::vector<std::string> all{call, path("records"), "--log", path("log"), "--reason", "case 7"};
    for (const std::string& name : keys) all.insert(all.end(), {"-i", path(name)});
    all.insert(all.end(), more.begin(), more.end());
    return sudare(all);
  }
  // In "traffic" with 28 days, as JSON lines.
  std::vector<Json> relinked(const std::vector<std::string>& more) {
    std::vector<std::string> call{"--purpose", "traffic", "--rotate-days", "28", "--json"};
    call.insert(call.end(), more.begin(), more.end());
    const auto done = authority("relink", call);
    EXPECT_EQ(done.status, 0) << done.errors;
    return lines(done.output);
  }
  // The car of the `number`th record, as its authority sees it.
  ProvisionedCar car(std::size_t number = 0) {
    std::vector<age::open_side::Identity> identities;
    for (const char* name : {"first.key", "second.key"}) {
      auto keys = cli::read_keys(path(name));
      identities.push_back(std::move(keys->identities[0]));
    }
    std::vector<ProvisionedCar> cars;
    EXPECT_TRUE(
        for_each_car({{path("records")}, {}}, identities, [&](ProvisionedCar& one) -> Status {
          cars.push_back(std::move(one));
          return Done{};
        }));
    std::sort(cars.begin(), cars.end(),
              [](const auto& a, const auto& b) { return a.transfers < b.transfers; });
    return std::move(cars.at(number));
  }
  // A batch of this car's, as the car would send it today.
  std::string batch(const std::string& name, const ProvisionedCar& car, std::uint64_t first,
                    std::int64_t time_ms) {
    const std::uint32_t epoch = epoch_of_day(kRotation, car.day);
    const auto chain = chain_start(car.root, kRotation);
    const auto key = epoch_key(*chain, "traffic", kRotation, epoch);
    const auto recipient = cli::read_keys(path("traffic.key"))->identities[0].recipient();
    v1::Batch made;
    made.set_purpose("traffic");
    made.set_pseudonym(std::string(text_of(key->pseudonym)));
    made.set_epoch_days(kRotation);
    made.set_epoch(epoch);
    std::array<std::uint8_t, 16> id{};
    random_bytes(id);
    made.set_batch_id(std::string(text_of(id)));
    made.add_recipient_key_ids(std::string(text_of(recipient.key_id())));
    made.set_first_record(first);
    made.set_record_count(2);
    for (int i = 0; i < 2; ++i) {
      v1::Record& record = *made.add_records();
      record.set_topic("t");
      record.set_time_ms(time_ms);
      record.set_codec(v1::Record::JSON);
      record.set_payload("{}");
    }
    std::string compressed;
    EXPECT_TRUE(compress_batch(bytes_of(made.SerializeAsString()), compressed));
    const BatchProof proof{key->public_key, *sign_batch(*key, "traffic", bytes_of(compressed))};
    std::string plaintext;
    EXPECT_TRUE(write_signed_batch(bytes_of(compressed), proof,
                                   signed_batch_bytes(compressed.size(), true), plaintext));
    std::string file;
    EXPECT_TRUE(age::seal({&recipient, 1}, bytes_of(plaintext), file));
    return write(name, file);
  }
  testkit::RunResult open(const std::vector<std::string>& more) {
    std::vector<std::string> call{"open", "-i", path("traffic.key")};
    call.insert(call.end(), more.begin(), more.end());
    return sudare(call);
  }
  std::string issue_members(const std::string& purpose = "traffic") {
    const auto done =
        authority("members", {"--purpose", purpose, "--rotate-days", "28", "--signing-key",
                              path("signing.key"), "-o", path("lists"), "--json"});
    EXPECT_EQ(done.status, 0) << done.errors;
    return lines(done.output).at(0)["file"];
  }
  std::string order(const std::vector<std::string>& more) {
    std::vector<std::string> call{"--purpose", "traffic",       "--rotate-days",
                                  "28",        "--signing-key", path("signing.key"),
                                  "-o",        path("orders"),  "--json"};
    call.insert(call.end(), more.begin(), more.end());
    const auto done = authority("forget", call);
    EXPECT_EQ(done.status, 0) << done.errors;
    return lines(done.output).at(0)["file"];
  }
  static std::int64_t now_ms() { return SystemClock().wall_ms(); }

  std::string first_;
  std::string second_;
  std::string authority_;
};

}  // namespace sudare::fleet_test
