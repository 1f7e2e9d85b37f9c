#!/usr/bin/env bash
# scripts/bench.sh BUILD [FILTER | OPTIONS]: runs every benchmark program in BUILD/bench, one after the other so that they do not
# disturb each other, and keeps their numbers as JSON in build/bench. Without a filter, then the running gateway: CPU per message
# and memory, and the gateway beside a bridge. With OPTIONS only the last, with these.
set -euo pipefail
build=$1
shift
mkdir -p build/bench
beside_bridge() {
  echo "== sudare-sim bench"
  exec "$build/bin/sudare-sim" bench "$@"
}
case "${1:-}" in -*) beside_bridge "$@" ;; esac
filter=${1:-}
for program in "$build"/bench/*_bench; do
  name=$(basename "$program")
  echo "== $name"
  "$program" --benchmark_filter="${filter:-.}" --benchmark_counters_tabular=true \
    --benchmark_out="build/bench/$name.json" --benchmark_out_format=json
done
[ -z "$filter" ] || exit 0
for mode in exact cells; do
  echo "== gateway_load, 1,000,000 messages, $mode"
  "$build/bench/gateway_load" 1000000 "$mode" | tee "build/bench/gateway_load_$mode.json"
done
beside_bridge
