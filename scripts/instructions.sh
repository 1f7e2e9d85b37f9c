#!/usr/bin/env bash
# scripts/instructions.sh [BUILD]: how many instructions each part of the gateway's work takes, as a table, from the benchmark programs
# in BUILD/bench (build/release). Counted, not timed: another load on the machine changes nothing, and on a processor that is not at
# hand the time is instructions / (instructions per cycle x clock). x86-64 is counted by valgrind (package valgrind), arm64 from the
# log of qemu's user emulation. They differ most where a library has vector instructions for one only, as libsodium's ciphers. Not
# counted: the kernel, so neither fsync nor the network.
set -euo pipefail
build=${1:-build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Called by Google Benchmark where a benchmark's loop begins and where it ends.
begin='benchmark::State::StartKeepRunning()'
end='benchmark::State::FinishKeepRunning()'

fail() {
  echo "error: $1" >&2
  exit 1
}

# run_benchmark SECONDS BENCHMARK COMMAND...: runs it in COMMAND and sets $iterations, those of the last loop.
run_benchmark() {
  local seconds=$1 benchmark=$2
  shift 2
  "$@" --benchmark_filter="^$benchmark\$" --benchmark_min_time="$seconds" --benchmark_out="$work/result.json" \
    --benchmark_out_format=json >"$work/output" 2>&1 || fail "$benchmark: $(tail -1 "$work/output")"
  iterations=$(sed -n 's/^ *"iterations": \([0-9]*\),$/\1/p' "$work/result.json")
  [ -n "$iterations" ] || fail "there is no benchmark $benchmark"
}

# Each takes PROGRAM BENCHMARK and sets $instructions, those of the last loop.
count_in_valgrind() {
  rm -f "$work"/loop*
  run_benchmark 0.5 "$2" valgrind --tool=callgrind --zero-before="$begin" --dump-before="$end" \
    --callgrind-out-file="$work/loop" "$build/bench/$1"
  local last
  last=$(printf '%s\n' "$work"/loop.* | sort -V | tail -1)
  instructions=$(sed -n 's/^totals: //p' "$last")
}

# qemu logs each block of code once when it translates it and then each time when it runs it.
count_in_qemu() {
  local program=$build/bench/$1 from to
  from=$(stub_address "$program" "$begin")
  to=$(stub_address "$program" "$end")
  mkfifo "$work/log"
  awk -v begin="$from" -v end="$to" '
    /^IN:/ { block = ""; next }
    /^0x/ {
      if (block == "") { block = $1; size[block] = 0 }
      ++size[block]
      next
    }
    /^Trace/ {
      split($0, part, "/")
      sub(/^0*/, "0x", part[2])
      block = part[2] ":"
      if (block == begin) count = 0
      if (block == end) last = count
      count += size[block]
    }
    END { printf "%.0f\n", last }' <"$work/log" >"$work/count" &
  run_benchmark 0.2 "$2" qemu-aarch64 -L "$build/sysroot" -d in_asm,exec,nochain -D "$work/log" "$program"
  wait
  rm "$work/log"
  instructions=$(cat "$work/count")
}

# stub_address PROGRAM FUNCTION: where in memory the program's jump to a shared library's function stands, as qemu's log writes it.
stub_address() {
  local base stub
  base=$(qemu-aarch64 -L "$build/sysroot" -d page -D /dev/stdout "$1" --benchmark_list_tests | sed -n '/^start_code/{s/.* //p;q}')
  stub=$(aarch64-linux-gnu-objdump -dC -j .plt "$1" | sed -n "s/^\([0-9a-f]*\) <$2@plt>:\$/\1/p")
  [ -n "$stub" ] || fail "$1 does not call $2"
  printf '0x%x:' $((base + 0x$stub))
}

# measure PROGRAM BENCHMARK: sets $per_iteration.
measure() {
  "$count" "$1" "$2"
  per_iteration=$((instructions / iterations))
}

row() { printf '| %s | %s |\n' "$1" "$2"; }
# plain NAME PROGRAM BENCHMARK
plain() {
  measure "$2" "$3"
  row "$1" "$per_iteration"
}
# line NAME PROGRAM UNIT BENCHMARK SIZE BENCHMARK SIZE: through two points.
line() {
  local at_first
  measure "$2" "$4"
  at_first=$per_iteration
  measure "$2" "$6"
  row "$1" "$(awk -v a="$at_first" -v x="$5" -v b="$per_iteration" -v y="$7" -v unit="$3" 'BEGIN {
    slope = (b - a) / (y - x); printf "%.0f + %.1f per %s", a - slope * x, slope, unit }')"
}

case "$(readelf -h "$build/bench/minimize_bench" | sed -n 's/^ *Machine: *//p')" in
  AArch64) count=count_in_qemu ;;
  *X86-64) count=count_in_valgrind ;;
  *) fail "$build/bench: neither x86-64 nor arm64" ;;
esac
echo '| what | instructions |'
echo '|---|---|'
plain 'decode + detect + minimize, a position in Protobuf (46 bytes)' minimize_bench BM_ProtobufPosition
plain 'the same in JSON (206 bytes)' minimize_bench BM_JsonPosition
plain 'decode alone, Protobuf' decode_bench decode_protobuf
plain 'decode alone, JSON' decode_bench decode_json
plain 'minimize alone' minimize_bench BM_MinimizeAlone
plain 'detect in 100 characters of text' decode_bench detect_text
line 'seal one commit with a pseudonym, by records' seal_bench record BM_PlanPseudonymous/1 1 BM_PlanPseudonymous/100 100
line 'seal one commit without pseudonym, by records' seal_bench record BM_PlanWithoutPseudonym/1 1 BM_PlanWithoutPseudonym/100 100
line 'in it: age, two X25519 operations and ChaCha20-Poly1305' seal_bench byte BM_PartAgeSeal/256 256 BM_PartAgeSeal/16384 16384
line 'in it: Ed25519' seal_bench byte BM_PartEd25519/100 100 BM_PartEd25519/16384 16384
line 'in it: zstd, by records' seal_bench record BM_PartZstd/1 1 BM_PartZstd/100 100
line 'store one commit, by records of 60 bytes' store_bench record commit_group/1/real_time 1 commit_group/100/real_time 100
