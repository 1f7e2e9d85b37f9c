// Positions: pairs, cells, and releases on move.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

#include "gateway/minimize/cell.h"
#include "shapes.pb.h"
#include "sudare/vehicle/v1/emergency.pb.h"
#include "sudare/vehicle/v1/trip.pb.h"
#include "tests/unit/minimize/position_messages.h"

namespace sudare {
namespace {

using testkit::Car;
using testkit::coarsen;
using testkit::content;
using testkit::json_position_source;
using testkit::keep;
using testkit::kTopic;
using testkit::on_move_source;
using testkit::parsed;
using testkit::position_payload;
using testkit::position_source;
using testkit::reason_of;
using testkit::rule;
using testkit::SourceBuilder;
using testkit::VehiclePosition;

using vehicle::v1::Emergency;
using vehicle::v1::Trip;

constexpr v1::Unit kNoUnit = v1::UNIT_UNSPECIFIED;

// --- Positions

TEST(MinimizePosition, ABadPositionDropsTheRecord) {
  SourceBuilder source = json_position_source(v1::M1000);
  source.field("speed", keep());
  Car car({source.build()});
  for (const char* const payload :
       {R"({"lat":0,"lon":0,"speed":5})", R"({"lat":0.0,"lon":360,"speed":5})",
        R"({"lat":91,"lon":5,"speed":5})", R"({"lat":5,"lon":-181,"speed":5})",
        R"({"lat":1e300,"lon":5,"speed":5})", R"({"lat":true,"lon":5,"speed":5})",
        R"({"lat":"north","lon":5,"speed":5})", R"({"lat":18446744073709551615,"lon":5,"speed":5})",
        R"({"lat":5,"speed":5})", R"({"speed":5,"lon":5})", R"({"lat":5,"lon":null,"speed":5})",
        R"({"lat":[5,6],"lon":[7],"speed":5})"}) {
    EXPECT_EQ(reason_of(car.send("json", payload)), Reason::kBadPosition) << payload;
  }
  EXPECT_TRUE(car.send("json", R"({"lat":null,"lon":null,"speed":5})").release);
}

TEST(MinimizePosition, HalfAPositionThatTheReleaseNamesIsNeverReleased) {
  SourceBuilder source(kTopic, *VehiclePosition::descriptor());
  source.field("latitude_e7", keep()).field("longitude_e7", rule(Action::kDrop));
  source.release.cell = v1::M1000;
  Car car({source.build()});
  EXPECT_EQ(reason_of(car.send(kTopic, position_payload(35, 136))), Reason::kBadPosition);
}

TEST(MinimizePosition, APositionIsNeverPseudonymisedOrGeneralised) {
  for (const Action action : {Action::kPseudonymize, Action::kGeneralize}) {
    SourceBuilder source("json");
    source.field("lat", rule(action)).classify("lat", v1::LATITUDE, v1::DEGREES);
    source.release.cell = v1::M1000;
    Car car({source.build()});
    EXPECT_EQ(reason_of(car.send("json", R"({"lat":"35.1"})")), Reason::kNothingLeft);
  }
}

TEST(MinimizePosition, ACoarsenedPositionIsACellsCentreLikeAnyOther) {
  SourceBuilder source = json_position_source(v1::M1000);
  source.field("lat", coarsen(0.1)).field("lon", coarsen(0.1));
  Car coarsened({source.build()});
  Car kept({json_position_source(v1::M1000).build()});
  const std::string in = R"({"lat":35.6585,"lon":139.7454})";
  EXPECT_EQ(coarsened.payload("json", in), kept.payload("json", in));
}

// Half a centre that its field can't hold: nothing of the record leaves.
TEST(MinimizePosition, ACentreThatAFieldCannotHoldDropsTheRecord) {
  const auto source = [](const char* latitude, const char* longitude) {
    SourceBuilder made("shapes", *test::Shapes::descriptor());
    made.field(latitude, keep()).classify(latitude, v1::LATITUDE, v1::DEGREES, 1);
    made.field(longitude, keep()).classify(longitude, v1::LONGITUDE, v1::DEGREES, 1);
    made.release.cell = v1::M1000;
    return made.build();
  };
  test::Shapes in;
  in.set_int32_value(35);
  in.set_sint32_value(136);
  in.set_double_value(35.5);
  for (const char* latitude : {"int32_value", "double_value"}) {
    Car car({source(latitude, "sint32_value")});
    EXPECT_EQ(reason_of(car.send("shapes", in.SerializeAsString())), Reason::kBadPosition);
  }
}

TEST(MinimizePosition, UnsignedFieldsHoldPositionsToo) {
  SourceBuilder source("shapes", *test::Shapes::descriptor());
  source.field("uint64_value", keep()).classify("uint64_value", v1::LATITUDE, v1::DEGREES_E7, 1);
  source.field("fixed64_value", keep()).classify("fixed64_value", v1::LONGITUDE, v1::DEGREES_E7, 1);
  source.release.cell = v1::M1000;
  Car car({source.build()});
  test::Shapes in;
  in.set_uint64_value(356'585'000);
  in.set_fixed64_value(1'397'454'000);
  const Outcome outcome = car.send("shapes", in.SerializeAsString());
  ASSERT_NE(outcome.release, nullptr);
  test::Shapes out;
  ASSERT_TRUE(out.ParseFromString(content(outcome).payload));
  EXPECT_NEAR(static_cast<double>(out.uint64_value()), 356'585'000, 50'000);
  EXPECT_NE(out.uint64_value(), in.uint64_value());
  in.set_uint64_value(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(reason_of(car.send("shapes", in.SerializeAsString())), Reason::kBadPosition);
}

TEST(MinimizePosition, ExactPositionsPassAsTheyAre) {
  Car car({position_source(v1::EXACT).build()});
  EXPECT_EQ(parsed(car.send(kTopic, position_payload(35.1234567, 136.7654321))).longitude_e7(),
            1'367'654'321);
}

TEST(MinimizePosition, EveryElementOfAListIsMinimisedByItself) {
  SourceBuilder source("e", *Emergency::descriptor());
  source.field("last_positions.latitude_e7", keep());
  source.field("last_positions.longitude_e7", keep());
  source.release.cell = v1::M10000;
  source.release.bucket_ms = 1;
  Car car({source.build()});
  Emergency in;
  for (const int degrees : {35, 40, 60, 60}) {
    auto& position = *in.add_last_positions();
    position.set_latitude_e7(degrees * 10'000'000 + 1234);
    position.set_longitude_e7(1'360'004'321);
  }
  Emergency out;
  ASSERT_TRUE(out.ParseFromString(content(car.send("e", in.SerializeAsString())).payload));
  ASSERT_EQ(out.last_positions_size(), 4) << "the length of a list is kept";
  for (int i = 0; i < 4; ++i) {
    const auto& was = in.last_positions(i);
    const auto centre = *cell_centre({was.latitude_e7(), was.longitude_e7()}, v1::M10000);
    EXPECT_EQ(out.last_positions(i).latitude_e7(), centre.latitude_e7);
    EXPECT_EQ(out.last_positions(i).longitude_e7(), centre.longitude_e7);
  }
  in.mutable_last_positions(2)->clear_longitude_e7();
  EXPECT_EQ(reason_of(car.send("e", in.SerializeAsString())), Reason::kBadPosition);
}

TEST(MinimizePosition, TwoGroupsOfOneMessageAreTwoPositions) {
  SourceBuilder source("t", *Trip::descriptor());
  for (const char* const name :
       {"start_latitude_e7", "start_longitude_e7", "end_latitude_e7", "end_longitude_e7"}) {
    source.field(name, keep()).group(name, name[0] == 's' ? 1 : 2);
  }
  source.release.cell = v1::M1000;
  Car car({source.build()});
  Trip in;
  in.set_start_latitude_e7(351'111'111);
  in.set_end_latitude_e7(362'222'222);
  in.set_start_longitude_e7(1'373'333'333);
  in.set_end_longitude_e7(1'384'444'444);
  Trip out;
  ASSERT_TRUE(out.ParseFromString(content(car.send("t", in.SerializeAsString())).payload));
  const auto start = *cell_centre({351'111'111, 1'373'333'333}, v1::M1000);
  const auto end = *cell_centre({362'222'222, 1'384'444'444}, v1::M1000);
  EXPECT_EQ(out.start_latitude_e7(), start.latitude_e7);
  EXPECT_EQ(out.start_longitude_e7(), start.longitude_e7);
  EXPECT_EQ(out.end_latitude_e7(), end.latitude_e7);
  EXPECT_EQ(out.end_longitude_e7(), end.longitude_e7);
}

TEST(MinimizePosition, AListOfTwoNumbersIsAPosition) {
  SourceBuilder source("json");
  source.field("geometry.coordinates.0", keep()).field("geometry.coordinates.1", keep());
  source.classify("geometry.coordinates.0", v1::LONGITUDE, v1::DEGREES, 1);
  source.classify("geometry.coordinates.1", v1::LATITUDE, v1::DEGREES, 1);
  source.release.cell = v1::M1000;
  Car car({source.build()});
  EXPECT_EQ(car.payload("json", R"({"geometry":{"coordinates":[139.745433,35.658581,17.5]}})"),
            R"({"geometry":{"coordinates":[139.74375,35.6625]}})");
}

TEST(MinimizePosition, HalvesInDifferentObjectsMeetWhereBothAre) {
  SourceBuilder source("json");
  source.field("cars.at.y.value", keep()).field("cars.x.value", keep());
  source.classify("cars.at.y.value", v1::LATITUDE, v1::DEGREES, 1);
  source.classify("cars.x.value", v1::LONGITUDE, v1::DEGREES, 1);
  source.release.cell = v1::M1000;
  Car car({source.build()});
  EXPECT_EQ(
      car.payload("json", R"({"cars":[{"at":{"y":{"value":35.658581}},"x":{"value":139.745433}},
                                            {"x":{"value":-0.7},"at":{"y":{"value":"51.3"}}}]})"),
      R"({"cars":[{"at":{"y":{"value":35.6625}},"x":{"value":139.74375}},)"
      R"({"x":{"value":-0.7010386},"at":{"y":{"value":"51.3041667"}}}]})");
  EXPECT_EQ(reason_of(car.send("json", R"({"cars":[{"at":{"y":{"value":35.6}}},
                                                   {"x":{"value":139.7}}]})")),
            Reason::kBadPosition);
}

TEST(MinimizePosition, ACentreIsWrittenInTheUnitOfThePosition) {
  const auto released = [](v1::Unit unit, const std::string& payload) {
    Car car({json_position_source(v1::M1000, unit).build()});
    return car.payload("json", payload).value_or("nothing");
  };
  EXPECT_EQ(released(v1::DEGREES, R"({"lat":"35.658581","lon":"139.745433"})"),
            R"({"lat":"35.6625","lon":"139.74375"})");
  EXPECT_EQ(released(kNoUnit, R"({"lat":35,"lon":139})"), R"({"lat":35.0041667,"lon":139.00625})");
  EXPECT_EQ(released(v1::DEGREES_E7, R"({"lat":356585810,"lon":1397454330})"),
            R"({"lat":356625000,"lon":1397437500})");
  EXPECT_EQ(released(v1::DEGREES_E6, R"({"lat":35658581.0,"lon":"139745433"})"),
            R"({"lat":35662500.0,"lon":"139743750"})");
  EXPECT_EQ(released(v1::NMEA_DDMM, R"({"lat":"3539.5149","lon":13944.726})"),
            R"({"lat":"3539.7500","lon":13944.625})");
}

TEST(MinimizePosition, AReleasedPositionIsAlwaysACellCentre) {
  const unsigned seed = 6;
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> latitudes(-89.9, 89.9);
  std::uniform_real_distribution<double> longitudes(-180, 180);
  for (const v1::Cell level :
       {v1::M125, v1::M250, v1::M500, v1::M1000, v1::M2000, v1::M5000, v1::M10000, v1::M80000}) {
    Car car({position_source(level).build()});
    for (int i = 0; i < 2000; ++i) {
      const bool japan = i % 2 == 0;
      const double latitude = japan ? 20 + (latitudes(random) + 90) / 7 : latitudes(random);
      const double longitude = japan ? 122 + (longitudes(random) + 180) / 11.3 : longitudes(random);
      const auto out = parsed(car.send(kTopic, position_payload(latitude, longitude)));
      const Position at{out.latitude_e7(), out.longitude_e7()};
      ASSERT_EQ(*cell_centre(at, level), at) << latitude << " " << longitude;
    }
  }
}

// --- On move

TEST(MinimizePosition, AParkedCarYieldsOneValue) {
  const unsigned seed = 7;
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> jitter_meters(-29, 29);
  Car car({on_move_source(v1::M1000).build()});
  Car chatty({position_source(v1::M1000).build()});  // the same value, again and again
  int released = 0;
  std::set<std::pair<int, int>> values;
  for (int minute = 0; minute < 480; ++minute) {
    // At a crossing of four cells.
    const double latitude = 35.1666667 + jitter_meters(random) / 111'000;
    const double longitude = 137.0125 + jitter_meters(random) / 91'000;
    const std::string payload = position_payload(latitude, longitude);
    const Outcome outcome = car.send(kTopic, payload, minute * 60'000);
    if (outcome.release) {
      ++released;
    } else {
      EXPECT_EQ(outcome.reason, Reason::kNotMoved);
    }
    const auto same = parsed(chatty.send(kTopic, payload, minute * 60'000));
    values.insert({same.latitude_e7(), same.longitude_e7()});
  }
  EXPECT_EQ(released, 1);
  EXPECT_EQ(values.size(), 1U);
}

TEST(MinimizePosition, AMovingCarYieldsOneValuePerCell) {
  Car car({on_move_source(v1::M1000).build()});
  int released = 0;
  for (int i = 0; i < 1000; ++i) {  // 10 km eastward, in a row of cells 45" wide
    if (car.send(kTopic, position_payload(35.17, 137.003 + i * 0.0001)).release) ++released;
  }
  EXPECT_EQ(released, 9);
}

TEST(MinimizePosition, ARecordWithoutPositionHasNotMoved) {
  SourceBuilder source = on_move_source(v1::M1000);
  source.field("speed_kmh", keep());
  Car car({source.build()});
  VehiclePosition position;
  position.set_speed_kmh(50);
  EXPECT_EQ(reason_of(car.send(kTopic, position.SerializeAsString())), Reason::kNotMoved);
}

TEST(MinimizePosition, AMoveThatWasNotReleasedIsReleasedLater) {
  SourceBuilder source = on_move_source(v1::M1000);
  source.release.min_interval_ms = 10'000;
  Car car({source.build()});
  EXPECT_TRUE(car.send(kTopic, position_payload(35.17, 137.003), 0).release);
  EXPECT_EQ(reason_of(car.send(kTopic, position_payload(35.17, 137.02), 5000)), Reason::kTooSoon);
  EXPECT_TRUE(car.send(kTopic, position_payload(35.17, 137.02), 10'000).release);
}

TEST(MinimizePosition, AMoveInADroppedRecordIsReleasedLater) {
  SourceBuilder source("json");
  for (const std::string object : {"a.", "b."}) {
    const std::uint16_t group = object == "a." ? 1 : 2;
    source.field(object + "lat", keep()).field(object + "lon", keep());
    source.classify(object + "lat", v1::LATITUDE, v1::DEGREES, group);
    source.classify(object + "lon", v1::LONGITUDE, v1::DEGREES, group);
  }
  source.release.cell = v1::M1000;
  source.release.on_move = true;
  Car car({source.build()});
  EXPECT_TRUE(car.send("json", R"({"a":{"lat":1,"lon":1},"b":{"lat":1,"lon":1}})").release);
  EXPECT_EQ(reason_of(car.send("json", R"({"b":{"lat":2,"lon":2},"a":{"lat":3}})")),
            Reason::kBadPosition);
  EXPECT_TRUE(car.send("json", R"({"a":{"lat":3,"lon":3}})").release);
  EXPECT_TRUE(car.send("json", R"({"b":{"lat":2,"lon":2}})").release);
}

TEST(MinimizePosition, ExactPositionsMoveBy125Meters) {
  Car car({on_move_source(v1::EXACT).build()});
  EXPECT_TRUE(car.send(kTopic, position_payload(35.1707, 137.0037)).release);
  EXPECT_FALSE(car.send(kTopic, position_payload(35.17071, 137.00371)).release);
  const Outcome moved = car.send(kTopic, position_payload(35.1807, 137.0137));
  EXPECT_EQ(parsed(moved).latitude_e7(), 351'807'000);
}

}  // namespace
}  // namespace sudare
