#include "gateway/detect/vin_makers.h"

#include <algorithm>
#include <cstddef>

namespace sudare {
namespace {

struct Maker {
  Literal prefixes;  // of two or three characters, a space between them
  Literal name;
};

// The first that matches counts: three characters before two.
constexpr Maker kMakers[] = {
    {"JTH JTJ JT6 JT8 2T2 58A", "Lexus"},
    {"JF1 JF2 JF3 4S3 4S4", "Subaru"},
    {"JH4 JAE 19U 19V 2HH 2HN 2HU 5FR 5FS 5J8 5KC", "Acura"},
    {"JHM JHL JH1 19X 1HG 2HG 2HJ 2HK 3CZ 3GP 3HG 5FN 5FP 5J6 5J7 5KB 7FA SHH SHS MRH LHG",
     "Honda"},
    {"JNK JNR JNT 5N3", "Infiniti"},
    {"JN1 JN3 JN6 JN8 1N4 1N6 3N1 3N6 3N8 5N1 KNM SJN SJK VSK MNT", "Nissan"},
    {"JM1 JM2 JM3 JM0 JMZ JM6 JM7 JC1 1YV 3MD 3MV 3MZ 4F2 4F4", "Mazda"},
    {"JMB JMY JA3 JA4 JA7 4A3 4A4 6MM ML3 MMB MMC", "Mitsubishi"},
    {"JS2 JS3 JS4 JSA JS1 2S2 2S3 MA3 TSM", "Suzuki"},
    {"JD1 JD2 JDA", "Daihatsu"},
    {"JHA JHB JHD JHF JHH", "Hino"},
    {"JAA JAB JAC JAL J8B J8C 4NU MPA", "Isuzu"},
    {"JT 1NX 2T1 2T3 3MY 3TM 3TY 4T1 4T3 4T4 4TA 5TB 5TD 5TE 5TF 5YF 7MU 7SV NMT SB1 VNK AHT 6T1 "
     "MR0 MR1 MR2 MBJ MHF LTV LVG LFM 9BR 8AJ RL4 TW1 XW7",
     "Toyota"},
    {"WBA WBS WBX WBY WB5 WBW WB1 5UX 5UM 5YM 4US 3MF 3MW", "BMW"},
    {"WMW WMZ", "MINI"},
    {"WDB WDC WDD WDF W1K W1N W1V 4JG 55S LE4", "Mercedes-Benz"},
    {"WVW WVG WV1 WV2 1VW 1V1 1V2 3VW 3VV 9BW LSV LFV", "Volkswagen"},
    {"WAU WA1 WUA WU1 TRU", "Audi"},
    {"WP0 WP1", "Porsche"},
    {"TMB", "Skoda"},
    {"VSS", "SEAT"},
    {"YV1 YV4 LYV LVY 7JR 7JD", "Volvo"},
    {"YSM YSR LPS 7SY", "Polestar"},
    {"1FA 1FB 1FC 1FD 1FM 1FT 1F1 1ZV 2FA 2FM 2FT 3FA 3FM 3FT WF0 NM0 MAJ 6FP", "Ford"},
    {"1G1 1GC 1GN 1Y1 2CN 2G1 2GC 2GN 3G1 3GC 3GN KL1 KL7 KL8", "Chevrolet"},
    {"1GK 1GT 2CT 2GK 2GT 3GK 3GT", "GMC"},
    {"1G6 1GY 2G6 3GY LRE", "Cadillac"},
    {"1G4 2G4 3G4 5GA KL4 LRB", "Buick"},
    {"W0L W0V W0S", "Opel"},
    {"5YJ 7SA 7G2 LRW XP7 SFZ", "Tesla"},
    {"KMH KM8 KME KMF 5NM 5NP 5NT MAL TMA NLH", "Hyundai"},
    {"KNA KNC KND KNE 5XX 5XY 3KP U5Y", "Kia"},
    {"KMT KMU", "Genesis"},
    {"1C4 1C6 1J4 1J8 1JT ZAC", "Jeep"},
    {"1C3 2C3 2C4 3C3 3C4", "Chrysler"},
    {"1B3 1B7 1D7 2B3 2D4 3D4 3D7", "Dodge"},
    {"ZFA ZFB", "Fiat"},
    {"ZAR", "Alfa Romeo"},
    {"ZFF", "Ferrari"},
    {"VF1 VF6 VF2 UU1", "Renault"},
    {"VF3", "Peugeot"},
    {"VF7", "Citroen"},
    {"SAL", "Land Rover"},
    {"SAJ SAD", "Jaguar"},
    {"LGX LC0 LPE", "BYD"},
};

constexpr bool names(std::string_view prefixes, std::string_view prefix) {
  for (std::size_t at = 0; at < prefixes.size();) {
    const std::size_t end = std::min(prefixes.find(' ', at), prefixes.size());
    if (prefixes.substr(at, end - at) == prefix) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

Literal maker_of(std::string_view wmi) {
  for (const std::size_t length : {std::size_t{3}, std::size_t{2}}) {
    for (const Maker& maker : kMakers) {
      if (names(maker.prefixes.view(), wmi.substr(0, length))) return maker.name;
    }
  }
  return "";
}

}  // namespace sudare
