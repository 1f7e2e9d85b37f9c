#!/usr/bin/env bash
# scripts/measure_gateway.sh PROGRAM [COUNT]: a gateway at its work, whatever it was built with: two real Mosquittos, COUNT (20000)
# messages of a simulated car in Protobuf, all that is released opened and judged by sudare-sim; then what memory it took. PROGRAM may be a script
# that starts it in an emulator: then the memory is the emulator's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=${1:?"scripts/measure_gateway.sh PROGRAM [COUNT]"}
count=${2:-20000}
tools=$PWD/build/release/bin
work=$(mktemp -d)
started=()
finish() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT
PATH=$PATH:/usr/sbin

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
local_port=$(free_port)
cloud_port=$(free_port)
sed "s/@PORT@/$local_port/" deploy/mosquitto/vehicle.conf.in >"$work/local.conf"
printf 'listener %s 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n' "$cloud_port" >"$work/cloud.conf"
for side in local cloud; do
  mosquitto -c "$work/$side.conf" 2>"$work/$side.log" &
  started+=($!)
done

recipients=()
for purpose in readings emergency relink; do
  key=$("$tools/sudare" key new -o "$work/$purpose.key" --purpose "$purpose" | grep -o 'age1[0-9a-z]*')
  recipients+=("$key")
done
# The benchmark's policy: every reading is a record with all its fields; here the readings are Protobuf, whose fields are classed where they are
# declared.
sed '/^  classify {/d; s/^  codec: JSON/  codec: PROTOBUF\n  message: "sudare.vehicle.v1.Position"/' deploy/policies/bench.textproto >"$work/template"
"$tools/sudare" policy init --template "$work/template" --recipient "readings=${recipients[0]}" --recipient "emergency=${recipients[1]}" \
  -o "$work/policy.textproto" >/dev/null
cat >"$work/gateway.textproto" <<TXT
state_directory: "state"
policy_file: "policy.textproto"
local { url: "mqtt://127.0.0.1:$local_port" }
cloud { url: "mqtt://127.0.0.1:$cloud_port" }
TXT
echo '{"vin": "JTDKB20U093123456"}' | "$tools/sudare" provision --state "$work/state" --identity - --relink-recipient "${recipients[2]}" --output "$work/sealed" >/dev/null
"$program" --check --config "$work/gateway.textproto" 2>/dev/null
"$program" --config "$work/gateway.textproto" 2>"$work/log" &
gateway=$!
started+=("$gateway")
for _ in $(seq 300); do
  if grep -q cloud_connected "$work/log"; then break; fi
  sleep 0.1
done
"$tools/sudare-sim" vehicle --local-broker "mqtt://127.0.0.1:$local_port" --cloud-broker "mqtt://127.0.0.1:$cloud_port" --speed 0 --count "$count" \
  --policy "$work/policy.textproto" -i "$work/readings.key" -i "$work/emergency.key" --consent none || {
  cat "$work/log"
  exit 1
}
grep -E '^(VmHWM|VmRSS|RssAnon|RssFile|Threads):' "/proc/$gateway/status"
kill -TERM "$gateway"
wait "$gateway" && echo "ended with 0"
