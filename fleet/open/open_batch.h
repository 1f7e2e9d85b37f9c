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

// Pure; any thread. Errors: those of age's open (kNoMatch: not for this key; kMalformed;
// kAuthentication), of read_signed_batch, and
//   kAuthentication  the signature, or a pseudonym that is not its key's
//   kRefused         another purpose inside, this recipient's key id missing, or another number of
//   recipients kMalformed       not a Batch, or counts that do not fit
Result<VerifiedBatch> open_batch(std::span<const age::open_side::Identity> identities,
                                 std::string_view purpose, ByteSpan file);

}  // namespace sudare
