// What a recipient is given by the relink authority: its public keys, member lists and erasure
// orders, as options of a command.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fleet/authority/erasure_order.h"
#include "fleet/authority/member_list.h"

namespace sudare::commands {

// "sudarepub1…"; says on stderr which is none.
[[nodiscard]] std::optional<std::vector<AuthorityKey>> authority_keys(
    const std::vector<std::string>& texts);

// Files, and directories of them: there those that are named PURPOSE.*.members. Says on stderr what
// is wrong with one; nothing is used then.
[[nodiscard]] std::optional<MemberLists> read_member_lists(
    const std::vector<std::string>& paths, const std::vector<AuthorityKey>& authorities,
    const std::string& purpose);

// The same of PURPOSE.*.forget. In directories also those of other purposes where `purpose` is
// empty.
[[nodiscard]] std::optional<std::vector<ErasureOrder>> read_erasure_orders(
    const std::vector<std::string>& paths, const std::vector<AuthorityKey>& authorities,
    const std::string& purpose);

}  // namespace sudare::commands
