#include "tests/system/fleet/tool.h"

#include <fstream>

namespace sudare::fleet_test {

testkit::RunResult ToolTest::sudare(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), testkit::program("sudare").string());
  return testkit::run(arguments);
}

testkit::RunResult ToolTest::piped(const std::string& input,
                                   const std::vector<std::string>& arguments) {
  const std::string file = write("input." + std::to_string(inputs_++), input);
  std::vector<std::string> all{"sh", "-c", "exec \"$@\" < \"$0\"", file,
                               testkit::program("sudare").string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return testkit::run(all);
}

std::string ToolTest::write(const std::string& name, std::string_view bytes) const {
  std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
  std::ofstream(path(name), std::ios::binary) << bytes;
  return path(name);
}

std::string ToolTest::key(const std::string& name, const std::string& purpose) {
  const auto made = sudare({"key", "new", "-o", path(name), "--purpose", purpose});
  EXPECT_EQ(made.status, 0) << made.errors;
  return made.output.substr(0, made.output.find('\n'));
}

std::vector<nlohmann::json> ToolTest::lines(const std::string& text) {
  std::vector<Json> parsed;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    parsed.push_back(Json::parse(text.substr(at, end - at)));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return parsed;
}

}  // namespace sudare::fleet_test
