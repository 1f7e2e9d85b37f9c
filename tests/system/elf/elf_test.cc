// The built programs, as the kernel and the dynamic loader see them (readelf, objdump): code at an
// address that is not known before, tables that can't be written once the program runs, no stack
// that can be executed, no library from a place that the build chose, and a guard before each
// return address.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/testkit/process.h"

namespace sudare {
namespace {

struct Elf {
  std::string header;   // and its segments
  std::string dynamic;  // section
  std::string symbols;
};

Elf read(const std::string& program) {
  Elf elf;
  elf.header = testkit::run({"readelf", "-W", "-h", "-l", program}).output;
  elf.dynamic = testkit::run({"readelf", "-W", "-d", program}).output;
  elf.symbols = testkit::run({"readelf", "-W", "--dyn-syms", program}).output;
  return elf;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The line that has this word, or nothing.
std::string line_of(const std::string& text, const std::string& word) {
  const auto at = text.find(word);
  if (at == std::string::npos) return "";
  return text.substr(at, text.find('\n', at) - at);
}

bool is_position_independent(const Elf& elf) {
  return has(elf.header, "DYN (Position-Independent Executable file)");
}
bool is_bound_at_start(const Elf& elf) {
  return has(line_of(elf.dynamic, "(FLAGS_1)"), "NOW") && has(elf.header, "GNU_RELRO");
}
bool has_data_stack(const Elf& elf) {
  const std::string stack = line_of(elf.header, "GNU_STACK");
  return has(stack, " RW ") && !has(stack, "RWE");
}
bool has_no_run_path(const Elf& elf) {
  return !has(elf.dynamic, "(RPATH)") && !has(elf.dynamic, "(RUNPATH)");
}
bool has_no_writable_code(const Elf& elf) {
  return !has(elf.header, " RWE ") && !has(elf.dynamic, "(TEXTREL)");
}
bool checks_the_stack(const Elf& elf) { return has(elf.symbols, "__stack_chk_fail"); }
// What _FORTIFY_SOURCE puts in the place of functions whose buffer's size is known.
bool checks_buffers(const Elf& elf) { return has(elf.symbols, "_chk@"); }

class ElfTest : public testing::TestWithParam<const char*> {
 protected:
  std::string program_ = std::string(SUDARE_PROGRAMS) + "/" + GetParam();
};

TEST_P(ElfTest, IsProtected) {
  ASSERT_TRUE(std::filesystem::exists(program_));
  const Elf elf = read(program_);
  EXPECT_TRUE(is_position_independent(elf)) << elf.header;
  EXPECT_TRUE(is_bound_at_start(elf)) << elf.dynamic;
  EXPECT_TRUE(has_data_stack(elf)) << elf.header;
  EXPECT_TRUE(has_no_run_path(elf)) << elf.dynamic;
  EXPECT_TRUE(has_no_writable_code(elf)) << elf.header;
  EXPECT_TRUE(checks_the_stack(elf));
  // sudare-clip calls nothing that needs such a check: the compiler sees that its sizes fit.
  if (std::string("sudare-clip") != GetParam()) {
    EXPECT_TRUE(checks_buffers(elf));
  }
}

#if defined(__x86_64__)
bool marks_jump_targets(const std::string& program) {
  return has(testkit::run({"objdump", "-d", "--disassemble=main", program}).output, "endbr64");
}

// The property that has the kernel look is the linker's to set, and only where the C library's own
// start files have it: Debian 12's do not.
TEST_P(ElfTest, MarksWhereAJumpMayLand) { EXPECT_TRUE(marks_jump_targets(program_)); }

TEST(ElfControl, WithoutMarks) { EXPECT_FALSE(marks_jump_targets(SUDARE_UNPROTECTED)); }
#endif

INSTANTIATE_TEST_SUITE_P(Programs, ElfTest,
                         testing::Values("sudare-gateway", "sudare-clip", "sudare", "sudare-sim"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) {
                             if (c == '-') c = '_';
                           }
                           return name;
                         });

TEST(ElfControl, AProgramWithoutProtectionFailsEachCheck) {
  const Elf elf = read(SUDARE_UNPROTECTED);
  ASSERT_TRUE(has(elf.header, "LOAD"));
  EXPECT_FALSE(is_position_independent(elf));
  EXPECT_FALSE(is_bound_at_start(elf));
  EXPECT_FALSE(has_data_stack(elf));
  EXPECT_FALSE(has_no_run_path(elf));
  EXPECT_FALSE(checks_the_stack(elf));
  EXPECT_FALSE(checks_buffers(elf));
}

}  // namespace
}  // namespace sudare
