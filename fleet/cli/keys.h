// A recipient's key file as the tools use it: the identities, and the purpose they are for where
// the file says so in a comment ("# purpose: traffic", which `sudare key new --purpose` writes).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/open/identity.h"

namespace sudare::cli {

struct KeyFile {
  std::vector<age::open_side::Identity> identities;
  std::string purpose;  // empty: the file does not say
};

// The whole of a key file, in wiped memory. kNotFound, kIo (errno); past kKeyFileBytesMax it is
// cut, one byte longer than that.
Result<SecretBuffer> read_secret(const std::filesystem::path& path);

// Reads into wiped memory. Errors as age::open_side::read_key_file.
Result<KeyFile> read_keys(const std::filesystem::path& path);

// Creates the file with mode 0600; kRefused where it exists: a key is never overwritten. `purpose`
// may be empty.
Status create_key_file(const std::filesystem::path& path, const age::open_side::Identity& identity,
                       const std::string& purpose);

// [a-z0-9-], 1 to 32 characters: as in a policy, and safe in topics and file names.
[[nodiscard]] bool is_purpose_name(std::string_view name);

}  // namespace sudare::cli
