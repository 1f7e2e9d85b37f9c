#include "fleet/open/record_output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <utility>

namespace sudare {

Result<OutputDirectory> OutputDirectory::hold(const std::filesystem::path& path, Hold hold) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return fail(ErrorCode::kIo, "output directory: open", errno);
  OutputDirectory directory(descriptor);
  const int how = hold == Hold::kToAppend ? LOCK_SH : LOCK_EX;
  if (flock(descriptor, how | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "output directory: flock", errno);
    return fail(ErrorCode::kRefused, "output directory: in use by another process");
  }
  return directory;
}

OutputDirectory::OutputDirectory(OutputDirectory&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputDirectory::~OutputDirectory() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool OutputDirectory::try_alone() const {
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
  share_again();  // a failed conversion may have let go
  return false;
}

void OutputDirectory::share_again() const { (void)flock(descriptor_, LOCK_SH); }

Status OutputDirectory::sync() const {
  if (fsync(descriptor_) != 0) return fail(ErrorCode::kIo, "output directory: fsync", errno);
  return Done{};
}

std::filesystem::path output_file(const std::filesystem::path& directory,
                                  const std::string& purpose) {
  return directory / (purpose + ".ndjson");
}

Status RecordOutput::open(const std::filesystem::path& directory, const std::string& purpose) {
  if (directory.empty()) return Done{};
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  TRY(OutputDirectory held, OutputDirectory::hold(directory, OutputDirectory::Hold::kToAppend));
  held_.emplace(std::move(held));
  file_.open(output_file(directory, purpose), std::ios::app);
  if (!file_.good()) return fail(ErrorCode::kIo, "output: open", errno);
  to_file_ = true;
  return Done{};
}

void RecordOutput::write(std::string_view lines) {
  (to_file_ ? static_cast<std::ostream&>(file_) : std::cout) << lines;
}

Status RecordOutput::flush() {
  std::ostream& stream = to_file_ ? static_cast<std::ostream&>(file_) : std::cout;
  stream.flush();
  if (!stream.good()) return fail(ErrorCode::kIo, "output: write", errno);
  return Done{};
}

}  // namespace sudare
