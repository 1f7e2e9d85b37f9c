// T-Connect's source code: public for five years, with a key in it that opened the data server.
// Handed over: the tree and its history, the programs, one car's configuration and its access to
// the broker; and the bucket, to be opened with what is found there.
#include <fstream>

#include "sim/base64_text.h"
#include "sim/drill/bucket_attack.h"
#include "sim/drill/drills.h"
#include "sim/drill/intruder.h"
#include "sim/drill/key_search.h"
#include "sim/drill/open_program.h"
#include "sim/process/child.h"
#include "sim/process/local.h"

namespace sudare::sim::drill {

namespace {

namespace fs = std::filesystem;

Parsed<std::string> shell(const Setting& setting, const std::string& command) {
  return run_tool({"sh", "-c", command}, setting.place().in("git.log"));
}

// The tree as it is checked out, and every version of every file that a clone would bring. Without
// git, the directory.
Parsed<std::string> hand_over_tree(const Setting& setting, const fs::path& loot) {
  const std::string source = fs::absolute(setting.options().source);
  std::error_code error;
  fs::create_directories(loot, error);
  const std::string git = "git -C '" + source + "' ";
  const auto copied = shell(setting, git + "archive HEAD | tar -x -C '" + loot.string() + "'");
  if (copied && !fs::is_empty(loot)) {
    const auto history =
        shell(setting, git + "rev-list --objects HEAD | cut -d' ' -f1 | " + git +
                           "cat-file --batch > '" + (loot / "history").string() + "'");
    if (!history) return tl::unexpected<InputError>(history.error());
    const auto commits = shell(setting, git + "rev-list --count HEAD");
    return "tree and history (" + (commits ? commits->substr(0, commits->find('\n')) : "?") +
           " commits)";
  }
  for (const auto& entry : fs::directory_iterator(source)) {
    const std::string name = entry.path().filename();
    if (name == "build" || name.starts_with(".")) continue;
    fs::copy(entry.path(), loot / name, fs::copy_options::recursive, error);
  }
  if (fs::is_empty(loot)) return input_error(source, 0, "holds no source", "--source DIR");
  return std::string("tree, without history (there is no git)");
}

// Policy, configuration, certificates and the unit's own key at the broker. Not its state.
Parsed<Done> hand_over_car(const Ride& ride, const fs::path& loot) {
  std::error_code error;
  fs::create_directories(loot, error);
  const MqttPeer peer = ride.cloud->peer(kIntruder);
  for (const fs::path& file : {ride.cars.front()->directory() / "gateway.textproto",
                               ride.setting->place().in("policy.textproto"), fs::path(peer.ca_file),
                               fs::path(peer.cert_file), fs::path(peer.key_file)}) {
    fs::copy(file, loot / file.filename(), error);
    if (error) return input_error(file, 0, error.message());
  }
  return Done{};
}

// The control: what was in the real leak, and where people leave keys. A purpose's key in base64 in
// a source file; the authority's signing key as UTF-16 behind a program.
Parsed<Done> plant(const Setting& setting, const fs::path& loot) {
  std::error_code error;
  fs::create_directories(loot, error);
  const auto key = read_whole_file(setting.key_file(kDeceived), 64 * 1024);
  const auto signing = read_whole_file(setting.key_file("signing"), 64 * 1024);
  if (!key) return tl::unexpected<InputError>(key.error());
  if (!signing) return tl::unexpected<InputError>(signing.error());
  auto done = write_text(loot / "uploader.cc", "// deployment\nconst char* const kAccess = \"" +
                                                   to_base64(*key) + "\";\n");
  if (!done) return done;
  fs::copy(setting.tools().gateway(), loot / "sudare-gateway", error);
  std::ofstream program(loot / "sudare-gateway", std::ios::binary | std::ios::app);
  for (const char c : *signing) program << c << '\0';
  program.close();
  return program.fail() ? input_error(loot, 0, "can't be written") : Parsed<Done>(Done{});
}

std::vector<age::Recipient> recipients_of(const Policy& policy) {
  std::vector<age::Recipient> all;
  for (const PurposePlan& purpose : policy.purposes) {
    all.insert(all.end(), purpose.recipients.begin(), purpose.recipients.end());
  }
  return all;
}

// Also whether a key for something else happens to be one that opens.
void search(const fs::path& loot, const Setting& setting, KeySearch& found) {
  found.search_path(loot);
  for (const std::string& der : found.pem_keys()) {
    found.try_as_keys(der, recipients_of(setting.policy()));
  }
}

std::string mib(std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; }

// What the attacker, and the control's, found.
struct Leak {
  std::string tree;  // what was handed over of it
  KeySearch found;   // also what lies on the car, which is handed over and no finding
  std::uint64_t found_in_source = 0;
  std::uint64_t files = 0;
  KeySearch planted;
};

Parsed<Leak> search_leak(const Ride& ride) {
  const Setting& setting = *ride.setting;
  const fs::path loot = setting.place().in("loot");
  Leak leak;
  const auto tree = hand_over_tree(setting, loot / "tree");
  if (!tree) return tl::unexpected<InputError>(tree.error());
  leak.tree = *tree;
  if (auto done = hand_over_car(ride, loot / "car"); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  if (auto done = plant(setting, loot / "control"); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  setting.options().progress("looking for keys");
  search(loot / "tree", setting, leak.found);
  for (const char* name : {"sudare", "sudare-gateway", "sudare-clip"}) {
    const fs::path program = setting.tools().programs / name;
    if (fs::exists(program)) search(program, setting, leak.found);
  }
  leak.found_in_source = leak.found.found();
  leak.files = leak.found.files();
  search(loot / "car", setting, leak.found);
  search(loot / "control", setting, leak.planted);
  return leak;
}

// With a signing key that was found, or one of the intruder's own.
Parsed<Intrusion> deceive(const Intruder& intruder, const std::string& name,
                          const KeySearch& found) {
  if (!found.signing_keys().empty()) return intruder.deceive(name, found.signing_keys().front());
  return intruder.deceive(name, SigningKey::generate());
}

}  // namespace

Parsed<DrillReport> leaked_source(const Ride& ride) {
  const Setting& setting = *ride.setting;
  setting.options().progress("member lists");
  const auto authority = issue_member_lists(ride);
  if (!authority) return tl::unexpected<InputError>(authority.error());
  const auto leak = search_leak(ride);
  if (!leak) return tl::unexpected<InputError>(leak.error());
  setting.options().progress("forging batches");
  const auto intruder = Intruder::publish(ride, *authority);
  if (!intruder) return tl::unexpected<InputError>(intruder.error());
  const auto real = deceive(*intruder, "forged", leak->found);
  if (!real) return tl::unexpected<InputError>(real.error());
  const auto control = deceive(*intruder, "forged-with-key", leak->planted);
  if (!control) return tl::unexpected<InputError>(control.error());

  DrillReport report;
  report.name = "leaked-source";
  report.given = {leak->tree + " and programs: " + std::to_string(leak->files) + " files, " +
                      mib(leak->found.bytes()),
                  "one car's configuration, policy, certificate and key at the broker",
                  "the bucket: " + std::to_string(ride.sealed.size()) + " objects"};
  report.control = "a purpose's key in a source file, the authority's signing key in a program";
  const Bucket of_one = of_purpose(ride.sealed, kDeceived);
  report.figures = {
      {"private keys in tree, history and programs", Must::kNothing, leak->found_in_source,
       leak->files, leak->planted.found(), 2},
      {"objects opened", Must::kNothing, opened(ride.sealed, leak->found.identities()),
       ride.sealed.size(), opened(of_one, leak->planted.identities()), of_one.size()},
      {"forged member lists taken", Must::kNothing, real->list_taken ? 1U : 0U, 1,
       control->list_taken ? 1U : 0U, 1},
      {"forged batches accepted as `member`", Must::kNothing, real->as_member, real->forged,
       control->as_member, control->forged, 1},
      // A recipient that accepts nobody would prove nothing.
      {"the cars' own records are taken as `member`", Must::kNoticed,
       real->real_members > 0 ? 1U : 0U, 1, 0, real->forged}};
  report.notes.push_back(
      "Forged: without signature; signed by a key of the intruder's own; under a "
      "real car's pseudonym; a batch that was seen, once more.");
  report.left_in = setting.left_in();
  return report;
}

}  // namespace sudare::sim::drill
