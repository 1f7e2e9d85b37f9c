// The journal is read after a power cut, when anything may be in it. Whatever is: entries come in
// rising order, and one that is played back leaves books that add up, or nothing changed.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "crypto/crypto_init.h"
#include "gateway/store/journal.h"
#include "gateway/store/journal_entry.h"

namespace {

void must(bool good) {
  if (!good) std::abort();
}

void read(const std::string& bytes) {
  std::uint64_t damaged = 0;
  std::uint64_t last = 3;
  for (const auto& entry : sudare::journal_entries(bytes, 0x0807060504030201, last, damaged)) {
    must(entry.sequence() > last);
    last = entry.sequence();
  }
}

void play_back(const std::string& bytes) {
  sudare::v1::JournalEntry entry;
  if (!entry.ParseFromString(bytes)) return;
  sudare::Books books;
  sudare::JournaledRows rows;
  sudare::JournaledStates states;
  for (int i = 0; i < 2; ++i) {  // the second time its rows are there
    const sudare::Books before = books;
    if (!play(entry, books, rows, states)) {
      must(books.next_id == before.next_id && books.rows == before.rows);
      return;
    }
    must(books.account.adds_up());
    std::uint64_t count = 0;
    std::uint64_t size = 0;
    for (auto row = rows.next_after(0); row; row = rows.next_after(row->meta.id)) {
      ++count;
      size += row->bytes.size();
    }
    must(books.rows == count && books.bytes == size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool ready = sudare::crypto_init().has_value();
  must(ready);
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read(bytes);
  play_back(bytes);
  return 0;
}
