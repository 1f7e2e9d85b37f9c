#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

using Slice = std::array<std::uint8_t, 16>;

std::string sample() {
  return with_sources(json_source(
      "classify { path: \"x\" class: ODOMETER unit: METERS } classify { path: \"n\" class: "
      "NOT_PERSONAL }",
      "service", "field { path: \"x\" coarsen { step: 5000 } } field { path: \"n\" }"));
}

Slice slice_of(const std::string& text, std::size_t purpose = 0) {
  const PolicyLoad result = load(text);
  EXPECT_NE(result.policy, nullptr) << printed(result.diagnostics);
  return result.policy ? result.policy->purposes.at(purpose).slice : Slice{};
}

TEST(PolicySliceTest, IsTheSameForTheSameRules) {
  EXPECT_EQ(slice_of(sample()), slice_of(sample()));
  EXPECT_NE(slice_of(sample()), Slice{});
  EXPECT_NE(slice_of(sample(), 0), slice_of(sample(), 1));
}

TEST(PolicySliceTest, ChangesWithWhatDecidesWhatThePurposeReceives) {
  const Slice before = slice_of(sample());
  const auto changed = [](const std::string& from, const std::string& to) {
    return slice_of(replaced(sample(), from, to));
  };
  EXPECT_NE(before, changed("step: 5000", "step: 5001"));
  EXPECT_NE(before, changed("step: 5000", "step: 5000 most: 1"));
  EXPECT_NE(before, changed("field { path: \"n\" }", "field { path: \"n\" coarsen { step: 1 } }"));
  EXPECT_NE(before, changed("field { path: \"n\" }", ""));
  EXPECT_NE(before, changed("bucket_ms: 60000 } }", "bucket_ms: 60001 } }"));
  EXPECT_NE(before, changed("\"car/json\"", "\"car/jsom\""));
  EXPECT_NE(before, changed("unit: METERS", "unit: KILOMETERS"));
  EXPECT_NE(before, changed("class: NOT_PERSONAL", "class: BEHAVIOUR"));
  EXPECT_NE(before, changed("rotate_days: 28", "rotate_days: 7"));
  EXPECT_NE(before, changed("time { bucket_ms: 60000 }",
                            "rate { min_interval_ms: 1 } time { bucket_ms: 60000 }"));
}

TEST(PolicySliceTest, DoesNotChangeWithAnythingElse) {
  const Slice before = slice_of(sample());
  const auto changed = [](const std::string& from, const std::string& to) {
    return slice_of(replaced(sample(), from, to));
  };
  EXPECT_EQ(before, changed("serial: 1", "serial: 2 # a comment\n"));
  EXPECT_EQ(before, changed(recipient(1), recipient(7)));
  EXPECT_EQ(before, changed("linger_ms: 900000", "linger_ms: 900001"));
  EXPECT_EQ(before, changed("field { path: \"x\" coarsen { step: 5000 } } field { path: \"n\" }",
                            "field { path: \"n\" } field { path: \"x\" coarsen { step: 5e3 } }"));
  // Another purpose's rules, and a class of a field that nobody receives.
  EXPECT_EQ(before, changed("release {",
                            "classify { path: \"z\" class: VIN } release { to: \"owner\" field { "
                            "path: \"n\" } time { exact: true } } release {"));
}

TEST(PolicySliceTest, DoesNotDependOnWhichPositionComesFirst) {
  const auto with = [](const std::string& first, const std::string& second) {
    const auto pair = [](const std::string& name) {
      return "field { path: \"" + name + "_latitude_e7\" } field { path: \"" + name +
             "_longitude_e7\" } ";
    };
    return with_sources(
        "source { topic: \"t\" codec: PROTOBUF message: \"sudare.vehicle.v1.Trip\" release { to: "
        "\"service\" " +
        pair(first) + pair(second) + "location { cell: M1000 } time { bucket_ms: 900000 } } }");
  };
  EXPECT_EQ(slice_of(with("start", "end")), slice_of(with("end", "start")));
}

}  // namespace
}  // namespace sudare::policy_test
