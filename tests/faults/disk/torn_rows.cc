#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "gateway/store/outbox_reader.h"
#include "tests/faults/disk/disk.h"
#include "tests/faults/disk/store_lives.h"

namespace sudare::faults {
namespace {

constexpr std::uint64_t kAcknowledgedLeast = 100;
constexpr std::size_t kRoundsMax = 2000;

// Bits that flipped, sectors of zeros or noise, an end that is gone.
void damage(FakeFile& file, Dice& dice) {
  std::string& bytes = file.durable;
  const std::uint64_t places = dice.between(1, 4);
  for (std::uint64_t i = 0; i < places && !bytes.empty(); ++i) {
    const std::uint64_t at = dice.below(bytes.size());
    const std::uint64_t sector = at / kSectorBytes * kSectorBytes;
    const std::uint64_t end = std::min<std::uint64_t>(sector + kSectorBytes, bytes.size());
    switch (dice.below(8)) {
      case 0:
      case 1:
      case 2:
      case 3: bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8))); break;
      case 4:
      case 5:
        std::fill(bytes.begin() + static_cast<long>(sector), bytes.begin() + static_cast<long>(end),
                  '\0');
        break;
      case 6:
        for (std::uint64_t j = sector; j < end; ++j) bytes[j] = static_cast<char>(dice.number());
        break;
      default:
        if (dice.once_in(4)) bytes.resize(sector);
    }
  }
  file.now = bytes;
}

}  // namespace

void torn_rows_run(std::uint64_t seed, std::uint64_t run, FaultResult& result) {
  StoreLives lives(seed, run, true);
  static_cast<void>(lives.open());
  lives.commit_until(kAcknowledgedLeast + lives.dice().below(200));
  const Contents before = lives.contents();
  const std::uint64_t which = run % 3;
  if (which == 0) lives.close();
  else lives.cut_power();
  static constexpr const char* kFiles[] = {"/car/state/outbox.db", "/car/state/outbox.db-wal",
                                           "/car/state/outbox.journal"};
  FakeFile* const file = lives.disk().file(kFiles[which]);
  if (file == nullptr) return;
  damage(*file, lives.dice());
  ++result.runs;
  result.acknowledged += lives.acknowledged();
  const char* const name = kFiles[which] + 11;
  auto opened = Store::open(lives.options(), lives.clock());
  if (!opened) {
    std::printf("%s open %d %s\n", name, static_cast<int>(opened.error().code),
                std::string(opened.error().what.view()).c_str());
    return;
  }
  Store& store = **opened;
  const auto queued = [&] {
    return store.account().total().by_fate[static_cast<std::size_t>(Fate::kQueued)];
  };
  if (!store.account().adds_up()) std::printf("%s account does not add up\n", name);
  if (queued() != static_cast<std::int64_t>(store.status().records))
    std::printf("%s queue differs\n", name);
  if (store.account().total().taken != before.taken()) std::printf("%s taken differs\n", name);
  auto reader = OutboxReader::open(lives.options().directory, store.session(), lives.clock(),
                                   store.journaled(), lives.disk());
  if (!reader) {
    std::printf("%s reader open %d\n", name, (int)reader.error().code);
    return;
  }
  std::uint64_t bad = 0, quarantined = 0;
  for (std::size_t round = 0; round < kRoundsMax; ++round) {
    const auto rows = (*reader)->ready({}, 50, 1'000'000);
    if (!rows) {
      std::printf("%s ready fails %d\n", name, (int)rows.error().code);
      return;
    }
    CommitGroup group;
    group.damaged = (*reader)->take_damaged();
    quarantined += group.damaged.size();
    for (const OutboxRow& row : *rows) {
      if (!lives.groups().made(row.id, row.bytes)) ++bad;
      group.delivered.push_back(row.id);
    }
    if (rows->empty() && group.damaged.empty()) break;
    const auto done = store.commit(group);
    if (!done) {
      std::printf("%s commit fails %d %s %ld\n", name, (int)done.error().code,
                  std::string(done.error().what.view()).c_str(), (long)done.error().detail);
      return;
    }
  }
  if (bad) std::printf("%s wrong bytes\n", name);
  if (store.status().rows) std::printf("%s rows left\n", name);
  std::printf("%s ok%s\n", name, quarantined ? " quarantined" : "");
}

}  // namespace sudare::faults
