#!/usr/bin/env bash
# scripts/bench.sh DIRECTORY [FILTER]: runs every benchmark program in DIRECTORY, one after the other so that they do not disturb
# each other, and keeps their numbers as JSON in build/bench. Without a filter, then the running gateway: CPU per message and memory.
set -euo pipefail
directory=$1
filter=${2:-}
mkdir -p build/bench
for program in "$directory"/*_bench; do
  name=$(basename "$program")
  echo "== $name"
  "$program" --benchmark_filter="${filter:-.}" --benchmark_counters_tabular=true \
    --benchmark_out="build/bench/$name.json" --benchmark_out_format=json
done
if [ -z "$filter" ]; then
  for mode in exact cells; do
    echo "== gateway_load, 1,000,000 messages, $mode"
    "$directory/gateway_load" 1000000 "$mode" | tee "build/bench/gateway_load_$mode.json"
  done
fi
