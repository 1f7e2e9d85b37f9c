// `sudare key certify|inspect`: a recipient authority's certificates.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/limits.h"
#include "fleet/authority/policy_signature.h"
#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/commands/days.h"
#include "fleet/commands/key_commands.h"
#include "gateway/policy/recipient_certificate.h"

namespace sudare::commands {
namespace {

struct CertifyOptions {
  std::string purpose;
  std::string recipient;
  std::string not_before;
  std::string not_after;
  std::string key;
  std::uint64_t serial = 0;
  bool json = false;
};

void print_certificate(const std::string& token, const RecipientCertificate& one, bool json) {
  if (json) {
    std::cout << nlohmann::ordered_json{{"certificate", token},
                                        {"purpose", one.purpose},
                                        {"recipient", one.recipient.to_string()},
                                        {"serial", one.serial},
                                        {"not_before", day_text(one.not_before_day)},
                                        {"not_after", day_text(one.not_after_day)},
                                        {"authority", one.authority.to_string()}}
                     .dump()
              << "\n";
    return;
  }
  std::cout << "purpose    " << one.purpose << "\nrecipient  " << one.recipient.to_string()
            << "\nserial     " << one.serial << "\nholds      " << day_text(one.not_before_day)
            << " to " << day_text(one.not_after_day) << "\nauthority  " << one.authority.to_string()
            << "\nsignature  right: of this authority, whoever that is\n";
}

int run_certify(const CertifyOptions& options) {
  const auto from = day_option("--not-before", options.not_before, today());
  const auto to = day_option("--not-after", options.not_after, -1);
  if (!from || !to) return cli::kExitUsage;
  if (!cli::is_purpose_name(options.purpose) || *to < *from) {
    cli::report(*to < *from ? "the certificate ends before it begins"
                            : "not a purpose's name: " + options.purpose,
                *to < *from ? "--not-after is the later day"
                            : "1 to 32 of a-z, 0-9 and -, as in the policy");
    return cli::kExitUsage;
  }
  const auto recipient = age::Recipient::parse(options.recipient);
  if (!recipient) {
    cli::report("--recipient: not an age public key", "\"age1...\", from `sudare key new`");
    return cli::kExitUsage;
  }
  const Result<SigningKey> key = read_signing_key(options.key);
  if (!key) {
    return cli::report(options.key, key.error(),
                       "the authority's key, as `sudare key new --signing` writes it");
  }
  const auto token = certify({options.purpose, *recipient, options.serial, *from, *to}, *key);
  if (!token) return cli::report("certificate", token.error(), "are the days right?");
  if (!options.json) {
    std::cout << *token << "\n";
    return cli::kExitOk;
  }
  print_certificate(*token, *read_certificate(*token), true);
  return cli::kExitOk;
}

int run_inspect(const std::string& token, bool json) {
  const auto one = read_certificate(token);
  if (!one) {
    return cli::report("certificate", one.error(),
                       "\"sudarecert1\" and base64, as `sudare key certify` prints it");
  }
  print_certificate(token, *one, json);
  return cli::kExitOk;
}

}  // namespace

void add_key_certify(CLI::App& key, int& exit_code) {
  auto options = std::make_shared<CertifyOptions>();
  CLI::App* certify = key.add_subcommand(
      "certify", "name a recipient of a purpose, in a certificate; for its recipient authority");
  certify->add_option("--purpose", options->purpose, "it holds for no other")->required();
  certify->add_option("--recipient", options->recipient, "\"age1...\"")->required();
  certify
      ->add_option("--serial", options->serial,
                   "larger than those of the purpose's earlier certificates")
      ->check(CLI::Range(std::uint64_t{1}, kSerialMax))
      ->required();
  certify->add_option("--not-before", options->not_before, "first day; default: today")
      ->type_name("YYYY-MM-DD");
  certify->add_option("--not-after", options->not_after, "last day")
      ->type_name("YYYY-MM-DD")
      ->required();
  certify->add_option("--key", options->key, "the authority's key file (`key new --signing`)")
      ->type_name("FILE")
      ->required();
  certify->add_flag("--json", options->json, "print JSON");
  certify->footer(
      "Prints the token for certificate: \"...\" in the policy's purpose. A recipient is revoked "
      "by\n"
      "a policy without its certificate, whose other certificates all have larger serials.\n");
  certify->callback([options, &exit_code] { exit_code = run_certify(*options); });

  auto token = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* inspect = key.add_subcommand("inspect", "print what a recipient's certificate says");
  inspect->add_option("TOKEN", *token, "\"sudarecert1...\"")->required();
  inspect->add_flag("--json", *json, "print JSON");
  inspect->callback([token, json, &exit_code] { exit_code = run_inspect(*token, *json); });
}

}  // namespace sudare::commands
