// An ext4 file system as whoever takes the disk out of a unit reads it, free blocks included: of
// the chains of pseudonyms only those in force are on it, once.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "fleet/provision/erase.h"
#include "fleet/provision/provision.h"
#include "fleet/provision/transfer.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/store.h"
#include "tests/faults/process/small_disk.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::faults {
namespace {

constexpr std::size_t kChainBytes = 32;

class DiskImage : public testing::Test {
 protected:
  void SetUp() override {
    const std::string lack = small_disks_lack();
    if (!lack.empty()) GTEST_SKIP() << "not run: needs " << lack;
    ASSERT_TRUE(crypto_init());
    disk_.emplace(directory_.path() / "disk");
    options_.state_directory = (directory_.path() / "disk" / "state").string();
    options_.identity = {"JTDKB20U793012345", "", ""};
    options_.authorities = {age::open_side::Identity::generate().recipient()};
    ASSERT_TRUE(provision(options_, clock_, keep()));
  }

  static DeliverShares keep() {
    return [](const std::vector<std::string>& /*shares*/) -> Status { return Done{}; };
  }
  std::unique_ptr<Store> open() {
    auto store = Store::open({options_.state_directory, 8 << 20, 0, 1 << 16}, clock_);
    EXPECT_TRUE(store);
    return store ? std::move(*store) : nullptr;
  }
  static std::vector<std::string> chains_of(const Store& store) {
    const auto entries = store.states(kChainsModule);
    std::vector<std::string> chains;
    for (const StateEntry& entry : *entries) {
      if (entry.value.size() < kChainBytes) continue;
      chains.push_back(entry.value.substr(entry.value.size() - kChainBytes));
    }
    return chains;
  }
  // A session, with what else lies on the chains' pages.
  static void drive(Store& store) {
    for (int i = 0; i < 200; ++i) {
      CommitGroup group;
      group.state = {{"clock", "floor_day", std::to_string(i)},
                     {"policy", std::to_string(i), std::string(50, 'p')}};
      ASSERT_TRUE(store.commit(group));
    }
  }
  std::vector<std::string> chains_after_a_session() {
    const auto store = open();
    std::vector<std::string> chains = chains_of(*store);
    drive(*store);
    return chains;
  }
  void expect_copies(const std::vector<std::string>& chains, std::size_t copies) {
    ASSERT_GE(chains.size(), 5U);
    const std::string image = disk_->content();
    for (const std::string& chain : chains) {
      std::size_t found = 0;
      for (auto at = image.find(chain); at != std::string::npos; at = image.find(chain, at + 1)) {
        ++found;
      }
      EXPECT_EQ(found, copies);
    }
  }

  testkit::TemporaryDirectory directory_;
  SystemClock clock_;
  ProvisionOptions options_;
  std::optional<FlashDisk> disk_;
};

TEST_F(DiskImage, AfterProvisioningAndASessionThereIsTheLiveCopyAlone) {
  const std::vector<std::string> chains = chains_after_a_session();
  expect_copies(chains, 1);
}

TEST_F(DiskImage, ChainsThatHaveSteppedOnAreNowhere) {
  std::vector<std::string> earlier;
  std::vector<std::string> now;
  {
    const auto store = open();
    earlier = chains_of(*store);
    drive(*store);
    CommitGroup group;
    ASSERT_TRUE(Epochs::provision(20'000, group.state));
    ASSERT_TRUE(store->commit(group));
    now = chains_of(*store);
    drive(*store);
  }
  expect_copies(earlier, 0);
  expect_copies(now, 1);
}

TEST_F(DiskImage, TheFormerOwnersChainsAreNowhere) {
  const std::vector<std::string> former = chains_after_a_session();
  const auto done = transfer(options_, clock_, keep(), {});
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->overwritten);
  expect_copies(former, 0);
  const std::vector<std::string> now = chains_of(*open());
  expect_copies(now, 1);
}

TEST_F(DiskImage, AfterAnErasureNoChainIsAnywhere) {
  const std::vector<std::string> chains = chains_after_a_session();
  const auto done = erase_state(options_.state_directory);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->not_overwritten, 0U);
  expect_copies(chains, 0);
}

}  // namespace
}  // namespace sudare::faults
