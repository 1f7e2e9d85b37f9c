#!/usr/bin/env bash
# scripts/package.sh: Debian packages of the release build, in build/package. Their files are in deploy/debian; distributors build from source with
# the same (deploy/debian/rules without SUDARE_BUILD).
set -euo pipefail
# shellcheck source=scripts/build.sh
. scripts/build.sh
build release sudare-gateway sudare-clip sudare sudare-sim

root=$PWD
work=$root/build/package/work
rm -rf "$root/build/package"
mkdir -p "$work"
git ls-files -z deploy LICENSE | xargs -0 cp --parents -t "$work"
cp -r deploy/debian "$work/debian"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
export SUDARE_BUILD=$root/build/release SUDARE_BIN=$root/build/release/bin
(cd "$work" && dpkg-buildpackage --build=binary --no-sign --no-pre-clean -d) >"$root/build/package/log" 2>&1 || {
  tail -40 "$root/build/package/log" >&2
  echo "error: dpkg-buildpackage failed; the whole of it is in build/package/log" >&2
  exit 1
}
rm -rf "$work"
lintian --fail-on error,warning --suppress-tags-from-file deploy/lintian.suppress build/package/*.changes
(cd build/package && printf '%s\n' *.deb)
