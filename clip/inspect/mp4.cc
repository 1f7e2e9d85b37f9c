// MP4, MOV and 3GP: every box on its way down, each for what it can tell. Sizes come from the file
// and are believed only as far as the box around them reaches.
#include "clip/inspect/mp4_track.h"
#include "clip/inspect/names.h"
#include "clip/inspect/walk.h"

namespace sudare::clip {
namespace {

struct FoundBox {
  std::uint32_t type = 0;
  Range whole;
  Range content;
};

class Mp4 {
 public:
  Mp4(FileWindow& file, Findings& findings) : file_(file), findings_(findings) {}

  void run() {
    const std::uint64_t end = boxes({0, file_.size()}, {}, 0);
    if (end < file_.size()) {
      findings_.add("trailing-bytes", Tells::kUnknown, {"file"}, end, file_.size() - end);
    }
  }

 private:
  // The box at `at`; nothing where none fits into the range.
  std::optional<FoundBox> box_at(std::uint64_t at, std::uint64_t end) {
    const Bytes head = file_.at(at, 16);
    if (head.size() < 8 || end - at < 8) return {};
    std::uint64_t size = be32(head, 0);
    std::uint64_t header = 8;
    if (size == 1 && head.size() == 16) {
      size = be64(head, 8);
      header = 16;
    } else if (size == 0) {
      size = end - at;
    }
    if (size < header || size > end - at) return {};
    return FoundBox{be32(head, 4), {at, at + size}, {at + header, at + size}};
  }

  // Walks the boxes in a range; where the last whole one ends.
  std::uint64_t boxes(Range range, const InspectPath& where, unsigned depth) {
    std::uint64_t at = range.begin;
    while (range.end - at >= 8) {
      if (depth > kInspectDepthMax || !findings_.part()) {
        findings_.truncated();
        return range.end;
      }
      auto box = box_at(at, range.end);
      if (!box) {
        if (depth > 0 || !cut_off(at, where)) return at;
        return range.end;
      }
      one(*box, where, depth);
      at = box->whole.end;
    }
    return at;
  }

  // The last box of a recording that lost its power goes on behind the file's end.
  bool cut_off(std::uint64_t at, const InspectPath& where) {
    const Bytes head = file_.at(at, 8);
    if (head.size() < 8 || box_name(be32(head, 4)) == Literal("other")) return false;
    findings_.truncated();
    if (be32(head, 4) == four("moov")) boxes({at + 8, file_.size()}, where / "moov", 1);
    return true;
  }

  void one(const FoundBox& box, const InspectPath& where, unsigned depth) {
    const InspectPath here = where / box_name(box.type);
    switch (box.type) {
      case four("moov"):
      case four("trak"):
      case four("mdia"):
      case four("minf"):
      case four("stbl"):
      case four("moof"):
      case four("traf"):
      case four("gmhd"): open(box, here, depth); return;
      case four("udta"): user_data(box, here, depth); return;
      case four("meta"): metadata(box, here, depth); return;
      case four("mvhd"):
      case four("tkhd"):
      case four("mdhd"): header(box, here); return;
      case four("hdlr"): handler(box, here); return;
      case four("stsd"):
        track_.entry = inspect_sample_description(file_, box.content, here, findings_);
        return;
      case four("stsz"): track_.read_sizes(file_, box.content); return;
      case four("stco"): track_.read_offsets(file_, box.content, 4); return;
      case four("co64"): track_.read_offsets(file_, box.content, 8); return;
      case four("uuid"): uuid(box, here); return;
      case four("free"):
      case four("skip"):
      case four("wide"): padding(box, here); return;
      default: break;
    }
    if (const auto known = known_maker_box(box.type)) {
      findings_.add(known->what, known->tells, where / known->name, box.whole.begin,
                    box.whole.size());
    }
  }

  void open(const FoundBox& box, const InspectPath& here, unsigned depth) {
    if (box.type == four("trak")) track_ = {};
    boxes(box.content, here, depth + 1);
    if (box.type == four("trak")) inspect_first_sample(file_, track_, here, findings_);
  }

  // Seconds since 1904 in the first two fields (ISO/IEC 14496-12, 8.2.2); mdhd has a language too.
  void header(const FoundBox& box, const InspectPath& here) {
    const Bytes content = file_.at(box.content.begin, 36);
    if (content.size() < 24) return;
    const bool wide = content[0] == 1;
    const std::size_t times = wide ? 16 : 8;
    for (std::size_t i = 4; i < 4 + times && i < content.size(); ++i) {
      if (content[i] == 0) continue;
      findings_.add("creation-time", Tells::kWhen, here, box.content.begin + 4, times);
      break;
    }
    const std::size_t language = wide ? 32 : 20;
    if (box.type != four("mdhd") || content.size() < language + 2) return;
    constexpr std::uint16_t kUndetermined = 0x55C4;
    const std::uint16_t code = be16(content, language);
    if (code != 0 && code != kUndetermined && code != 0x7FFF) {
      findings_.add("language", Tells::kWho, here, box.content.begin + language, 2);
    }
  }

  void handler(const FoundBox& box, const InspectPath& here) {
    constexpr std::uint64_t kHandlerBytesMost = 256;  // names are a few words
    const Bytes content =
        file_.at(box.content.begin,
                 static_cast<std::size_t>(std::min(kHandlerBytesMost, box.content.size())));
    if (content.size() < 24) return;
    const std::uint32_t kind = be32(content, 8);
    if (be32(content, 12) != 0) {
      findings_.add("handler-maker", Tells::kDevice, here, box.content.begin + 12, 4);
    }
    Bytes name = content.subspan(24);
    if (!name.empty() && name[0] == name.size() - 1) name = name.subspan(1);  // QuickTime counts
    if (std::any_of(name.begin(), name.end(), [](std::uint8_t c) { return c > ' '; })) {
      findings_.add("handler-name", Tells::kDevice, here, box.content.begin + 24, name.size());
    }
    if (be32(content, 4) == four("dhlr") || kind == four("mdir") || kind == four("mdta")) return;
    if (here.size() < 2 || here[here.size() - 2] != Literal("mdia")) return;
    track_.handler = kind;
    if (kind == four("soun")) {
      findings_.add("sound", Tells::kSound, here, box.whole.begin, box.whole.size());
    } else if (kind != four("vide")) {
      const Known known = known_data_track(kind);
      findings_.add(known.what, known.tells, here, box.whole.begin, box.whole.size());
    }
  }

  // Children of any name: text with a length and a language, boxes, makers' structures.
  void user_data(const FoundBox& box, const InspectPath& here, unsigned depth) {
    std::uint64_t at = box.content.begin;
    while (box.content.end - at >= 8 && findings_.part()) {
      const auto child = box_at(at, box.content.end);
      if (!child) break;
      at = child->whole.end;
      if (child->type == four("meta")) {
        metadata(*child, here / "meta", depth + 1);
        continue;
      }
      if (!holds_something(file_, child->content)) continue;
      const auto known = known_user_data(child->type);
      const auto maker = known ? known : known_maker_box(child->type);
      if (maker) {
        findings_.add(maker->what, maker->tells, here / maker->name, child->whole.begin,
                      child->whole.size());
      } else {
        const Literal name = child->type >> 24 == 0xA9 ? Literal("©other") : Literal("other");
        findings_.add("user-data", Tells::kUnknown, here / name, child->whole.begin,
                      child->whole.size());
      }
    }
    // QuickTime ends the list with four zeros.
    if (box.content.end - at > 4) {
      findings_.add("user-data", Tells::kUnknown, here, at, box.content.end - at);
    }
  }

  // meta is a full box in MP4 and a plain one in QuickTime.
  void metadata(const FoundBox& box, const InspectPath& here, unsigned depth) {
    const Bytes head = file_.at(box.content.begin, 8);
    Range inside = box.content;
    if (head.size() == 8 && be32(head, 0) == 0) inside.begin += 4;
    keys_.clear();
    std::uint64_t at = inside.begin;
    while (inside.end - at >= 8 && depth < kInspectDepthMax && findings_.part()) {
      const auto child = box_at(at, inside.end);
      if (!child) break;
      at = child->whole.end;
      if (child->type == four("keys")) keys(*child);
      if (child->type == four("ilst")) items(*child, here / "ilst");
      if (child->type == four("xml ")) {
        findings_.add("xml", Tells::kDevice, here / "xml ", child->whole.begin,
                      child->whole.size());
      }
      if (child->type == four("hdlr") || child->type == four("uuid")) one(*child, here, depth + 1);
    }
  }

  void keys(const FoundBox& box) {
    std::uint64_t at = box.content.begin + 8;
    while (at + 8 <= box.content.end && keys_.size() < 256 && findings_.part()) {
      const Bytes head = file_.at(at, 4);
      const std::uint64_t size = head.size() < 4 ? 0 : be32(head, 0);
      if (size < 8 || size > box.content.end - at) return;
      const Bytes name =
          file_.at(at + 8, static_cast<std::size_t>(std::min<std::uint64_t>(size - 8, 128)));
      keys_.push_back(meaning_of_key({reinterpret_cast<const char*>(name.data()), name.size()}));
      at += size;
    }
  }

  // Named as in udta, or by the number of a key.
  void items(const FoundBox& box, const InspectPath& here) {
    std::uint64_t at = box.content.begin;
    while (box.content.end - at >= 8 && findings_.part()) {
      const auto item = box_at(at, box.content.end);
      if (!item) return;
      at = item->whole.end;
      if (item->type > 0 && item->type <= keys_.size()) {
        const KeyMeaning& meaning = keys_[item->type - 1];
        findings_.add(meaning.what, meaning.tells, here / "key", item->whole.begin,
                      item->whole.size());
      } else if (const auto known = known_user_data(item->type)) {
        findings_.add(known->what, known->tells, here / known->name, item->whole.begin,
                      item->whole.size());
      } else {
        findings_.add("metadata", Tells::kUnknown, here / "other", item->whole.begin,
                      item->whole.size());
      }
    }
  }

  void uuid(const FoundBox& box, const InspectPath& here) {
    const Bytes id = file_.at(box.content.begin, 16);
    const std::uint32_t first = id.size() < 4 ? 0 : be32(id, 0);
    Literal what = "uuid";
    Tells tells = Tells::kUnknown;
    if (first == 0xBE7ACFCB) {  // BE7ACFCB-97A9-42E8-9C71-999491E3AFAC
      what = "xmp";
      tells = Tells::kWho;
    } else if (first == 0x85C0B687 || first == 0x50524F46 || first == 0x55534D54) {
      what = "camera-settings";  // Canon; Sony's PROF and USMT
      tells = Tells::kDevice;
    }
    findings_.add(what, tells, here, box.whole.begin, box.whole.size());
  }

  void padding(const FoundBox& box, const InspectPath& here) {
    if (holds_something(file_, box.content)) {
      findings_.add("padding-with-data", Tells::kUnknown, here, box.whole.begin, box.whole.size());
    }
  }

  FileWindow& file_;
  Findings& findings_;
  Mp4Track track_;
  std::vector<KeyMeaning> keys_;
};

}  // namespace

void inspect_mp4(FileWindow& file, Findings& findings) { Mp4(file, findings).run(); }

}  // namespace sudare::clip
