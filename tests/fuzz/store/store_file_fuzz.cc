// outbox.db with other values in it than were written, as rotten flash or another program leaves
// them. Input: patches. Below kColumns: a value of a row's column, in that column's type; else a
// byte of the file. Whatever is there: the store opens or says why not, its account adds up, and
// what was acknowledged is not sent again.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/store/database.h"
#include "gateway/store/little_endian.h"
#include "gateway/store/outbox_reader.h"
#include "gateway/store/row.h"
#include "gateway/store/store.h"
#include "tests/faults/disk/fake_disk.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/seal_stage_for_tests.h"

namespace sudare {
namespace {

constexpr const char* kDirectory = "/car/state";
constexpr const char* kFile = "/car/state/outbox.db";
constexpr int kPatchesMax = 16;
constexpr int kRoundsMax = 50;

void require(bool holds) {
  if (!holds) std::abort();
}

// ?1 is the value: a number, bytes or text. ?2 says where: the key of a row of the outbox, a
// purpose's letter in the account, or a small number.
struct Column {
  char type;
  char where;
  Literal update;
};
constexpr std::array kColumns = {
    Column{'n', 'k', "UPDATE outbox SET key = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET fragment = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET ready_ms = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET expires_ms = ?1 WHERE key = ?2"},
    Column{'t', 'k', "UPDATE outbox SET purpose = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET shard = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET epoch_days = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET first_record = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET record_count = ?1 WHERE key = ?2"},
    Column{'n', 'k', "UPDATE outbox SET size = ?1 WHERE key = ?2"},
    Column{'b', 'k', "UPDATE outbox SET bytes = ?1 WHERE key = ?2"},
    Column{'n', '-', "INSERT OR REPLACE INTO held(key) VALUES (?1 + 0 * ?2)"},
    Column{'n', 'p', "UPDATE account SET taken = ?1 WHERE unicode(purpose) = ?2"},
    Column{'b', 'p', "UPDATE account SET fates = ?1 WHERE unicode(purpose) = ?2"},
    Column{'b', 'p', "UPDATE account SET reasons = ?1 WHERE unicode(purpose) = ?2"},
    Column{'b', '-', "UPDATE missing SET ranges = ?1 WHERE ?2 >= 0"},
    Column{'b', '-', "INSERT OR REPLACE INTO state(module, key, value) VALUES ('reports', ?2, ?1)"},
    Column{'n', '-', "UPDATE meta SET session = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET session_first_id = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET session_store_ms = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET next_id = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET rows = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET bytes = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET records = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET essential_bytes = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET store_ms = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET reference_store_ms = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET reference_wall_ms = ?1 WHERE ?2 >= 0"},
    Column{'n', '-', "UPDATE meta SET journal_sequence = ?1 WHERE ?2 >= 0"},
};

StoreOptions options(faults::FakeDisk& disk) {
  return {kDirectory, kQuotaBytesMin, kQuotaBytesMin / 8, 0, &disk};
}

void make_directories(faults::FakeDisk& disk) {
  require(disk.make_directory("/car") && disk.make_directory(kDirectory));
}

void put(faults::FakeDisk& disk, const std::string& bytes) {
  make_directories(disk);
  require(disk.create(kFile));
  faults::FakeFile& file = *disk.file(kFile);
  file.now = file.durable = bytes;
}

Sealed row(RowId id, const std::string& purpose, std::uint64_t first_record) {
  SealedMeta meta;
  meta.id = id;
  meta.purpose = purpose;
  meta.epoch_days = 28;
  meta.epoch = 700;
  meta.records = {first_record, 2};
  meta.priority = 1;
  meta.keep_hours = 72;
  meta.essential = purpose == "e";
  meta.held = purpose == "h";
  return Sealed(SealStage::passkey(), meta, std::string(40, 'x'));
}

// A store with a row of each kind: of an essential purpose, an open fragment, some whole ones, one
// that says what is missing, two of a clip that is not whole.
std::string make_file(const Clock& clock) {
  faults::FakeDisk disk(1);
  make_directories(disk);
  auto store = Store::open(options(disk), clock);
  require(store.has_value());
  CommitGroup group;
  RowId id = 1;
  for (const char* purpose : {"t", "t", "e", "u", "u", "h", "h"}) {
    group.add.push_back(row(id, purpose, 2 * id));
    if (!group.add.back().meta().held) group.account.take(purpose, Fate::kQueued, Reason::kNone, 2);
    ++id;
  }
  SealedMeta open = row(id, "u", 2 * id).meta();
  open.fragment = true;
  group.add.emplace_back(SealStage::passkey(), open, std::string(40, 'y'));
  group.account.take("u", Fate::kQueued, Reason::kNone, 2);
  group.account.take("", Fate::kDropped, Reason::kNoRule, 3);
  group.reported.push_back({"t", 28, 700, {100, 5}, v1::MissingRange::EVICTED});
  group.state.push_back({"records", "t/28", "value"});
  require((*store)->commit(group).has_value());
  CommitGroup next;
  next.delivered = {2};
  next.damaged = {4};
  require((*store)->commit(next).has_value());
  store->reset();
  return disk.file(kFile)->now;
}

// --- patches

class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  std::string_view take(std::size_t size) {
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(part.size());
    return part;
  }
  std::uint8_t byte() { return empty() ? 0 : static_cast<std::uint8_t>(take(1)[0]); }
  std::int64_t number() {
    std::string eight(take(8));
    eight.resize(8, '\0');
    return static_cast<std::int64_t>(read_u64(eight, 0));
  }

 private:
  std::string_view bytes_;
};

std::int64_t place_of(char where, std::uint8_t row) {
  constexpr std::string_view kPurposes = "etu";
  // As make_file() left them.
  static const std::array kKeys = {key_of(1, 1), key_of(1, 5), key_of(1, 6),
                                   key_of(1, 7), key_of(1, 8), key_of(kRankEssential + 1, 3)};
  if (where == 'k') return kKeys[row % kKeys.size()];
  if (where == 'p') return kPurposes[row % kPurposes.size()];
  return row % 9;
}

void update(Database& database, const Column& column, Input& input) {
  auto statement = Statement::prepare(database, column.update);
  require(statement.has_value());
  statement->bind(2, place_of(column.where, input.byte()));
  if (column.type == 'n') {
    (void)statement->bind(1, input.number()).run();
    return;
  }
  const std::string value(input.take(input.byte()));
  if (column.type == 't') (void)statement->bind(1, std::string_view(value)).run();
  else (void)statement->bind_bytes(1, value).run();
}

// Columns first: a file with other bytes may not be one of SQLite's any more. True: there are none.
bool patch(faults::FakeDisk& disk, std::string_view bytes) {
  Input input(bytes);
  std::vector<std::pair<std::size_t, char>> raw;
  auto database = Database::open(kFile, DatabaseAccess::kReadWrite, disk.sqlite_vfs());
  require(database.has_value());
  for (int i = 0; i < kPatchesMax && !input.empty(); ++i) {
    const std::uint8_t which = input.byte();
    if (which < kColumns.size()) {
      update(*database, kColumns[which], input);
      continue;
    }
    const std::size_t at = input.byte() * 256U + input.byte() + 65'536U * (which % 2);
    raw.emplace_back(at, static_cast<char>(input.byte()));
  }
  (void)database->checkpoint(Checkpoint::kWipe);
  database = fail(ErrorCode::kInternal, "closed");
  std::string& file = disk.file(kFile)->now;
  for (const auto& [at, byte] : raw) file[at % file.size()] = byte;
  return raw.empty();
}

// --- what the store makes of it

// Where SQLite finds nothing wrong, what a value can do is make the file malformed.
template <class T>
bool good(const Result<T>& result, bool well_formed) {
  require(result || !well_formed || result.error().code == ErrorCode::kMalformed);
  return result.has_value();
}

// Sends all that may be sent.
void drain(Store& store, faults::FakeDisk& disk, const Clock& clock, bool well_formed) {
  auto reader = OutboxReader::open(kDirectory, store.session(), clock, nullptr, disk);
  if (!good(reader, well_formed)) return;
  std::set<RowId> sent;
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto rows = (*reader)->ready({}, 4, 1U << 20U);
    if (!good(rows, well_formed)) return;
    CommitGroup group;
    group.damaged = (*reader)->take_damaged();
    for (const OutboxRow& row : *rows) {
      require(sent.insert(row.id).second);
      group.delivered.push_back(row.id);
    }
    if (group.delivered.empty() && group.damaged.empty()) return;
    if (!good(store.commit(group), well_formed)) return;
    require(store.account().adds_up());
  }
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  const testkit::ManualClock clock;
  static const std::string file = make_file(clock);
  faults::FakeDisk disk(1);
  put(disk, file);
  const bool well_formed = patch(disk, {reinterpret_cast<const char*>(data), size});
  auto store = Store::open(options(disk), clock);
  if (!good(store, well_formed)) return 0;
  require((*store)->account().adds_up());
  if (!good((*store)->commit({}), well_formed)) return 0;
  drain(**store, disk, clock, well_formed);
  return 0;
}
