#!/usr/bin/env bash
# scripts/package.sh [--arch ARCH]: Debian packages of the release build, in build/package, or of the cross build for arm64 or armhf, in
# build/package-ARCH. Their files are in deploy/debian; distributors build from source with the same (deploy/debian/rules without SUDARE_BUILD).
set -euo pipefail
SUDARE_NO_INSTALL=${SUDARE_NO_INSTALL:-0}
# shellcheck source=scripts/packages.sh
. scripts/packages.sh
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=scripts/cross.sh
. scripts/cross.sh

root=$PWD
programs=(sudare-gateway sudare-clip sudare sudare-sim)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
options=(--build=binary --no-sign --no-pre-clean -d)

# emulate ARCH FOLDER: scripts that run the programs of another architecture here, for what they say of themselves.
emulate() {
  local program emulator=qemu-aarch64
  if [ "$1" = armhf ]; then emulator=qemu-arm; fi
  mkdir -p "$2"
  for program in "${programs[@]}"; do
    printf '#!/bin/sh\nexec %s -L %s %s "$@"\n' "$emulator" "$root/build/$1/sysroot" "$root/build/$1/bin/$program" >"$2/$program"
    chmod +x "$2/$program"
  done
}

if [ "${1:-}" = --arch ]; then
  arch=${2:?"--arch takes arm64 or armhf"}
  out=$root/build/package-$arch
  build_cross "$arch" "${programs[@]}"
  rm -rf "$out"
  emulate "$arch" "$out/emulated"
  export SUDARE_BUILD=$root/build/$arch SUDARE_BIN=$out/emulated
  # What the programs are linked with is in the sysroot, and which packages that is, in its database.
  export SUDARE_SYSROOT=$root/build/$arch/sysroot SUDARE_ADMINDIR=$root/build/$arch/dpkg
  options+=(--host-arch "$arch")
else
  out=$root/build/package
  build release "${programs[@]}"
  rm -rf "$out"
  export SUDARE_BUILD=$root/build/release SUDARE_BIN=$root/build/release/bin
fi

work=$out/work
mkdir -p "$work"
git ls-files -z deploy LICENSE | xargs -0 cp --parents -t "$work"
cp -r deploy/debian "$work/debian"
(cd "$work" && dpkg-buildpackage "${options[@]}") >"$out/log" 2>&1 || {
  tail -40 "$out/log" >&2
  echo "error: dpkg-buildpackage failed; the whole of it is in $out/log" >&2
  exit 1
}
rm -rf "$work" "$out/emulated"
lintian --allow-root --fail-on error,warning --suppress-tags-from-file deploy/lintian.suppress "$out"/*.changes
(cd "$out" && printf '%s\n' *.deb)
