// A factory line that loses its power, is given the same cars again, or others under old names.
#include "fleet/provision/factory_line.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "fleet/authority/provisioned_cars.h"
#include "gateway/car/car_check.h"
#include "gateway/seal/epochs.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace {

// What was made sure of, by path.
std::mutex synced_mutex;
std::set<std::string> synced;

}  // namespace

// In the C library's place, for this program.
extern "C" int fsync(int fd) {
  std::error_code error;
  const auto path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error).string();
  const std::lock_guard held(synced_mutex);
  synced.insert(path);
  return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr int kPowerCut = 9;

class FactoryLineTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init());
    authorities_.push_back(age::open_side::Identity::generate());
  }
  static CarLine car(int number) {
    const std::string serial = std::to_string(100'000 + number);
    return {"slot-" + std::to_string(number), {"JTDKB20U793" + serial, "", "0801234" + serial}};
  }
  static std::vector<CarLine> cars(int count) {
    std::vector<CarLine> all;
    for (int i = 0; i < count; ++i) all.push_back(car(i));
    return all;
  }
  FactoryOptions options() {
    FactoryOptions options;
    options.output = output().string();
    for (const auto& one : authorities_) options.authorities.push_back(one.recipient());
    return options;
  }
  std::vector<CarOutcome> make(std::span<const CarLine> all,
                               const std::function<void(FactoryStep)>& reached = {}) {
    auto line = FactoryLine::open(options(), clock_);
    EXPECT_TRUE(line);
    return line->make(all, {}, reached);
  }
  [[nodiscard]] fs::path output() const { return directory_.path() / "out"; }
  [[nodiscard]] fs::path folder(int number) const {
    return output() / ("slot-" + std::to_string(number));
  }
  // The VINs in the sealed records.
  std::multiset<std::string> sealed() {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(output())) {
      if (entry.path().filename().string().starts_with("sealed")) files.push_back(entry.path());
    }
    std::multiset<std::string> vins;
    const auto counts = for_each_car({files, {}}, authorities_, [&](ProvisionedCar& one) -> Status {
      vins.insert(one.identity.vin);
      return Done{};
    });
    EXPECT_TRUE(counts);
    return vins;
  }
  static std::size_t count(const std::vector<CarOutcome>& outcomes, CarMade made) {
    return static_cast<std::size_t>(
        std::count_if(outcomes.begin(), outcomes.end(),
                      [made](const CarOutcome& one) { return one.made == made; }));
  }

  testkit::TemporaryDirectory directory_;
  testkit::ManualClock clock_;
  std::vector<age::open_side::Identity> authorities_;
};

TEST_F(FactoryLineTest, AFolderOfOthersIsLeftAlone) {
  fs::create_directories(folder(0));
  std::ofstream(folder(0) / "notes") << "mine";
  const auto outcomes = make(cars(2));
  EXPECT_EQ(outcomes[0].error.code, ErrorCode::kRefused);
  EXPECT_EQ(outcomes[1].made, CarMade::kMade);
  EXPECT_EQ(testkit::read_file(folder(0) / "notes"), "mine");
}

// Else a power cut would take the folder, and every car that was reported, with it.
TEST_F(FactoryLineTest, TheOutputsNameIsOnDiskToo) {
  for (const char* ending : {"", "/", "/."}) {
    synced.clear();
    FactoryOptions named = options();
    named.output += ending;
    ASSERT_TRUE(FactoryLine::open(named, clock_));
    EXPECT_TRUE(synced.contains(fs::canonical(directory_.path()))) << ending;
    EXPECT_TRUE(synced.contains(fs::canonical(output()))) << ending;
  }
}

TEST_F(FactoryLineTest, OneProcessAtATime) {
  const auto line = FactoryLine::open(options(), clock_);
  ASSERT_TRUE(line);
  const auto other = FactoryLine::open(options(), clock_);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kRefused);
}

TEST_F(FactoryLineTest, AUnitOfAnotherCarIsRefusedAndTheOthersGoOn) {
  ASSERT_EQ(count(make(cars(3)), CarMade::kMade), 3U);
  const std::string before = testkit::read_file(folder(1) / "state/outbox.db");
  std::vector<CarLine> changed = cars(4);
  // One of a thousand cars would pass for the first one: take one that does not.
  const auto kept = parse_provisioned_mark(testkit::read_file(folder(1) / "provisioned"));
  for (int i = 500'000; kept->match(changed[1].identity.vin, "") != CarFingerprint::Match::kOther;
       ++i) {
    changed[1].identity.vin = "WVWZZZ1KZAW" + std::to_string(i);
  }
  const auto outcomes = make(changed);
  EXPECT_EQ(outcomes[1].made, CarMade::kFailed);
  EXPECT_EQ(outcomes[1].error.code, ErrorCode::kRefused);
  EXPECT_EQ(count(outcomes, CarMade::kPresent), 2U);
  EXPECT_EQ(outcomes[3].made, CarMade::kMade);
  EXPECT_EQ(testkit::read_file(folder(1) / "state/outbox.db"), before);
}

TEST_F(FactoryLineTest, TheSameCarsAgainChangeNothing) {
  const std::vector<CarLine> all = cars(5);
  ASSERT_EQ(count(make(all), CarMade::kMade), 5U);
  const std::string before = testkit::read_file(folder(2) / "sealed");
  EXPECT_EQ(count(make(all), CarMade::kPresent), 5U);
  EXPECT_EQ(testkit::read_file(folder(2) / "sealed"), before);
  EXPECT_EQ(sealed().size(), 5U);
}

// "There already" would send a unit out whose chains are gone.
TEST_F(FactoryLineTest, AUnitThatIsBeingErasedIsRefused) {
  ASSERT_EQ(count(make(cars(1)), CarMade::kMade), 1U);
  std::ofstream(folder(0) / "state/erasing") << "sudare-erasing/1\n";
  const auto outcomes = make(cars(1));
  EXPECT_EQ(outcomes[0].made, CarMade::kFailed);
  EXPECT_EQ(outcomes[0].error.code, ErrorCode::kRefused);
}

// What was fetched from the folder is not made anew: a second record of a car would be wrong.
TEST_F(FactoryLineTest, AUnitWhoseStateWasFetchedIsStillKnown) {
  ASSERT_EQ(count(make(cars(1)), CarMade::kMade), 1U);
  fs::remove_all(folder(0) / "state");
  fs::remove(folder(0) / "sealed");
  EXPECT_EQ(count(make(cars(1)), CarMade::kPresent), 1U);
}

// A child process stands for the machine: what it has not renamed is not there.
TEST_F(FactoryLineTest, APowerCutAtAnyStepLeavesWholeUnitsOrNone) {
  const std::vector<CarLine> all = cars(4);
  for (const FactoryStep at : {FactoryStep::kMade, FactoryStep::kSynced, FactoryStep::kNamed}) {
    fs::remove_all(output());
    const pid_t child = fork();
    if (child == 0) {
      (void)make(all, [at](FactoryStep step) {
        if (step == at) _exit(kPowerCut);
      });
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(WEXITSTATUS(status), kPowerCut);
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(fs::exists(folder(i)), at == FactoryStep::kNamed);
      EXPECT_EQ(fs::exists(folder(i) / "provisioned"), at == FactoryStep::kNamed);
    }
    const auto outcomes = make(all);
    EXPECT_EQ(count(outcomes, CarMade::kFailed), 0U);
    EXPECT_EQ(sealed().size(), 4U);
    EXPECT_TRUE(fs::is_empty(output() / ".making"));
  }
}

TEST_F(FactoryLineTest, AStopLeavesNoHalf) {
  auto line = FactoryLine::open(options(), clock_);
  std::atomic<int> asked = 0;
  const auto outcomes = line->make(cars(20), [&] { return ++asked > 5; }, {});
  EXPECT_EQ(count(outcomes, CarMade::kMade), 5U);
  EXPECT_EQ(sealed().size(), 5U);
  EXPECT_TRUE(fs::is_empty(output() / ".making"));
}

TEST_F(FactoryLineTest, EachUnitIsAProvisionedOneOfItsOwn) {
  authorities_.push_back(age::open_side::Identity::generate());
  ASSERT_EQ(count(make(cars(3)), CarMade::kMade), 3U);
  std::multiset<std::string> expected;
  std::set<std::string> chains;
  for (int i = 0; i < 3; ++i) {
    expected.insert(car(i).identity.vin);
    const auto store = Store::open({(folder(i) / "state").string(), 1 << 20, 0}, clock_);
    ASSERT_TRUE(store);
    const auto entries = (*store)->states("epochs");
    for (const StateEntry& entry : *entries) chains.insert(entry.value);
    EXPECT_TRUE((*CarCheck::load(**store))->checked());
    EXPECT_TRUE(fs::exists(folder(i) / "sealed.2"));
  }
  EXPECT_EQ(sealed(), expected);
  EXPECT_GE(chains.size(), 3U);
}

// Not in a state directory, a mark, a name, or what a stopped run left.
TEST_F(FactoryLineTest, NoNumberOfACarIsInAnyFile) {
  ASSERT_EQ(count(make(cars(10)), CarMade::kMade), 10U);
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(output())) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = testkit::read_file(entry.path());
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(bytes.find(car(i).identity.vin), std::string::npos) << entry.path();
      EXPECT_EQ(bytes.find(car(i).identity.terminal_number), std::string::npos) << entry.path();
    }
    ++files;
  }
  EXPECT_GE(files, 40);
}

TEST(ProvisionedMark, TextThatIsNoneIsRefused) {
  ASSERT_TRUE(crypto_init());
  const std::string good = provisioned_mark(*CarFingerprint::make("JTDKB20U793012345", ""));
  EXPECT_TRUE(parse_provisioned_mark(good));
  std::string upper = good;
  upper[30] = 'G';
  std::string backtick = good;  // before "a": found by car_list_fuzz
  backtick[30] = '`';
  for (const std::string& bad : {std::string(), good + "\n", good.substr(0, good.size() - 1), upper,
                                 backtick, "x" + good.substr(1)}) {
    EXPECT_FALSE(parse_provisioned_mark(bad));
  }
}

}  // namespace
}  // namespace sudare
