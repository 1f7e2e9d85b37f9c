// A car whose messages go through decode, detect and minimize, for tests that look at what comes
// out.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/decode/decoder.h"
#include "gateway/detect/detector.h"
#include "gateway/minimize/minimizer.h"
#include "tests/testkit/reveal.h"
#include "tests/unit/minimize/source_builder.h"

namespace sudare::testkit {

class Keys final : public FieldKeys {
 public:
  explicit Keys(std::uint8_t fill) {
    for (std::uint8_t& byte : key_.bytes()) byte = fill;
  }
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex purpose) const override {
    return purpose == without ? nullptr : &key_;
  }
  PurposeIndex without = 0xffff;

 private:
  SecretBytes<32> key_;
};

// What a minimizer says of rows beside the one at hand.
struct Told final : ReleaseSink {
  void at_once(const Release& release) override {
    early.push_back(release.reveal(TestReveal::key()));
    EXPECT_TRUE(release.at_once());
  }
  void cleared(const Release& release) override {
    late.push_back(release.reveal(TestReveal::key()));
    EXPECT_FALSE(release.at_once());
  }
  void discarded(PurposeIndex /*purpose*/, Reason reason, std::uint64_t rows) override {
    lost[reason] += rows;
  }
  std::vector<Release::Content> early;
  std::vector<Release::Content> late;
  std::map<Reason, std::uint64_t> lost;
};

class Car {
 public:
  explicit Car(std::vector<SourcePlan> sources, std::uint8_t key_fill = 7)
      : policy_(policy_of(std::move(sources))),
        keys_(key_fill),
        decoder_(policy_),
        minimizer_(policy_, keys_, nullptr) {}

  Outcome send(const std::string& topic, const std::string& payload, std::int64_t time_ms = 0,
               std::size_t release = 0) {
    Message message;
    message.topic.set(topic);
    message.payload.set(payload);
    message.received_ms = time_ms;
    const auto source = decoder_.source_of(message);
    EXPECT_TRUE(source.has_value()) << "no source";
    const auto status = decoder_.decode(message, *source, record_);
    EXPECT_TRUE(status.has_value()) << status.error().what.view();
    detect(policy_, record_);
    return minimizer_.minimize(record_, release, told);
  }
  // The payload that is released; nothing where none is.
  std::optional<std::string> payload(const std::string& topic, const std::string& in,
                                     std::int64_t time_ms = 0) {
    const Outcome outcome = send(topic, in, time_ms);
    if (outcome.release == nullptr) return std::nullopt;
    return outcome.release->reveal(TestReveal::key()).payload;
  }

  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] const Keys& keys() const { return keys_; }
  [[nodiscard]] Keys& keys() { return keys_; }
  [[nodiscard]] Minimizer& minimizer() { return minimizer_; }
  [[nodiscard]] const Record& record() const { return record_; }

  Told told;

 private:
  Policy policy_;
  Keys keys_;
  Decoder decoder_;
  Minimizer minimizer_;
  Record record_;
};

inline const Release::Content& content(const Outcome& outcome) {
  return outcome.release->reveal(TestReveal::key());
}

}  // namespace sudare::testkit
