#!/usr/bin/env bash
# tests/packages/run.sh [packages|deploy]: the packages of build/package in booted Debians of their own (systemd-nspawn, their own network).
#   packages  in_debian.sh, in one that has what they depend on
#   deploy    deploy_in_debian.sh: the commands of docs/deploy.md, in one that has nothing but systemd
# Both Debians are made once, by debootstrap, in build/package-test; each run works on an overlay above.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
place=$root/build/package-test
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

# clear FOLDER: without it, and what a debootstrap that was interrupted left mounted there.
clear() {
  umount "$1/proc" 2>/dev/null || true
  rm -rf "$1"
}

# sqlite3: for a store of a later version.
included=systemd,systemd-sysv,dbus,ca-certificates,iproute2,mosquitto,mosquitto-clients,age,procps,strace,sqlite3,openssl
make_base() {
  [ "$(cat "$place/base/ready" 2>/dev/null)" != "$included" ] || return 0
  clear "$place/base"
  debootstrap --variant=minbase --include="$included" bookworm "$place/base" "$mirror" >"$place/debootstrap.log"
  # shellcheck disable=SC2046 # a list
  chroot "$place/base" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends $(dependencies) >>"$place/debootstrap.log" 2>&1
  echo "$included" >"$place/base/ready"
}

# What `apt install` will want waits in apt's cache: the container has no network.
make_empty() {
  [ ! -e "$place/empty/ready" ] || return 0
  clear "$place/empty"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$place/empty" "$mirror" >"$place/debootstrap-empty.log"
  chroot "$place/empty" apt-get update -qq >>"$place/debootstrap-empty.log" 2>&1
  mkdir "$place/empty/unit"
  find build/package -name 'sudare*.deb' ! -name '*dbgsym*' -exec cp -t "$place/empty/unit" {} +
  chroot "$place/empty" sh -c 'apt-get install -y --download-only /unit/sudare-gateway_*.deb /unit/sudare-broker_*.deb /unit/sudare_*.deb mosquitto-clients' \
    >>"$place/debootstrap-empty.log" 2>&1
  rm -rf "$place/empty/unit"
  touch "$place/empty/ready"
}

# mount_above BASE: an overlay at $run/root.
mount_above() {
  run=$(mktemp -d "$place/run-XXXXXX")
  mkdir "$run/upper" "$run/work" "$run/root"
  trap unmount EXIT
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$run/upper,workdir=$run/work" "$run/root"
  mkdir "$run/root/packages"
  echo '127.0.0.1 localhost' >"$run/root/etc/hosts"
}
unmount() {
  umount "$run/root" 2>/dev/null || true
  rm -rf "$run"
  trap - EXIT
}

# boot SCRIPT: runs tests/packages/SCRIPT as a service; it must leave /packages/passed.
boot() {
  cp tests/packages/{"$1",air.sh,bring.sh,steps.sh} deploy/mosquitto/cloud.{conf,acl}.in "$run/root/packages/"
  cat >"$run/root/etc/systemd/system/sudare-test.service" <<TXT
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/packages/$1
ExecStopPost=/bin/systemctl poweroff --no-block
StandardOutput=file:/packages/log
StandardError=inherit
[Install]
WantedBy=default.target
TXT
  ln -s /etc/systemd/system/sudare-test.service "$run/root/etc/systemd/system/multi-user.target.wants/sudare-test.service"
  timeout 900 systemd-nspawn --quiet --directory="$run/root" --boot --register=no --keep-unit --private-network --console=pipe --rlimit=MEMLOCK=infinity \
    --system-call-filter="@memlock landlock_create_ruleset landlock_add_rule landlock_restrict_self" \
    >"$run/console" 2>&1 || true
  cat "$run/root/packages/log"
  if [ ! -e "$run/root/packages/passed" ]; then
    tail -30 "$run/console"
    echo "error: tests/packages/$1 failed" >&2
    exit 1
  fi
}

test_packages() {
  make_base
  mount_above "$place/base"
  find build/package -name 'sudare*.deb' ! -name '*dbgsym*' -exec cp -t "$run/root/packages" {} +
  # A later version, to go to and come back from.
  mkdir "$run/root/packages/next"
  dpkg-deb -R build/package/sudare-gateway_*.deb "$run/next"
  sed -i 's/^Version: .*/&+next/' "$run/next/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$run/next" "$run/root/packages/next/sudare-gateway_next.deb" >/dev/null
  ffmpeg -loglevel error -f lavfi -i testsrc2=size=640x360:rate=25:duration=6 -c:v libx264 -pix_fmt yuv420p "$run/root/packages/clip.mp4"
  boot in_debian.sh
  unmount
}

test_deploy() {
  make_empty
  mount_above "$place/empty"
  mkdir "$run/root/unit" "$run/root/cloud"
  find build/package -name 'sudare*.deb' ! -name '*dbgsym*' -exec cp -t "$run/root/unit" {} +
  mkdir "$run/tools"
  dpkg-deb -x build/package/sudare_*.deb "$run/tools"
  tests/packages/bring.sh "$run/tools/usr/bin/sudare" "$run/root/unit" "$run/root/cloud"
  cp docs/deploy.md "$run/root/packages/"
  boot deploy_in_debian.sh
  unmount
}

case "${1:-all}" in
  packages) test_packages ;;
  deploy) test_deploy ;;
  all)
    test_packages
    test_deploy
    ;;
  *)
    echo "error: packages, deploy or nothing" >&2
    exit 2
    ;;
esac
