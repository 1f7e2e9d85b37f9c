// A control: preloaded (LD_PRELOAD) into the gateway, it makes every sync nothing. What the program
// then takes for written is in the kernel's memory only, and a power cut takes it.
#include <cstddef>

#include <sys/types.h>

extern "C" {

int fdatasync(int /*fd*/) { return 0; }
int fsync(int /*fd*/) { return 0; }
void sync() {}
int syncfs(int /*fd*/) { return 0; }
int msync(void* /*start*/, std::size_t /*bytes*/, int /*flags*/) { return 0; }
int sync_file_range(int /*fd*/, off64_t /*offset*/, off64_t /*bytes*/, unsigned /*flags*/) {
  return 0;
}

}  // extern "C"
