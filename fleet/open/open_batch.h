// One age file → the Batch inside, verified as far as one file can be: opened by this recipient's
// key, signed by the pseudonym that it names, for this purpose, and sealed to as many recipients as
// it says.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/bytes.h"
#include "crypto/open/identity.h"
#include "sudare/v1/batch.pb.h"

namespace sudare {

enum class Verified : std::uint8_t {
  kNone,    // a purpose without pseudonym: anyone could have made it
  kSelf,    // signed by the key that its pseudonym is made of: the same sender as before
  kMember,  // and the relink authority says that a real car has this pseudonym
};
[[nodiscard]] Literal literal_of(Verified verified);

struct VerifiedBatch {
  v1::Batch batch;
  Verified verified = Verified::kNone;
};

// Whether batches without a signature are taken: only for a purpose whose policy says
// `pseudonym { none {} }`. For any other, whoever has the public key could put records among those
// of cars.
enum class Unsigned : std::uint8_t { kRefused, kTaken };

// Pure; any thread. Errors: those of age's open (kNoMatch: not for this key; kMalformed;
// kAuthentication), of read_signed_batch, and
//   kAuthentication  no signature where one is due, a wrong one, or a pseudonym that is not its
//   key's kRefused         another purpose inside, this recipient's key id missing, or another
//   number of recipients kMalformed       not a Batch, or counts that do not fit
Result<VerifiedBatch> open_batch(std::span<const age::open_side::Identity> identities,
                                 std::string_view purpose, Unsigned without, ByteSpan file);

}  // namespace sudare
