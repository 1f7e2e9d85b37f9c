# SUDARE_STATIC: libraries go into the program, and of them and of our own code only what is used. Libraries of C that a unit with Mosquitto has
# anyway (OpenSSL, zstd, the C library) stay shared.
if(NOT SUDARE_STATIC)
  return()
endif()
set(Protobuf_USE_STATIC_LIBS ON)
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed -Wl,-O1)
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
