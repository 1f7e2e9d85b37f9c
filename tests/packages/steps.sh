# What the scripts in a booted Debian share. Sourced; beside them are bring.sh, cloud.conf.in and cloud.acl.in.
# shellcheck shell=bash
here=/packages

step() { printf '== %s\n' "$*"; }

fail() {
  printf 'FAILED: %s\n' "$*"
  systemctl status --no-pager --full mosquitto sudare-gateway cloud || true
  journalctl --no-pager -b -u sudare-gateway -u mosquitto -u cloud | tail -60
  exit 1
}
trap 'fail "line $LINENO"' ERR

# start_cloud UNIT: the cloud broker, as service UNIT, with its certificates in /cloud (bring.sh); it needs mosquitto.
start_cloud() {
  sed 's,@PORT@,8883,; s,@DIRECTORY@,/cloud,' "$here/cloud.conf.in" >/cloud/cloud.conf
  cp "$here/cloud.acl.in" /cloud/acl
  echo 'user root' >>/cloud/cloud.conf
  systemd-run --quiet --unit="$1" /usr/sbin/mosquitto -c /cloud/cloud.conf
}

# hear_batch: waits, in the background, for one batch at the cloud broker.
hear_batch() {
  timeout 60 mosquitto_sub -h localhost -p 8883 --cafile /cloud/ca.crt --cert /cloud/recipient.crt --key /cloud/recipient.key -t 'sudare/1/traffic/#' \
    -F '%x' -C 1 >/cloud/batch.hex &
}

# open_batch: waits for it, and prints its records.
open_batch() {
  wait $!
  basenc --base16 -d <(tr a-f A-F </cloud/batch.hex | tr -d '\n') >/cloud/batch.age
  sudare open -i /cloud/traffic.key /cloud/batch.age
}

passed() {
  touch "$here/passed"
  step passed
}
