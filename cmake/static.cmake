# SUDARE_STATIC: libraries go into the program, and of them and of our own code only what is used. Libraries of C that a unit with Mosquitto has
# anyway (OpenSSL, zstd, the C library) stay shared.
set(SUDARE_SPDLOG spdlog::spdlog)
if(NOT SUDARE_STATIC)
  return()
endif()
set(Protobuf_USE_STATIC_LIBS ON)
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,--as-needed -Wl,-O1)
# Positions that the loader fills in, as a bit map: an eighth of a megabyte less. Where linker and C library know it.
include(CheckLinkerFlag)
check_linker_flag(CXX -Wl,-z,pack-relative-relocs SUDARE_PACKS_RELOCATIONS)
if(SUDARE_PACKS_RELOCATIONS AND NOT CMAKE_CROSSCOMPILING)
  add_link_options(-Wl,-z,pack-relative-relocs)
endif()

# sudare_static(target name): `target` of pkg_check_modules links lib<name>.a in place of the shared library.
function(sudare_static target name)
  find_library(SUDARE_STATIC_${name} NAMES lib${name}.a REQUIRED)
  set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${SUDARE_STATIC_${name}};${CMAKE_DL_LIBS};m")
endfunction()

# spdlog and fmt from their headers: SUDARE_SPDLOG. Debian's header-only spdlog links the shared fmt all the same.
function(sudare_spdlog_of_headers)
  set(SUDARE_SPDLOG spdlog::spdlog_header_only PARENT_SCOPE)
  get_target_property(links spdlog::spdlog_header_only INTERFACE_LINK_LIBRARIES)
  list(TRANSFORM links REPLACE "^fmt::fmt$" "fmt::fmt-header-only")
  set_target_properties(spdlog::spdlog_header_only PROPERTIES INTERFACE_LINK_LIBRARIES "${links}")
endfunction()

# The C++ library goes into the program, unless one of the targets is a shared library of C++: that loads the shared one, and a program has one
# C++ library only.
function(sudare_static_cxx)
  foreach(target ${ARGN})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL SHARED_LIBRARY)
      message(STATUS "${target} is a shared library here: the C++ library stays shared too")
      return()
    endif()
  endforeach()
  add_link_options(-static-libstdc++ -static-libgcc)
endfunction()
