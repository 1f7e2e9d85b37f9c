// Sealed batches made by hand, so that a test can get each part wrong.
#pragma once

#include <string>
#include <vector>

#include "crypto/identity/epoch_chain.h"
#include "crypto/open/identity.h"
#include "sudare/v1/batch.pb.h"

namespace sudare::fleet_test {

// A car with one pseudonym, and the recipient of one purpose.
class Forge {
 public:
  Forge();

  // What a car would send: `records` records from number `first` on, signed.
  [[nodiscard]] v1::Batch signed_batch(std::uint64_t first, int records) const;
  // The same for a purpose without pseudonym.
  [[nodiscard]] v1::Batch unsigned_batch(int records) const;

  struct Options {
    bool sign = true;
    bool break_signature = false;
    std::string signed_purpose = "diagnostics";
    int recipients = 1;  // that it is sealed to; only the first is ours
  };
  // As an age file.
  [[nodiscard]] std::string sealed(const v1::Batch& batch, const Options& options) const;
  [[nodiscard]] std::string sealed(const v1::Batch& batch) const;

  [[nodiscard]] const std::vector<age::open_side::Identity>& identities() const {
    return identities_;
  }
  [[nodiscard]] const EpochKey& key() const { return key_; }

  static constexpr const char* kPurpose = "diagnostics";

 private:
  std::vector<age::open_side::Identity> identities_;
  std::vector<age::open_side::Identity> others_;
  EpochKey key_;
};

}  // namespace sudare::fleet_test
