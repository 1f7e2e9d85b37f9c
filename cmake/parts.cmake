# What may be left out of the gateway for a small unit, and how it is linked then (docs/deploy.md, "A small unit"). A part that is left out is
# whole source files that are not compiled; base/build_parts.h tells the program, which refuses what a configuration or policy asks of it.
option(SUDARE_STATUS "The status page: /metrics and /healthz over HTTP on loopback" ON)
option(SUDARE_JSON "Sources with JSON payloads" ON)
option(SUDARE_CLIPS "Drive-recorder clips, and the program sudare-clip" ON)
option(SUDARE_TOOLS "The programs sudare and sudare-sim" ON)
option(SUDARE_STATIC "Link protobuf, libsodium, SQLite, libseccomp, spdlog and where it can be the C++ library into the program, and only what it uses of them" OFF)

if(SUDARE_TOOLS OR SUDARE_TESTS)
  foreach(part STATUS JSON CLIPS)
    if(NOT SUDARE_${part})
      message(FATAL_ERROR "SUDARE_${part}=OFF is for the gateway alone: add -DSUDARE_TOOLS=OFF -DSUDARE_TESTS=OFF")
    endif()
  endforeach()
endif()
if(SUDARE_TESTS AND NOT SUDARE_TOOLS)
  message(FATAL_ERROR "the tests run all programs: with SUDARE_TOOLS=OFF, add -DSUDARE_TESTS=OFF")
endif()
