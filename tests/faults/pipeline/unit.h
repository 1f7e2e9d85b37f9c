// The gateway of one life without its threads, sockets and signals: the loop of
// gateway/pipeline_loop.cc over a fake disk and two fake brokers. Everything else is the real one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/pipeline.h"
#include "gateway/pipeline_pace.h"
#include "gateway/upload/outgoing.h"
#include "tests/faults/disk/fake_disk.h"
#include "tests/faults/pipeline/car_broker.h"
#include "tests/faults/pipeline/cloud_broker.h"
#include "tests/faults/pipeline/ledger.h"
#include "tests/testkit/manual_clock.h"

namespace sudare::faults {

// What is not restarted with the unit.
struct Surroundings {
  Dice& dice;
  FakeDisk& disk;
  testkit::ManualClock& clock;
  CarBroker& car;
  CloudBroker& cloud;
  Ledger& ledger;
  StoreOptions store;
  std::size_t policy = 0;           // index of the one in the file
  bool acknowledges_first = false;  // the control: it answers before it has committed
};

class Unit final : private Uplink {
 public:
  // Null: it does not start; the store's or the pipeline's error.
  static Result<std::unique_ptr<Unit>> start(Surroundings& around);

  // One turn of the loop: reads what the broker has, commits when it is due.
  void turn();
  // The uploader's turn.
  void upload();
  void use_policy();
  // As at SIGTERM. False: the last commit failed.
  bool shut_down();

  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Pipeline& pipeline() { return *pipeline_; }

 private:
  explicit Unit(Surroundings& around) : around_(around), pace_(100, 60) {}
  Status open();
  void read();
  void take(const CarMessage& message);
  void take_handoff();
  bool commit(bool close_all);
  void committed();
  void acknowledge();
  void check_books();

  [[nodiscard]] std::vector<std::string> withheld() const override;
  [[nodiscard]] Result<int> publish(const std::string& topic, const std::string& bytes) override;
  [[nodiscard]] bool flush() override;

  Surroundings& around_;
  CommitPace pace_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<TrustedTime> time_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Outgoing> outgoing_;
  std::vector<RowId> handed_over_;
  std::map<std::string, int> ranks_;  // by purpose
  int last_rank_ = 0;                 // of what was published in this turn
  std::uint64_t wal_before_ = 0;
};

}  // namespace sudare::faults
