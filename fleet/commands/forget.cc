// `sudare forget`: signed erasure orders. The relink authority makes them from its records; a
// recipient applies them to what it has already written, and gives them to `sudare open` for what
// is still on its way.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "fleet/cli/console.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/authority_files.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/days.h"
#include "fleet/commands/records.h"
#include "fleet/open/erase_output.h"

namespace sudare::commands {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct ForgetOptions {
  RecordsOptions records;
  CarOptions cars;
  std::string signing_key;
  std::string directory;
  std::string apply;
  std::vector<std::string> orders;
  std::vector<std::string> authorities;
  bool json = false;
};

// A car may step into an epoch a day early, as far as two clocks may be apart, and late, where it
// was driven past midnight: records of a day may carry the neighbouring epoch's pseudonym. An order
// names that too; its days still bound what goes.
constexpr std::int64_t kLagDays = 2;

// --- the authority's side

class Ordering {
 public:
  Ordering(const ForgetOptions& options, Records& records, const SigningKey& key)
      : options_(options), records_(records), key_(key) {}

  int run(const std::vector<std::string>& names) {
    const auto cars = find_cars(records_, names, options_.cars);
    Use use;
    use.call = "forget";
    for (const std::string& name : names) use.asked.push_back(records_.token(name));
    use.cars = cars ? cars->size() : 0;
    if (!records_.note(use) || !cars) return cli::kExitFailure;
    if (cars->empty()) {
      return cli::report("no such car in these records, or not within these days",
                         "are they all there, and is it the number that was provisioned?");
    }
    for (const Held& held : *cars) {
      const DaySpan& asked = records_.span();
      const DaySpan span{std::max(held.days.first, asked.first - kLagDays),
                         std::min(held.days.last, asked.last) + kLagDays};
      const Status done = for_each_pseudonym(held.car, records_.wanted(), span,
                                             [this](const CarPseudonym& one) -> Status {
                                               named_[one.purpose].push_back(one.pseudonym);
                                               return Done{};
                                             });
      if (!done) return cli::report("forget", done.error(), "--from and --to");
    }
    for (auto& [purpose, pseudonyms] : named_) {
      if (!write(purpose, std::move(pseudonyms))) return cli::kExitFailure;
    }
    return records_.whole() ? cli::kExitOk : cli::kExitFindings;
  }

 private:
  [[nodiscard]] ErasureOrder order(const std::string& purpose) const {
    ErasureOrder order;
    order.purpose = purpose;
    order.issued_day = today();
    order.serial = static_cast<std::uint64_t>(SystemClock().wall_ms());
    order.every_time = options_.records.from.empty() && options_.records.to.empty();
    order.first_day = records_.span().first;
    order.last_day = records_.span().last;
    return order;
  }

  bool write(const std::string& purpose, std::vector<Pseudonym> pseudonyms) {
    ErasureOrder made = order(purpose);
    made.pseudonyms = std::move(pseudonyms);
    const std::string name = purpose + "." + std::to_string(made.serial) + ".forget";
    const fs::path file = fs::path(options_.directory) / name;
    const Status written = write_file(file, std::move(made));
    if (!written) {
      cli::report(file.string(), written.error(), "is the directory there and writable?");
      return false;
    }
    if (options_.json) {
      std::cout << Json{{"file", file.string()}, {"purpose", purpose}}.dump() << "\n";
    } else {
      std::cout << file.string() << ", for the recipients of " << purpose << "\n";
    }
    return true;
  }

  Status write_file(const fs::path& file, ErasureOrder made) {
    constexpr unsigned kOwnerOnly = 0600;
    TRY(const std::string bytes, write_erasure_order(std::move(made), key_));
    return cli::write_file(file, bytes, kOwnerOnly);
  }

  const ForgetOptions& options_;
  Records& records_;
  const SigningKey& key_;
  std::map<std::string, std::vector<Pseudonym>> named_;
};

int make_orders(const ForgetOptions& options) {
  if (options.cars.vins.empty() && options.cars.frames.empty()) {
    cli::report("which car?", "--vin or --frame, again for more cars in the same orders");
    return cli::kExitUsage;
  }
  if (options.signing_key.empty() || options.directory.empty()) {
    cli::report("--signing-key FILE and -o DIR are missing", "sudare forget --help");
    return cli::kExitUsage;
  }
  if (!complete(options.records)) return cli::kExitUsage;
  const auto names = names_asked(options.cars);
  if (!names) return cli::kExitUsage;
  if (options.cars.provisioning != 0 && names->size() > 1) {
    cli::report("--provisioning is for one car", "one call for each, or --all-provisionings");
    return cli::kExitUsage;
  }
  const Result<SigningKey> key = read_signing_key(options.signing_key);
  if (!key) {
    return cli::report(options.signing_key, key.error(),
                       "the authority's signing key, as `sudare key new --signing` writes it");
  }
  std::error_code error;
  fs::create_directories(options.directory, error);
  std::optional<Records> records = Records::open(options.records);
  if (!records) return cli::kExitFailure;
  return Ordering(options, *records, *key).run(*names);
}

// --- the recipient's side

// Returns an exit code.
int apply_to(const ForgetOptions& options, const OutputDirectory& directory,
             const std::string& purpose, const ErasureOrders& orders) {
  const std::string file = output_file(options.apply, purpose).string();
  const Result<ErasedOutput> done = erase_output(options.apply, directory, purpose, orders);
  if (!done && done.error().code == ErrorCode::kNotFound) {
    std::cerr << file << ": not there, nothing to erase\n";
    return cli::kExitOk;
  }
  if (!done) return cli::report(file, done.error(), "the file is as it was");
  if (options.json) {
    std::cout << Json{{"file", file},           {"purpose", purpose},
                      {"erased", done->erased}, {"kept", done->kept},
                      {"clips", done->clips},   {"unreadable", done->unreadable}}
                     .dump()
              << "\n";
  } else {
    std::cout << file << ": " << done->erased << " records erased, " << done->kept << " kept";
    if (done->clips > 0) std::cout << "; " << done->clips << " clips erased";
    std::cout << "\n";
  }
  if (done->unreadable == 0) return cli::kExitOk;
  cli::report(file + ": " + std::to_string(done->unreadable) + " lines are no records",
              "they were kept: nobody can tell whose they are");
  return cli::kExitFindings;
}

int apply(const ForgetOptions& options) {
  if (options.orders.empty() || options.authorities.empty()) {
    cli::report("--apply takes --forget ORDER and --authority PUBKEY", "sudare forget --help");
    return cli::kExitUsage;
  }
  const auto authorities = authority_keys(options.authorities);
  if (!authorities) return cli::kExitUsage;
  const auto orders = read_erasure_orders(options.orders, *authorities, "");
  if (!orders) return cli::kExitFailure;
  std::map<std::string, ErasureOrders> by_purpose;
  for (const ErasureOrder& order : *orders) {
    const Status added = by_purpose[order.purpose].add(order, order.purpose);
    if (!added) return cli::report("orders", added.error(), "apply them in several calls");
  }
  const Result<OutputDirectory> directory =
      OutputDirectory::hold(options.apply, OutputDirectory::Hold::kToRewrite);
  if (!directory) {
    return cli::report(options.apply, directory.error(),
                       directory.error().code == ErrorCode::kRefused
                           ? "stop the `sudare open` that writes there, then start it with --forget"
                           : "the directory that `sudare open -o` wrote");
  }
  int exit_code = cli::kExitOk;
  for (const auto& [purpose, of_purpose] : by_purpose) {
    const int done = apply_to(options, *directory, purpose, of_purpose);
    if (exit_code != cli::kExitFailure && done != cli::kExitOk) exit_code = done;
  }
  return exit_code;
}

}  // namespace

void add_forget(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ForgetOptions>();
  CLI::App* forget = app.add_subcommand(
      "forget", "sign orders to erase a car's records, or apply them to opened output");
  add_records_options(*forget, options->records);
  add_car_options(*forget, options->cars);
  forget->add_option("--signing-key", options->signing_key, "the authority's signing key file")
      ->type_name("FILE");
  forget->add_option("-o,--output", options->directory, "orders go to DIR/PURPOSE.SERIAL.forget")
      ->check(cli::refuse_standard_output)
      ->type_name("DIR");
  forget->add_option("--apply", options->apply, "recipient: erase from what `open -o DIR` wrote")
      ->type_name("DIR");
  forget->add_option("--forget", options->orders, "with --apply: an order, or a directory of them")
      ->type_name("ORDER")
      ->allow_extra_args(false);
  forget
      ->add_option("--authority", options->authorities,
                   "with --apply: public signing key of the relink authority")
      ->type_name("PUBKEY")
      ->allow_extra_args(false);
  forget->add_flag("--json", options->json, "print JSON lines");
  forget->footer(
      "Without --from and --to an order is for all records of the car's pseudonyms until today.\n"
      "An order tells its recipient that some pseudonyms may be one car's: put several cars into "
      "one.\nExit 3: a record could not be used, or lines of the output are no records.\n");
  forget->callback([options, &exit_code] {
    exit_code = options->apply.empty() ? make_orders(*options) : apply(*options);
  });
}

}  // namespace sudare::commands
