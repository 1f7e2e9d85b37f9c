// The vocabulary of the store's tests: a car with a clock, which queues rows, delivers them, is
// switched off and on again.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/store/outbox_reader.h"
#include "gateway/store/store.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/seal_stage_for_tests.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::testkit {

struct RowSpec {
  std::string purpose = "traffic";
  std::uint8_t priority = 2;
  bool essential = false;
  bool fragment = false;
  std::uint32_t records = 1;
  std::size_t bytes = 500;
  std::int64_t not_before_ms = 0;
  std::uint32_t keep_hours = 72;
  std::uint16_t epoch_days = 28;
};

class StoreTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kMiB = 1024 * 1024;
  static constexpr std::uint32_t kEpoch = 700;

  [[nodiscard]] std::string directory() const { return (root_.path() / "state").string(); }
  [[nodiscard]] std::string file() const { return directory() + "/outbox.db"; }

  void open() {
    auto store = Store::open(options_, clock_);
    ASSERT_TRUE(store) << store.error().what.view() << " " << store.error().detail;
    store_ = std::move(*store);
  }
  void switch_off() {
    reader_.reset();
    store_.reset();
  }
  // After `off_ms`; the wall clock goes on meanwhile, the monotonic clock starts anew.
  void switch_on(std::int64_t off_ms = 0) {
    clock_.advance_ms(off_ms);
    clock_.set_monotonic_ms(500);
    open();
  }

  Error error_of_open() {
    auto store = Store::open(options_, clock_);
    EXPECT_FALSE(store);
    return store ? Error{ErrorCode::kInternal, "opened"} : store.error();
  }

  // A row whose records follow the purpose's last; `bytes` are told apart by the row's id.
  Sealed sealed(const RowSpec& spec) {
    std::uint64_t& next = next_record_[spec.purpose];
    SealedMeta meta;
    meta.id = next_id_++;
    meta.purpose = spec.purpose;
    meta.shard = 7;
    meta.epoch_days = spec.epoch_days;
    meta.epoch = kEpoch;
    meta.records = {next, spec.records};
    meta.fragment = spec.fragment;
    meta.essential = spec.essential;
    meta.priority = spec.priority;
    meta.not_before_ms = spec.not_before_ms;
    meta.keep_hours = spec.keep_hours;
    next += spec.records;
    return Sealed(SealStage::passkey(), meta, content(meta.id, spec.bytes));
  }
  static std::string content(RowId id, std::size_t bytes) {
    std::string text = "row " + std::to_string(id) + " ";
    while (text.size() < bytes) text += text;
    text.resize(bytes);
    return text;
  }

  static CommitGroup group(std::vector<Sealed> rows) {
    CommitGroup group;
    for (Sealed& row : rows) {
      group.account.take(row.meta().purpose, Fate::kQueued, Reason::kNone,
                         row.meta().records.count);
      group.add.push_back(std::move(row));
    }
    return group;
  }

  CommitSummary commit(const CommitGroup& group) {
    auto done = store_->commit(group);
    EXPECT_TRUE(done) << (done ? "" : done.error().what.view());
    expect_books_agree();
    return done ? *done : CommitSummary{};
  }

  // Queues one row and returns its id.
  RowId queue(const RowSpec& spec) {
    std::vector<Sealed> rows;
    rows.push_back(sealed(spec));
    const RowId id = rows.front().meta().id;
    commit(group(std::move(rows)));
    return id;
  }
  void deliver(std::vector<RowId> ids) {
    CommitGroup group;
    group.delivered = std::move(ids);
    commit(group);
  }

  [[nodiscard]] std::int64_t count(std::string_view purpose, Fate fate) const {
    const Account account = store_->account();
    const auto found = account.purposes.find(purpose);
    if (found == account.purposes.end()) return 0;
    return found->second.by_fate.at(static_cast<std::size_t>(fate));
  }
  [[nodiscard]] std::vector<MissingRecords> missing(std::string_view purpose) const {
    auto found = store_->missing(purpose, 28, kEpoch);
    EXPECT_TRUE(found);
    return found ? *found : std::vector<MissingRecords>{};
  }

  OutboxReader& reader() {
    if (reader_ == nullptr) {
      auto reader = OutboxReader::open(directory(), store_->session(), clock_, store_->journaled());
      EXPECT_TRUE(reader) << (reader ? "" : reader.error().what.view());
      reader_ = std::move(*reader);
    }
    return *reader_;
  }
  std::vector<OutboxRow> ready(const std::vector<RowId>& outstanding = {},
                               std::size_t rows_max = 1'000'000,
                               std::size_t bytes_max = 1'000'000'000) {
    auto rows = reader().ready(outstanding, rows_max, bytes_max);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().what.view());
    return rows ? std::move(*rows) : std::vector<OutboxRow>{};
  }
  std::vector<RowId> ready_ids(const std::vector<RowId>& outstanding = {}) {
    std::vector<RowId> ids;
    for (const OutboxRow& row : ready(outstanding)) ids.push_back(row.id);
    return ids;
  }

  // What must hold after every commit.
  void expect_books_agree() const {
    const Account account = store_->account();
    EXPECT_TRUE(account.adds_up());
    EXPECT_EQ(account.total().by_fate.at(static_cast<std::size_t>(Fate::kQueued)),
              static_cast<std::int64_t>(store_->status().records));
  }

  TemporaryDirectory root_;
  ManualClock clock_;
  StoreOptions options_{(root_.path() / "state").string(), 8 * kMiB, 1 * kMiB};
  std::unique_ptr<Store> store_;
  std::unique_ptr<OutboxReader> reader_;
  RowId next_id_ = 1;
  std::map<std::string, std::uint64_t> next_record_;
};

}  // namespace sudare::testkit
