// Key files as age-keygen writes them: comments that start with '#', empty lines, and one identity
// per line. They are read straight into wiped memory.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "crypto/open/identity.h"

namespace sudare::age::open_side {

// A file of 256 identities with their comments takes 40 KB; more is not a key file.
inline constexpr std::size_t kKeyFileBytesMax = 64 * 1024;
inline constexpr std::size_t kKeyFileIdentitiesMax = 256;

// The identities in the order of their lines, at least one.
// kMalformed on a line that is neither comment nor X25519 identity (plugin and post-quantum
// identities included) and on a file without identity, kTooLarge past the limits; detail is the
// line, from 1, or 0 for the file as a whole.
Result<std::vector<Identity>> parse_key_file(ByteSpan text);

// The same from a file or a descriptor (a pipe will do; it isn't closed). kNotFound or kIo with
// errno as detail where it can't be read.
Result<std::vector<Identity>> read_key_file(const std::filesystem::path& path);
Result<std::vector<Identity>> read_key_file(int descriptor);

// Writes a comment with the public key and the identity. Sets no permissions: the caller opened the
// descriptor, with mode 0600. kIo with errno as detail.
Status write_key_file(int descriptor, const Identity& identity);

}  // namespace sudare::age::open_side
