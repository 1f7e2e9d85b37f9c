#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS] [TARGET...]: each fuzz target for SECONDS under ASan and UBSan, from its seed corpus. What libFuzzer finds
# on the way is kept in build/fuzz-corpus, findings in build/fuzz-findings. Exit 1 on a finding.
set -euo pipefail
seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
# shellcheck source=scripts/build.sh
. scripts/build.sh
build fuzz fuzz_targets

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for binary in build/fuzz/fuzz/*_fuzz; do names+=("$(basename "$binary")"); done
fi
mkdir -p build/fuzz-findings
failed=()
for name in "${names[@]}"; do
  corpus=build/fuzz-corpus/$name
  mkdir -p "$corpus"
  log=build/fuzz-findings/$name.log
  if "build/fuzz/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=70000 -print_final_stats=1 \
    -artifact_prefix="build/fuzz-findings/$name-" "$corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    printf '%-28s clean  %12s executions in %s s\n' "$name" "$runs" "$seconds"
  else
    printf '%-28s FINDING, see %s\n' "$name" "$log"
    failed+=("$name")
  fi
done
[ ${#failed[@]} -eq 0 ] || exit 1
