#include "fleet/open/received_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "fleet/cli/console.h"
#include "fleet/cli/descriptor.h"
#include "fleet/cli/line_reader.h"
#include "fleet/cli/new_file.h"
#include "fleet/open/hex16.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A run over many files must not hold what it noted in memory.
constexpr std::size_t kNotedBytesMax = std::size_t{1} << 20;
constexpr std::size_t kLostRangesMax = 1024;  // of one line; the car sends 64

Status append(const fs::path& file, std::string_view bytes) {
  const Descriptor out(
      open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (out.get() < 0) return fail(ErrorCode::kIo, "received: open", errno);
  return write_all(out.get(), bytes, "received: write");
}

// 16 bytes; empty where the value is none.
std::string bytes_in(const json& value) {
  return value.is_string() ? sixteen_bytes(value.get_ref<const std::string&>()) : std::string();
}

bool read_ranges(const json& list, Received& received) {
  if (!list.is_array() || list.size() > kLostRangesMax) return false;
  for (const json& range : list) {
    if (!range.is_array() || range.size() != 2 || !range[0].is_number_unsigned() ||
        !range[1].is_number_unsigned()) {
      return false;
    }
    received.lost.push_back({range[0].get<std::uint64_t>(), range[1].get<std::uint64_t>()});
  }
  return true;
}

// One file in place of all the lines, under a lock that nobody else has.
Status rewrite(const fs::path& file, const Receiver& receiver) {
  TRY(cli::NewFile out, cli::NewFile::open(file));
  std::string lines;
  Status written = Done{};
  receiver.for_each_remembered([&](const Received& received) {
    lines += received_line(received);
    if (lines.size() < kNotedBytesMax || !written) return;
    written = out.write(lines);
    lines.clear();
  });
  TRY(written);
  TRY(out.write(lines));
  return out.commit();
}

}  // namespace

std::string received_line(const Received& received) {
  nlohmann::ordered_json line = nlohmann::ordered_json::object();
  if (!received.batch_id.empty()) line["b"] = cli::hex(received.batch_id);
  if (!received.pseudonym.empty()) {
    line["p"] = cli::hex(received.pseudonym);
    line["f"] = received.first;
    line["n"] = received.count;
    for (const RecordSpan& span : received.lost) line["l"].push_back({span.first, span.count});
  }
  return line.dump() + "\n";
}

Result<Received> parse_received(std::string_view line) {
  const json parsed = json::parse(line, nullptr, false);
  const auto malformed = [] { return fail(ErrorCode::kMalformed, "received: not a line of it"); };
  if (!parsed.is_object()) return malformed();
  Received received;
  if (parsed.contains("b") && (received.batch_id = bytes_in(parsed["b"])).empty()) {
    return malformed();
  }
  if (!parsed.contains("p")) {
    return received.batch_id.empty() ? Result<Received>(malformed()) : received;
  }
  received.pseudonym = bytes_in(parsed["p"]);
  const auto first = parsed.find("f");
  const auto count = parsed.find("n");
  if (received.pseudonym.empty() || first == parsed.end() || count == parsed.end() ||
      !first->is_number_unsigned() || !count->is_number_unsigned()) {
    return malformed();
  }
  received.first = first->get<std::uint64_t>();
  received.count = count->get<std::uint64_t>();
  if (parsed.contains("l") && !read_ranges(parsed["l"], received)) return malformed();
  return received;
}

Status ReceivedLog::open(const fs::path& path, const OutputDirectory& directory,
                         const std::string& purpose, Receiver& receiver) {
  file_ = path / (purpose + ".received");
  const Descriptor in(::open(file_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (in.get() < 0 && errno == ENOENT) return Done{};
  if (in.get() < 0) return fail(ErrorCode::kIo, "received: open", errno);
  cli::LineReader lines(in.get());
  std::string line;
  while (true) {
    TRY(const cli::LineReader::Outcome outcome, lines.next(line));
    if (outcome == cli::LineReader::Outcome::kEnd) break;
    if (outcome == cli::LineReader::Outcome::kTooLong) continue;
    if (const Result<Received> received = parse_received(line)) receiver.remember(*received);
  }
  if (lines.number() < kReceivedLinesMax || !directory.try_alone()) return Done{};
  const Status done = rewrite(file_, receiver);
  directory.share_again();
  return done;
}

void ReceivedLog::add(const VerifiedBatch& batch) {
  if (!file_.empty()) noted_ += received_line(received_of(batch));
}

bool ReceivedLog::full() const { return noted_.size() >= kNotedBytesMax; }

Status ReceivedLog::flush() {
  if (noted_.empty()) return Done{};
  TRY(append(file_, noted_));
  noted_.clear();
  return Done{};
}

}  // namespace sudare
