#!/usr/bin/env bash
# tests/packages/run.sh: the packages of build/package in a booted Debian of their own (systemd-nspawn, its own network), by in_debian.sh.
# build/package-test/base is made once, by debootstrap, with what the packages depend on; each run works on an overlay above it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
place=$root/build/package-test
base=$place/base
mirror=${SUDARE_MIRROR:-http://deb.debian.org/debian}
mkdir -p "$place"

# What the packages need beside each other.
dependencies() {
  local file
  for file in build/package/sudare*.deb; do
    case $file in *dbgsym*) continue ;; esac
    dpkg-deb -f "$file" Depends | tr ',' '\n' | sed 's/(.*//; s/|.*//' | tr -d ' '
  done | sort -u | grep -v '^sudare'
}

if [ ! -e "$base/ready" ]; then
  rm -rf "$base"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates,iproute2,mosquitto,mosquitto-clients,age,procps,strace bookworm \
    "$base" "$mirror" >"$place/debootstrap.log"
  # shellcheck disable=SC2046 # a list
  chroot "$base" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends $(dependencies) >>"$place/debootstrap.log" 2>&1
  touch "$base/ready"
fi

run=$(mktemp -d "$place/run-XXXXXX")
mkdir "$run/upper" "$run/work" "$run/root"
unmount() {
  umount "$run/root" 2>/dev/null || true
  rm -rf "$run"
}
trap unmount EXIT
mount -t overlay overlay -o "lowerdir=$base,upperdir=$run/upper,workdir=$run/work" "$run/root"
mkdir "$run/root/packages"
echo '127.0.0.1 localhost' >"$run/root/etc/hosts"
find build/package -name 'sudare*.deb' ! -name '*dbgsym*' -exec cp -t "$run/root/packages" {} +
cp tests/packages/in_debian.sh "$run/root/packages/"
# A later version, to go to and come back from.
mkdir "$run/root/packages/next"
dpkg-deb -R build/package/sudare-gateway_*.deb "$run/next"
sed -i 's/^Version: .*/&+next/' "$run/next/DEBIAN/control"
dpkg-deb --root-owner-group -b "$run/next" "$run/root/packages/next/sudare-gateway_next.deb" >/dev/null
cat >"$run/root/etc/systemd/system/sudare-test.service" <<'TXT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/packages/in_debian.sh
ExecStopPost=/bin/systemctl poweroff --no-block
StandardOutput=file:/packages/log
StandardError=inherit
[Install]
WantedBy=default.target
TXT
ln -s /etc/systemd/system/sudare-test.service "$run/root/etc/systemd/system/multi-user.target.wants/sudare-test.service"
timeout 600 systemd-nspawn --quiet --directory="$run/root" --boot --register=no --keep-unit --private-network --console=pipe --rlimit=MEMLOCK=infinity \
  --system-call-filter="@memlock landlock_create_ruleset landlock_add_rule landlock_restrict_self" \
  >"$run/console" 2>&1 || true
cat "$run/root/packages/log"
if [ ! -e "$run/root/packages/passed" ]; then
  tail -30 "$run/console"
  echo "error: the packages' test failed" >&2
  exit 1
fi
