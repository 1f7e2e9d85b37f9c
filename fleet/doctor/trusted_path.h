// Who could put something else in the place of a file that is trusted: whoever may write it, or a
// directory above it, up to the root, or a directory that a symbolic link on the way lies in. The
// rule is that of sshd's StrictModes, with two things that it does not know: a directory with the
// sticky bit, in which nobody moves what is another's, and groups that are no others: root's, and
// the owner's own.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

#include "fleet/doctor/report.h"
#include "gateway/config/config_plan.h"

namespace sudare::doctor {

// Who may own what is trusted, beside root and who runs this.
using Owners = std::set<uid_t>;

// Where it is decided what a path leads to: the root, each directory on the way, those of symbolic
// links included, and at last what it names, without links. Ends before the first that is not
// there.
[[nodiscard]] std::vector<std::string> places_to(const std::string& path);

// A problem for each place on the way that others may write. What is not there has none; the sticky
// bit of a directory that is itself what is trusted helps nothing, for others may add to it. POSIX
// ACLs count as far as the mode shows them; capabilities and mounts that others may make do not.
void check_trusted_path(const std::string& file, const Owners& owners, Check& check);
// The same of several, with each place told once.
void check_trusted_paths(const std::vector<std::string>& files, const Owners& owners, Check& check);

// The user of the state directory: the gateway's. Not there: none.
[[nodiscard]] Owners owners_of(const GatewayConfigPlan& plan);
// What the gateway reads and believes, or runs: the configuration, what it names, the copy of the
// last valid policy. Not the ceiling, which policy.ceiling checks; not clips, which others write.
[[nodiscard]] std::vector<std::string> trusted_files_of(const GatewayConfigPlan& plan,
                                                        const std::string& config_file);

}  // namespace sudare::doctor
