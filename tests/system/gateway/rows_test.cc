// What lies on the disk of a unit that lost power in mid-work: age files that Debian's `age` opens
// with the purpose's key, and that nothing on the unit opens.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/system/gateway/unit.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;
using testkit::Unit;

struct Row {
  std::string purpose;
  bool fragment = false;
  std::string bytes;
};

std::vector<Row> rows_of(const fs::path& database) {
  std::vector<Row> rows;
  sqlite3* open = nullptr;
  sqlite3_stmt* all = nullptr;
  EXPECT_EQ(sqlite3_open(database.c_str(), &open), SQLITE_OK);
  EXPECT_EQ(
      sqlite3_prepare_v2(open, "SELECT purpose, fragment, bytes FROM outbox", -1, &all, nullptr),
      SQLITE_OK);
  while (sqlite3_step(all) == SQLITE_ROW) {
    rows.push_back({reinterpret_cast<const char*>(sqlite3_column_text(all, 0)),
                    sqlite3_column_int(all, 1) != 0,
                    std::string(static_cast<const char*>(sqlite3_column_blob(all, 2)),
                                static_cast<std::size_t>(sqlite3_column_bytes(all, 2)))});
  }
  sqlite3_finalize(all);
  sqlite3_close(open);
  return rows;
}

class GatewayRows : public testing::Test {
 protected:
  static testkit::UnitOptions options() {
    testkit::UnitOptions options;
    options.linger_ms = 600'000;  // batches stay open: their rows are fragments
    return options;
  }

  void fill_and_kill() {
    unit_.cloud().stop();
    unit_.start(false);
    ASSERT_TRUE(testkit::eventually([&] { return has("sudare_local_subscribed 1\n"); }));
    testkit::MqttClient car(unit_.local().port());
    for (std::uint64_t n = 0; n < 40; ++n) car.publish("test/json", Unit::number_payload(n));
    for (std::uint64_t n = 40; n < 44; ++n) car.publish("test/urgent", Unit::number_payload(n));
    ASSERT_TRUE(car.flush());
    ASSERT_TRUE(testkit::eventually([&] {
      return has("sudare_rows{purpose=\"seq\",fate=\"queued\"} 40\n") &&
             has("sudare_rows{purpose=\"emergency\",fate=\"queued\"} 4\n");
    })) << unit_.get("/metrics").body;
    unit_.kill();
    rows_ = rows_of(unit_.state() / "outbox.db");
    ASSERT_GE(rows_.size(), 2U);
  }
  bool has(const std::string& line) {
    return unit_.get("/metrics").body.find(line) != std::string::npos;
  }
  // Whether Debian's age opens it.
  bool opens(const Row& row, const fs::path& key) {
    const fs::path file = keys_.path() / "row.age";
    std::ofstream(file, std::ios::binary) << row.bytes;
    return testkit::run({"age", "-d", "-i", key.string(), "-o", "/dev/null", file.string()})
               .status == 0;
  }

  Unit unit_{options()};
  testkit::TemporaryDirectory keys_;
  std::vector<Row> rows_;
};

TEST_F(GatewayRows, EveryRowIsAnAgeFileForItsPurposeAlone) {
  ASSERT_NO_FATAL_FAILURE(fill_and_kill());
  const fs::path seq = keys_.path() / "seq.key";
  const fs::path emergency = keys_.path() / "emergency.key";
  unit_.write_key_file("seq", seq);
  unit_.write_key_file("emergency", emergency);
  std::size_t fragments = 0;
  for (const Row& row : rows_) {
    const bool urgent = row.purpose == "emergency";
    fragments += row.fragment ? 1 : 0;
    EXPECT_TRUE(opens(row, urgent ? emergency : seq)) << row.purpose;
    EXPECT_FALSE(opens(row, urgent ? seq : emergency)) << row.purpose;
  }
  EXPECT_GT(fragments, 0U) << "fragments must be among what was tried";
}

TEST_F(GatewayRows, NothingOnTheUnitOpensAny) {
  ASSERT_NO_FATAL_FAILURE(fill_and_kill());
  std::size_t tried = 0;
  for (const auto& entry : fs::recursive_directory_iterator(unit_.directory())) {
    if (!entry.is_regular_file()) continue;
    for (const Row& row : rows_) EXPECT_FALSE(opens(row, entry.path())) << entry.path();
    ++tried;
  }
  EXPECT_GE(tried, 4U) << "configuration, policy, store and keys of the unit must be among them";
}

// A refusal is no acknowledgement; MQTT 3.1.1 has one answer for both (its section 3.4), and the
// gateway says so where it is configured.
class GatewayRefusal : public testing::TestWithParam<bool> {
 protected:
  static testkit::UnitOptions options(const fs::path& acl) {
    std::ofstream(acl) << "topic read sudare/#\n";
    testkit::UnitOptions options;
    options.mqtt_311 = GetParam();
    options.cloud_extra = "acl_file " + acl.string();
    return options;
  }
  testkit::TemporaryDirectory directory_;
};
INSTANTIATE_TEST_SUITE_P(Mqtt, GatewayRefusal, testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Mqtt311" : "Mqtt5"; });

TEST_P(GatewayRefusal, IsKnownInMqtt5AndHiddenInMqtt311) {
  testkit::Unit unit(options(directory_.path() / "acl"));
  unit.recipient();
  unit.start();
  testkit::MqttClient car(unit.local().port());
  car.publish("test/json", testkit::Unit::number_payload(1));
  const std::string seen = GetParam() ? "sudare_rows{purpose=\"seq\",fate=\"delivered\"} 1\n"
                                      : "sudare_uplink_refused_total 1\n";
  EXPECT_TRUE(testkit::eventually([&] {
    return unit.get("/metrics").body.find(seen) != std::string::npos;
  })) << unit.get("/metrics").body;
  EXPECT_EQ(unit.log().find("has no word for a refusal") != std::string::npos, GetParam());
  EXPECT_EQ(unit.stop().status, 0);
  EXPECT_TRUE(unit.opened().numbers.empty());
  const auto total = unit.account().total();
  EXPECT_EQ(total.by_fate[static_cast<std::size_t>(Fate::kQueued)], GetParam() ? 0U : 1U);
}

}  // namespace
}  // namespace sudare
