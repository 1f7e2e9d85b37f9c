#include "fleet/cli/descriptor.h"

#include <cerrno>

namespace sudare {

Status write_all(int descriptor, std::string_view bytes, Literal what) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::kIo, what, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return Done{};
}

}  // namespace sudare
