// Where sudare-clip is, and who starts it.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"

namespace sudare::clip {

class Starter;

struct Program {
  std::filesystem::path path;
  // Starts it where this process may execute nothing itself (starter.h); not owned.
  Starter* starter = nullptr;

  Program(std::filesystem::path program, Starter* from = nullptr)  // NOLINT: a path names a program
      : path(std::move(program)), starter(from) {}
  Program(const char* program) : path(program) {}         // NOLINT: likewise
  Program(const std::string& program) : path(program) {}  // NOLINT: likewise
};

// sudare-clip beside this program; what is found is not checked.
[[nodiscard]] Result<std::filesystem::path> program_beside_this();

}  // namespace sudare::clip
