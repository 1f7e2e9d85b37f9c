# ARMv7-A with VFPv3-D16, 32 bits, Thumb-2: see cross.cmake.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(SUDARE_ARCH armhf)
set(SUDARE_TRIPLET arm-linux-gnueabihf)
set(SUDARE_EMULATOR qemu-arm)
# GCC 7 changed how some types are passed, and says so at each of them; no library of ours is older.
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
