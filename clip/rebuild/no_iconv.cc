// Takes the C library's place: libavformat converts the names of MPEG-TS services, which we don't
// want, and for that the C library would open files and load code that the clip names. The sandbox
// kills at that. Where there is no converter, libavformat goes on without.
#include <iconv.h>

#include <cerrno>

extern "C" iconv_t iconv_open(const char* /*to*/, const char* /*from*/) {
  errno = EINVAL;
  return reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr): as iconv_open(3) says
}
