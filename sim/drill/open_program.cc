#include "sim/drill/open_program.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "sim/process/child.h"
#include "sim/process/local.h"
#include "sim/process/wait.h"

namespace sudare::sim::drill {

namespace {

constexpr std::int64_t kOpenMsMax = 60'000;

Parsed<Done> write_objects(const std::filesystem::path& directory, const Bucket& bucket) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  for (std::size_t i = 0; i < bucket.size(); ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "%08zu.age", i);  // opened in the order in which they came
    if (auto done = write_text(directory / name, bucket[i].payload); !done) return done;
  }
  return Done{};
}

}  // namespace

Bucket of_purpose(const Bucket& bucket, const std::string& purpose) {
  Bucket own;
  std::copy_if(bucket.begin(), bucket.end(), std::back_inserter(own), [&](const Stored& stored) {
    return stored.topic.starts_with("sudare/1/" + purpose + "/");
  });
  return own;
}

Parsed<OpenedByProgram> open_with_program(const Setting& setting, const std::string& name,
                                          const std::string& purpose, const Bucket& bucket,
                                          const std::vector<std::string>& more) {
  const std::filesystem::path directory = setting.place().in(name);
  if (auto done = write_objects(directory / "objects", of_purpose(bucket, purpose)); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  const std::filesystem::path report = directory / "report.json";
  std::vector<std::string> arguments = {setting.tools().sudare(),
                                        "open",
                                        "-i",
                                        setting.key_file(purpose),
                                        "--purpose",
                                        purpose,
                                        "-o",
                                        directory / "opened",
                                        "--report",
                                        report};
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.push_back(directory / "objects");
  auto child = Child::start(arguments, directory / "open.log");
  if (!child) return tl::unexpected<InputError>(child.error());
  if (!wait_until([&] { return !child->running(); }, kOpenMsMax)) {
    return input_error({}, 0, "sudare open does not end\n" + tail_of(child->output()));
  }
  OpenedByProgram result;
  result.status = child->stop(0);
  const auto text = read_whole_file(report, kOperatorFileBytesMax);
  if (!text) return result;  // it opened nothing; the status says so
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  result.batches = json.value("batches", 0U);
  result.forks = json.value("forks", 0U);
  result.failed = json.value("failed", 0U);
  for (const auto& gap : json.value("gaps", nlohmann::json::array())) {
    result.gaps += gap.value("record_count", 0U);
  }
  const std::filesystem::path lines = directory / "opened" / (purpose + ".ndjson");
  if (!std::filesystem::exists(lines)) return result;
  if (auto done = read_opened(lines, result.records); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  return result;
}

}  // namespace sudare::sim::drill
