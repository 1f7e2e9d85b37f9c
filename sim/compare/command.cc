// `sudare-sim compare`: the ground truth of a run against what was opened.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "gateway/policy/load.h"
#include "sim/commands.h"
#include "sim/compare/compare.h"

namespace sudare::sim {

namespace {

struct CompareOptions {
  std::string truth;
  std::vector<std::string> opened;
  std::string policy;
  std::vector<std::string> descriptor_sets;
  std::string consent_topic = "vehicle/consent";
  bool json = false;
};

void print_json(const Comparison& comparison) {
  nlohmann::json purposes = nlohmann::json::object();
  for (const auto& [name, counts] : comparison.purposes) {
    purposes[name] = {{"expected", counts.expected},       {"opened", counts.opened},
                      {"verified", counts.verified},       {"lost", counts.lost},
                      {"duplicated", counts.duplicated},   {"altered", counts.altered},
                      {"identifiers", counts.identifiers}, {"positions", counts.positions}};
  }
  std::printf("%s\n", nlohmann::json{{"purposes", purposes},
                                     {"unacknowledged", comparison.unacknowledged},
                                     {"clean", comparison.clean()}}
                          .dump()
                          .c_str());
}

void print_table(const Comparison& comparison) {
  std::printf("%-20s %9s %9s %9s %7s %10s %8s %18s\n", "purpose", "expected", "opened", "verified",
              "lost", "duplicated", "altered", "leaked (id, place)");
  for (const auto& [name, counts] : comparison.purposes) {
    std::printf("%-20s %9llu %9llu %9llu %7llu %10llu %8llu %12llu, %4llu\n", name.c_str(),
                static_cast<unsigned long long>(counts.expected),
                static_cast<unsigned long long>(counts.opened),
                static_cast<unsigned long long>(counts.verified),
                static_cast<unsigned long long>(counts.lost),
                static_cast<unsigned long long>(counts.duplicated),
                static_cast<unsigned long long>(counts.altered),
                static_cast<unsigned long long>(counts.identifiers),
                static_cast<unsigned long long>(counts.positions));
  }
}

Parsed<int> run_compare(const CompareOptions& options) {
  SchemaSet schemas;
  Diagnostics diagnostics;
  for (const std::string& path : options.descriptor_sets) {
    for (auto& diagnostic : schemas.add_descriptor_set_file(path)) {
      diagnostics.push_back(std::move(diagnostic));
    }
  }
  PolicyLoad load = load_policy_file(options.policy, schemas, nullptr);
  for (auto& diagnostic : load.diagnostics) diagnostics.push_back(std::move(diagnostic));
  for (const Diagnostic& diagnostic : diagnostics) {
    std::fputs(diagnostic.to_string().c_str(), stderr);
  }
  if (load.policy == nullptr) return 1;
  const auto truth = read_truth(options.truth);
  if (!truth) return tl::unexpected<InputError>(truth.error());
  std::vector<OpenedRecord> opened;
  for (const std::string& path : options.opened) {
    if (auto read = read_opened(path, opened); !read) {
      return tl::unexpected<InputError>(read.error());
    }
  }
  const Comparison comparison = compare(*truth, opened, *load.policy, options.consent_topic);
  if (options.json) {
    print_json(comparison);
  } else {
    print_table(comparison);
  }
  return comparison.clean() ? 0 : 3;
}

}  // namespace

void add_compare_command(CLI::App& app, int& status) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "compare", "what should have been released against what was opened; exit 3 on a difference");
  command->add_option("--truth", options->truth, "what `vehicle` or `replay` wrote")
      ->required()
      ->type_name("FILE");
  command->add_option("--opened", options->opened, "what `sudare open` wrote")
      ->required()
      ->type_name("FILE");
  command->add_option("--policy", options->policy, "the gateway's policy")
      ->required()
      ->type_name("FILE");
  command->add_option("--descriptor-set", options->descriptor_sets, "a fleet's own messages")
      ->type_name("FILE");
  command->add_option("--consent-topic", options->consent_topic)->capture_default_str();
  command->add_flag("--json", options->json, "the result as JSON");
  command->callback([options, &status] {
    const auto result = run_compare(*options);
    if (!result) std::fputs(result.error().to_string().c_str(), stderr);
    status = result ? *result : 1;
  });
}

}  // namespace sudare::sim
