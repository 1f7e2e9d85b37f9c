#include "tests/faults/campaign/workers.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::faults {
namespace {

class WorkersTest : public testing::Test {
 protected:
  Job job(std::function<void(std::atomic<std::uint64_t>&)> work) {
    Job job;
    job.work = std::move(work);
    job.log = directory_.path() / ("log" + std::to_string(made_++));
    job.ended = [this](bool well) { ended_.push_back(well); };
    return job;
  }
  testkit::TemporaryDirectory directory_;
  int made_ = 0;
  std::vector<bool> ended_;
};

TEST_F(WorkersTest, EachCountsInItsOwnProcessAndLog) {
  std::vector<Job> jobs;
  for (std::uint64_t i = 0; i < 5; ++i) {
    jobs.push_back(job([i](std::atomic<std::uint64_t>& done) {
      std::fprintf(stderr, "job %d\n", static_cast<int>(i));
      done = i + 1;
    }));
  }
  Workers workers(std::move(jobs));
  workers.run(2, [] { return true; });
  EXPECT_THAT(ended_, testing::ElementsAre(true, true, true, true, true));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(workers.done(i), i + 1);
    EXPECT_FALSE(workers.runs(i));
    const std::string log = directory_.path() / ("log" + std::to_string(i));
    EXPECT_EQ(testkit::read_file(log), "job " + std::to_string(i) + "\n");
  }
}

TEST_F(WorkersTest, OneThatDiesIsToldFromOneThatEnds) {
  Workers workers({job([](auto&) { std::abort(); }), job([](auto&) {}),
                   job([](auto&) { throw std::runtime_error("no"); })});
  workers.run(1, [] { return true; });
  EXPECT_THAT(ended_, testing::ElementsAre(false, true, false));
}

TEST_F(WorkersTest, AnInterruptEndsThoseThatRunAndStartsNoMore) {
  Workers workers({job([](auto&) { pause(); }), job([](auto&) {})});
  workers.run(1, [] { return false; });
  EXPECT_THAT(ended_, testing::ElementsAre(false));
}

}  // namespace
}  // namespace sudare::faults
