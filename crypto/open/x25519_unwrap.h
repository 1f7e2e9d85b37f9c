// Finds the file key among the stanzas of a header (c2sp.org/age, "X25519 recipient stanza").
#pragma once

#include <span>

#include "base/result.h"
#include "crypto/age/header.h"
#include "crypto/open/identity.h"

namespace sudare::age::open_side {

// Other types of stanza are ignored. Every X25519 stanza must be well-formed, also those after the
// one that opens: kMalformed or kRefused (a share of low order), as header failures. kNoMatch where
// none opens.
Result<SecretBytes<kFileKeyBytes>> unwrap_file_key(std::span<const Identity> identities,
                                                   const Header& header);

}  // namespace sudare::age::open_side
