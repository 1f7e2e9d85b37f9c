// `sudare inspect FILE`: what anyone can tell about a sealed file without a key, and with one what
// is inside.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/open/inspect.h"
#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/commands.h"
#include "fleet/open/open_batch.h"

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;

struct InspectOptions {
  std::string file;
  std::string key_file;
  std::string purpose;
  bool json = false;
};

void describe_batch(const VerifiedBatch& verified, Json& out) {
  const v1::Batch& batch = verified.batch;
  out["purpose"] = batch.purpose();
  out["verified"] = std::string(literal_of(verified.verified).view());
  out["batch_id"] = cli::hex(batch.batch_id());
  out["records"] = batch.records_size();
  if (!batch.pseudonym().empty()) {
    out["pseudonym"] = cli::hex(batch.pseudonym());
    out["epoch_days"] = batch.epoch_days();
    out["epoch"] = batch.epoch();
    out["first_record"] = batch.first_record();
    out["end_of_epoch"] = batch.end_of_epoch();
    out["missing_ranges"] = batch.missing_size();
  }
  out["policy_slice"] = cli::hex(batch.policy_slice());
}

int run(const InspectOptions& options) {
  const Result<std::string> file = cli::read_file(options.file, cli::kSealedFileBytesMax);
  if (!file) return cli::report(options.file, file.error());
  const auto info = age::open_side::inspect(bytes_of(*file), file->size());
  if (!info) return cli::report(options.file, info.error(), "is it a file that Sudare sealed?");
  Json out;
  out["format"] = "age-encryption.org/v1";
  out["file_bytes"] = file->size();
  out["header_bytes"] = info->header_bytes;
  out["recipients"] = info->x25519_stanzas;
  if (info->stanzas != info->x25519_stanzas) {
    out["other_stanzas"] = info->stanzas - info->x25519_stanzas;
  }
  out["padded_plaintext_bytes"] = info->plaintext_bytes;

  if (!options.key_file.empty()) {
    const Result<cli::KeyFile> keys = cli::read_keys(options.key_file);
    if (!keys) return cli::report(options.key_file, keys.error());
    const std::string purpose = options.purpose.empty() ? keys->purpose : options.purpose;
    if (purpose.empty()) {
      return cli::report("which purpose is this key for?",
                         "--purpose NAME, or a line \"# purpose: NAME\" in the key file");
    }
    const auto batch = open_batch(keys->identities, purpose, Unsigned::kTaken, bytes_of(*file));
    if (!batch) return cli::report(options.file, batch.error());
    describe_batch(*batch, out);
  }
  if (options.json) {
    std::cout << out.dump() << "\n";
    return cli::kExitOk;
  }
  for (const auto& [name, value] : out.items()) {
    std::cout << name << ": " << (value.is_string() ? value.get<std::string>() : value.dump())
              << "\n";
  }
  return cli::kExitOk;
}

}  // namespace

void add_inspect(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* inspect =
      app.add_subcommand("inspect", "say what can be told about a sealed file; more with its key");
  inspect->add_option("FILE", options->file, "an age file")->required();
  inspect->add_option("-i,--identity", options->key_file, "key file of its recipient");
  inspect->add_option("--purpose", options->purpose, "where the key file does not name it");
  inspect->add_flag("--json", options->json, "print JSON");
  inspect->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
