// What comes out of an age file that anyone may have sealed: SignedBatch, Batch, and the lines that
// are written of it, which must stay lines of JSON.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/identity/signed_batch.h"
#include "fleet/open/receiver.h"
#include "fleet/open/record_lines.h"

namespace {

using namespace sudare;

void check_lines(const v1::Batch& batch) {
  VerifiedBatch verified;
  verified.batch = batch;
  verified.verified = batch.pseudonym().empty() ? Verified::kNone : Verified::kSelf;
  std::string out;
  append_record_lines(verified, out);
  int count = 0;
  for (std::size_t at = 0; at < out.size(); ++count) {
    const std::size_t end = out.find('\n', at);
    if (end == std::string::npos) std::abort();
    if (!nlohmann::json::accept(out.begin() + static_cast<std::ptrdiff_t>(at),
                                out.begin() + static_cast<std::ptrdiff_t>(end))) {
      std::abort();
    }
    at = end + 1;
  }
  if (count != batch.records_size()) std::abort();
  Receiver receiver;
  receiver.take(verified);
  if (receiver.take(verified) != Arrival::kDuplicate) std::abort();
  static_cast<void>(receiver.gaps());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan input(data, size);
  v1::Batch batch;
  // Both as SignedBatch and, past the signature that no fuzzer can make, as Batch.
  const auto opened = open_signed_batch("traffic", input);
  if (opened && batch.ParseFromString(opened->batch)) check_lines(batch);
  if (batch.ParseFromArray(data, static_cast<int>(size))) check_lines(batch);
  return 0;
}
