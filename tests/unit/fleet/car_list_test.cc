// The CSV of a factory line: strict, and without a value in what it says.
#include "fleet/provision/car_list.h"

#include <gtest/gtest.h>

#include "fleet/provision/csv_line.h"

namespace sudare {
namespace {

constexpr std::string_view kHeader = "unit,vin,frame_number,terminal_number";
constexpr std::string_view kVin = "JTDKB20U793012345";

using Fields = std::vector<std::string>;

// --- a line

TEST(CsvLine, AQuoteOutOfPlaceIsRefused) {
  for (const char* line : {"\"", "a,\"b", "\"a\"b,c", "a\"b", "a,\"b\" ,c", "\"a\"\""}) {
    const auto fields = csv_fields(line);
    ASSERT_FALSE(fields) << line;
    EXPECT_EQ(fields.error().code, ErrorCode::kMalformed) << line;
  }
}

TEST(CsvLine, ControlCharactersAndOtherEncodingsAreRefused) {
  for (const std::string& line : {std::string("a\tb"), std::string("a\0b", 3),
                                  std::string("\"a\rb\""), std::string("\x83\x54")}) {
    EXPECT_FALSE(csv_fields(line)) << line;
  }
}

TEST(CsvLine, LongLinesAndManyFieldsAreRefused) {
  EXPECT_TRUE(csv_fields(std::string(kCsvLineBytesMax, 'a')));
  EXPECT_EQ(csv_fields(std::string(kCsvLineBytesMax + 1, 'a')).error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(csv_fields(std::string(kCsvFieldsMax - 1, ',')));
  EXPECT_EQ(csv_fields(std::string(kCsvFieldsMax, ',')).error().code, ErrorCode::kTooLarge);
}

TEST(CsvLine, FieldsAreReadAsRfc4180SaysThem) {
  EXPECT_EQ(*csv_fields(""), (Fields{""}));
  EXPECT_EQ(*csv_fields("a,,c"), (Fields{"a", "", "c"}));
  EXPECT_EQ(*csv_fields("a,"), (Fields{"a", ""}));
  EXPECT_EQ(*csv_fields("\"a,b\",\"\",\"say \"\"c\"\"\""), (Fields{"a,b", "", "say \"c\""}));
  EXPECT_EQ(*csv_fields(" a , b"), (Fields{" a ", " b"}));  // white space is part of a field
}

// --- the list

TEST(CarList, AHeaderThatIsNoneIsRefused) {
  for (const char* header : {"", "unit", "vin,frame_number", "unit,vin,vin", "unit,vin,colour",
                             "unit;vin", "Unit,vin"}) {
    const auto list = CarList::begin(header);
    ASSERT_FALSE(list) << header;
    EXPECT_EQ(list.error().code, ErrorCode::kMalformed) << header;
  }
  for (const char* header : {"unit,vin", "frame_number,unit",
                             "\xef\xbb\xbf"
                             "unit,vin"}) {
    EXPECT_TRUE(CarList::begin(header)) << header;
  }
}

TEST(CarList, ALineThatIsNoCarIsRefused) {
  const auto list = CarList::begin(kHeader);
  for (const char* line : {
           "slot-1,JTDKB20U793012345,",    // a field too few
           "slot-1,JTDKB20U793012345,,,",  // too many
           ",JTDKB20U793012345,,",         // no unit
           "a/b,JTDKB20U793012345,,",      // no folder's name
           ".a,JTDKB20U793012345,,",       // hidden
           "..,JTDKB20U793012345,,",       //
           "slot-1,JTDKB20U79301234,,",    // one short
           "slot-1,,not a frame number,",  //
           "slot-1,,,08012345678",         // neither
       }) {
    const auto car = list->read(line);
    ASSERT_FALSE(car) << line;
    EXPECT_EQ(car.error().code, ErrorCode::kMalformed) << line;
  }
  EXPECT_FALSE(list->read("s,JTDKB20U793012345,," + std::string(kTerminalNumberBytesMax + 1, '0')));
  EXPECT_FALSE(list->read(std::string(kUnitNameBytesMax + 1, 'u') + ",JTDKB20U793012345,,"));
}

// The folder's name is seen by all who carry the units about.
TEST(CarList, AUnitsNameThatTellsTheCarIsRefused) {
  const auto list = CarList::begin(kHeader);
  for (const char* line : {
           "JTDKB20U793012345,JTDKB20U793012345,,",  // its VIN
           "WVWZZZ1KZAW000123,JTDKB20U793012345,,",  // another VIN
           "jtdkb20u7-9301-2345,JTDKB20U793012345,,",
           "line2-012345,JTDKB20U793012345,,",  // its serial number
           "zvw30-1234567,,ZVW30-1234567,",
           "x1234567x,,ZVW30-1234567,",
           "u08012345678,JTDKB20U793012345,,080-1234-5678",
       }) {
    const auto car = list->read(line);
    ASSERT_FALSE(car) << line;
    EXPECT_EQ(car.error().code, ErrorCode::kRefused) << line;
  }
  for (const char* line : {"slot-17,JTDKB20U793012345,,", "TCU-00054321,,ZVW30-1234567,",
                           "a_b.C,JTDKB20U793012345,ZVW30-1234567,08012345678"}) {
    EXPECT_TRUE(list->read(line)) << line;
  }
}

TEST(CarList, ColumnsMayStandInAnyOrder) {
  const auto list = CarList::begin("terminal_number,vin,unit");
  const auto car = list->read("\"080-1234-5678\",JTDKB20U793012345,slot-1");
  ASSERT_TRUE(car);
  EXPECT_EQ(car->unit, "slot-1");
  EXPECT_EQ(car->identity.vin, kVin);
  EXPECT_EQ(car->identity.frame_number, "");
  EXPECT_EQ(car->identity.terminal_number, "080-1234-5678");
}

TEST(CarList, OneCarsNumbersAreJudgedAsAListsLine) {
  EXPECT_TRUE(check_identity({std::string(kVin), "", ""}));
  EXPECT_TRUE(check_identity({"", "ZVW30-1234567", "08012345678"}));
  EXPECT_FALSE(check_identity({"", "", "08012345678"}));
  EXPECT_FALSE(check_identity({std::string(kVin).substr(1), "", ""}));
  EXPECT_FALSE(check_identity({std::string(kVin), "ZVW", ""}));
  EXPECT_FALSE(check_identity({std::string(kVin), "", std::string(65, '1')}));
}

}  // namespace
}  // namespace sudare
