// Cuts into media files, by the byte. For tests that plant what no tool writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sudare::clip_test {

std::string box(std::string_view type, std::string_view content);

// Appends to the content of a top-level box. What follows it moves: only for boxes behind mdat, or
// for mdat itself where nothing behind it is pointed at.
void append_to_box(std::string& file, std::string_view type, std::string_view content);

// Every occurrence; both have the same length. Returns how many.
int overwrite(std::string& file, std::string_view from, std::string_view to);

// An APP1 segment behind every start of image.
std::string with_app1(std::string_view jpegs, std::string_view content);

// Packets of MPEG-TS with this payload, one after every `every` packets of `file`.
std::string with_ts_packets(std::string_view file, int pid, std::string_view payload, int every);

}  // namespace sudare::clip_test
