// Two network namespaces, the unit's and the cloud's, and one link between them that the test makes
// worse: packets lost, a low rate, another address. They and everything in them go with the object.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace sudare::faults {

inline constexpr const char* kCloudAddress = "10.97.0.1";

// While it lives, the calling thread, and what it starts, is in that network namespace.
class Inside {
 public:
  explicit Inside(int name_space);
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  int before_ = -1;
};

// Reads every packet of the cloud's end of the link.
class Wire {
 public:
  using Scan = std::function<std::size_t(std::string_view)>;
  // In the cloud's namespace. Throws std::runtime_error.
  explicit Wire(Scan scan);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(); }
  [[nodiscard]] std::uint64_t findings() const { return findings_.load(); }

 private:
  void run(const Scan& scan);
  int socket_ = -1;
  std::atomic<bool> ending_ = false;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> findings_ = 0;
  std::thread thread_;
};

class Link {
 public:
  // The package without which there can be none; empty: all are there.
  static std::string missing_package();
  // Why there can be none here: not root, or a kernel that refuses it. Empty: it can. Throws
  // std::runtime_error where a command fails for another reason.
  static std::string missing();

  // Throws std::runtime_error.
  explicit Link(Wire::Scan scan);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] int unit() const { return unit_; }
  [[nodiscard]] int cloud() const { return cloud_; }
  [[nodiscard]] const Wire& wire() const { return *wire_; }

  void lose(unsigned percent);     // of the packets, each way; 100: one of a thousand comes through
  void limit_kbit(unsigned kbit);  // each way; as GPRS does, with a queue of a second
  void replace_address();          // the unit's: what is connected stays behind
  void restore_address();          // it has the one before as well
  void heal();                     // all but the address

 private:
  int unit_ = -1;
  int cloud_ = -1;
  unsigned address_ = 2;
  std::unique_ptr<Wire> wire_;
};

}  // namespace sudare::faults
