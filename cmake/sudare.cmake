# How this project declares libraries, programs, tests and fuzz targets. Every folder's CMakeLists.txt uses only these.
include_guard()

set(SUDARE_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Werror)

# What tests may take, times this.
set(SUDARE_SLOWNESS 1)
if(CMAKE_CROSSCOMPILING_EMULATOR)
  set(SUDARE_SLOWNESS 10)
elseif(SUDARE_SANITIZE)
  set(SUDARE_SLOWNESS 5)
endif()

# Compiles `target` as our own code: warnings as errors, includes relative to the project's root.
function(sudare_own_code target)
  target_compile_options(${target} PRIVATE ${SUDARE_WARNINGS})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_features(${target} PUBLIC cxx_std_20)
endfunction()

# sudare_library(name SOURCES a.cc b.cc DEPENDS PUBLIC x PRIVATE y)
function(sudare_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  sudare_own_code(${name})
  if(ARG_DEPENDS)
    target_link_libraries(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# sudare_program(name SOURCES main.cc DEPENDS PRIVATE x): lands in bin/.
function(sudare_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  sudare_own_code(${name})
  target_link_libraries(${name} ${ARG_DEPENDS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(CMAKE_CROSSCOMPILING_EMULATOR)
    sudare_emulated(${name})
  endif()
endfunction()

# A script emulated/<name> that becomes the program in the emulator. Without the kernel's help (binfmt_misc, which containers lack)
# it is how a test starts a program of another architecture, with any environment, by any way. The property SUDARE_EMULATED
# names a program that takes its place there.
function(sudare_emulated name)
  list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
  set_target_properties(${name} PROPERTIES SUDARE_EMULATED ${name})
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/emulated/${name}
    CONTENT "#!/bin/sh\nexec ${emulator} $<TARGET_FILE:$<TARGET_PROPERTY:${name},SUDARE_EMULATED>> \"$@\"\n"
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endfunction()

# What a test starts as the program `name`.
function(sudare_command variable name)
  if(CMAKE_CROSSCOMPILING_EMULATOR)
    set(${variable} ${PROJECT_BINARY_DIR}/emulated/${name} PARENT_SCOPE)
  else()
    set(${variable} $<TARGET_FILE:${name}> PARENT_SCOPE)
  endif()
endfunction()

# sudare_test(name SOURCES a_test.cc DEPENDS x [LABELS l] [TIMEOUT s] [SERIAL] [WHOLE]): a GoogleTest program. Each TEST
# is a ctest case of its own, or with WHOLE the program is one case.
function(sudare_test name)
  cmake_parse_arguments(ARG "SERIAL;WHOLE" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  math(EXPR ARG_TIMEOUT "${SUDARE_SLOWNESS} * ${ARG_TIMEOUT}")
  add_executable(${name} ${ARG_SOURCES})
  sudare_own_code(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} sudare_testkit GTest::gmock_main)
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  set(properties TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
  if(ARG_SERIAL)
    list(APPEND properties RUN_SERIAL ON)
  endif()
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES ${properties} ENVIRONMENT "${SUDARE_TEST_ENVIRONMENT}")
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST
      PROPERTIES ${properties} ENVIRONMENT "${SUDARE_TEST_ENVIRONMENT}")
  endif()
endfunction()

# sudare_fuzz(name SOURCES x_fuzz.cc DEPENDS y): a libFuzzer target in the `fuzz` preset; elsewhere the same code runs
# over the seed corpus tests/fuzz/corpus/<name> (and a few mutations of it) as a test.
function(sudare_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  sudare_own_code(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
  endif()
  add_dependencies(fuzz_targets ${name})
  if(SUDARE_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_link_libraries(${name} PRIVATE sudare_fuzz_main)
    add_test(NAME ${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
    math(EXPR timeout "${SUDARE_SLOWNESS} * 60")
    set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT ${timeout})
  endif()
endfunction()
