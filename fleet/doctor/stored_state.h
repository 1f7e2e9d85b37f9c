// The small values in a unit's outbox.db, read beside a gateway that may run, without a lock and
// without writing a byte. What the journal holds and outbox.db does not is not seen: it holds no
// chain, clock or policy.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "gateway/store/database.h"
#include "gateway/store/store.h"

namespace sudare::doctor {

// A Store that only tells states; all else of it is empty, and commit() refuses. One thread.
class StoredState final : public Store {
 public:
  // kNotFound: there is no store. kUnavailable: a gateway ended without writing its log back, and
  // none runs that would let others read it. kUnsupported: of a newer format. kMalformed, kIo.
  static Result<std::unique_ptr<StoredState>> open(const std::string& directory);

  // The format it was written in.
  [[nodiscard]] std::int64_t version() const { return version_; }

  [[nodiscard]] Result<CommitSummary> commit(const CommitGroup& group) override;
  [[nodiscard]] RowId next_row_id() const override { return {}; }
  [[nodiscard]] Account account() const override { return {}; }
  [[nodiscard]] StoreStatus status() const override { return {}; }
  [[nodiscard]] std::uint64_t held_rows() const override { return 0; }
  [[nodiscard]] Result<std::vector<MissingRecords>> missing(std::string_view purpose,
                                                            std::uint16_t epoch_days,
                                                            std::uint32_t epoch) const override;
  [[nodiscard]] Result<std::optional<std::string>> state(Literal module,
                                                         std::string_view key) const override;
  [[nodiscard]] Result<std::vector<StateEntry>> states(Literal module) const override;
  [[nodiscard]] std::int64_t session() const override { return 0; }

 private:
  explicit StoredState(Database database) : database_(std::move(database)) {}

  Database database_;
  std::int64_t version_ = 0;
};

}  // namespace sudare::doctor
