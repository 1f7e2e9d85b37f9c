#include "sim/attack/attackers/regression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace sudare::sim::attack {

namespace {

constexpr std::size_t kTrainingLeast = 20;
constexpr std::size_t kParts = 5;
constexpr double kHitMeters = 100;
constexpr std::array kPenalties = {3.0, 30.0, 300.0};
constexpr std::array<std::size_t, 2> kNeighbours = {5, 15};

// Features to mean 0 and variance 1, as measured on the training samples.
struct Scale {
  std::vector<double> mean;
  std::vector<double> deviation;

  explicit Scale(const std::vector<const Sample*>& training)
      : mean(training.front()->features.size(), 0), deviation(mean.size(), 0) {
    const auto count = static_cast<double>(training.size());
    for (const Sample* sample : training) {
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += sample->features[i] / count;
    }
    for (const Sample* sample : training) {
      for (std::size_t i = 0; i < mean.size(); ++i) {
        const double off = sample->features[i] - mean[i];
        deviation[i] += off * off / count;
      }
    }
    for (double& value : deviation) value = value > 1e-12 ? std::sqrt(value) : 0;
  }

  [[nodiscard]] std::vector<double> apply(const Sample& sample) const {
    std::vector<double> scaled(mean.size(), 0);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      if (deviation[i] > 0) scaled[i] = (sample.features[i] - mean[i]) / deviation[i];
      scaled[i] = std::clamp(scaled[i], -4.0, 4.0);
    }
    return scaled;
  }
};

// Solves a x = b for a symmetric positive definite a (Cholesky); b is replaced by x.
void solve(std::vector<std::vector<double>> a, std::vector<double>& b) {
  const std::size_t size = b.size();
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / a[j][j];
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = size; i-- > 0;) {
    for (std::size_t k = i + 1; k < size; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
}

using Model = std::vector<Point> (*)(const std::vector<const Sample*>& training,
                                     const std::vector<const Sample*>& asked, double parameter);

std::vector<Point> ridge(const std::vector<const Sample*>& training,
                         const std::vector<const Sample*>& asked, double penalty) {
  const Scale scale(training);
  const std::size_t size = scale.mean.size() + 1;
  std::vector<std::vector<double>> normal(size, std::vector<double>(size, 0));
  std::vector<double> east(size, 0);
  std::vector<double> north(size, 0);
  const auto row_of = [&](const Sample& sample) {
    auto row = scale.apply(sample);
    row.push_back(1);
    return row;
  };
  for (const Sample* sample : training) {
    const auto row = row_of(*sample);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j <= i; ++j) normal[i][j] += row[i] * row[j];
      east[i] += row[i] * sample->offset.east;
      north[i] += row[i] * sample->offset.north;
    }
  }
  for (std::size_t i = 0; i + 1 < size; ++i) normal[i][i] += penalty;
  solve(normal, east);
  solve(normal, north);
  std::vector<Point> offsets;
  for (const Sample* sample : asked) {
    const auto row = row_of(*sample);
    Point offset;
    for (std::size_t i = 0; i < size; ++i) {
      offset.east += row[i] * east[i];
      offset.north += row[i] * north[i];
    }
    offsets.push_back(offset);
  }
  return offsets;
}

std::vector<Point> neighbours(const std::vector<const Sample*>& training,
                              const std::vector<const Sample*>& asked, double count) {
  const Scale scale(training);
  std::vector<std::vector<double>> known;
  for (const Sample* sample : training) known.push_back(scale.apply(*sample));
  std::vector<Point> offsets;
  for (const Sample* sample : asked) {
    const auto at = scale.apply(*sample);
    std::vector<std::pair<double, std::size_t>> near;
    for (std::size_t i = 0; i < known.size(); ++i) {
      double square = 0;
      for (std::size_t k = 0; k < at.size(); ++k) {
        square += (known[i][k] - at[k]) * (known[i][k] - at[k]);
      }
      near.emplace_back(square, i);
    }
    const auto most = std::min(near.size(), static_cast<std::size_t>(count));
    std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(most), near.end());
    Point offset;
    for (std::size_t i = 0; i < most; ++i) {
      offset.east += training[near[i].second]->offset.east / static_cast<double>(most);
      offset.north += training[near[i].second]->offset.north / static_cast<double>(most);
    }
    offsets.push_back(offset);
  }
  return offsets;
}

// Hits within 100 m; a small reward for being near breaks ties.
double quality(Model model, double parameter, const std::vector<const Sample*>& training) {
  double sum = 0;
  for (std::size_t part = 0; part < kParts; ++part) {
    std::vector<const Sample*> learn;
    std::vector<const Sample*> ask;
    for (std::size_t i = 0; i < training.size(); ++i) {
      (i % kParts == part ? ask : learn).push_back(training[i]);
    }
    const auto offsets = model(learn, ask, parameter);
    for (std::size_t i = 0; i < ask.size(); ++i) {
      const double off = distance_meters(offsets[i], ask[i]->offset);
      sum += (off <= kHitMeters ? 1 : 0) + 1 / (1 + off / kHitMeters);
    }
  }
  return sum;
}

std::vector<Point> learn(const std::vector<const Sample*>& training,
                         const std::vector<const Sample*>& asked) {
  Model best = &ridge;
  double best_parameter = kPenalties.back();
  double most = -1;
  const auto attempt = [&](Model model, double parameter) {
    const double value = quality(model, parameter, training);
    if (value <= most) return;
    most = value;
    best = model;
    best_parameter = parameter;
  };
  for (const double penalty : kPenalties) attempt(&ridge, penalty);
  for (const std::size_t count : kNeighbours) attempt(&neighbours, static_cast<double>(count));
  return best(training, asked, best_parameter);
}

}  // namespace

std::vector<Point> regress_two_fold(const std::vector<Sample>& samples) {
  std::vector<Point> offsets(samples.size());
  for (std::size_t fold = 0; fold < 2; ++fold) {
    std::vector<const Sample*> training;
    std::vector<const Sample*> asked;
    std::vector<std::size_t> index;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].fold != fold) {
        training.push_back(&samples[i]);
      } else {
        asked.push_back(&samples[i]);
        index.push_back(i);
      }
    }
    if (training.size() < kTrainingLeast || asked.empty()) continue;
    const auto learned = learn(training, asked);
    for (std::size_t i = 0; i < index.size(); ++i) offsets[index[i]] = learned[i];
  }
  return offsets;
}

}  // namespace sudare::sim::attack
