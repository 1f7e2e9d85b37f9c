#include "sim/clips/make_clip.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/utc.h"
#include "sim/process/child.h"

namespace sudare::sim {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPicture = "size=1280x720:rate=15";
constexpr const char* kKeyFrameInterval = "30";  // 2 s, as recorders have it
// An SEI of type user_data_unregistered needs a UUID; this one is random.
constexpr const char* kUserDataUuid = "9f1c0b7e-33d5-4c0a-8b0e-5a4be1d0c2f7";

std::string format(const char* pattern, double first, double second) {
  char text[96];
  const int length = std::snprintf(text, sizeof text, pattern, first, second);
  return {text, static_cast<std::size_t>(length)};
}

// $GPRMC with its checksum (NMEA 0183).
std::string nmea(const ClipWanted& wanted, std::int64_t time_ms) {
  const auto degrees = [](double value, const char* pattern) {
    const double whole = std::floor(std::abs(value));
    return format(pattern, whole, (std::abs(value) - whole) * 60);
  };
  const std::string body = "GPRMC," + utc_text(time_ms, "%H%M%S") + ".00,A," +
                           degrees(wanted.place.latitude, "%02.0f%07.4f") + ",N," +
                           degrees(wanted.place.longitude, "%03.0f%07.4f") + ",E,24.3,90.0," +
                           utc_text(time_ms, "%d%m%y") + ",,,A";
  unsigned sum = 0;
  for (const char c : body) sum ^= static_cast<unsigned char>(c);
  char checksum[8];
  (void)std::snprintf(checksum, sizeof checksum, "*%02X", sum);
  return "$" + body + checksum;
}

// One sentence a second, as subtitles.
std::string subtitles(const ClipWanted& wanted) {
  std::string text;
  for (unsigned second = 0; second < wanted.seconds; ++second) {
    char head[96];
    (void)std::snprintf(head, sizeof head, "%u\n00:00:%02u,000 --> 00:00:%02u,000\n", second + 1,
                        second % 60, (second + 1) % 60);
    text += head + nmea(wanted, wanted.start_ms + second * 1000) + "\n\n";
  }
  return text;
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

// Body of a block as Novatek recorders write it: a marker, then time and position.
std::string gps_block(const ClipWanted& wanted) {
  return "freeGPS " + utc_text(wanted.start_ms, "%Y:%m:%d %H:%M:%S ") + iso_6709(wanted.place) +
         " " + wanted.recorder_serial;
}

std::string box(const char* type, const std::string& body) {
  return big_endian(static_cast<std::uint32_t>(body.size() + 8)) + type + body;
}

// A RIFF chunk: little-endian size, even length.
std::string chunk(const char* type, std::string body) {
  if (body.size() % 2 != 0) body += '\0';
  std::string size = big_endian(static_cast<std::uint32_t>(body.size()));
  std::reverse(size.begin(), size.end());
  return type + size + body;
}

std::string extension_of(const std::string& file) {
  std::string extension = fs::path(file).extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

std::string burned_in(const ClipWanted& wanted) {
  return "drawtext=fontsize=28:fontcolor=white:box=1:boxcolor=black@0.6:x=20:y=h-50:text='" +
         wanted.recorder_model + "  %{pts\\:gmtime\\:" + std::to_string(wanted.start_ms / 1000) +
         "}  " + format("%.5f %.5f", wanted.place.latitude, wanted.place.longitude) + "'";
}

std::vector<std::string> inputs(const ClipWanted& wanted, const std::string& extension,
                                const fs::path& text) {
  const std::string duration = ":duration=" + std::to_string(wanted.seconds);
  std::vector<std::string> arguments{
      "ffmpeg", "-nostdin", "-v",
      "error",  "-y",       "-f",
      "lavfi",  "-i",       std::string("testsrc2=") + kPicture + duration};
  const auto add = [&](std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
  };
  if (wanted.sound) add({"-f", "lavfi", "-i", "sine=frequency=440" + duration});
  if (extension == ".mp4") add({"-i", text.string(), "-c:s", "mov_text"});
  return arguments;
}

void add_output(const ClipWanted& wanted, const std::string& extension,
                std::vector<std::string>& arguments) {
  const auto add = [&](std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
  };
  const std::string position = iso_6709(wanted.place);
  add({"-vf", burned_in(wanted), "-metadata",
       "creation_time=" + utc_text(wanted.start_ms, kIso8601), "-metadata",
       "title=" + wanted.recorder_model, "-metadata", "comment=" + wanted.recorder_serial});
  if (extension == ".avi") {
    add({"-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le", "-metadata",
         "copyright=" + position, "-f", "avi"});
    return;
  }
  add({"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", kKeyFrameInterval,
       "-bsf:v", std::string("h264_metadata=sei_user_data=") + kUserDataUuid + "+" + position,
       "-c:a", "aac"});
  if (extension == ".mp4") {
    add({"-metadata", "location=" + position, "-f", "mp4"});
  } else {
    add({"-metadata", "service_name=" + wanted.recorder_model, "-metadata",
         "service_provider=" + position, "-f", "mpegts"});
  }
}

std::string trailer_of(const ClipWanted& wanted, const std::string& extension) {
  if (extension == ".mp4") return box("free", gps_block(wanted));
  if (extension == ".avi") return chunk("JUNK", gps_block(wanted));
  return {};
}

// Removed with what is in it.
struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = fs::temp_directory_path() / "sudare-clip-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
};

}  // namespace

std::string iso_6709(const Place& place) {
  return format("%+09.5f%+010.5f/", place.latitude, place.longitude);
}

Parsed<Done> make_clip(const ClipWanted& wanted) {
  const std::string extension = extension_of(wanted.file);
  if (extension != ".mp4" && extension != ".ts" && extension != ".avi") {
    return input_error(wanted.file, 0, "no such kind of clip", "mp4, ts or avi");
  }
  const TemporaryFolder folder;
  if (folder.path.empty()) return input_error({}, 0, "no temporary folder", "TMPDIR names one");
  const fs::path made = folder.path / ("clip" + extension);
  const fs::path text = folder.path / "nmea.srt";
  std::ofstream(text) << subtitles(wanted);
  std::vector<std::string> arguments = inputs(wanted, extension, text);
  add_output(wanted, extension, arguments);
  arguments.push_back(made.string());
  const auto ran = run_tool(arguments, folder.path / "ffmpeg.log");
  if (!ran) {
    InputError error = ran.error();
    error.hint = "clips take ffmpeg with libx264: apt-get install ffmpeg";
    return tl::unexpected<InputError>(std::move(error));
  }
  std::ofstream(made, std::ios::binary | std::ios::app) << trailer_of(wanted, extension);
  // The recorder's folder may be on another disk: a copy, under a name that no event names, then a
  // rename.
  const fs::path unfinished = wanted.file + ".unfinished";
  std::error_code error;
  fs::copy_file(made, unfinished, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(unfinished, wanted.file, error);
  if (error) return input_error(wanted.file, 0, "can't be written: " + error.message());
  return Done{};
}

}  // namespace sudare::sim
