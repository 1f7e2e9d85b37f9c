# Toolchain of the presets arm64 and armhf (cmake/arm64.cmake, cmake/armhf.cmake say which): Debian's cross compiler, against the
# libraries that scripts/cross.sh laid into build/ARCH/sysroot. What is built runs here in qemu's user emulation; protoc is this machine's.
#   SUDARE_ARCH       Debian's name of the architecture
#   SUDARE_TRIPLET    of its libraries and its compiler
#   SUDARE_EMULATOR   qemu's program for it
# CMAKE_SYSTEM_PROCESSOR is set by the caller.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${SUDARE_TRIPLET}-g++)
set(CMAKE_C_COMPILER ${SUDARE_TRIPLET}-gcc)  # of the libraries that scripts/small.sh builds

get_filename_component(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/${SUDARE_ARCH}/sysroot ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/${SUDARE_TRIPLET}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

# Absolute: it is also written into scripts that start programs with an empty environment.
find_program(SUDARE_QEMU NAMES ${SUDARE_EMULATOR} ${SUDARE_EMULATOR}-static REQUIRED)
set(CMAKE_CROSSCOMPILING_EMULATOR ${SUDARE_QEMU} -L ${CMAKE_SYSROOT})
