#include "clip/run/program.h"

namespace sudare::clip {

Result<std::filesystem::path> program_beside_this() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorCode::kIo, "clip: /proc/self/exe", error.value());
  return self.parent_path() / "sudare-clip";
}

}  // namespace sudare::clip
