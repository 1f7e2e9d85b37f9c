#include "tests/faults/hostile/plays.h"

#include <array>
#include <string>

#include "tests/faults/hostile/grammar.h"
#include "tests/faults/rig/canary.h"

namespace sudare::faults {
namespace {

unsigned id_at(const std::string& body, std::size_t at) {
  if (body.size() < at + 2) return 0;
  return static_cast<unsigned>(static_cast<unsigned char>(body[at])) << 8U |
         static_cast<unsigned char>(body[at + 1]);
}

bool chance(Random& random, std::uint64_t of_thousand) {
  return between(random, 1, 1000) <= of_thousand;
}

unsigned type_of(const ClientPacket& packet) { return packet.first & 0xf0U; }

// To a CONNECT. True: as a broker does.
bool greet(Line& line, Random& random) {
  const std::string good = grammar::connack(chance(random, 500), 0);
  if (!chance(random, 200)) {
    line.send(good);
    return true;
  }
  switch (between(random, 0, 6)) {
    case 0: line.send(grammar::connack(false, 0x87)); break;
    case 1: line.send(grammar::publish("test/json", "{}", 1, 1, false) + good); break;
    case 2: line.send(good + good); break;
    case 3: line.send(grammar::broken_packet(random)); break;
    case 4: line.reset(); break;
    case 5: line.send("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"); break;  // TLS
    default: line.send(grammar::answer(grammar::kDisconnect, 0x8b00, 0)); break;
  }
  return false;
}

class HostileLocal final : public Play {
 public:
  HostileLocal(Random random, Ledger& ledger) : random_(random), ledger_(ledger) {}

  void packet(Line& line, const ClientPacket& packet) override {
    switch (type_of(packet)) {
      case grammar::kConnect:
        sends_ = greet(line, random_);
        silent_ = !sends_;
        break;
      case grammar::kSubscribe & 0xf0U: {
        const unsigned id = id_at(packet.body, 0) + (chance(random_, 50) ? 1U : 0U);
        const auto count = static_cast<unsigned>(chance(random_, 50) ? between(random_, 0, 9) : 1);
        line.send(grammar::suback(id, 1, count));
        break;
      }
      case grammar::kPuback: {
        const auto number = sent_.find(id_at(packet.body, 0));
        if (number != sent_.end()) ledger_.acknowledged(number->second);
        break;
      }
      case grammar::kPingreq: line.send(grammar::packet(grammar::kPingresp, "")); break;
      default: break;
    }
  }

  void turn(Line& line) override {
    // A client that took the greeting for one has nothing to wait for.
    if (silent_ && chance(random_, 5)) line.reset();
    if (!sends_ || line.unsent() > 0) return;
    for (std::uint64_t i = between(random_, 0, 4); i > 0 && id_ < 65'000; --i) {
      const std::uint64_t number = ledger_.next();
      sent_[++id_] = number;
      line.send(grammar::publish("test/json", numbered_json(number), 1, id_, false));
    }
    if (chance(random_, 20)) line.send(grammar::any_packet(random_));
    if (chance(random_, 10)) line.send(grammar::broken_packet(random_));
    if (chance(random_, 2)) line.close();
    if (chance(random_, 2)) line.reset();
  }

 private:
  Random random_;
  Ledger& ledger_;
  bool sends_ = false;
  bool silent_ = false;
  unsigned id_ = 0;
  std::map<unsigned, std::uint64_t> sent_;
};

class HostileCloud final : public Play {
 public:
  explicit HostileCloud(Random random) : random_(random) {}

  void packet(Line& line, const ClientPacket& packet) override {
    switch (type_of(packet)) {
      case grammar::kConnect: greeted_ = greet(line, random_); break;
      case grammar::kPublish: {
        const std::size_t topic = id_at(packet.body, 0);
        answer(line, id_at(packet.body, 2 + topic));
        break;
      }
      case grammar::kPingreq: line.send(grammar::packet(grammar::kPingresp, "")); break;
      default: break;
    }
  }

  void turn(Line& line) override {
    if (!greeted_ || line.unsent() > 0) return;
    if (chance(random_, 20)) line.send(grammar::any_packet(random_));
    if (chance(random_, 10)) line.send(grammar::broken_packet(random_));
    if (chance(random_, 5)) line.reset();
  }

 private:
  void answer(Line& line, unsigned id) {
    static constexpr std::array<unsigned, 6> kRefusals = {0x80, 0x83, 0x87, 0x90, 0x97, 0x99};
    const unsigned refusal = kRefusals[between(random_, 0, kRefusals.size() - 1)];
    switch (between(random_, 0, 9)) {
      case 0: line.send(grammar::answer(grammar::kPuback, id, 0)); break;
      case 1: line.send(grammar::answer(grammar::kPuback, id, refusal)); break;
      case 2: line.send(grammar::answer(grammar::kPuback, id + 7000, 0)); break;  // never sent
      case 3: line.send(grammar::answer(grammar::kPuback, 0, 0)); break;
      case 4: {
        const std::string one = grammar::answer(grammar::kPuback, id, 0);
        line.send(one + one + one);
        break;
      }
      case 5: line.send(grammar::answer(grammar::kPubrec, id, 0)); break;
      case 6: line.send(grammar::answer(grammar::kPubcomp, id, 0)); break;
      case 7: line.send(grammar::answer(grammar::kPubrel, id, 0)); break;
      default: break;  // never
    }
  }

  Random random_;
  bool greeted_ = false;
};

}  // namespace

std::uint64_t Ledger::next() {
  const std::scoped_lock lock(mutex_);
  return next_++;
}

void Ledger::acknowledged(std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  acknowledged_.insert(number);
}

std::set<std::uint64_t> Ledger::acknowledged() const {
  const std::scoped_lock lock(mutex_);
  return acknowledged_;
}

std::unique_ptr<Play> hostile_local(Random random, Ledger& ledger) {
  return std::make_unique<HostileLocal>(random, ledger);
}

std::unique_ptr<Play> hostile_cloud(Random random) {
  return std::make_unique<HostileCloud>(random);
}

}  // namespace sudare::faults
