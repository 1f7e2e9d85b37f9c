#!/usr/bin/env bash
# scripts/fuzz.sh [--resume] [SECONDS] [TARGET...]: each fuzz target for SECONDS under ASan and UBSan, from its seed corpus. What libFuzzer
# finds on the way is kept in build/fuzz-corpus, findings in build/fuzz-findings. build/fuzz/report.json counts executions per target;
# --resume adds to those of earlier runs of the same commit, without it they begin at 0. The campaign's goal is 10^8 in all, without a
# finding. Exit 1 on a finding; it stays in the report until a run without --resume.
set -euo pipefail
goal=100000000
resume=no
if [ "${1:-}" = --resume ]; then
  resume=yes
  shift
fi
seconds=60
if [[ ${1:-} =~ ^[1-9][0-9]*$ ]]; then
  seconds=$1
  shift
fi
# shellcheck source=scripts/build.sh
. scripts/build.sh
build fuzz fuzz_targets

commit=$(git rev-parse HEAD)
[ -z "$(git status --porcelain --untracked-files=no)" ] || commit=$commit-changed
report=build/fuzz/report.json
# In lines "target executions findings"; one target a line in the report, so that this reads it.
declare -A executions=() findings=()
if [ "$resume" = yes ] && [ -f "$report" ]; then
  if [ "$(sed -n 's/^ *"commit": "\(.*\)",$/\1/p' "$report")" != "$commit" ]; then
    echo "note: build/fuzz/report.json is of another commit; counting from 0" >&2
  else
    while read -r name count found; do
      executions[$name]=$count
      findings[$name]=$found
    done < <(sed -n 's/^ *{"name": "\(.*\)", "executions": \([0-9]*\), "findings": \([0-9]*\)},*$/\1 \2 \3/p' "$report")
  fi
fi

write_report() {
  local name total=0 open=0 comma=
  for name in "${!executions[@]}"; do
    total=$((total + executions[$name]))
    open=$((open + findings[$name]))
  done
  {
    printf '{\n  "commit": "%s",\n  "executions": %s,\n  "goal": %s,\n  "findings": %s,\n  "targets": [' "$commit" "$total" "$goal" "$open"
    for name in $(printf '%s\n' "${!executions[@]}" | sort); do
      printf '%s\n    {"name": "%s", "executions": %s, "findings": %s}' "$comma" "$name" "${executions[$name]}" "${findings[$name]}"
      comma=,
    done
    printf '\n  ]\n}\n'
  } >"$report.new"
  mv "$report.new" "$report"
  summary="$total executions of $goal in all at this commit, $open findings: $report"
  [ "$open" -eq 0 ]
}

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for binary in build/fuzz/fuzz/*_fuzz; do names+=("$(basename "$binary")"); done
fi
for name in "${names[@]}"; do
  [ -x "build/fuzz/fuzz/$name" ] && continue
  echo "error: there is no fuzz target $name" >&2
  echo "hint: $(cd build/fuzz/fuzz && echo *_fuzz)" >&2
  exit 2
done
mkdir -p build/fuzz-findings
clean=yes
for name in "${names[@]}"; do
  corpus=build/fuzz-corpus/$name
  mkdir -p "$corpus"
  log=build/fuzz-findings/$name.log
  found=0
  "build/fuzz/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=70000 -print_final_stats=1 \
    -close_fd_mask=3 -artifact_prefix="build/fuzz-findings/$name-" "$corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1 || found=1
  # -close_fd_mask: what the code itself prints and logs, input by input, is no part of the log.
  # A target that ends by a finding prints its count too, where it can.
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
  executions[$name]=$((${executions[$name]:-0} + ${runs:-0}))
  findings[$name]=$((${findings[$name]:-0} + found))
  if [ "$found" -eq 0 ]; then
    printf '%-28s clean  %12s executions in %s s, %s a second\n' \
      "$name" "${runs:-0}" "$seconds" "$((${runs:-0} / seconds))"
  else
    printf '%-28s FINDING, see %s\n' "$name" "$log"
  fi
  write_report || clean=no  # after each: what was done counts, whatever ends this script
done
echo "$summary"
[ "$clean" = yes ]
