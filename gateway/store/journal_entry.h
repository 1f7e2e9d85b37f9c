// A commit as an entry of the journal: which ones may go there, how one is written, and what one
// does to the books. The same code plays entries back at the next start.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "gateway/store/books.h"
#include "gateway/store/journaled_rows.h"
#include "gateway/store/store.h"
#include "sudare/v1/journal.pb.h"

namespace sudare {

// Modules whose state the journal takes: what a purpose's next record is, and what producers have
// receipts for. Others keep secrets or places, of which no earlier value may stay on the disk.
inline constexpr Literal kRecordNumbersModule = "records";
inline constexpr Literal kReceiptsModule = "receipts";

// The entry of a commit that may go to the journal: it adds rows of usual size that are not
// essential, and concerns no row of outbox.db but those that were delivered, which are in
// `of_database` and not in the entry. Nothing: it is one for outbox.db, or breaks CommitGroup's
// contract, which is found out there.
[[nodiscard]] std::optional<v1::JournalEntry> journal_entry_of(const CommitGroup& group,
                                                               const Books& books,
                                                               const JournaledRows& rows,
                                                               const Clock& clock,
                                                               std::vector<RowId>& of_database);

// States of these modules, by module and key.
using JournaledStates = std::map<std::pair<std::string, std::string>, std::string>;

// Of the two modules the one of this name; nothing for another's.
[[nodiscard]] std::optional<Literal> journaled_module(std::string_view name);

// What the entry does. kMalformed: a field is out of its range; nothing was done then.
[[nodiscard]] Status play(const v1::JournalEntry& entry, Books& books, JournaledRows& rows,
                          JournaledStates& states);

}  // namespace sudare
