#include "sim/attack/report/json.h"

#include <nlohmann/json.hpp>

#include "sim/attack/report/outcome.h"

namespace sudare::sim::attack {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(Place place) { return Json::array({place.latitude, place.longitude}); }

Json json_of(const std::vector<Place>& places) {
  Json list = Json::array();
  for (const Place& place : places) list.push_back(json_of(place));
  return list;
}

Json json_of(const Subject& subject) {
  Json bounds = Json::array();
  for (const Bound& bound : subject.bounds) {
    bounds.push_back({{"meters", bound.meters}, {"share", bound.share}});
  }
  return {{"name", subject.name},
          {"description", subject.description},
          {"positions", subject.positions},
          {"bounds", bounds}};
}

Json json_of(const Goal& goal) {
  return {{"name", goal.name},     {"subject", goal.subject},   {"network", goal.network},
          {"target", goal.target}, {"measured", goal.measured}, {"value", goal.value},
          {"pass", goal.pass},     {"note", goal.note}};
}

Json json_of(const Control& control) {
  return {{"name", control.name},
          {"network", control.network},
          {"share_100m", control.share_100m},
          {"at_least", control.at_least},
          {"broken", control.broken}};
}

Json json_of(const AttackCurve& curve) {
  return {{"attack", curve.attack},
          {"network", curve.network},
          {"subject", curve.subject},
          {"within_50m", curve.within_50m},
          {"within_100m", curve.within_100m},
          {"within_250m", curve.within_250m},
          {"within_500m", curve.within_500m},
          {"median_meters", curve.median_meters},
          {"best", curve.best}};
}

Json json_of(const UniquenessCurve& curve) {
  return {{"network", curve.network},
          {"subject", curve.subject},
          {"share_by_points", curve.share_by_points}};
}

Json json_of(const Metric& metric) {
  return {{"name", metric.name},
          {"subject", metric.subject},
          {"network", metric.network},
          {"value", metric.value},
          {"unit", metric.unit}};
}

Json json_of(const RealTraces& traces) {
  Json json{{"data_set", traces.data_set}, {"subject", traces.subject}};
  if (!traces.not_run.empty()) {
    json["not_run"] = traces.not_run;
    return json;
  }
  json.update({{"users", traces.users},
               {"raw_250m", traces.raw_250m},
               {"released_250m", traces.released_250m},
               {"target_250m", traces.target_250m},
               {"pass", traces.pass}});
  return json;
}

Json json_of(const MapCar& car) {
  return {{"network", car.network},
          {"subject", car.subject},
          {"home", json_of(car.home)},
          {"raw", json_of(car.raw)},
          {"released", json_of(car.released)},
          {"cell_latitudes", car.cell_latitudes},
          {"cell_longitudes", car.cell_longitudes},
          {"ring", {json_of(car.ring.southwest), json_of(car.ring.northeast)}}};
}

template <class T>
Json list_of(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(json_of(item));
  return list;
}

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kMet: return "met";
    case Outcome::kMissed: return "missed";
    case Outcome::kWeakAttackers: break;
  }
  return "weak attackers";
}

}  // namespace

std::string to_json(const Report& report) {
  const Json json{{"title", report.title},
                  {"outcome", name_of(outcome(report))},
                  {"policy", report.policy},
                  {"purpose", report.purpose},
                  {"command", report.command},
                  {"seed", report.seed},
                  {"cars", report.cars},
                  {"days", report.days},
                  {"reduced", report.reduced},
                  {"took_seconds", report.took_seconds},
                  {"subjects", list_of(report.subjects)},
                  {"goals", list_of(report.goals)},
                  {"controls", list_of(report.controls)},
                  {"curves", list_of(report.curves)},
                  {"uniqueness", list_of(report.uniqueness)},
                  {"other_attacks", list_of(report.other_attacks)},
                  {"utility", list_of(report.utility)},
                  {"real_traces", list_of(report.real_traces)},
                  {"maps", list_of(report.maps)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sudare::sim::attack
