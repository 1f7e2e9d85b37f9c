#include <memory>

#include "sim/drill/drill.h"
#include "sim/drill/drills.h"

namespace sudare::sim::drill {

const std::vector<DrillName>& drill_names() {
  static const std::vector<DrillName> names = {
      {"public-bucket", "all that the cloud ever received is public"},
      {"dictionary", "the same, one purpose's key, and every identifier of the fleet"},
      {"leaked-source", "source, programs, a car's configuration and its access to the broker"},
      {"outage", "the cloud is away, the power fails, the queue is full"},
      {"stolen-unit", "the disk of one car; restored backups and cloned units"},
  };
  return names;
}

namespace {

// The ride is made once, for all that start from it.
class Drills {
 public:
  explicit Drills(const DrillOptions& options) : options_(options) {}

  Parsed<DrillReport> run(const std::string& name) {
    if (name == "outage") return outage(options_);
    if (name == "stolen-unit") return stolen_unit(options_);
    if (ride_ == nullptr) {
      auto made = ride(options_);
      if (!made) return tl::unexpected<InputError>(made.error());
      ride_ = *std::move(made);
    }
    if (name == "public-bucket") return public_bucket(*ride_);
    if (name == "dictionary") return dictionary(*ride_);
    return leaked_source(*ride_);
  }

 private:
  const DrillOptions& options_;
  std::unique_ptr<Ride> ride_;
};

}  // namespace

Parsed<std::vector<DrillReport>> run_drills(const std::vector<std::string>& names,
                                            const DrillOptions& options) {
  Drills drills(options);
  std::vector<DrillReport> reports;
  for (const std::string& name : names) {
    auto report = drills.run(name);
    if (!report) return tl::unexpected<InputError>(report.error());
    reports.push_back(*std::move(report));
  }
  return reports;
}

}  // namespace sudare::sim::drill
