#include "tests/system/clip/plants.h"

#include <fstream>
#include <stdexcept>

#include "tests/system/clip/clip_tools.h"
#include "tests/system/clip/surgery.h"
#include "tests/testkit/fixtures.h"

namespace sudare::clip_test {
namespace {

// Nagoya station: a place that is public. Each plant has its own mark beside it, of the same length
// as what it may have to take the place of.
const std::string kSentence =
    "$GPRMC,083000.00,A,3510.2345,N,13652.9876,E,22.4,084.4,281126,,,A*57";

std::string save(const std::string& directory, const std::string& name, const std::string& bytes) {
  std::ofstream(directory + "/" + name, std::ios::binary) << bytes;
  return name;
}

std::string base_mp4(const std::string& directory) {
  const std::string path = directory + "/base.mp4";
  make_clip(path, h264_options());
  return testkit::read_file(path);
}

// A subtitle track whose text has the sentence, under the name of another kind of timed data.
std::string text_track(const std::string& directory, const std::string& entry,
                       const std::string& handler) {
  save(directory, "in.srt", "1\n00:00:00,000 --> 00:00:04,000\nPLANTED-TEXT " + kSentence + "\n\n");
  base_mp4(directory);
  ffmpeg({"-i", directory + "/base.mp4", "-i", directory + "/in.srt", "-map", "0", "-map", "1",
          "-c", "copy", "-c:s", "mov_text", directory + "/text.mp4"});
  std::string file = testkit::read_file(directory + "/text.mp4");
  if (entry != "tx3g") {
    const bool changed = overwrite(file, "tx3g", entry) > 0 && overwrite(file, "sbtl", handler) > 0;
    if (!changed) throw std::runtime_error("no text track");
  }
  return save(directory, "in.mp4", file);
}

std::string with_metadata(const std::string& directory, const std::string& name) {
  Words options = h264_options();
  if (name == "in.avi") options = {"-c:v", "mpeg4", "-bf", "0"};
  options.insert(options.end(),
                 {"-metadata", "location=+35.1706+136.8816/", "-metadata", "make=PLANTED-MAKER",
                  "-metadata", "model=PLANTED-MODEL", "-metadata", "comment=PLANTED-" + kSentence,
                  "-metadata", "title=PLANTED-TITLE", "-metadata", "date=2026-11-28T08:30:00",
                  "-metadata", "creation_time=2026-11-28T08:30:00Z"});
  make_clip(directory + "/" + name, options);
  return name;
}

// x264 and x265 write their options into an SEI message, x265 into hvcC too; the sentence takes the
// place of their beginning.
std::string sei(const std::string& directory, const Words& options, const std::string& begin) {
  make_clip(directory + "/base.mp4", options);
  std::string file = testkit::read_file(directory + "/base.mp4");
  const std::size_t at = file.find(begin);
  if (at == std::string::npos) throw std::runtime_error("the encoder wrote no options");
  overwrite(file, file.substr(at, kSentence.size()), kSentence);
  return save(directory, "in.mp4", file);
}

std::string h264_sei(const std::string& directory) {
  return sei(directory, h264_options(), "x264 - core");
}

std::string h265_sei(const std::string& directory) {
  return sei(directory,
             {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
              "log-level=error:keyint=25:bframes=2", "-tag:v", "hvc1"},
             "x265 (build");
}

std::string ts_private(const std::string& directory) {
  Words options = h264_options();
  make_clip(directory + "/base.ts", options);
  const std::string file = testkit::read_file(directory + "/base.ts");
  return save(directory, "in.ts", with_ts_packets(file, 0x1ABC, "PLANTED " + kSentence, 20));
}

std::string jpeg_app1(const std::string& directory) {
  make_clip(directory + "/base.mjpeg", {"-c:v", "mjpeg", "-q:v", "5"});
  const std::string exif =
      std::string("Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", 20) + "PLANTED " + kSentence;
  save(directory, "app1.mjpeg", with_app1(testkit::read_file(directory + "/base.mjpeg"), exif));
  ffmpeg({"-f", "mjpeg", "-framerate", "25", "-i", directory + "/app1.mjpeg", "-c", "copy",
          directory + "/in.avi"});
  return "in.avi";
}

// In an MP4 whose moov stands behind its mdat.
Plant in_mp4(const std::string& name, const std::function<void(std::string&)>& plant,
             std::vector<std::string> planted) {
  return {name,
          [plant](const std::string& directory) {
            std::string file = base_mp4(directory);
            plant(file);
            return save(directory, "in.mp4", file);
          },
          std::move(planted)};
}

const std::string kXmp =
    "\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC"
    "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><exif:GPSLatitude>35,10.2345N"
    "</exif:GPSLatitude><tiff:Model>PLANTED-XMP</tiff:Model></x:xmpmeta><?xpacket end='w'?>";

std::vector<Plant> make_plants() {
  const std::string block = "freeGPS PLANTED-BLOCK " + kSentence;
  return {
      in_mp4("gps_box",
             [block](std::string& file) {
               append_to_box(file, "moov", box("gps ", "PLANTED-GPS0" + kSentence));
               file += box("free", block);
             },
             {"gps PLANTED-GPS0", "freeGPS", kSentence}),
      in_mp4("free_gps_in_mdat",
             [block](std::string& file) { append_to_box(file, "mdat", block + block); },
             {"freeGPS", "PLANTED-BLOCK", kSentence}),
      in_mp4("xmp_uuid", [](std::string& file) { file += box("uuid", kXmp); },
             {"PLANTED-XMP", "GPSLatitude", "xpacket"}),
      in_mp4("trailing_bytes", [](std::string& file) { file += "PLANTED-TAIL " + kSentence; },
             {"PLANTED-TAIL", kSentence}),
      {"text_track",
       [](const std::string& d) { return text_track(d, "tx3g", "sbtl"); },
       {"PLANTED-TEXT", kSentence}},
      {"gpmd_track",
       [](const std::string& d) { return text_track(d, "gpmd", "meta"); },
       {"gpmd", "PLANTED-TEXT", kSentence}},
      {"camm_track",
       [](const std::string& d) { return text_track(d, "camm", "meta"); },
       {"camm", "PLANTED-TEXT", kSentence}},
      {"mebx_track",
       [](const std::string& d) { return text_track(d, "mebx", "meta"); },
       {"mebx", "PLANTED-TEXT", kSentence}},
      {"udta_xyz",
       [](const std::string& d) { return with_metadata(d, "in.mov"); },
       {"+35.1706+136.8816", "PLANTED-MAKER", "PLANTED-MODEL", kSentence}},
      {"h264_sei", h264_sei, {kSentence}},
      {"h265_sei", h265_sei, {kSentence}},
      {"ts_private", ts_private, {"PLANTED", kSentence}},
      {"avi_info",
       [](const std::string& d) { return with_metadata(d, "in.avi"); },
       {"PLANTED-TITLE", kSentence}},
      {"jpeg_app1", jpeg_app1, {"PLANTED", kSentence}},
  };
}

}  // namespace

const std::vector<Plant>& plants() {
  static const std::vector<Plant> all = make_plants();
  return all;
}

}  // namespace sudare::clip_test
