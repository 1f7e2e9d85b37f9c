# The test suite under sanitizers. Sourced by ./dev.
# shellcheck shell=bash

# sanitize asan|tsan CTEST_ARGUMENTS...: programs that tests start are sanitized too. Each of the suite's processes writes what it finds to a
# file of its own, so a finding counts even where a test does not look at how its program ended.
sanitize() {
  local preset=$1 logs=$PWD/build/$1/reports status=0
  shift
  rm -rf "$logs"
  mkdir -p "$logs"
  # The gateway opens no other files for writing.
  SUDARE_SANITIZER_REPORTS=$logs \
    ASAN_OPTIONS=detect_leaks=1:log_path=$logs/report UBSAN_OPTIONS=print_stacktrace=1:log_path=$logs/report \
    LSAN_OPTIONS=log_path=$logs/report \
    TSAN_OPTIONS=suppressions=$PWD/tests/sanitize/tsan.supp:second_deadlock_stack=1:log_path=$logs/report \
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" -LE 'long|compile_fail' --timeout 600 "$@" || status=1
  local found=("$logs"/report.*)
  if [ -e "${found[0]}" ]; then
    cat "${found[@]}"
    echo "$preset: ${#found[@]} processes reported, in $logs"
    status=1
  fi
  return $status
}
