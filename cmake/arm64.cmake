# ARMv8-A, 64 bits: see cross.cmake.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(SUDARE_ARCH arm64)
set(SUDARE_TRIPLET aarch64-linux-gnu)
set(SUDARE_EMULATOR qemu-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
