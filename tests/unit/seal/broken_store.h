// A store that can't be read, or that says what a test wants to hear.
#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "gateway/store/store.h"

namespace sudare::seal_test {

// `under` outlives it.
class BrokenStore final : public Store {
 public:
  explicit BrokenStore(Store& under) : under_(under) {}

  // The `number`-th question from now fails with EIO, and no other.
  void fail_in(int number) { left_ = number; }
  void set_missing(std::vector<MissingRecords> missing) { missing_ = std::move(missing); }

  Result<CommitSummary> commit(const CommitGroup& group) override { return under_.commit(group); }
  [[nodiscard]] RowId next_row_id() const override { return under_.next_row_id(); }
  [[nodiscard]] Account account() const override { return under_.account(); }
  [[nodiscard]] StoreStatus status() const override { return under_.status(); }
  [[nodiscard]] std::uint64_t held_rows() const override { return under_.held_rows(); }
  [[nodiscard]] Result<std::vector<MissingRecords>> missing(std::string_view purpose,
                                                            std::uint16_t epoch_days,
                                                            std::uint32_t epoch) const override {
    TRY(answer());
    return missing_ ? *missing_ : under_.missing(purpose, epoch_days, epoch);
  }
  [[nodiscard]] Result<std::optional<std::string>> state(Literal module,
                                                         std::string_view key) const override {
    TRY(answer());
    return under_.state(module, key);
  }
  [[nodiscard]] Result<std::vector<StateEntry>> states(Literal module) const override {
    TRY(answer());
    return under_.states(module);
  }
  [[nodiscard]] std::int64_t session() const override { return under_.session(); }

 private:
  Status answer() const {
    if (left_ == 0 || --left_ > 0) return Done{};
    return fail(ErrorCode::kIo, "broken store", EIO);
  }
  Store& under_;
  mutable int left_ = 0;  // 0: no failure is planned
  std::optional<std::vector<MissingRecords>> missing_;
};

}  // namespace sudare::seal_test
