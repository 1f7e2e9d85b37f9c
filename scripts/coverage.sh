#!/usr/bin/env bash
# Branch coverage of our own code by clang's instrumentation, as a table by file; HTML in build/coverage/html.
set -euo pipefail
build=build/coverage
cmake --preset clang -B "$build" -DCMAKE_CXX_FLAGS="-fprofile-instr-generate -fcoverage-mapping" \
  -DCMAKE_CXX_FLAGS_RELEASE="-O1 -g1" >/dev/null
cmake --build "$build" --target all
rm -rf "$build/profiles"
LLVM_PROFILE_FILE="$PWD/$build/profiles/%p-%m.profraw" \
  ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" -LE 'long|compile_fail'
llvm-profdata-14 merge -sparse "$build"/profiles/*.profraw -o "$build/all.profdata"
objects=()
for binary in "$build"/bin/* $(find "$build/tests" -type f -name '*_test' -perm -u+x); do objects+=(-object "$binary"); done
llvm-cov-14 report "${objects[@]}" -instr-profile="$build/all.profdata" -ignore-filename-regex='(/usr/|/build/|/tests/)'
llvm-cov-14 show "${objects[@]}" -instr-profile="$build/all.profdata" -ignore-filename-regex='(/usr/|/build/|/tests/)' \
  -format=html -output-dir="$build/html" >/dev/null
echo "details: $build/html/index.html"
