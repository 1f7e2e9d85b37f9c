#!/usr/bin/env bash
# In a booted Debian that has nothing but systemd: the commands of docs/deploy.md as they stand there, one after the other, and then a message that
# must arrive at the other side of a cloud broker. What they are given: the names below, and "swordfish" where one asks for a password.
set -euo pipefail
step() { printf '== %s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*"
  systemctl status --no-pager --full mosquitto sudare-gateway cloud || true
  journalctl --no-pager -b -u sudare-gateway -u mosquitto -u cloud | tail -60
  exit 1
}
trap 'fail "line $LINENO"' ERR
export DEBIAN_FRONTEND=noninteractive
broker=localhost:8883
relink=$(cat /cloud/relink.public)

# The lines between the fences behind the mark.
mapfile -t commands < <(awk '/^<!-- commands:/ { marked = 1; next } marked && /^```/ { if (inside) exit; inside = 1; next } inside' /packages/deploy.md)
[ "${#commands[@]}" -eq 10 ] || fail "ten commands, not ${#commands[@]}"
for command in mosquitto openssl sudare; do
  if command -v "$command" >/dev/null; then fail "$command is here: this Debian is not empty"; fi
done

# The broker is another machine's; it needs a program that the first command brings.
start_cloud() {
  apt-get install -qq -y mosquitto-clients >/dev/null
  sed 's,@PORT@,8883,; s,@DIRECTORY@,/cloud,' /cloud/cloud.conf.in >/cloud/cloud.conf
  cp /cloud/cloud.acl.in /cloud/acl
  echo 'user root' >>/cloud/cloud.conf
  systemd-run --quiet --unit=cloud /usr/sbin/mosquitto -c /cloud/cloud.conf
}

cd /unit
for command in "${commands[@]}"; do
  command=${command//broker.your.fleet:8883/$broker}
  command=${command//age1.../$relink}
  step "$command"
  bash -e -o pipefail -c "$command" <<<$'swordfish\nswordfish' || fail "$command"
  case $command in 'apt install'*) start_cloud ;; esac
done

step "a message arrives"
timeout 60 mosquitto_sub -h localhost -p 8883 --cafile /cloud/ca.crt --cert /cloud/recipient.crt --key /cloud/recipient.key -t 'sudare/1/traffic/#' \
  -F '%x' -C 1 >/cloud/batch.hex &
for _ in $(seq 100); do
  mosquitto_pub -p 1883 -u navigation -P swordfish -t vehicle/position -q 1 -m '{"n": 7, "vin": "JTDKB20U093123456"}' || true
  sleep 0.3
  [ ! -s /cloud/batch.hex ] || break
done
wait $!
basenc --base16 -d <(tr a-f A-F </cloud/batch.hex | tr -d '\n') >/cloud/batch.age
sudare open -i /cloud/traffic.key /cloud/batch.age >/cloud/opened.ndjson
grep -q '"payload":{"n":7}' /cloud/opened.ndjson || fail "what arrived is not what was sent"

step "doctor beside the running unit"
sudare doctor --config /etc/sudare/gateway.textproto
systemctl is-active --quiet sudare-gateway || fail "doctor disturbed the gateway"
systemctl is-enabled --quiet sudare-gateway || fail "it does not start at the next boot"
touch /packages/passed
step passed
