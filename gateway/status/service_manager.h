// Tells the service manager how the gateway is: the datagrams of sd_notify(3), whose protocol
// systemd documents as stable. Where no NOTIFY_SOCKET is set, nothing is told. One thread.
#pragma once

#include <cstdint>

namespace sudare {

class ServiceManager {
 public:
  // Connects to the socket that the environment names; before the sandbox, in which no such socket
  // can be made.
  ServiceManager();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // Everything is recovered; what comes now is taken.
  void ready() const { tell("READY=1"); }
  void stopping() const { tell("STOPPING=1"); }
  // The loop turns: told four times within what WATCHDOG_USEC allows, however often this is called.
  // Without it the service manager ends this process and starts another.
  void alive(std::int64_t monotonic_ms);

 private:
  void tell(const char* state) const;

  int fd_ = -1;
  std::int64_t every_ms_ = 0;  // 0: nobody waits for it
  std::int64_t due_ms_ = 0;
};

}  // namespace sudare
