// `sudare policy init`: the default policy with a fleet's own recipients.
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "crypto/seal/recipient.h"
#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/policy_commands.h"
#include "fleet/templates/policy_templates.h"
#include "gateway/policy/load.h"

namespace sudare::commands {
namespace {

struct InitOptions {
  std::vector<std::string> recipients;
  std::string template_file;
  std::string output;
  bool ceiling = false;
  bool partial = false;
};

// "purpose=age1..." each; says on stderr what is wrong.
bool read_recipients(const InitOptions& options, std::map<std::string, std::string>& by_purpose) {
  for (const std::string& text : options.recipients) {
    const std::size_t equals = text.find('=');
    const std::string purpose = text.substr(0, equals);
    const std::string key = equals == std::string::npos ? "" : text.substr(equals + 1);
    const auto recipient = age::Recipient::parse(key);
    if (!cli::is_purpose_name(purpose) || !recipient) {
      cli::report("--recipient " + text + ": not a purpose and a public key",
                  "traffic=age1...; `sudare key new` makes one");
      return false;
    }
    if (!by_purpose.emplace(purpose, key).second) {
      cli::report("--recipient " + text + ": the purpose is given twice",
                  "a second recipient is added to the policy by hand");
      return false;
    }
  }
  return true;
}

// "${NAME_RECIPIENT}" for each place that is still open in the text, in order, once.
std::vector<std::string> open_places(std::string_view text) {
  constexpr std::string_view kEnd = "_RECIPIENT}";
  std::vector<std::string> places;
  for (std::size_t at = text.find("${"); at != std::string_view::npos;
       at = text.find("${", at + 1)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) break;
    const std::string place(text.substr(at, end - at + 1));
    const bool known = std::find(places.begin(), places.end(), place) != places.end();
    if (place.ends_with(kEnd) && !known) places.push_back(place);
  }
  return places;
}

// Else TextFormat writes on stderr.
class NoErrors : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int /*line*/, int /*column*/, const std::string& /*text*/) override {}
};

// Why the ceiling can't pin a recipient for the purpose; empty: it can. Its places may be open, and
// others not pinned yet.
std::string unpinnable(const std::string& text, const std::string& purpose) {
  v1::CeilingPolicy ceiling;
  NoErrors errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  if (!parser.ParseFromString(text, &ceiling)) return "the template is no ceiling";
  for (const auto& one : ceiling.purpose()) {
    if (one.name() != purpose) continue;
    const bool pins = one.recipient_size() + one.recipient_authority_size() > 0;
    return pins ? "the ceiling pins who receives " + purpose + " already" : std::string();
  }
  return "the ceiling has no purpose " + purpose;
}

// The ceiling with `recipient: "KEY"` in the purpose, where it has no place for it; empty: its name
// is not found as it is usually written.
std::string pin(const std::string& text, const std::string& purpose, const std::string& key) {
  const std::string name = "name: \"" + purpose + "\"";
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t line = text.rfind('\n', at) + 1;  // npos + 1: the first one
    if (text.find('#', line) < at) continue;            // a comment
    std::string pinned = text;
    return pinned.insert(at + name.size(), " recipient: \"" + key + "\"");
  }
  return {};
}

bool fill(const InitOptions& options, const std::map<std::string, std::string>& by_purpose,
          std::string& text) {
  for (const auto& [purpose, key] : by_purpose) {
    std::string filled = fill_recipients(text, {{purpose, key}});
    if (filled == text && options.ceiling) {
      if (const std::string reason = unpinnable(text, purpose); !reason.empty()) {
        cli::report(reason, "change the template by hand: what is in it is not taken out here");
        return false;
      }
      filled = pin(text, purpose, key);
      if (filled.empty()) {
        cli::report("the place of purpose " + purpose + " in the ceiling is not found",
                    "write it as name: \"" + purpose + "\"");
        return false;
      }
    }
    if (filled == text) {
      cli::report("the template has no place for a recipient of " + purpose,
                  "its places are " + (open_places(text).empty()
                                           ? "all filled"
                                           : open_places(text).front() + " and the like"));
      return false;
    }
    text = std::move(filled);
  }
  const std::vector<std::string> left = open_places(text);
  if (!left.empty() && !options.partial) {
    std::string names;
    for (const std::string& place : left) names += (names.empty() ? "" : ", ") + place;
    cli::report("no recipient for " + names,
                "--recipient PURPOSE=age1..., or --partial to fill these in by hand");
    return false;
  }
  return true;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// Which recipients the image is bound to from then on.
void tell_pins(const std::string& text) {
  const CeilingLoad load = load_ceiling("ceiling", text);
  if (!load.ceiling) return;  // places are open still
  std::vector<std::string> pinned;
  std::vector<std::string> open;
  for (const auto& purpose : load.ceiling->policy.purpose()) {
    const bool pins = purpose.recipient_size() + purpose.recipient_authority_size() > 0;
    (pins ? pinned : open).push_back(purpose.name());
  }
  if (!pinned.empty()) {
    std::cerr << "recipients pinned until the image changes: " << joined(pinned) << "\n";
  }
  if (open.empty()) return;
  std::cerr << "any recipient, as a policy names it: " << joined(open) << "\n"
            << "hint: a ceiling with policy_signer must pin every purpose: --recipient "
               "PURPOSE=age1..., or recipient_authority by hand\n";
}

int run(const InitOptions& options) {
  std::map<std::string, std::string> by_purpose;
  if (!read_recipients(options, by_purpose)) return cli::kExitUsage;
  std::string text(options.ceiling ? ceiling_template() : default_policy_template());
  if (!options.template_file.empty()) {
    Result<std::string> file = cli::read_file(options.template_file, kOperatorFileBytesMax);
    if (!file) return cli::report(options.template_file, file.error());
    text = std::move(*file);
  }
  if (!fill(options, by_purpose, text)) return cli::kExitFailure;
  if (options.ceiling) tell_pins(text);
  if (options.output.empty() || cli::is_standard_output(options.output)) {
    std::cout << text << std::flush;
    return std::cout.good() ? cli::kExitOk
                            : cli::report("output: can't be written", "is the disk full?");
  }
  if (std::filesystem::exists(options.output)) {
    return cli::report(options.output + ": exists", "a policy is never overwritten; move it away");
  }
  constexpr unsigned kEveryoneReads = 0644;
  const Status written = cli::write_file(options.output, text, kEveryoneReads);
  if (!written) {
    return cli::report(options.output, written.error(), "is the directory there and writable?");
  }
  return cli::kExitOk;
}

}  // namespace

void add_policy_init(CLI::App& policy, int& exit_code) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* init = policy.add_subcommand(
      "init", "write the default policy, with your recipients in their places");
  init->add_option("--recipient", options->recipients,
                   "who opens a purpose's batches; once per purpose")
      ->type_name("PURPOSE=age1...");
  init->add_flag("--ceiling", options->ceiling,
                 "write the device image's ceiling instead; it pins each --recipient");
  init->add_option("--template", options->template_file, "a template of your own")
      ->type_name("FILE");
  init->add_flag("--partial", options->partial, "leave places open; the gateway refuses the file");
  init->add_option("-o,--output", options->output, "file to create; default: standard output");
  init->footer(
      "With --ceiling, no policy can name another recipient for a purpose that is given here, "
      "until\n"
      "the image changes; emergency must be. Other purposes take the recipients that a policy\n"
      "names. A ceiling to which policy_signer is added, for policies over the air, must pin "
      "all.\n");
  init->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
