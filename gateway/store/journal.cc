#include "gateway/store/journal.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "gateway/store/little_endian.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

// Before each entry: kJournalMark, length of the entry, checksum over both and the entry.
constexpr std::size_t kLengthAt = kJournalMark.size();
constexpr std::size_t kChecksumAt = kLengthAt + 8;
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kHeadBytes = kChecksumAt + kChecksumBytes;

constexpr std::size_t kPiece = 16 * kJournalBlockBytes;

using Checksum = std::array<char, kChecksumBytes>;

Checksum checksum_of(std::string_view head, std::string_view entry) {
  Checksum checksum{};
  crypto_generichash_state hash;
  crypto_generichash_init(&hash, nullptr, 0, checksum.size());
  for (const std::string_view part : {head, entry}) {
    crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  }
  crypto_generichash_final(&hash, reinterpret_cast<unsigned char*>(checksum.data()),
                           checksum.size());
  return checksum;
}

std::size_t in_blocks(std::size_t bytes) {
  return (bytes + kJournalBlockBytes - 1) / kJournalBlockBytes * kJournalBlockBytes;
}

// The entry at the front of `bytes`. Nothing: there is none, or it is torn.
std::optional<std::string_view> entry_at(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || bytes.substr(0, kJournalMark.size()) != kJournalMark)
    return std::nullopt;
  const std::uint64_t length = read_u64(bytes, kLengthAt);
  if (length > bytes.size() - kHeadBytes) return std::nullopt;
  const std::string_view entry = bytes.substr(kHeadBytes, static_cast<std::size_t>(length));
  const Checksum checksum = checksum_of(bytes.substr(0, kChecksumAt), entry);
  const std::string_view kept = bytes.substr(kChecksumAt, kChecksumBytes);
  if (kept != std::string_view(checksum.data(), checksum.size())) return std::nullopt;
  return entry;
}

tl::unexpected<Error> io_error(Literal what) {
  return fail(errno == ENOSPC || errno == EDQUOT ? ErrorCode::kFull : ErrorCode::kIo, what, errno);
}

}  // namespace

std::vector<v1::JournalEntry> journal_entries(std::string_view bytes, std::uint64_t store,
                                              std::uint64_t after, std::uint64_t& damaged) {
  std::vector<v1::JournalEntry> entries;
  damaged = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto found = entry_at(bytes.substr(at));
    at += found ? in_blocks(kHeadBytes + found->size()) : kJournalBlockBytes;
    v1::JournalEntry entry;
    if (!found || !entry.ParseFromArray(found->data(), static_cast<int>(found->size()))) continue;
    if (entry.store() != store || entry.sequence() <= after) continue;
    damaged += entry.sequence() - after - 1;
    after = entry.sequence();
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<Journal> Journal::open(const std::string& directory, std::uint64_t bytes_max, Disk& disk) {
  const std::string path = StateDirectory::journal_path(directory);
  auto file = disk.open(path, Disk::Open::kPastCache);
  if (!file) return io_error("store: the journal can't be opened");
  Journal journal(disk, std::move(file), directory,
                  bytes_max / kJournalBlockBytes * kJournalBlockBytes);
  const auto known = journal.file_->size();
  if (!known) return io_error("store: the journal");
  const std::uint64_t size = *known;
  // One of a greater quota is read whole and not cut.
  if (size >= journal.bytes_max_) {
    journal.bytes_max_ = size;
    return journal;
  }
  if (const Status filled = journal.write_zeros(size / kJournalBlockBytes * kJournalBlockBytes);
      !filled) {
    journal.bytes_max_ = size / kJournalBlockBytes * kJournalBlockBytes;
  }
  if (!journal.file_->sync()) return io_error("store: the journal");
  return journal;
}

Status Journal::prepare_blocks() {
  if (!blocks_) blocks_.reset(static_cast<char*>(std::aligned_alloc(kJournalBlockBytes, kPiece)));
  if (!blocks_) return fail(ErrorCode::kInternal, "store: no memory for the journal");
  return Done{};
}

// A piece at a time, as much as most entries have.
Status Journal::write(std::string_view bytes, std::uint64_t offset) {
  TRY(prepare_blocks());
  while (!bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), kPiece);
    std::copy_n(bytes.data(), piece, blocks_.get());
    const ssize_t done = file_->write(blocks_.get(), piece, offset);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return io_error("store: the journal can't be written");
    // Less than all of it: at a full disk. The next write says so.
    const auto blocks = static_cast<std::size_t>(done) / kJournalBlockBytes * kJournalBlockBytes;
    if (blocks == 0) return fail(ErrorCode::kFull, "store: the journal can't be written");
    bytes.remove_prefix(blocks);
    offset += blocks;
  }
  return Done{};
}

Status Journal::write_zeros(std::uint64_t from) {
  const std::string zeros(kPiece, '\0');
  while (from < bytes_max_) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(bytes_max_ - from, kPiece));
    TRY(write(std::string_view(zeros).substr(0, piece), from));
    from += piece;
  }
  return Done{};
}

Result<std::string> Journal::read_all() {
  TRY(prepare_blocks());
  std::string all;
  for (std::size_t piece = kPiece; all.size() < bytes_max_;) {
    const ssize_t bytes = file_->read(blocks_.get(), piece, all.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0 && errno != EIO) return io_error("store: the journal can't be read");
    if (bytes == 0) break;
    // A sector that is gone, maybe of an old entry, must not keep the unit from starting.
    if (bytes < 0 && piece == kJournalBlockBytes) all.append(kJournalBlockBytes, '\0');
    else if (bytes < 0) piece = kJournalBlockBytes;
    else all.append(blocks_.get(), static_cast<std::size_t>(bytes));
  }
  return all;
}

Result<std::vector<v1::JournalEntry>> Journal::read_after(std::uint64_t store,
                                                          std::uint64_t sequence,
                                                          std::uint64_t& damaged) {
  TRY(const std::string all, read_all());
  return journal_entries(all, store, sequence, damaged);
}

bool Journal::has_room(std::size_t entry_bytes) const {
  return end_ + in_blocks(kHeadBytes + entry_bytes) <= bytes_max_;
}

Status Journal::append(const v1::JournalEntry& entry) {
  const std::size_t bytes = entry.ByteSizeLong();
  if (!has_room(bytes)) return fail(ErrorCode::kFull, "store: the journal is full");
  buffer_ = kJournalMark;
  append_u64(buffer_, bytes);
  buffer_.resize(kHeadBytes);
  entry.AppendToString(&buffer_);
  const std::string_view all(buffer_);
  const Checksum checksum = checksum_of(all.substr(0, kChecksumAt), all.substr(kHeadBytes));
  std::copy(checksum.begin(), checksum.end(), buffer_.begin() + kChecksumAt);
  buffer_.resize(in_blocks(buffer_.size()), '\0');
  TRY(write(buffer_, end_));
  if (!file_->sync()) return io_error("store: the journal can't be written");
  end_ += buffer_.size();
  return Done{};
}

Status Journal::shorten(std::uint64_t bytes_max) {
  bytes_max = bytes_max / kJournalBlockBytes * kJournalBlockBytes;
  end_ = 0;
  if (bytes_max > 0 && bytes_max_ <= bytes_max) return Done{};
  TRY(erase());
  bytes_max_ = bytes_max;
  if (!file_->resize(bytes_max)) return io_error("store: the journal can't be shortened");
  if (bytes_max > 0) return Done{};
  if (!disk_->remove(StateDirectory::journal_path(directory_))) {
    return io_error("store: the journal can't be removed");
  }
  return StateDirectory::sync(directory_, *disk_);
}

Status Journal::erase() {
  TRY(write_zeros(0));
  if (!file_->sync()) return io_error("store: the journal can't be written");
  end_ = 0;
  return Done{};
}

}  // namespace sudare
