#include "clip/verify/marker_literals.h"

#include <algorithm>
#include <array>

namespace sudare::clip {
namespace {

using std::string_view_literals::operator""sv;
using Kind = MarkerKind;

// A sample entry's type, six reserved zeros and the data reference index (ISO/IEC
// 14496-12, 8.5.2.2).
#define SUDARE_CLIP_ENTRY(type) type "\0\0\0\0\0\0\0\1"sv

constexpr MarkerLiteral kUnsorted[] = {
    {"freeGPS"sv, Kind::kGpsBlock},
    {"LIGOGPS"sv, Kind::kGpsBlock},
    {"GPSDATA"sv, Kind::kGpsBlock},
    {"GPSINFO"sv, Kind::kGpsBlock},
    {"SkyTrack"sv, Kind::kGpsBlock},
    {"$GPRMC"sv, Kind::kNmea},
    {"$GNRMC"sv, Kind::kNmea},
    {"$GPGGA"sv, Kind::kNmea},
    {"$GNGGA"sv, Kind::kNmea},
    {"latitude"sv, Kind::kPlaceName},
    {"Latitude"sv, Kind::kPlaceName},
    {"LATITUDE"sv, Kind::kPlaceName},
    {"longitude"sv, Kind::kPlaceName},
    {"Longitude"sv, Kind::kPlaceName},
    {"LONGITUDE"sv, Kind::kPlaceName},
    {"location"sv, Kind::kPlaceName},
    {"Location"sv, Kind::kPlaceName},
    {"ISO6709"sv, Kind::kPlaceName},
    {"iso6709"sv, Kind::kPlaceName},
    {"com.apple."sv, Kind::kPlaceName},
    {"com.android."sv, Kind::kPlaceName},
    {"DEVC\0\1"sv, Kind::kGpmf},
    {"STRM\0\1"sv, Kind::kGpmf},
    {"GPS5l\x14"sv, Kind::kGpmf},
    {"GPS9?\x20"sv, Kind::kGpmf},
    {"GPSUc\x10"sv, Kind::kGpmf},
    {"GPSUU\x10"sv, Kind::kGpmf},
    {"GPSFL\4"sv, Kind::kGpmf},
    {"GPSPS\2"sv, Kind::kGpmf},
    {"DVIDL\4"sv, Kind::kGpmf},
    {"DVNMc\1"sv, Kind::kGpmf},
    {SUDARE_CLIP_ENTRY("camm"), Kind::kDataTrack},
    {SUDARE_CLIP_ENTRY("gpmd"), Kind::kDataTrack},
    {SUDARE_CLIP_ENTRY("mebx"), Kind::kDataTrack},
    {SUDARE_CLIP_ENTRY("tx3g"), Kind::kDataTrack},
    {SUDARE_CLIP_ENTRY("text"), Kind::kDataTrack},
    {SUDARE_CLIP_ENTRY("rtmd"), Kind::kDataTrack},
    {SUDARE_CLIP_ENTRY("fdsc"), Kind::kDataTrack},
    {SUDARE_CLIP_ENTRY("tmcd"), Kind::kDataTrack},
    {"<?xpacket"sv, Kind::kXmp},
    {"x:xmpmeta"sv, Kind::kXmp},
    {"rdf:RDF"sv, Kind::kXmp},
    {"ns.adobe.com"sv, Kind::kXmp},
    {"W5M0MpCehiHzreSzNTczkc9d"sv, Kind::kXmp},
    {"Exif\0\0"sv, Kind::kExif},
    // user_data_unregistered of AVCHD: its UUID and the tag.
    {"\x17\xEE\x8C\x60\xF8\x4D\x11\xD9\x8C\xD6\x08\x00\x20\x0C\x9A\x66MDPM"sv, Kind::kCamera, 16},
    {"GoPro "sv, Kind::kCamera},
    {"Panasonic"sv, Kind::kCamera},
    {"KENWOOD"sv, Kind::kCamera},
    {"Yupiteru"sv, Kind::kCamera},
    {"YUPITERU"sv, Kind::kCamera},
    {"COMTEC"sv, Kind::kCamera},
    {"CELLSTAR"sv, Kind::kCamera},
    {"PIONEER"sv, Kind::kCamera},
    {"Pioneer"sv, Kind::kCamera},
    {"Garmin"sv, Kind::kCamera},
    {"GARMIN"sv, Kind::kCamera},
    {"BlackVue"sv, Kind::kCamera},
    {"Pittasoft"sv, Kind::kCamera},
    {"PITTASOFT"sv, Kind::kCamera},
    {"Thinkware"sv, Kind::kCamera},
    {"THINKWARE"sv, Kind::kCamera},
    {"Transcend"sv, Kind::kCamera},
    {"TRANSCEND"sv, Kind::kCamera},
    {"DrivePro"sv, Kind::kCamera},
    {"Nextbase"sv, Kind::kCamera},
    {"NEXTBASE"sv, Kind::kCamera},
    {"Novatek"sv, Kind::kCamera},
    {"NOVATEK"sv, Kind::kCamera},
    {"Ambarella"sv, Kind::kCamera},
    {"AMBARELLA"sv, Kind::kCamera},
    {"Mitsubishi"sv, Kind::kCamera},
    {"MITSUBISHI"sv, Kind::kCamera},
    {"FUJIFILM"sv, Kind::kCamera},
    {"OLYMPUS"sv, Kind::kCamera},
    {"Olympus"sv, Kind::kCamera},
    {"PENTAX"sv, Kind::kCamera},
    {"SAMSUNG"sv, Kind::kCamera},
    {"Samsung"sv, Kind::kCamera},
    {"HUAWEI"sv, Kind::kCamera},
    {"Xiaomi"sv, Kind::kCamera},
    {"iPhone"sv, Kind::kCamera},
    {"CanonMVI"sv, Kind::kCamera},
    {"Canon EOS"sv, Kind::kCamera},
    {"VIOFO "sv, Kind::kCamera},
    {"VIOFO\0"sv, Kind::kCamera},
    {"70mai "sv, Kind::kCamera},
    {"70mai_"sv, Kind::kCamera},
    {"70mai\0"sv, Kind::kCamera},
    {"DENSO "sv, Kind::kCamera},
    {"DENSO\0"sv, Kind::kCamera},
    {"DENSO-"sv, Kind::kCamera},
    {"Canon\0"sv, Kind::kCamera},
    {"NIKON "sv, Kind::kCamera},
    {"NIKON\0"sv, Kind::kCamera},
    {"SONY HDR"sv, Kind::kCamera},
    {"SONY ILCE"sv, Kind::kCamera},
    {"SONY FDR"sv, Kind::kCamera},
    {"SONY DSC"sv, Kind::kCamera},
    {"SONY\0\0"sv, Kind::kCamera},
    {"DJI Osmo"sv, Kind::kCamera},
    {"DJI Action"sv, Kind::kCamera},
    {"Insta360"sv, Kind::kCamera},
    {"ALPINE"sv, Kind::kCamera},
    {"ECLIPSE"sv, Kind::kCamera},
    {"carrozzeria"sv, Kind::kCamera},
    {"VANTRUE"sv, Kind::kCamera},
    {"Vantrue"sv, Kind::kCamera},
    {"REXING"sv, Kind::kCamera},
    {"Rexing"sv, Kind::kCamera},
    {"MiVue "sv, Kind::kCamera},
    {"FineVu"sv, Kind::kCamera},
    {"IROAD "sv, Kind::kCamera},
    {"serial"sv, Kind::kSerial},
    {"Serial"sv, Kind::kSerial},
    {"SERIAL"sv, Kind::kSerial},
    {"x264 - "sv, Kind::kEncoder},
    {"x265 ("sv, Kind::kEncoder},
    {"encoder"sv, Kind::kEncoder},
    {"Encoder"sv, Kind::kEncoder},
    {"ffmpeg"sv, Kind::kEncoder},
    {"FFmpeg"sv, Kind::kEncoder},
    {"Intel(R) "sv, Kind::kEncoder},
    {"http://"sv, Kind::kLink},
    {"https://"sv, Kind::kLink},
};
#undef SUDARE_CLIP_ENTRY

std::uint8_t first_of(const MarkerLiteral& literal) {
  return static_cast<std::uint8_t>(literal.bytes[literal.anchor]);
}

struct Table {
  std::array<MarkerLiteral, std::size(kUnsorted)> sorted;
  std::array<std::span<const MarkerLiteral>, 256> by_first;

  Table() {
    std::copy(std::begin(kUnsorted), std::end(kUnsorted), sorted.begin());
    std::sort(sorted.begin(), sorted.end(), [](const MarkerLiteral& a, const MarkerLiteral& b) {
      return first_of(a) < first_of(b);
    });
    for (auto from = sorted.begin(); from != sorted.end();) {
      const auto to = std::find_if(from, sorted.end(), [from](const MarkerLiteral& one) {
        return first_of(one) != first_of(*from);
      });
      by_first[first_of(*from)] = {from, to};
      from = to;
    }
  }
};

const Table& table() {
  static const Table made;
  return made;
}

}  // namespace

std::span<const MarkerLiteral> marker_literals() { return table().sorted; }

std::span<const MarkerLiteral> marker_literals(std::uint8_t first) {
  return table().by_first[first];
}

}  // namespace sudare::clip
