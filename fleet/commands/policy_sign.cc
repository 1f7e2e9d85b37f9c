// `sudare policy sign`: one signer's signature under a policy that passes the check.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/limits.h"
#include "fleet/authority/policy_signature.h"
#include "fleet/cli/console.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/policy_files.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/policy_commands.h"
#include "gateway/policy/signed_policy.h"
#include "gateway/policy/updates.h"

namespace sudare::commands {
namespace {

struct SignOptions {
  cli::PolicyFiles files;
  std::string key;
  std::string output;
  bool json = false;
};

int refused(const SignOptions& options, const Error& error) {
  return cli::report(options.files.policy, error,
                     error.code == ErrorCode::kRefused
                         ? "each signer signs once"
                         : "signatures are its last lines, at most " +
                               std::to_string(kPolicySignersMax) + " of them");
}

// A signature of one who is not asked counts for nothing: the wrong key, or the wrong image.
bool is_asked(const CeilingPlan* ceiling, const AuthorityKey& signer) {
  if (ceiling == nullptr || ceiling->policy.policy_signer().empty()) return true;
  for (const std::string& text : ceiling->policy.policy_signer()) {
    const auto key = AuthorityKey::parse(text);
    if (key && *key == signer) return true;
  }
  return false;
}

// Whether the policy is to be signed with this key; says on stderr why not.
bool is_to_be_signed(const SignOptions& options, const cli::LoadedPolicy& loaded,
                     const SigningKey& key) {
  if (!is_asked(loaded.ceiling.get(), key.authority())) {
    cli::report(
        options.key + ": " + key.authority().to_string() + " is no policy_signer of " +
            options.files.ceiling,
        "its signature would not count there; take a signer's key, or the ceiling of the image "
        "that asks for this one");
    return false;
  }
  const std::vector<int> stale = stale_signatures(loaded.text);
  for (const int line : stale) {
    cli::report(options.files.policy + ":" + std::to_string(line) +
                    ": a signature that is not of this text",
                "the policy was changed after it was signed: remove this line, and whoever signed "
                "signs again");
  }
  return stale.empty();
}

// Beside the policy itself on standard output, on stderr.
void print(const SignOptions& options, const SigningKey& key, std::size_t bytes,
           std::size_t signatures) {
  const std::string& file = options.output.empty() ? options.files.policy : options.output;
  std::ostream& out = cli::is_standard_output(options.output) ? std::cerr : std::cout;
  if (options.json) {
    out << nlohmann::ordered_json{{"file", file},
                                  {"signer", key.authority().to_string()},
                                  {"signatures", signatures},
                                  {"bytes", bytes}}
               .dump()
        << "\n";
  } else {
    out << file << ": signed by " << key.authority().to_string() << ", "
        << cli::counted(signatures, "signature") << "\n";
  }
}

// Whether the text is where it belongs; else says why not.
bool write(const SignOptions& options, const std::string& text) {
  if (cli::is_standard_output(options.output)) {
    std::cout << text << std::flush;
    if (!std::cout.good()) cli::report("output: can't be written", "is the disk full?");
    return std::cout.good();
  }
  constexpr unsigned kReadable = 0644;
  const std::string& file = options.output.empty() ? options.files.policy : options.output;
  const Status written = cli::write_file(file, text, kReadable);
  if (!written) cli::report(file, written.error(), "is the directory there and writable?");
  return written.has_value();
}

int run(SignOptions& options) {
  if (options.files.policy == "-" && options.output.empty()) {
    cli::report("a policy from standard input has no place of its own",
                "-o FILE, or -o - for standard output");
    return cli::kExitUsage;
  }
  const Result<SigningKey> key = read_signing_key(options.key);
  if (!key) {
    return cli::report(options.key, key.error(),
                       "a signer's key, as `sudare key new --signing` writes it");
  }
  options.files.before_signing = true;
  const auto loaded = cli::load(options.files, std::nullopt);
  if (!loaded->readable) return cli::kExitFailure;
  cli::report(loaded->diagnostics);
  if (loaded->policy == nullptr) return cli::kExitFindings;
  if (!is_to_be_signed(options, *loaded, *key)) return cli::kExitFailure;
  const Result<std::string> signed_text = sign_policy(loaded->text, *key);
  if (!signed_text) return refused(options, signed_text.error());
  if (signed_text->size() > kOperatorFileBytesMax) {
    return cli::report(options.files.policy + ": with its signature the policy is too large",
                       "at most " + std::to_string(kOperatorFileBytesMax) + " bytes");
  }
  if (signed_text->size() > kPolicyOverAirBytesMax) {
    std::cerr << "warning: " << options.files.policy << ": too large to be sent over the air\n"
              << "hint: cars take at most " << kPolicyOverAirBytesMax << " bytes\n";
  }
  if (!write(options, *signed_text)) return cli::kExitFailure;
  print(options, *key, signed_text->size(), read_signed_policy(*signed_text)->signatures.size());
  return cli::kExitOk;
}

}  // namespace

void add_policy_sign(CLI::App& policy, int& exit_code) {
  auto options = std::make_shared<SignOptions>();
  CLI::App* sign = policy.add_subcommand(
      "sign", "add a signer's signature to a policy, as its last line; for cars that ask for it");
  sign->add_option("FILE", options->files.policy, "the policy, signed by others or not yet")
      ->required();
  cli::add_policy_options(*sign, options->files);
  sign->add_option("--key", options->key, "the signer's key file (`sudare key new --signing`)")
      ->type_name("FILE")
      ->required();
  sign->add_option("-o,--output", options->output,
                   "write it there, - is standard output; default: in FILE's place")
      ->type_name("FILE");
  sign->add_flag("--json", options->json, "print JSON");
  sign->footer(
      "A policy that fails the check is not signed. Whose signatures cars ask for is in the "
      "image's\n"
      "ceiling: policy_signer, policy_threshold; `sudare policy check --ceiling` says what is\n"
      "missing. Exit 0: signed; 3: the policy fails the check; 1: anything else.\n");
  sign->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
