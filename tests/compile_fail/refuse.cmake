# cmake -DCOMPILER=... -DKIND=gcc|clang -DCASE=file.cc -DINCLUDES=a;b -P refuse.cmake
# The case's lines `// expect-gcc: REGEX` and `// expect-clang: REGEX` (or `// expect: REGEX` for both) name the diagnostic.
# Lines under `#ifdef SUDARE_REFUSED` are those that must not compile.
file(STRINGS ${CASE} expectations REGEX "^// expect(-${KIND})?: ")
if(NOT expectations)
  message(FATAL_ERROR "${CASE} names no expected diagnostic for ${KIND}")
endif()

set(flags -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Werror)
foreach(directory ${INCLUDES})
  if(directory MATCHES "^/usr/include$")
    continue()
  endif()
  list(APPEND flags -isystem ${directory})
endforeach()
# Our own headers last as -I, so that warnings in them count.
list(GET INCLUDES 0 root)
list(APPEND flags -I${root})

execute_process(COMMAND ${COMPILER} ${flags} ${CASE} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "Without its refused lines ${CASE} must compile, but:\n${out}")
endif()

execute_process(COMMAND ${COMPILER} ${flags} -DSUDARE_REFUSED ${CASE} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
if(code EQUAL 0)
  message(FATAL_ERROR "${CASE} compiles and must not")
endif()
foreach(expectation ${expectations})
  string(REGEX REPLACE "^// expect(-[a-z]+)?: " "" pattern "${expectation}")
  if(NOT out MATCHES "${pattern}")
    message(FATAL_ERROR "${CASE} is refused, but not with \"${pattern}\":\n${out}")
  endif()
endforeach()
