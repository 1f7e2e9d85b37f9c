#!/usr/bin/env bash
# scripts/tidy.sh [--changed | FILE...]: clang-tidy with the profile of .clang-tidy over our C++ files as the release preset compiles
# them, as many at a time as there are processors. --changed: only those that differ from the branch main. The whole tree takes about
# a minute of one processor for each file that includes protobuf or GoogleTest, and there are six hundred: an hour on eight
# processors. So it is a command of its own and no part of ./dev test. Exit 1 on a finding.
set -euo pipefail
# shellcheck source=scripts/build.sh
. scripts/build.sh
mkdir -p build/release build/tidy
cmake --preset release >build/release/configure.log 2>&1 || { cat build/release/configure.log >&2; exit 1; }

case "${1:-}" in
  '') mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cc') ;;
  --changed) mapfile -t files < <({ git diff --name-only main -- '*.cc'; git ls-files --others --exclude-standard '*.cc'; } | sort -u) ;;
  *) files=("$@") ;;
esac
# What the preset does not compile (another architecture's, a compile-fail case) has no command to read.
chosen=()
for file in "${files[@]}"; do
  if [ -f "$file" ] && grep -qF "\"$PWD/$file\"" build/release/compile_commands.json; then chosen+=("$file"); fi
done
[ ${#chosen[@]} -gt 0 ] || { echo "tidy: nothing to look at"; exit 0; }
# The messages of our schemas are headers that the build makes.
cmake --build build/release --target sudare_proto sudare_vehicle_proto sudare_sim_proto >build/tidy/proto.log

rm -f build/tidy/*.txt
begin=$(date +%s)
failed=0
# GCC's options that clang does not have are not findings.
# shellcheck disable=SC2016  # for the shell that xargs starts
printf '%s\0' "${chosen[@]}" | xargs -0 -n 1 -P "$(nproc)" sh -c '
  log=build/tidy/$(echo "$1" | tr / _).txt
  nice clang-tidy-14 -p build/release --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument \
    "$1" >"$log" 2>/dev/null || { echo "$1: could not be looked at, or has findings" >>"$log"; exit 1; }' tidy || failed=1
# A header's findings come with each file that includes it.
cat build/tidy/*.txt | grep -E ' (warning|error): |could not be looked at' | sed "s|^$PWD/||" | sort -u || true
echo "tidy: ${#chosen[@]} files in $(($(date +%s) - begin)) s: $([ $failed -eq 0 ] && echo clean || echo 'findings above, details in build/tidy')"
exit "$failed"
