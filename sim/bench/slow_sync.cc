// A disk like the eMMC of a telematics unit: preloaded (LD_PRELOAD) into the program that is
// measured, it makes each sync take 5 ms longer. Alters nothing else.
#include <dlfcn.h>
#include <fcntl.h>

#include <ctime>

namespace {

void pause_5_ms() {
  constexpr timespec kPause{0, 5'000'000};
  nanosleep(&kPause, nullptr);
}

template <typename Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fdatasync(int fd) {
  static auto* const call = original<int(int)>("fdatasync");
  pause_5_ms();
  return call(fd);
}

int fsync(int fd) {
  static auto* const call = original<int(int)>("fsync");
  pause_5_ms();
  return call(fd);
}

int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
  static auto* const call = original<int(int, off64_t, off64_t, unsigned)>("sync_file_range");
  pause_5_ms();
  return call(fd, offset, bytes, flags);
}

}  // extern "C"
