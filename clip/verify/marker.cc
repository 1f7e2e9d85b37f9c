#include "clip/verify/marker.h"

namespace sudare::clip {

Literal literal_of(MarkerKind kind) {
  switch (kind) {
    case MarkerKind::kGpsBlock: return "gps-block";
    case MarkerKind::kNmea: return "nmea";
    case MarkerKind::kCoordinates: return "coordinates";
    case MarkerKind::kPlaceName: return "place-name";
    case MarkerKind::kGpmf: return "gpmf";
    case MarkerKind::kDataTrack: return "data-track";
    case MarkerKind::kUserData: return "user-data";
    case MarkerKind::kXmp: return "xmp";
    case MarkerKind::kExif: return "exif";
    case MarkerKind::kCamera: return "camera";
    case MarkerKind::kSerial: return "serial";
    case MarkerKind::kEncoder: return "encoder";
    case MarkerKind::kDate: return "date";
    case MarkerKind::kEmail: return "email";
    case MarkerKind::kVin: return "vin";
    case MarkerKind::kFrameNumber: return "frame-number";
    case MarkerKind::kLink: return "link";
    case MarkerKind::kPhone: return "phone";
  }
  return "unknown";
}

}  // namespace sudare::clip
