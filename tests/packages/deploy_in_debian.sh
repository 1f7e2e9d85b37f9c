#!/usr/bin/env bash
# In a booted Debian that has nothing but systemd: the commands of docs/deploy.md as they stand there, one after the other, and then a message that
# must arrive at the other side of a cloud broker. What they are given: the names below, and "swordfish" where one asks for a password.
set -euo pipefail
# shellcheck source=tests/packages/steps.sh
. /packages/steps.sh
export DEBIAN_FRONTEND=noninteractive
broker=localhost:8883
relink=$(cat /cloud/relink.public)

# The lines between the fences behind the mark.
mapfile -t commands < <(awk '/^<!-- commands:/ { marked = 1; next } marked && /^```/ { if (inside) exit; inside = 1; next } inside' /packages/deploy.md)
[ "${#commands[@]}" -eq 10 ] || fail "ten commands, not ${#commands[@]}"
for command in mosquitto openssl sudare; do
  if command -v "$command" >/dev/null; then fail "$command is here: this Debian is not empty"; fi
done

cd /unit
for command in "${commands[@]}"; do
  command=${command//broker.your.fleet:8883/$broker}
  command=${command//age1.../$relink}
  step "$command"
  bash -e -o pipefail -c "$command" <<<$'swordfish\nswordfish' || fail "$command"
  case $command in 'apt install'*)
    # The broker is another machine's; it needs a program that the first command brings.
    apt-get install -qq -y mosquitto-clients >/dev/null
    start_cloud cloud
    ;;
  esac
done

step "a message arrives"
hear_batch
for _ in $(seq 100); do
  mosquitto_pub -p 1883 -u navigation -P swordfish -t vehicle/position -q 1 -m '{"n": 7, "vin": "JTDKB20U093123456"}' || true
  sleep 0.3
  [ ! -s /cloud/batch.hex ] || break
done
open_batch >/cloud/opened.ndjson
grep -q '"payload":{"n":7}' /cloud/opened.ndjson || fail "what arrived is not what was sent"

step "doctor beside the running unit"
sudare doctor --config /etc/sudare/gateway.textproto
systemctl is-active --quiet sudare-gateway || fail "doctor disturbed the gateway"
systemctl is-enabled --quiet sudare-gateway || fail "it does not start at the next boot"
passed
