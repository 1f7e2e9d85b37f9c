#!/usr/bin/env bash
# In the booted Debian: the packages installed, started, used, upgraded, rolled back, removed, purged.
set -euo pipefail
cd /packages
# shellcheck source=tests/packages/steps.sh
. /packages/steps.sh
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
systemd-analyze security --offline=true --threshold=11 --no-pager sudare-gateway.service mosquitto.service >/tmp/exposure ||
  fail "exposure: $(grep Overall /tmp/exposure)"
step "$(grep Overall /tmp/exposure)"

step "a cloud broker with TLS"
mkdir /unit /cloud
/packages/bring.sh sudare /unit /cloud
start_cloud cloud

step "configure and provision"
cd /unit
sudare policy check --ceiling ceiling.textproto policy.textproto
install -m 644 policy.textproto ceiling.textproto cloud-ca.crt unit.crt /etc/sudare/
install -m 600 unit.key /etc/sudare/
sed -i 's,mqtts://broker.example:8883,mqtts://localhost:8883,' /etc/sudare/gateway.textproto
runuser -u sudare -- sudare provision --state /var/lib/sudare --identity - --relink-recipient "$(cat /cloud/relink.public)" \
  --output /var/lib/sudare/sealed <identity.json
mv /var/lib/sudare/sealed /cloud/

step "start, traffic"
sudare-gateway --config /etc/sudare/gateway.textproto --check 2>/dev/null && fail "credentials are there before the service"
app=$(openssl rand -hex 16)
printf 'navigation:%s\n' "$app" >/tmp/app && mosquitto_passwd -U /tmp/app && cat /tmp/app >>/etc/sudare/mosquitto.passwd
printf 'user navigation\ntopic write vehicle/+\n' >>/etc/sudare/mosquitto.acl
systemctl reload mosquitto
started=$(date +%s%N)
systemctl start sudare-gateway
step "ready after $((($(date +%s%N) - started) / 1000000)) ms"
eventually is sudare_local_subscribed 1
eventually is sudare_uplink_connected 1
hear_batch
send() { mosquitto_pub -p 1883 -u navigation -P "$app" -q 1 -t "vehicle/$1" "${@:2}"; } # send TOPIC -m MESSAGE
publish() { send position -m "{\"n\": $1, \"vin\": \"JTDKB20U093123456\"}"; }
publish 1
open_batch >/cloud/opened.ndjson
grep -q '"payload":{"n":1}' /cloud/opened.ndjson || fail "the batch does not open"
age -d -i /cloud/traffic.key /cloud/batch.age >/dev/null || fail "age does not open it"

step "policy update"
sed -i 's/^serial: 1/serial: 2/' /etc/sudare/policy.textproto
systemctl reload sudare-gateway
eventually is sudare_policy_serial 2

step "a policy over the air, signed"
install -d -o sudare /media/recorder
printf 'clips { directory: "/media/recorder" }\nstore { quota_bytes: 268435456 }\n' >>/etc/sudare/gateway.textproto
mkdir -p /etc/systemd/system/sudare-gateway.service.d
# As docs/deploy.md says it: the policy deletes the recorder's files.
printf '[Service]\nReadWritePaths=-/media/recorder\n' >/etc/systemd/system/sudare-gateway.service.d/recorder.conf
systemctl daemon-reload
"$here/air.sh" /etc/sudare/policy.textproto /etc/sudare/ceiling.textproto /cloud
systemctl restart sudare-gateway
eventually is sudare_policy_serial 2
mosquitto_pub -h localhost -p 8883 --cafile /cloud/ca.crt --cert /cloud/policy.crt --key /cloud/policy.key -r -q 1 -t sudare/policy \
  -f /cloud/air.textproto
eventually is sudare_policy_serial 3

step "a clip"
sudare open -i /cloud/recorder.key -o /cloud/opened --mqtt mqtts://localhost:8883 --ca /cloud/ca.crt --cert /cloud/recipient-recorder.crt \
  --key /cloud/recipient-recorder.key &
recipient=$!
cp "$here/clip.mp4" /media/recorder/
send recorder -m '{"file": "clip.mp4", "at_ms": 3000, "why": "IMPACT"}'
clip() { compgen -G '/cloud/opened/recorder.clips/*.mp4'; }
eventually clip
kill $recipient
sudare clip inspect "$(clip)"
deleted() { [ ! -e /media/recorder/clip.mp4 ]; }
eventually deleted

step "the TLS key as an encrypted credential"
mkdir -p /etc/credstore.encrypted /run/systemd/system/sudare-gateway.service.d
systemd-creds encrypt --with-key=host --name=unit.key /etc/sudare/unit.key /etc/credstore.encrypted/unit.key
systemd-creds decrypt --name=unit.key /etc/credstore.encrypted/unit.key - | cmp - /unit/unit.key || fail "the credential is another"
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
locked=$(awk '/^VmLck:/ { print $2 }' "/proc/$pid/status")
[ "$locked" -gt 0 ] || fail "keys are not locked"
# All of its memory, only where the container may: not below a host that lacks CAP_SYS_RESOURCE and has a limit.
if [ "$(ulimit -Hl)" = unlimited ]; then
  [ "$locked" -gt 1024 ] || fail "memory is not locked"
else
  step "not checked, that all memory is locked: the container has a limit, $(ulimit -Hl) KiB"
fi
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

# The same program under a later version, whose store it makes newer by hand: one that says that this version can go on with it.
step upgrade
dpkg -i "$here"/next/sudare-gateway_*.deb
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 3
systemctl stop sudare-gateway
store() { runuser -u sudare -- sqlite3 /var/lib/sudare/outbox.db "$1"; }
version=$(($(store 'PRAGMA user_version') & 0xffff))
newer=$((version << 16 | version + 1))
store "PRAGMA user_version = $newer; CREATE TABLE later(one INTEGER) STRICT; ALTER TABLE outbox ADD COLUMN later INTEGER NOT NULL DEFAULT 3"
systemctl start sudare-gateway

step "an upgrade of the broker that changes nothing of it does not restart it"
broker=$(systemctl show -P MainPID mosquitto)
dpkg -i "$here"/sudare-broker_*.deb
[ "$(systemctl show -P MainPID mosquitto)" = "$broker" ] || fail "the broker was restarted"

step "one that was interrupted after it had brought something else does, and one of a broker that is down starts it"
echo 'of other files' >/run/sudare-broker.before
dpkg -i "$here"/sudare-broker_*.deb
[ "$(systemctl show -P MainPID mosquitto)" != "$broker" ] || fail "the broker was not restarted"
systemctl stop mosquitto
dpkg -i "$here"/sudare-broker_*.deb
systemctl -q is-active mosquitto || fail "the broker was not started"

step rollback
dpkg -i "$here"/sudare-gateway_*.deb
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 3
publish 5
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 4
start_cloud cloud2
eventually is 'sudare_rows{purpose="traffic",fate="queued"}' 0

step "100,000 messages, each a batch, in the queue"
systemctl stop cloud2
code=$(printf '%0600d' 0)
# In two lots: mosquitto_pub ends at the acknowledgement of its last packet's number, which 65,536 packets before had, too.
for _ in 1 2; do seq -f "{\"code\": \"$code%.0f\"}" 50000 | send emergency -l; done
for _ in $(seq 60); do
  if is sudare_queue_records 100000; then break; fi
  sleep 1
done
rows=$(metric sudare_queue_rows) records=$(metric sudare_queue_records)
[ "$records" = 100000 ] || fail "not 100,000 records in the queue: $records"
[ "${rows:-0}" -gt 0 ] || fail "no rows in the queue: $rows"
stopping=$(date +%s%N)
systemctl stop sudare-gateway
starting=$(date +%s%N)
systemctl start sudare-gateway
ready=$(date +%s%N)
step "$rows rows, $records records: stopped within $(((starting - stopping) / 1000000)) ms, ready after $(((ready - starting) / 1000000)) ms"
# No measurement: one that hangs.
[ $((ready - stopping)) -lt 20000000000 ] || fail "stopping and starting took 20 s"
eventually is sudare_queue_rows "$rows"

step remove
dpkg -r sudare-gateway sudare-broker
if systemctl is-active sudare-gateway; then fail "it still runs"; fi
[ -e /var/lib/sudare/outbox.db ] || fail "removing took the state"
[ -e /etc/sudare/gateway.textproto ] || fail "removing took the configuration"
[ "$(store 'PRAGMA user_version')" = "$newer" ] || fail "the version before took the store back to its own"

step purge
dpkg -P sudare-gateway sudare-broker
[ ! -e /var/lib/sudare ] || fail "state is left"
[ ! -e /etc/sudare/gateway.textproto ] || fail "configuration is left"
for file in local.password mosquitto.passwd mosquitto.conf mosquitto.acl; do
  [ ! -e "/etc/sudare/$file" ] || fail "/etc/sudare/$file is left"
done
[ ! -e /lib/systemd/system/mosquitto.service.d/sudare.conf ] || fail "the drop-in is left"
systemctl restart mosquitto
eventually systemctl is-active mosquitto
[ "$(systemctl show -P ExecStart mosquitto | grep -c /etc/mosquitto/mosquitto.conf)" = 1 ] || fail "the broker is not Debian's own"

step "the tools: removed, and purged"
dpkg -r sudare-sim sudare-clip sudare
dpkg -P sudare-sim sudare-clip sudare
[ -z "$(find /usr -name 'sudare*')" ] || fail "left: $(find /usr -name 'sudare*' | tr '\n' ' ')"
[ -z "$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 'sudare*' 2>/dev/null | grep -v not-installed || true)" ] || fail "a package is left"
passed
