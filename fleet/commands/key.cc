// `sudare key new|public`: a recipient's key pair.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "fleet/authority/signing_key.h"
#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/cli/output_option.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/key_commands.h"

namespace sudare::commands {
namespace {

struct KeyOptions {
  std::string file;
  std::string purpose;
  bool signing = false;
  bool json = false;
};

void print_authority(const AuthorityKey& key, bool json) {
  if (json) {
    std::cout << nlohmann::ordered_json{{"authority", key.to_string()}}.dump() << "\n";
  } else {
    std::cout << key.to_string() << "\n";
  }
}

int report_created(const KeyOptions& options, const Error& error) {
  return cli::report(options.file, error,
                     error.code == ErrorCode::kRefused
                         ? "the file exists; a key is never overwritten"
                         : "is the directory there and writable?");
}

int run_new_signing(const KeyOptions& options) {
  if (!options.purpose.empty()) {
    cli::report("--signing: a signing key is for no purpose", "leave out --purpose");
    return cli::kExitUsage;
  }
  const SigningKey key = SigningKey::generate();
  const Status created = create_signing_key_file(options.file, key);
  if (!created) return report_created(options, created.error());
  print_authority(key.authority(), options.json);
  return cli::kExitOk;
}

void print_recipient(const age::Recipient& recipient, const std::string& purpose, bool json) {
  if (!json) {
    std::cout << recipient.to_string() << "\n";
    return;
  }
  const age::KeyId id = recipient.key_id();
  nlohmann::ordered_json line;
  line["recipient"] = recipient.to_string();
  line["key_id"] = cli::hex({reinterpret_cast<const char*>(id.data()), id.size()});
  line["purpose"] =
      purpose.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(purpose);
  std::cout << line.dump() << "\n";
}

int run_new(const KeyOptions& options) {
  if (options.signing) return run_new_signing(options);
  if (!options.purpose.empty() && !cli::is_purpose_name(options.purpose)) {
    return cli::report("not a purpose's name: " + options.purpose,
                       "1 to 32 of a-z, 0-9 and -, as in the policy");
  }
  const auto identity = age::open_side::Identity::generate();
  const Status created = cli::create_key_file(options.file, identity, options.purpose);
  if (!created) return report_created(options, created.error());
  print_recipient(identity.recipient(), options.purpose, options.json);
  return cli::kExitOk;
}

int run_public(const KeyOptions& options) {
  const Result<SigningKey> signing = read_signing_key(options.file);
  if (signing) {
    print_authority(signing->authority(), options.json);
    return cli::kExitOk;
  }
  const Result<cli::KeyFile> keys = cli::read_keys(options.file);
  if (!keys) {
    return cli::report(options.file, keys.error(), "a key file is what `sudare key new` writes");
  }
  for (const auto& identity : keys->identities) {
    print_recipient(identity.recipient(), keys->purpose, options.json);
  }
  return cli::kExitOk;
}

}  // namespace

void add_key(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<KeyOptions>();
  CLI::App* key =
      app.add_subcommand("key", "make a key pair, print its public key, or certify a recipient");
  key->require_subcommand(1);

  CLI::App* fresh = key->add_subcommand(
      "new", "write a new private key to FILE (mode 0600) and print its public key");
  fresh->add_option("-o,--output", options->file, "key file to create; keep it off the car")
      ->check(cli::refuse_standard_output)
      ->required();
  fresh->add_option("--purpose", options->purpose, "note in the file which purpose it is for");
  fresh->add_flag("--signing", options->signing,
                  "a signing key: of the relink authority, a policy's signer, or a recipient "
                  "authority");
  fresh->add_flag("--json", options->json, "print JSON");
  fresh->callback([options, &exit_code] { exit_code = run_new(*options); });

  add_key_certify(*key, exit_code);

  CLI::App* shown = key->add_subcommand("public", "print the public key of each key in FILE");
  shown->add_option("FILE", options->file, "key file")->required();
  shown->add_flag("--json", options->json, "print JSON lines");
  shown->callback([options, &exit_code] { exit_code = run_public(*options); });
}

}  // namespace sudare::commands
