#!/usr/bin/env bash
# tests/packages/bring.sh SUDARE UNIT CLOUD: what docs/deploy.md says one brings, into UNIT; and the other side's, into CLOUD.
set -euo pipefail
sudare=$1 unit=$2 cloud=$3
cd "$cloud"
openssl req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.crt -days 90 -subj /CN=ca 2>/dev/null
# certificate FILE NAME
certificate() {
  openssl req -newkey ed25519 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 90 -out "$1.crt" -extfile <(echo "subjectAltName=DNS:localhost") 2>/dev/null
}
certificate broker broker
certificate recipient recipient-traffic
certificate recipient-recorder recipient-recorder
certificate policy policy
certificate unit unit
"$sudare" key new -o traffic.key --purpose traffic >/dev/null
"$sudare" key new -o relink.key >/dev/null
"$sudare" key public relink.key >relink.public
recipient=$("$sudare" key public traffic.key)
cat >"$unit/policy.textproto" <<TXT
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
  topic: "vehicle/position"
  codec: JSON
  classify { path: "n" class: NOT_PERSONAL }
  release { to: "traffic" field { path: "n" } time { exact: true } }
}
TXT
printf 'purpose { name: "traffic" recipient: "%s" consent: OPT_OUT keep_hours_max: 24 longest_pseudonym { rotate_days: 28 } ceiling { } }\n' \
  "$recipient" >"$unit/ceiling.textproto"
cp ca.crt "$unit/cloud-ca.crt"
mv unit.crt unit.key "$unit/"
(umask 077 && echo '{"vin": "", "frame_number": "ZVW30-1234567"}' >"$unit/identity.json")
