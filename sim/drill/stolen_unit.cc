// A stolen, scrapped or resold unit: its disk as it was in mid-operation, with keys and
// configuration. Also a backup that is put back, and a copy that runs beside the original.
#include <algorithm>

#include "crypto/open/key_file.h"
#include "fleet/authority/car_pseudonyms.h"
#include "sim/compare/leaks.h"
#include "sim/drill/bucket_attack.h"
#include "sim/drill/drills.h"
#include "sim/drill/open_program.h"
#include "sim/drill/unit_image.h"
#include "sim/process/local.h"

namespace sudare::sim::drill {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kProvisionedDaysAgo = 60;
constexpr std::uint16_t kRotation = 28;
constexpr std::uint32_t kEpochsBack = 3;
constexpr const char* kUnit = "unit";
constexpr const char* kClone = "clone";

Parsed<Done> copy_state(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove_all(to, error);
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) return input_error(from, 0, error.message());
  return Done{};
}

// What happened before the thief came, and after.
class Story {
 public:
  explicit Story(std::unique_ptr<Setting> setting) : setting_(std::move(setting)) {
    drive_ = {setting_->options().quick ? 15.0 : 60.0, 10};
  }

  Parsed<Done> happen() {
    for (const auto& step : {&Story::begin, &Story::work, &Story::lose_the_cloud, &Story::go_on,
                             &Story::put_back, &Story::run_beside}) {
      if (auto done = (this->*step)(); !done) return done;
    }
    return Done{};
  }

  [[nodiscard]] const Setting& setting() const { return *setting_; }
  [[nodiscard]] const Car& car() const { return *car_; }
  [[nodiscard]] fs::path image() const { return setting_->place().in("image"); }
  // Of the unit when it was new: as if nothing had been erased since.
  [[nodiscard]] fs::path unerased() const { return setting_->place().in("unerased"); }
  [[nodiscard]] fs::path plain_queue() const { return setting_->place().in("plain-queue"); }
  [[nodiscard]] const AuditInputs& planted() const { return planted_; }
  [[nodiscard]] const Bucket& honest() const { return honest_; }
  [[nodiscard]] const Bucket& restored() const { return restored_; }
  [[nodiscard]] const Bucket& cloned() const { return cloned_; }

 private:
  Parsed<Done> begin() {
    setting_->options().progress("a car that was provisioned two months ago");
    auto cloud = Cloud::make(setting_->place(), "cloud", {kUnit, kClone}, true);
    if (!cloud) return tl::unexpected<InputError>(cloud.error());
    cloud_ = *std::move(cloud);
    if (auto done = cloud_->start(); !done) return done;
    auto car = make_car(kUnit);
    if (!car) return tl::unexpected<InputError>(car.error());
    car_ = *std::move(car);
    if (auto done = copy_state(car_->state(), unerased()); !done) return done;
    if (auto done = car_->start_broker(); !done) return done;
    if (auto done = car_->start_gateway(true); !done) return done;
    return car_->stand_still();
  }

  Parsed<std::unique_ptr<Car>> make_car(const char* name) {
    CarOptions options;
    options.name = name;
    options.seed = setting_->options().seed;
    options.cloud = cloud_->peer(name);
    options.provisioned_days_ago = kProvisionedDaysAgo;
    // Nobody listens there: what the bridge is to forward waits in its queue, the control's.
    auto port = free_port();
    if (!port) return tl::unexpected<InputError>(port.error());
    options.bridge_port = *port;
    return Car::make(*setting_, options);
  }

  // A drive that arrives in the cloud; a backup; another drive.
  Parsed<Done> work() {
    if (auto done = drive_to_the_cloud(*car_); !done) return done;
    car_->stop_gateway();
    if (auto done = copy_state(car_->state(), setting_->place().in("backup")); !done) return done;
    if (auto done = car_->start_gateway(true); !done) return done;
    return drive_to_the_cloud(*car_);
  }

  Parsed<Done> drive_to_the_cloud(Car& car) {
    setting_->options().progress("driving");
    if (auto done = car.drive(drive_); !done) return done;
    return car.wait_drained();
  }

  // The unit is taken while rows wait and batches are open.
  Parsed<Done> lose_the_cloud() {
    setting_->options().progress("driving without the cloud");
    cloud_->stop();
    if (auto done = car_->drive(drive_); !done) return done;
    car_->kill_gateway();
    if (auto done = copy_state(car_->state(), image()); !done) return done;
    if (auto done = car_->save_broker_queue(); !done) return done;
    if (auto done = copy_state(car_->broker_files(), plain_queue()); !done) return done;
    const auto truth = car_->truth();
    if (!truth) return tl::unexpected<InputError>(truth.error());
    planted_ = planted_in(*truth);
    return cloud_->start();
  }

  // The honest unit, after its power came back.
  Parsed<Done> go_on() {
    if (auto done = car_->start_gateway(true); !done) return done;
    if (auto done = drive_to_the_cloud(*car_); !done) return done;
    car_->stop_gateway();
    honest_ = cloud_->bucket();
    return Done{};
  }

  Parsed<Done> put_back() {
    setting_->options().progress("a backup is put back");
    if (auto done = copy_state(setting_->place().in("backup"), car_->state()); !done) return done;
    if (auto done = car_->start_gateway(true); !done) return done;
    if (auto done = drive_to_the_cloud(*car_); !done) return done;
    car_->stop_gateway();
    restored_ = cloud_->bucket();
    return Done{};
  }

  // Another unit with the stolen one's state, in another car.
  Parsed<Done> run_beside() {
    setting_->options().progress("a copy runs beside the original");
    auto clone = make_car(kClone);
    if (!clone) return tl::unexpected<InputError>(clone.error());
    if (auto done = copy_state(image(), (*clone)->state()); !done) return done;
    if (auto done = (*clone)->start_broker(); !done) return done;
    if (auto done = (*clone)->start_gateway(true); !done) return done;
    if (auto done = drive_to_the_cloud(**clone); !done) return done;
    (*clone)->stop_gateway();
    cloned_ = honest_;
    for (const Stored& stored : cloud_->bucket()) {
      if (stored.sender == kClone) cloned_.push_back(stored);
    }
    return Done{};
  }

  std::unique_ptr<Setting> setting_;
  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<Car> car_;
  DriveOptions drive_;
  AuditInputs planted_;
  Bucket honest_;
  Bucket restored_;
  Bucket cloned_;
};

// As the relink authority computes them, up to the epoch before the present one.
Parsed<std::set<Pseudonym>> true_earlier_pseudonyms(const Story& story) {
  const Setting& setting = story.setting();
  std::vector<PurposeRotation> wanted;
  for (const PurposePlan& purpose : setting.policy().purposes) {
    if (purpose.pseudonym == PseudonymKind::kRotate && purpose.rotate_days == kRotation) {
      wanted.push_back({purpose.name, kRotation});
    }
  }
  const std::int64_t today = Setting::today();
  const DaySpan span{today - kProvisionedDaysAgo,
                     epoch_of_day(kRotation, today) * std::int64_t{kRotation} - 1};
  std::set<Pseudonym> pseudonyms;
  ProvisionedCarsOptions options;
  options.paths = {story.car().record()};
  const auto counts =
      for_each_car(options, setting.keys("relink"), [&](ProvisionedCar& car) -> Status {
        return for_each_pseudonym(car, wanted, span, [&](const CarPseudonym& one) -> Status {
          pseudonyms.insert(one.pseudonym);
          return sudare::Done{};
        });
      });
  if (!counts) return input_error(counts.error(), "the relink authority's record");
  return pseudonyms;
}

std::uint64_t in_common(const std::set<Pseudonym>& a, const std::set<Pseudonym>& b) {
  return static_cast<std::uint64_t>(
      std::count_if(a.begin(), a.end(), [&](const Pseudonym& one) { return b.contains(one); }));
}

// Purposes whose recipient notices that two senders use one pseudonym: exit 3 and forks.
Parsed<std::uint64_t> noticed(const Setting& setting, const std::string& name,
                              const Bucket& bucket) {
  std::uint64_t count = 0;
  for (const PurposePlan& purpose : setting.policy().purposes) {
    if (purpose.pseudonym == PseudonymKind::kNone || of_purpose(bucket, purpose.name).empty()) {
      continue;
    }
    const auto opened =
        open_with_program(setting, name + "-" + purpose.name, purpose.name, bucket, {});
    if (!opened) return tl::unexpected<InputError>(opened.error());
    if (opened->failed > 0) return input_error({}, 0, purpose.name + ": batches do not open");
    count += opened->forks > 0 && opened->status == 3 ? 1 : 0;
  }
  return count;
}

struct Noticed {
  std::uint64_t honest = 0;
  std::uint64_t restored = 0;
  std::uint64_t cloned = 0;
};

Parsed<Noticed> watch(const Story& story) {
  story.setting().options().progress("what the recipients notice");
  Noticed result;
  const struct {
    const char* name;
    const Bucket& bucket;
    std::uint64_t& count;
  } cases[] = {{"open-honest", story.honest(), result.honest},
               {"open-restored", story.restored(), result.restored},
               {"open-cloned", story.cloned(), result.cloned}};
  for (const auto& one : cases) {
    const auto count = noticed(story.setting(), one.name, one.bucket);
    if (!count) return tl::unexpected<InputError>(count.error());
    one.count = *count;
  }
  return result;
}

// The thief's keys: whatever lies on the unit, its key at the broker included.
KeySearch keys_of(const Story& story, const UnitImage& image, bool with_key_beside) {
  KeySearch found;
  found.search_path(image.directory);
  found.search_path(story.car().directory() / "gateway.textproto");
  found.search_path(story.setting().place().in("policy.textproto"));
  found.search_path(story.setting().place().cloud_broker("unit").key_file);
  if (with_key_beside) {
    for (const std::string& purpose : story.setting().place().purposes()) {
      found.search_path(story.setting().key_file(purpose));
    }
  }
  try_all_keys(image, story.setting().policy(), found);
  return found;
}

std::uint64_t readable_in(const fs::path& queue, const AuditInputs& planted,
                          std::uint64_t& identifiers) {
  const AuditReport report = search_bucket({}, planted, {queue});
  identifiers = report.found_identifiers;
  return report.found_positions;
}

}  // namespace

Parsed<DrillReport> stolen_unit(const DrillOptions& options) {
  auto setting = Setting::make(options);
  if (!setting) return tl::unexpected<InputError>(setting.error());
  Story story(*std::move(setting));
  if (auto done = story.happen(); !done) return tl::unexpected<InputError>(done.error());
  options.progress("reading the disk");
  const fs::path scratch = story.setting().place().in("image-recovered");
  const auto image = read_image(story.image(), scratch);
  if (!image) return tl::unexpected<InputError>(image.error());
  const std::uint32_t epoch = epoch_of_day(kRotation, Setting::today());
  const bool stepped =
      std::any_of(image->chains.begin(), image->chains.end(), [&](const ChainPosition& chain) {
        return chain.rotation_days == kRotation && chain.epoch == epoch;
      });
  if (!stepped) return input_error({}, 0, "the unit's pseudonyms are not today's");
  const AuditReport disk = search_bucket({}, story.planted(), {story.image(), story.car().log()});
  std::uint64_t plain_identifiers = 0;
  const std::uint64_t plain_positions =
      readable_in(story.plain_queue(), story.planted(), plain_identifiers);
  const Opened opened = open_image(*image, keys_of(story, *image, false).identities());
  const Opened with_key = open_image(*image, keys_of(story, *image, true).identities());
  options.progress("computing earlier pseudonyms");
  const auto truth = true_earlier_pseudonyms(story);
  if (!truth) return tl::unexpected<InputError>(truth.error());
  const Policy& policy = story.setting().policy();
  const auto computed = earlier_pseudonyms(*image, {story.image()}, policy, kEpochsBack);
  const auto unerased = earlier_pseudonyms(*image, {story.unerased()}, policy, kEpochsBack);
  const auto seen = watch(story);
  if (!seen) return tl::unexpected<InputError>(seen.error());

  DrillReport report;
  report.name = "stolen-unit";
  report.given = {"the state directory in mid-operation, files, WAL and journal: " +
                      std::to_string(image->rows.size()) + " rows, " +
                      std::to_string(image->fragments) + " of them fragments,",
                  "configuration, policy, log, certificate and key at the broker"};
  report.control =
      "a bridge's queue on disk; a recipient's key beside the queue; chains not erased; an honest "
      "unit";
  const std::uint64_t rows = image->rows.size();
  report.figures = {
      {"identifiers on the disk", Must::kNothing, disk.found_identifiers, disk.identifiers,
       plain_identifiers, disk.identifiers},
      {"positions on the disk", Must::kNothing, disk.found_positions, disk.positions,
       plain_positions, disk.positions},
      {"batches and fragments opened", Must::kNothing, opened.rows, rows, with_key.rows, rows},
      {"age files found in the raw bytes, opened", Must::kNothing, opened.carved, opened.carved_of,
       with_key.carved, with_key.carved_of},
      {"earlier pseudonyms recomputed", Must::kNothing, in_common(computed, *truth), truth->size(),
       in_common(unerased, *truth), truth->size()},
      {"restored backup noticed", Must::kNoticed, seen->restored > 0 ? 1U : 0U, 1, seen->honest, 1},
      {"cloned unit noticed", Must::kNoticed, seen->cloned > 0 ? 1U : 0U, 1, seen->honest, 1}};
  report.notes = {"Recipients that noticed (fork, exit 3): of the backup " +
                      std::to_string(seen->restored) + ", of the clone " +
                      std::to_string(seen->cloned) + ", of the honest unit " +
                      std::to_string(seen->honest) + ".",
                  "Worn flash may hold what a file system no longer does: not re-enacted here."};
  report.left_in = story.setting().left_in();
  return report;
}

}  // namespace sudare::sim::drill
