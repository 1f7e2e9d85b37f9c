// Clips with something planted in them that must not leave: one for each place in which recorders,
// phones and editors keep positions, times and names. Made by ffmpeg and by a little surgery.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace sudare::clip_test {

struct Plant {
  std::string name;  // "gps_box"
  // Writes the clip into the directory and returns its file name; every string of `planted` stands
  // in its bytes.
  std::function<std::string(const std::string& directory)> make;
  std::vector<std::string> planted;
};

// Names a plant where a test's parameter is printed.
inline void PrintTo(const Plant& plant, std::ostream* out) { *out << plant.name; }

const std::vector<Plant>& plants();

}  // namespace sudare::clip_test
