#include "clip/inspect/names.h"

#include <array>

namespace sudare::clip {
namespace {

constexpr std::uint32_t sign(const char (&letters)[4]) {
  return 0xA9000000U | static_cast<std::uint32_t>(letters[0]) << 16 |
         static_cast<std::uint32_t>(letters[1]) << 8 | static_cast<std::uint32_t>(letters[2]);
}

using T = Tells;

constexpr Known kUserData[] = {
    {sign("xyz"), "©xyz", "position", T::kWhere},
    {sign("day"), "©day", "date", T::kWhen},
    {sign("mak"), "©mak", "maker", T::kDevice},
    {sign("mod"), "©mod", "model", T::kDevice},
    {sign("swr"), "©swr", "software", T::kDevice},
    {sign("too"), "©too", "software", T::kDevice},
    {sign("enc"), "©enc", "software", T::kDevice},
    {sign("fmt"), "©fmt", "software", T::kDevice},
    {sign("req"), "©req", "software", T::kDevice},
    {sign("hst"), "©hst", "software", T::kDevice},
    {sign("xsp"), "©xsp", "motion", T::kWhere},
    {sign("ysp"), "©ysp", "motion", T::kWhere},
    {sign("zsp"), "©zsp", "motion", T::kWhere},
    {sign("fpt"), "©fpt", "attitude", T::kWhere},
    {sign("fyw"), "©fyw", "attitude", T::kWhere},
    {sign("frl"), "©frl", "attitude", T::kWhere},
    {sign("gpt"), "©gpt", "attitude", T::kWhere},
    {sign("gyw"), "©gyw", "attitude", T::kWhere},
    {sign("grl"), "©grl", "attitude", T::kWhere},
    {sign("nam"), "©nam", "title", T::kWho},
    {sign("ART"), "©ART", "person", T::kWho},
    {sign("aut"), "©aut", "person", T::kWho},
    {sign("cpy"), "©cpy", "person", T::kWho},
    {sign("dir"), "©dir", "person", T::kWho},
    {sign("prd"), "©prd", "person", T::kWho},
    {sign("wrt"), "©wrt", "person", T::kWho},
    {sign("alb"), "©alb", "title", T::kWho},
    {sign("cmt"), "©cmt", "comment", T::kWho},
    {sign("des"), "©des", "comment", T::kWho},
    {sign("inf"), "©inf", "comment", T::kWho},
    {sign("TIM"), "©TIM", "time-code", T::kWhen},
    {sign("TSC"), "©TSC", "time-code", T::kWhen},
    {four("loci"), "loci", "position", T::kWhere},
    {four("GPMF"), "GPMF", "gpmf", T::kWhere},
    {four("gps0"), "gps0", "position", T::kWhere},
    {four("gsen"), "gsen", "motion", T::kWhere},
    {four("yrrc"), "yrrc", "date", T::kWhen},
    {four("date"), "date", "date", T::kWhen},
    {four("auth"), "auth", "person", T::kWho},
    {four("perf"), "perf", "person", T::kWho},
    {four("cprt"), "cprt", "person", T::kWho},
    {four("titl"), "titl", "title", T::kWho},
    {four("dscp"), "dscp", "comment", T::kWho},
    {four("albm"), "albm", "title", T::kWho},
    {four("name"), "name", "title", T::kWho},
    {four("manu"), "manu", "maker", T::kDevice},
    {four("modl"), "modl", "model", T::kDevice},
    {four("vndr"), "vndr", "maker", T::kDevice},
    {four("FIRM"), "FIRM", "firmware", T::kDevice},
    {four("LENS"), "LENS", "serial", T::kDevice},
    {four("CAME"), "CAME", "serial", T::kDevice},
    {four("MUID"), "MUID", "serial", T::kDevice},
    {four("SNum"), "SNum", "serial", T::kDevice},
    {four("SETT"), "SETT", "camera-settings", T::kDevice},
    {four("AMBA"), "AMBA", "camera-settings", T::kDevice},
    {four("MVTG"), "MVTG", "exif", T::kDevice},
    {four("CNTH"), "CNTH", "thumbnail", T::kDevice},
    {four("CNCV"), "CNCV", "firmware", T::kDevice},
    {four("CNMN"), "CNMN", "model", T::kDevice},
    {four("CNFV"), "CNFV", "firmware", T::kDevice},
    {four("NCDT"), "NCDT", "camera-settings", T::kDevice},
    {four("TAGS"), "TAGS", "camera-settings", T::kDevice},
    {four("PENT"), "PENT", "camera-settings", T::kDevice},
    {four("PXTH"), "PXTH", "thumbnail", T::kDevice},
    {four("thmb"), "thmb", "thumbnail", T::kDevice},
    {four("INFO"), "INFO", "camera-settings", T::kDevice},
    {four("QVMI"), "QVMI", "camera-settings", T::kDevice},
    {four("MMA0"), "MMA0", "camera-settings", T::kDevice},
    {four("XMP_"), "XMP_", "xmp", T::kWho},
};

constexpr Known kMakerBoxes[] = {
    {four("gps "), "gps ", "gps-table", T::kWhere},
    {four("gps0"), "gps0", "position", T::kWhere},
    {four("GPS "), "GPS ", "position", T::kWhere},
    {four("gsen"), "gsen", "motion", T::kWhere},
    {four("3gf "), "3gf ", "motion", T::kWhere},
    {four("gsea"), "gsea", "motion", T::kWhere},
    {four("GPMF"), "GPMF", "gpmf", T::kWhere},
    {four("camm"), "camm", "gps-track", T::kWhere},
    {four("cmov"), "cmov", "compressed-header", T::kUnknown},
    {four("thum"), "thum", "thumbnail", T::kDevice},
    {four("thma"), "thma", "thumbnail", T::kDevice},
    {four("pnot"), "pnot", "thumbnail", T::kWhen},
    {four("PICT"), "PICT", "thumbnail", T::kDevice},
    {four("prrt"), "prrt", "camera-settings", T::kDevice},
    {four("SDLN"), "SDLN", "camera-settings", T::kDevice},
    {four("frea"), "frea", "camera-settings", T::kDevice},
    {four("inst"), "inst", "camera-settings", T::kDevice},
};

constexpr Known kChunks[] = {
    {four("IDIT"), "IDIT", "date", T::kWhen},
    {four("ICRD"), "ICRD", "date", T::kWhen},
    {four("ISMP"), "ISMP", "time-code", T::kWhen},
    {four("tcdt"), "tcdt", "time-code", T::kWhen},
    {four("tc_O"), "tc_O", "time-code", T::kWhen},
    {four("tc_A"), "tc_A", "time-code", T::kWhen},
    {four("ISFT"), "ISFT", "software", T::kDevice},
    {four("IMAK"), "IMAK", "maker", T::kDevice},
    {four("ISRC"), "ISRC", "device", T::kDevice},
    {four("IMED"), "IMED", "device", T::kDevice},
    {four("ITCH"), "ITCH", "person", T::kWho},
    {four("IART"), "IART", "person", T::kWho},
    {four("ICOP"), "ICOP", "person", T::kWho},
    {four("IENG"), "IENG", "person", T::kWho},
    {four("ICMS"), "ICMS", "person", T::kWho},
    {four("ICMT"), "ICMT", "comment", T::kWho},
    {four("INAM"), "INAM", "title", T::kWho},
    {four("ISBJ"), "ISBJ", "comment", T::kWho},
    {four("IKEY"), "IKEY", "comment", T::kWho},
    {four("strd"), "strd", "camera-settings", T::kDevice},
    {four("strn"), "strn", "stream-name", T::kDevice},
    {four("hydt"), "hydt", "camera-settings", T::kDevice},
    {four("pntx"), "pntx", "camera-settings", T::kDevice},
    {four("ncdt"), "ncdt", "camera-settings", T::kDevice},
    {four("CASI"), "CASI", "camera-settings", T::kDevice},
    {four("gps "), "gps ", "gps-table", T::kWhere},
    {four("gps0"), "gps0", "position", T::kWhere},
    {four("GPS "), "GPS ", "position", T::kWhere},
    {four("_PMX"), "_PMX", "xmp", T::kWho},
};

constexpr Known kDataTracks[] = {
    {four("gpmd"), "gpmd", "gps-track", T::kWhere},
    {four("camm"), "camm", "gps-track", T::kWhere},
    {four("mebx"), "mebx", "metadata-track", T::kWhere},
    {four("rtmd"), "rtmd", "metadata-track", T::kDevice},
    {four("meta"), "meta", "metadata-track", T::kWhere},
    {four("mett"), "mett", "metadata-track", T::kWhere},
    {four("metx"), "metx", "metadata-track", T::kWhere},
    {four("text"), "text", "text-track", T::kWhere},
    {four("tx3g"), "tx3g", "text-track", T::kWhere},
    {four("sbtl"), "sbtl", "text-track", T::kWhere},
    {four("subt"), "subt", "text-track", T::kWhere},
    {four("subp"), "subp", "text-track", T::kWhere},
    {four("mp4s"), "mp4s", "text-track", T::kWhere},
    {four("c608"), "c608", "text-track", T::kWhere},
    {four("tmcd"), "tmcd", "time-code-track", T::kWhen},
    {four("fdsc"), "fdsc", "device-track", T::kDevice},
};

template <std::size_t N>
std::optional<Known> find(const Known (&list)[N], std::uint32_t type) {
  for (const Known& one : list) {
    if (one.type == type) return one;
  }
  return {};
}

bool holds(std::string_view key, std::string_view part) {
  return key.find(part) != std::string_view::npos;
}

}  // namespace

std::optional<Known> known_user_data(std::uint32_t type) { return find(kUserData, type); }
std::optional<Known> known_maker_box(std::uint32_t type) { return find(kMakerBoxes, type); }
std::optional<Known> known_chunk(std::uint32_t type) { return find(kChunks, type); }

Known known_data_track(std::uint32_t type) {
  const auto known = find(kDataTracks, type);
  return known ? *known : Known{type, "other", "data-track", Tells::kUnknown};
}

Literal box_name(std::uint32_t type) {
  switch (type) {
    case four("moov"): return "moov";
    case four("trak"): return "trak";
    case four("mdia"): return "mdia";
    case four("minf"): return "minf";
    case four("stbl"): return "stbl";
    case four("stsd"): return "stsd";
    case four("udta"): return "udta";
    case four("meta"): return "meta";
    case four("ilst"): return "ilst";
    case four("keys"): return "keys";
    case four("xml "): return "xml ";
    case four("moof"): return "moof";
    case four("traf"): return "traf";
    case four("mvex"): return "mvex";
    case four("edts"): return "edts";
    case four("dinf"): return "dinf";
    case four("gmhd"): return "gmhd";
    case four("mvhd"): return "mvhd";
    case four("tkhd"): return "tkhd";
    case four("mdhd"): return "mdhd";
    case four("hdlr"): return "hdlr";
    case four("free"): return "free";
    case four("skip"): return "skip";
    case four("wide"): return "wide";
    case four("uuid"): return "uuid";
    case four("mdat"): return "mdat";
    case four("hdrl"): return "hdrl";
    case four("strl"): return "strl";
    case four("movi"): return "movi";
    case four("INFO"): return "INFO";
    case four("exif"): return "exif";
    case four("JUNK"): return "JUNK";
    default: return "other";
  }
}

KeyMeaning meaning_of_key(std::string_view name) {
  // Without "com.apple.quicktime.", which holds "time".
  constexpr std::string_view kApple = "com.apple.quicktime.";
  const std::string_view key =
      name.substr(0, kApple.size()) == kApple ? name.substr(kApple.size()) : name;
  if (holds(key, "ocation") || holds(key, "GPS") || holds(key, "gps") || holds(key, "direction")) {
    return {"position", Tells::kWhere};
  }
  if (holds(key, "date") || holds(key, "Date") || holds(key, "time") || holds(key, "year")) {
    return {"date", Tells::kWhen};
  }
  if (holds(key, "make") || holds(key, "anufacturer")) return {"maker", Tells::kDevice};
  if (holds(key, "model")) return {"model", Tells::kDevice};
  if (holds(key, "serial") || holds(key, "dentifier")) return {"serial", Tells::kDevice};
  if (holds(key, "software") || holds(key, "version") || holds(key, "encoder") ||
      holds(key, "camera") || holds(key, "android")) {
    return {"software", Tells::kDevice};
  }
  if (holds(key, "author") || holds(key, "artist") || holds(key, "title") ||
      holds(key, "comment") || holds(key, "description") || holds(key, "copyright")) {
    return {"person", Tells::kWho};
  }
  return {"metadata", Tells::kUnknown};
}

}  // namespace sudare::clip
