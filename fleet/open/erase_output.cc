#include "fleet/open/erase_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "fleet/cli/descriptor.h"
#include "fleet/cli/line_reader.h"
#include "fleet/open/clip_output.h"
#include "fleet/open/hex16.h"

namespace sudare {
namespace {

constexpr std::size_t kBufferBytes = 1024 * 1024;

// The new file, beside the old one. A fixed name: what a power cut leaves is overwritten by the
// next call, and holds nothing that was to go.
class Rewrite {
 public:
  explicit Rewrite(const std::filesystem::path& path)
      : name_(path.string() + ".erasing"),
        file_(open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)) {}

  Status line(const std::string& text) {
    buffer_.append(text).push_back('\n');
    return buffer_.size() < kBufferBytes ? Status(Done{}) : flush();
  }
  // In the old file's place, with its mode and owner.
  Status replace(const std::filesystem::path& path, int old) {
    TRY(flush());
    struct stat status {};
    if (fstat(old, &status) != 0 || fchmod(file_.get(), status.st_mode & 0777U) != 0) {
      return fail(ErrorCode::kIo, "erasing: mode", errno);
    }
    // Only root may, and only where it is another's file does it matter.
    if (fchown(file_.get(), status.st_uid, status.st_gid) != 0 && errno != EPERM) {
      return fail(ErrorCode::kIo, "erasing: owner", errno);
    }
    if (fsync(file_.get()) != 0) return fail(ErrorCode::kIo, "erasing: fsync", errno);
    if (std::rename(name_.c_str(), path.c_str()) != 0) {
      return fail(ErrorCode::kIo, "erasing: rename", errno);
    }
    return Done{};
  }
  void drop() const { unlink(name_.c_str()); }

 private:
  Status flush() {
    TRY(write_all(file_.get(), buffer_, "erasing: write"));
    buffer_.clear();
    return Done{};
  }

  std::string name_;
  Descriptor file_;
  std::string buffer_;
};

Result<ErasedOutput> copy_kept(int old, const ErasureOrders& orders, Rewrite& rewrite) {
  ErasedOutput counts;
  cli::LineReader lines(old);
  std::string line;
  while (true) {
    TRY(const cli::LineReader::Outcome outcome, lines.next(line));
    if (outcome == cli::LineReader::Outcome::kEnd) return counts;
    if (outcome == cli::LineReader::Outcome::kTooLong) {
      return fail(ErrorCode::kTooLarge, "erasing: too long a line",
                  static_cast<std::int64_t>(lines.number()));
    }
    const Result<bool> goes = is_to_erase(line, orders);
    if (goes && *goes) {
      ++counts.erased;
      continue;
    }
    ++counts.kept;
    if (!goes) ++counts.unreadable;
    TRY(rewrite.line(line));
  }
}

}  // namespace

Result<bool> is_to_erase(const std::string& line, const ErasureOrders& orders) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::kMalformed, "output: not a record");
  const auto pseudonym = json.find("pseudonym");
  const auto time = json.find("time_ms");
  const bool clip = json.contains("clip");
  const bool timed = time != json.end() && time->is_number_integer();
  if (pseudonym == json.end() || clip == timed) {
    return fail(ErrorCode::kMalformed, "output: not a record");
  }
  if (pseudonym->is_null()) return false;  // of a purpose without pseudonym: nobody's
  const std::string bytes =
      pseudonym->is_string() ? sixteen_bytes(pseudonym->get_ref<const std::string&>()) : "";
  if (bytes.empty()) return fail(ErrorCode::kMalformed, "output: not a record");
  return clip ? orders.names(bytes) : orders.names(bytes, time->get<std::int64_t>());
}

Result<ErasedOutput> erase_output(const std::filesystem::path& path,
                                  const OutputDirectory& directory, const std::string& purpose,
                                  const ErasureOrders& orders) {
  // Before the lines that name them: what a power cut leaves is found again by the next call.
  TRY(const std::uint64_t clips, erase_clips(path, purpose, orders));
  const std::filesystem::path file = output_file(path, purpose);
  const Descriptor old(open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (old.get() < 0) {
    if (errno == ENOENT && clips > 0) return ErasedOutput{0, 0, 0, clips};
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "erasing: open", errno);
  }
  Rewrite rewrite(file);
  Result<ErasedOutput> counts = copy_kept(old.get(), orders, rewrite);
  if (counts) counts->clips = clips;
  if (!counts || counts->erased == 0) {
    rewrite.drop();
    return counts;
  }
  TRY(rewrite.replace(file, old.get()));
  TRY(directory.sync());
  return counts;
}

}  // namespace sudare
