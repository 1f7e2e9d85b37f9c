# Configuring and building a preset. Sourced by ./dev.
# shellcheck shell=bash

# build PRESET TARGET...
build() {
  local preset=$1 log
  shift
  mkdir -p "build/$preset"
  log=build/$preset/configure.log
  if ! cmake --preset "$preset" >"$log" 2>&1; then
    cat "$log" >&2
    echo "error: configuring the $preset preset failed" >&2
    exit 1
  fi
  cmake --build "build/$preset" --target "$@"
}
