// Gives a Drive to one client at a time over a socket, as a network block device (NBD, fixed
// newstyle handshake, simple replies): QEMU's disk, whose cache is the test's.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/faults/power/drive.h"

namespace sudare::faults {

class NbdServer {
 public:
  // A socket at `path`. The drive must outlive the server. Throws where it can't listen.
  NbdServer(Drive& drive, const std::filesystem::path& path);
  ~NbdServer();
  NbdServer(const NbdServer&) = delete;
  NbdServer& operator=(const NbdServer&) = delete;

 private:
  void run();
  void serve(int peer);

  Drive& drive_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};  // a pipe: closing it ends the thread
  std::thread thread_;
};

}  // namespace sudare::faults
