#include "fleet/audit/audit.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "fleet/audit/window.h"
#include "fleet/cli/descriptor.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

// How much of a file is looked at in one piece.
constexpr std::size_t kWindowBytes = 1024 * 1024;
// Pieces overlap by twice this: what begins in the middle of one is reported there, with so much
// before and after it in sight. More than any identifier or pair of numbers spans.
constexpr std::size_t kMarginBytes = 4 * 1024;

// Appends until `bytes` holds `wanted`; false at the end of the file.
Result<bool> fill(int descriptor, std::string& bytes, std::size_t wanted) {
  std::size_t length = bytes.size();
  bytes.resize(wanted);
  while (length < wanted) {
    const ssize_t count = read(descriptor, bytes.data() + length, wanted - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::kIo, "audit: read", errno);
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  bytes.resize(length);
  return length == wanted;
}

std::uint64_t count_of(const std::vector<bool>& found) {
  return static_cast<std::uint64_t>(std::count(found.begin(), found.end(), true));
}

}  // namespace

std::uint64_t AuditReport::total() const {
  std::uint64_t sum = 0;
  for (const auto& [what, count] : findings) sum += count;
  return sum;
}

Auditor::Auditor(const AuditInputs& inputs)
    : identifiers_(inputs.identifiers),
      positions_(inputs.positions),
      identifiers_found_(inputs.identifiers.size()),
      positions_found_(inputs.positions.size()) {
  report_.identifiers = inputs.identifiers.size();
  report_.positions = inputs.positions.size();
}

// Reports what begins in [report_from, report_to) of `bytes`, which lie at `base` in the file.
void Auditor::scan_window(std::string_view where, std::uint64_t base, std::string_view bytes,
                          std::size_t report_from, std::size_t report_to, const AuditSink& sink) {
  // Ordered by place; told once however often it was found there.
  std::map<std::pair<std::size_t, std::string_view>, double> places;
  const auto note = [&](std::size_t offset, std::string_view what, double confidence) {
    if (offset < report_from || offset >= report_to) return false;
    double& best = places[{offset, what}];
    best = std::max(best, confidence);
    return true;
  };
  WindowEvents events;
  events.identifier = [&](std::size_t identifier, std::size_t offset) {
    if (note(offset, "identifier", 1.0)) identifiers_found_[identifier] = true;
  };
  events.position = [&](std::size_t position, std::size_t offset, double confidence) {
    if (note(offset, "position", confidence)) positions_found_[position] = true;
  };
  events.detected = [&](Detected what, std::size_t offset, double confidence) {
    note(offset, literal_of(what).view(), confidence);
  };
  scan_audit_window(bytes, identifiers_, positions_, events);
  for (const auto& [place, confidence] : places) {
    ++report_.findings[std::string(place.second)];
    sink({where, base + place.first, place.second, confidence});
  }
}

void Auditor::scan_bytes(std::string_view where, std::string_view bytes, const AuditSink& sink) {
  ++report_.files;
  report_.bytes += bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += kWindowBytes) {
    const std::size_t begin = at > kMarginBytes ? at - kMarginBytes : 0;
    const std::size_t end = std::min(at + kWindowBytes, bytes.size());
    const std::size_t seen = std::min(end + kMarginBytes, bytes.size());
    scan_window(where, begin, bytes.substr(begin, seen - begin), at - begin, end - begin, sink);
  }
}

Status Auditor::scan_file(const fs::path& file, const AuditSink& sink) {
  const std::string where = file.string();
  const auto unreadable = [&](Error error) -> Status {
    report_.unreadable.push_back(where);
    return tl::unexpected<Error>(error);
  };
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (descriptor.get() < 0) {
    return unreadable(
        {errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "audit: open", errno});
  }
  ++report_.files;
  std::string bytes;
  std::uint64_t base = 0;    // of `bytes` in the file
  std::size_t reported = 0;  // in `bytes`: what begins before has been told
  for (bool more = true; more;) {
    const std::size_t before = bytes.size();
    const Result<bool> filled =
        fill(descriptor.get(), bytes, reported + kWindowBytes + kMarginBytes);
    if (!filled) return unreadable(filled.error());
    more = *filled;
    report_.bytes += bytes.size() - before;
    const std::size_t until = more ? reported + kWindowBytes : bytes.size();
    scan_window(where, base, bytes, reported, until, sink);
    const std::size_t forget = until > kMarginBytes ? until - kMarginBytes : 0;
    bytes.erase(0, forget);
    base += forget;
    reported = until - forget;
  }
  return Done{};
}

void Auditor::scan_path(const fs::path& path, const AuditSink& sink) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::is_directory(status)) {
    const fs::path target =
        fs::is_symlink(fs::symlink_status(path, error)) ? fs::canonical(path, error) : path;
    static_cast<void>(scan_file(error ? path : target, sink));
    return;
  }
  std::vector<fs::path> files;
  std::vector<fs::path> directories{path};
  while (!directories.empty()) {
    const fs::path directory = std::move(directories.back());
    directories.pop_back();
    fs::directory_iterator entry(directory, error);
    if (error) report_.unreadable.push_back(directory.string());
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      std::error_code ignored;
      const fs::file_status kind = entry->symlink_status(ignored);
      if (fs::is_directory(kind)) directories.push_back(entry->path());
      if (fs::is_regular_file(kind)) files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) static_cast<void>(scan_file(file, sink));
}

AuditReport Auditor::report() const {
  AuditReport report = report_;
  report.found_identifiers = count_of(identifiers_found_);
  report.found_positions = count_of(positions_found_);
  return report;
}

AuditReport audit(const std::vector<std::string>& paths, const AuditInputs& inputs,
                  const AuditSink& sink) {
  Auditor auditor(inputs);
  for (const std::string& path : paths) auditor.scan_path(path, sink);
  return auditor.report();
}

}  // namespace sudare
