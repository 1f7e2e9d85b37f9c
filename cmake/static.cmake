# SUDARE_STATIC: libraries go into the program, and of them and of our own code only what is used. Libraries of C that a unit with Mosquitto has
# anyway (OpenSSL, zstd, the C library) stay shared.
if(NOT SUDARE_STATIC)
  return()
endif()
set(Protobuf_USE_STATIC_LIBS ON)
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed -Wl,-O1)

# sudare_static(target name): `target` of pkg_check_modules links lib<name>.a in place of the shared library.
function(sudare_static target name)
  find_library(SUDARE_STATIC_${name} NAMES lib${name}.a REQUIRED)
  set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${SUDARE_STATIC_${name}};${CMAKE_DL_LIBS};m")
endfunction()
