#!/usr/bin/env bash
# In the booted Debian: the packages installed, started, used, upgraded, rolled back, removed, purged.
set -euo pipefail
cd /packages
step() { printf '== %s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*"
  systemctl status --no-pager --full mosquitto sudare-gateway cloud || true
  journalctl --no-pager -b -u sudare-gateway -u mosquitto -u cloud | tail -60
  exit 1
}
trap 'fail "line $LINENO"' ERR
# eventually COMMAND...: within 20 s.
eventually() {
  local i
  for ((i = 0; i < 200; ++i)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  fail "never: $*"
}
metric() {
  exec 3<>/dev/tcp/127.0.0.1/9464
  printf 'GET /metrics HTTP/1.1\r\nHost: unit\r\nConnection: close\r\n\r\n' >&3
  sed -n "s/^$1 //p" <&3
  exec 3>&-
}
is() { [ "$(metric "$1")" = "$2" ]; }

step install
dpkg -i sudare-gateway_*.deb sudare-broker_*.deb sudare-clip_*.deb sudare_*.deb sudare-sim_*.deb
eventually systemctl is-active mosquitto
[ "$(ss -ltnH 'sport = 1883' | awk '{ print $4 }')" = 127.0.0.1:1883 ] || fail "the broker listens elsewhere"
if mosquitto_pub -p 1883 -t vehicle/position -m x 2>/dev/null; then fail "anybody may publish"; fi
if systemctl is-active sudare-gateway; then fail "a unit without provisioning runs"; fi
[ "$(stat -c '%a %U' /var/lib/sudare)" = "700 sudare" ] || fail "the state directory"
[ "$(stat -c '%a %U' /etc/sudare/local.password)" = "600 root" ] || fail "the password"

step "a cloud broker with TLS"
mkdir /cloud && cd /cloud
openssl req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=ca 2>/dev/null
certificate() {
  openssl req -newkey ed25519 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$1.crt" \
    -extfile <(echo "subjectAltName=DNS:localhost") 2>/dev/null
}
certificate broker
certificate unit
cat >cloud.conf <<TXT
user root
listener 8883 127.0.0.1
cafile /cloud/ca.crt
certfile /cloud/broker.crt
keyfile /cloud/broker.key
tls_version tlsv1.3
require_certificate true
allow_anonymous true
TXT
systemd-run --quiet --unit=cloud /usr/sbin/mosquitto -c /cloud/cloud.conf

step "configure and provision"
sudare key new -o /cloud/traffic.key --purpose traffic >/dev/null
recipient=$(sudare key public /cloud/traffic.key)
cat >/etc/sudare/policy.textproto <<TXT
language: 1
serial: 1
not_after: "2099-12-31"
purpose {
  name: "traffic"
  recipient: "$recipient"
  pseudonym { rotate_days: 28 }
  consent: OPT_OUT
  ceiling { }
  linger_ms: 100
  batch_bytes_max: 16384
  keep_hours: 24
  priority: 1
}
source {
  topic: "vehicle/road"
  codec: JSON
  classify { path: "n" class: NOT_PERSONAL }
  release { to: "traffic" field { path: "n" } time { exact: true } }
}
TXT
printf 'purpose { name: "traffic" recipient: "%s" consent: OPT_OUT keep_hours_max: 24 longest_pseudonym { rotate_days: 28 } ceiling { } }\n' \
  "$recipient" >/etc/sudare/ceiling.textproto
sudare policy check --ceiling /etc/sudare/ceiling.textproto /etc/sudare/policy.textproto
cp ca.crt /etc/sudare/cloud-ca.crt
cp unit.crt /etc/sudare/
install -m 600 unit.key /etc/sudare/unit.key
sed -i 's,mqtts://broker.example:8883,mqtts://localhost:8883,' /etc/sudare/gateway.textproto
sudare key new -o /cloud/relink.key >/dev/null
echo '{"vin": "", "frame_number": "ZVW30-1234567"}' | runuser -u sudare -- sudare provision --state /var/lib/sudare --identity - \
  --relink-recipient "$(sudare key public /cloud/relink.key)" --output /var/lib/sudare/sealed
mv /var/lib/sudare/sealed /cloud/

step "start, traffic"
sudare-gateway --config /etc/sudare/gateway.textproto --check 2>/dev/null && fail "credentials are there before the service"
app=$(openssl rand -hex 16)
printf 'navigation:%s\n' "$app" >/tmp/app && mosquitto_passwd -U /tmp/app && cat /tmp/app >>/etc/sudare/mosquitto.passwd
printf 'user navigation\ntopic write vehicle/road\n' >>/etc/sudare/mosquitto.acl
systemctl reload mosquitto
started=$(date +%s%N)
systemctl start sudare-gateway
step "ready after $((($(date +%s%N) - started) / 1000000)) ms"
eventually is sudare_local_subscribed 1
eventually is sudare_uplink_connected 1
mosquitto_sub -h localhost -p 8883 --cafile ca.crt --cert unit.crt --key unit.key -t 'sudare/1/#' -F '%x' -C 1 >/cloud/batch.hex &
publish() { mosquitto_pub -p 1883 -u navigation -P "$app" -t vehicle/road -q 1 -m "{\"n\": $1, \"vin\": \"JTDKB20U093123456\"}"; }
publish 1
wait $!
basenc --base16 -d <(tr a-f A-F </cloud/batch.hex | tr -d '\n') >/cloud/batch.age
sudare open -i /cloud/traffic.key /cloud/batch.age | grep -q '"payload":{"n":1}' || fail "the batch does not open"
age -d -i /cloud/traffic.key /cloud/batch.age >/dev/null || fail "age does not open it"

step "policy update"
sed -i 's/^serial: 1/serial: 2/' /etc/sudare/policy.textproto
systemctl reload sudare-gateway
eventually is sudare_policy_serial 2

step "the TLS key as an encrypted credential"
mkdir -p /etc/credstore.encrypted /run/systemd/system/sudare-gateway.service.d
systemd-creds encrypt --with-key=host --name=unit.key /etc/sudare/unit.key /etc/credstore.encrypted/unit.key
systemd-creds decrypt --name=unit.key /etc/credstore.encrypted/unit.key - | cmp - unit.key || fail "the credential is another"
grep -q PRIVATE /etc/credstore.encrypted/unit.key && fail "the key is in the clear"
rm /etc/sudare/unit.key
# As docs/deploy.md says it.
cat >/run/systemd/system/sudare-gateway.service.d/credential.conf <<TXT
[Service]
LoadCredential=
LoadCredential=local.password:/etc/sudare/local.password
LoadCredentialEncrypted=unit.key
TXT
systemctl daemon-reload && systemctl restart sudare-gateway
eventually is sudare_uplink_connected 1

step "sandbox: what it may write"
pid=$(systemctl show -P MainPID sudare-gateway)
[ "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" = 2 ] || fail "no seccomp"
[ "$(awk '/^CapEff:/ { print $2 }' "/proc/$pid/status")" = 0000000000000000 ] || fail "capabilities"
[ "$(awk '/^VmLck:/ { print ($2 > 0) }' "/proc/$pid/status")" = 1 ] || fail "memory is not locked"
[ "$(awk '/^Max core file size/ { print $5 }' "/proc/$pid/limits")" = 0 ] || fail "core files"

step "a restart keeps what is queued"
systemctl stop cloud
for n in 2 3 4; do publish $n; done
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 3
stopped=$(date +%s%N)
systemctl restart sudare-gateway
step "restarted within $((($(date +%s%N) - stopped) / 1000000)) ms"
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 3

step watchdog
mkdir -p /run/systemd/system/sudare-gateway.service.d
printf '[Service]\nWatchdogSec=3\n' >/run/systemd/system/sudare-gateway.service.d/test.conf
systemctl daemon-reload && systemctl restart sudare-gateway
before=$(systemctl show -P MainPID sudare-gateway)
kill -STOP "$before"
other_process() { local now; now=$(systemctl show -P MainPID sudare-gateway) && [ "$now" != "$before" ] && [ "$now" != 0 ]; }
eventually other_process
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 3

for to in upgrade:/packages/next rollback:/packages; do
  step "${to%%:*}"
  dpkg -i "${to##*:}"/sudare-gateway_*.deb
  eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 3
done
systemd-run --quiet --unit=cloud2 /usr/sbin/mosquitto -c /cloud/cloud.conf
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 0

step remove
dpkg -r sudare-gateway sudare-broker
if systemctl is-active sudare-gateway; then fail "it still runs"; fi
[ -e /var/lib/sudare/outbox.db ] || fail "removing took the state"
[ -e /etc/sudare/gateway.textproto ] || fail "removing took the configuration"

step purge
dpkg -P sudare-gateway sudare-broker
[ ! -e /var/lib/sudare ] || fail "state is left"
[ ! -e /etc/sudare/gateway.textproto ] || fail "configuration is left"
touch /packages/passed
step passed
