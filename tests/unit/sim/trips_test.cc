#include <gmock/gmock.h>

#include "sim/car/vehicle.h"
#include "sim/profile.h"
#include "sim/traffic/traffic.h"
#include "sim/trip/read_trips.h"
#include "sim/trip/replay_trips.h"
#include "sim/trip/track_points.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const Parsed<std::vector<Trip>>& trips) {
  return trips ? "no error" : trips.error().to_string();
}

std::size_t fixes_of(const std::vector<Trip>& trips) {
  std::size_t count = 0;
  for (const Trip& trip : trips) count += trip.fixes.size();
  return count;
}

TEST(SimTime, TakesTheFormsThatFilesHave) {
  EXPECT_EQ(parse_time("2020-02-28T11:54:19Z"), 1'582'890'859'000);
  EXPECT_EQ(parse_time("2020-02-28T20:54:19.250+09:00"), 1'582'890'859'250);
  EXPECT_EQ(parse_time("2020-02-28 11:54:19"), 1'582'890'859'000);
  EXPECT_EQ(parse_time("1582890859"), 1'582'890'859'000);
  EXPECT_EQ(parse_time("1582890859250"), 1'582'890'859'250);
}

TEST(SimTime, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "2020-02-30T11:54:19Z", "2020-02-28T25:00:00Z",
                           "2020-02-28T11:54:19Zulu", "2020-02-28", "99999999999999999999",
                           "-9223372036854775808", "1e9", "1969-12-31T00:00:00Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(SimGpx, ErrorsNameTheLine) {
  EXPECT_THAT(error_of(parse_gpx("t.gpx", "<gpx>\n<trk>\n</gpx>")), StartsWith("error: t.gpx:3:"));
  EXPECT_THAT(error_of(parse_gpx("t.gpx", "<kml/>")), HasSubstr("no <gpx> element"));
  EXPECT_THAT(error_of(parse_gpx("t.gpx",
                                 "<gpx><trk><trkseg>\n\n<trkpt lat='35' lon='x'/>"
                                 "</trkseg></trk></gpx>")),
              StartsWith("error: t.gpx:3:"));
  EXPECT_THAT(error_of(parse_gpx("t.gpx",
                                 "<gpx><trk><trkseg>\n<trkpt lat='35' lon='137'/>"
                                 "</trkseg></trk></gpx>")),
              HasSubstr("without <time>"));
  EXPECT_THAT(error_of(parse_gpx("t.gpx",
                                 "<gpx><trk><trkseg><trkpt lat='95' lon='137'/>"
                                 "</trkseg></trk></gpx>")),
              HasSubstr("outside the earth"));
}

TEST(SimGpx, ReadsTracksSegmentsAndWhatPointsCarry) {
  const auto trips = parse_gpx("t.gpx", R"(<?xml version="1.0"?>
<gpx version="1.1"><trk><name>to work</name><trkseg>
<trkpt lat="35.0" lon="137.0"><ele>40</ele><time>2026-11-22T00:00:00Z</time><speed>10</speed></trkpt>
<trkpt lat="35.001" lon="137.0"><time>2026-11-22T00:00:10Z</time></trkpt></trkseg>
<trkseg><trkpt lat="35.002" lon="137.0"><time>2026-11-22T00:30:00Z</time></trkpt></trkseg></trk></gpx>)");
  ASSERT_TRUE(trips) << error_of(trips);
  ASSERT_EQ(trips->size(), 2U);  // half an hour without a point ends a trip
  const Trip& trip = trips->front();
  EXPECT_EQ(trip.destination, "to work");
  EXPECT_DOUBLE_EQ(trip.fixes[0].speed_kmh, 36);
  EXPECT_DOUBLE_EQ(trip.fixes[0].altitude_meters, 40);
  EXPECT_NEAR(trip.fixes[1].speed_kmh, 40, 0.1);  // 111 m in 10 s
  EXPECT_NEAR(trip.fixes[1].heading_degrees, 0, 0.1);
  EXPECT_NEAR(trip.distance_meters, 111, 1);
}

TEST(SimCsv, ErrorsNameTheLine) {
  EXPECT_THAT(error_of(parse_csv("t.csv", "a,b\n1,2\n")), StartsWith("error: t.csv:1:"));
  EXPECT_THAT(error_of(parse_csv("t.csv", "time,lat,lon\n\n2020-01-01T00:00:00Z,x,7\n")),
              StartsWith("error: t.csv:3: latitude or longitude is no number"));
  EXPECT_THAT(error_of(parse_csv("t.csv", "time,lat,lon\nnow,50,7\n")),
              StartsWith("error: t.csv:2: the time"));
  EXPECT_THAT(error_of(parse_csv("t.csv", "time,lat,lon\n1582890859,nan,7\n")),
              StartsWith("error: t.csv:2:"));
  EXPECT_THAT(error_of(parse_csv("t.csv", "time,lat,lon\n1582890859,0,0\n")),
              HasSubstr("or (0, 0)"));
  EXPECT_THAT(error_of(parse_csv("t.csv", "time,lat,lon\n1582890859,50\n")),
              StartsWith("error: t.csv:2:"));
}

TEST(SimCsv, ColumnsMayComeInAnyOrderQuotedAndSeparatedBySemicolons) {
  const auto trips = parse_csv("t.csv",
                               "Lon;\"remark\";LAT;Timestamp;track_id\r\n"
                               "7.0;\"a \"\"quoted\"\"; text\nover lines\";51.0;1582890859;b\r\n"
                               "7.1;;51.1;1582890860;a\r\n");
  ASSERT_TRUE(trips) << error_of(trips);
  ASSERT_EQ(trips->size(), 2U);
  EXPECT_DOUBLE_EQ((*trips)[0].fixes[0].place.longitude, 7.1);
  EXPECT_DOUBLE_EQ((*trips)[1].fixes[0].place.latitude, 51.0);
}

TEST(SimGeoJson, ErrorsNameTheLineOrTheFeature) {
  EXPECT_THAT(error_of(parse_geojson("t.json", "{\n\"features\": [,]\n}")),
              StartsWith("error: t.json:2:"));
  EXPECT_THAT(error_of(parse_geojson("t.json", "{\"type\":\"Feature\"}")),
              HasSubstr("no GeoJSON FeatureCollection"));
  const std::string head = R"({"type":"FeatureCollection","features":[{"geometry":)";
  EXPECT_THAT(error_of(parse_geojson(
                  "t.json", head + R"({"type":"Point","coordinates":[7,51]},"properties":{}}]})")),
              HasSubstr("feature 1 has no ISO 8601 text as properties.time"));
  EXPECT_THAT(
      error_of(parse_geojson("t.json", head + R"({"type":"Point","coordinates":["7",51]}}]})")),
      HasSubstr("feature 1 has no [longitude, latitude]"));
  EXPECT_THAT(error_of(parse_geojson("t.json", head + R"({"type":"Polygon"}}]})")),
              HasSubstr("neither a Point nor a LineString"));
}

TEST(SimGeoJson, LinesSpreadTheirTimeByDistance) {
  const auto trips = parse_geojson("t.json", R"({"type":"FeatureCollection","features":[{
    "properties":{"begin":"2020-03-12T16:00:00Z","end":"2020-03-12T16:01:40Z"},
    "geometry":{"type":"LineString","coordinates":[[7.0,51.0],[7.0,51.001],[7.0,51.004]]}}]})");
  ASSERT_TRUE(trips) << error_of(trips);
  ASSERT_EQ(trips->size(), 1U);
  const auto& fixes = trips->front().fixes;
  EXPECT_NEAR(static_cast<double>(fixes[1].time_ms - fixes[0].time_ms), 25'000, 50);
  EXPECT_NEAR(static_cast<double>(fixes[2].time_ms - fixes[0].time_ms), 100'000, 1);
}

TEST(SimTrips, FilesThatAreMissingEmptyOrWithoutTripsSaySo) {
  const testkit::TemporaryDirectory directory;
  EXPECT_THAT(error_of(read_trips({(directory.path() / "none").string()})),
              HasSubstr("No such file"));
  EXPECT_THAT(error_of(parse_trips("t", " \n")), HasSubstr("is empty"));
  EXPECT_EQ(parse_trips("t", "<gpx/>")->size(), 0U);
}

TEST(SimReplay, ShiftKeepsTripsAndShortensPauses) {
  const auto point = [](std::int64_t time_ms, double latitude) {
    TrackPoint result;
    result.time_ms = time_ms;
    result.place = {latitude, 7};
    return result;
  };
  std::vector<Trip> trips;
  append_trips({point(1'000'000'000'000, 51), point(1'000'000'060'000, 51.01)}, "a", trips);
  append_trips({point(1'000'900'000'000, 51), point(1'000'900'030'000, 51.01)}, "b", trips);
  append_trips({point(1'000'900'010'000, 51), point(1'000'900'020'000, 51.01)}, "overlaps", trips);
  const std::int64_t duration_ms = shifted_duration_ms(trips);
  shift_trips(trips, 5'000'000);
  EXPECT_EQ(trips[0].fixes.front().time_ms, 5'000'000);
  EXPECT_EQ(trips[1].fixes.front().time_ms, 5'060'000 + kReplayPauseMsMax);
  EXPECT_EQ(trips[1].fixes.back().time_ms, 5'090'000 + kReplayPauseMsMax);
  EXPECT_EQ(trips[2].fixes.front().time_ms, trips[1].fixes.back().time_ms + kReplayPauseMsMax / 2);
  EXPECT_EQ(trips[2].fixes.back().time_ms, 5'000'000 + duration_ms);
}

// The counts were taken from the files with another JSON parser.
TEST(SimReplay, AllTwelveTracksGiveEveryPosition) {
  SUDARE_FIXTURE_OR_SKIP(folder, "trajectories/envirocar");
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().rfind("track_", 0) == 0) files.push_back(entry.path());
  }
  auto trips = read_trips(files);
  ASSERT_TRUE(trips) << error_of(trips);
  EXPECT_EQ(files.size(), 12U);
  EXPECT_EQ(fixes_of(*trips), 2375U);
  shift_trips(*trips, 1'763'780'400'000);
  ReplayTrips source(*std::move(trips));
  v1::Profile profile = default_profile();
  profile.mutable_rates()->set_parked_power_minutes(0);
  Traffic traffic(profile, identity_of_seed(1), source, {}, Random(1));
  std::size_t positions = 0;
  while (const auto message = traffic.next()) positions += message->topic == "vehicle/position";
  EXPECT_EQ(positions, 2375U);
}

TEST(SimReplay, CollectionsAndTheUciFileAreRead) {
  SUDARE_FIXTURE_OR_SKIP(folder, "trajectories");
  const auto munster = read_trips({folder / "envirocar/munster_tracks.json"});
  ASSERT_TRUE(munster) << error_of(munster);
  EXPECT_GE(munster->size(), 100U);
  const auto uci = read_trips({folder / "uci-354/go_track_trackspoints.csv"});
  ASSERT_TRUE(uci) << error_of(uci);
  EXPECT_EQ(fixes_of(*uci), 18'107U);
}

}  // namespace
}  // namespace sudare::sim
