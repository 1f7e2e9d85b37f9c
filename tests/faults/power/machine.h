// A machine of the test's own in QEMU, with the gateway in it: boots, and loses its power. The
// host's loopback is "localhost" to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/faults/power/drive.h"
#include "tests/faults/power/nbd_server.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::faults {

// Kernel and initramfs.
class Guest {
 public:
  // Made the first time, from this build's programs. Throws std::runtime_error with the reason
  // where it can't be had on this machine: no QEMU, no kernel.
  static const Guest& get();

  [[nodiscard]] std::filesystem::path kernel() const { return directory_.path() / "kernel"; }
  [[nodiscard]] std::filesystem::path initrd() const { return directory_.path() / "initrd"; }

 private:
  Guest();
  testkit::TemporaryDirectory directory_;
};

// Whether the processor runs the guest itself. Where not, QEMU translates it, some ten times
// slower.
[[nodiscard]] bool has_kvm();

struct Boot {
  std::string program = "sudare-gateway";  // in the guest's /bin
  std::string preload;                     // a library of the guest's /bin
  std::filesystem::path swap;              // not empty: a disk to swap to, and little memory
  std::filesystem::path directory;         // for console.log, and the state it begins with
};

// One boot of it, from power on to the cut.
class Machine {
 public:
  Machine(Drive& drive, const Boot& boot);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Until the guest has sent the state directory as its file system gave it back after the last
  // cut, before the program started: it lies in directory()/state. False: it did not come, or the
  // power went before.
  [[nodiscard]] bool wait_state(std::chrono::milliseconds longest);
  [[nodiscard]] bool running() { return qemu_->running(); }
  [[nodiscard]] std::string console() const;
  // The drive must be without power already.
  void kill() { qemu_->kill(); }

 private:
  Drive& drive_;
  std::filesystem::path directory_;
  int listener_ = -1;
  testkit::TemporaryDirectory sockets_;  // their paths must be short
  std::unique_ptr<NbdServer> disk_;
  std::unique_ptr<testkit::Process> qemu_;
};

}  // namespace sudare::faults
