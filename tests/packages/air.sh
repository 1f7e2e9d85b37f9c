#!/usr/bin/env bash
# tests/packages/air.sh POLICY CEILING CLOUD: a signer's key and two recipients' into CLOUD. CEILING asks for the signature from now on and knows
# two more purposes; POLICY is signed; CLOUD/air.textproto is the next policy, signed too, which has them: `emergency`, whose batches are small, and
# `recorder`, which takes clips.
set -euo pipefail
policy=$1 ceiling=$2 cloud=$3
public() { sudare key public "$cloud/$1.key"; }
sudare key new --signing -o "$cloud/signer.key" >/dev/null
for purpose in emergency recorder; do sudare key new -o "$cloud/$purpose.key" --purpose "$purpose" >/dev/null; done

purpose='keep_hours_max: 24 longest_pseudonym { rotate_days: 28 }'
cat >>"$ceiling" <<TXT
policy_signer: "$(public signer)"
policy_threshold: 1
purpose { name: "emergency" recipient: "$(public emergency)" consent: LEGAL_OBLIGATION essential: true ceiling { } $purpose }
purpose { name: "recorder" recipient: "$(public recorder)" consent: OPT_OUT ceiling { allow: VIDEO } $purpose }
TXT

serial=$(sed -n 's/^serial: //p' "$policy")
sed "s/^serial: .*/serial: $((serial + 1))/" "$policy" >"$cloud/air.textproto"
cat >>"$cloud/air.textproto" <<TXT
purpose {
  name: "emergency"
  recipient: "$(public emergency)"
  pseudonym { rotate_days: 28 }
  consent: LEGAL_OBLIGATION
  essential: true
  ceiling { }
  batch_bytes_max: 1024
  keep_hours: 24
}
source {
  topic: "vehicle/emergency"
  codec: JSON
  classify { path: "code" class: NOT_PERSONAL }
  release { to: "emergency" field { path: "code" } time { exact: true } }
}
purpose {
  name: "recorder"
  recipient: "$(public recorder)"
  pseudonym { rotate_days: 28 }
  consent: OPT_OUT
  ceiling { allow: VIDEO }
  batch_bytes_max: 266240
  keep_hours: 24
  clips { profile: SKETCH trigger: IMPACT before_s: 10 after_s: 10 afterwards: DELETE rejected: KEEP }
}
source {
  topic: "vehicle/recorder"
  codec: JSON
  clip_event { file_field: "file" moment_field: "at_ms" trigger_field: "why" }
}
TXT
for file in "$policy" "$cloud/air.textproto"; do
  sudare policy sign "$file" --key "$cloud/signer.key" --ceiling "$ceiling"
done
