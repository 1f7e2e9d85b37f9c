#!/usr/bin/env bash
# recipe.sh ROOT GATEWAY: what can be said of deploy/yocto without Yocto. Every file that the recipe installs and the licence that it names are there,
# its CMake options are ours, its version is the project's, the recipes that it depends on exist, and its ptest passes with GATEWAY.
# With SUDARE_OE, a folder with bitbake, openembedded-core and meta-openembedded (branches 2.8 and scarthgap) in bitbake, core and oe, also
# bitbake parses all recipes with each PACKAGECONFIG; not as root, who may not run bitbake.
set -euo pipefail
root=$1
gateway=$2
layer=$root/deploy/yocto
recipe=$(echo "$layer"/recipes-connectivity/sudare/sudare_*.bb)
failed=0
fail() {
  echo "FAILED: $*"
  failed=1
}

# Looked up in these branches of openembedded-core and meta-openembedded: scarthgap, in August 2026.
of_core="openssl sqlite3 zstd libseccomp ffmpeg"
of_meta_oe="protobuf libsodium spdlog cli11 nlohmann-json pugixml"
of_meta_networking="mosquitto"

version=$(sed -n 's/^project(sudare VERSION \([0-9.]*\) .*/\1/p' "$root/CMakeLists.txt")
[ "$(basename "$recipe")" = "sudare_$version.bb" ] || fail "the recipe is not of version $version"

# shellcheck disable=SC2016  # bitbake's variable
while IFS= read -r file; do
  [ -e "$root/$file" ] || fail "there is no $file"
done < <(grep -o '\${S}/[A-Za-z0-9._/-]*' "$recipe" | sed 's,^${S}/,,' | sort -u)

licence=$(sed -n 's,^LIC_FILES_CHKSUM = "file://LICENSE;md5=\([0-9a-f]*\)"$,\1,p' "$recipe")
[ "$licence" = "$(md5sum <"$root/LICENSE" | cut -d ' ' -f 1)" ] || fail "LICENSE has another checksum"

while IFS= read -r option; do
  grep -qE "^(option|set)\($option\b" "$root/CMakeLists.txt" "$root/cmake/parts.cmake" || fail "CMake has no option $option"
done < <(grep -o 'SUDARE_[A-Z]*=' "$recipe" | tr -d = | sort -u)

own=$(find "$layer/recipes-support" -name '*.bb' -printf '%f\n' | sed 's/_.*//')
while IFS= read -r name; do
  case " $of_core $of_meta_oe $of_meta_networking ${own//$'\n'/ } " in
    *" ${name%-native} "*) ;;
    *) fail "no layer has a recipe $name" ;;
  esac
done < <({
  sed -n 's/^R\?DEPENDS[^=]* = "\(.*\)"$/\1/p' "$recipe"
  sed -n 's/^PACKAGECONFIG\[.*\] = "[^,]*,[^,]*,\([^,"]*\).*/\1/p' "$recipe"
} | tr ' ' '\n' | grep -v '^$' | sort -u)

ptest=$(SUDARE_GATEWAY=$gateway SUDARE_POLICIES=$root/deploy/policies sh "$layer/recipes-connectivity/sudare/files/run-ptest")
echo "$ptest"
case $ptest in
  *FAIL*) fail "run-ptest" ;;
  *PASS*) ;;
  *) fail "run-ptest says nothing" ;;
esac

if [ -n "${SUDARE_OE:-}" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/conf"
  cat >"$work/conf/bblayers.conf" <<TXT
BBPATH = "\${TOPDIR}"
BBFILES ?= ""
BBLAYERS = "$SUDARE_OE/core/meta $SUDARE_OE/oe/meta-oe $SUDARE_OE/oe/meta-python $SUDARE_OE/oe/meta-networking $layer"
TXT
  parse() {
    cat >"$work/conf/local.conf" <<TXT
MACHINE = "qemuarm64"
DISTRO = "nodistro"
DISTRO_FEATURES:append = " systemd ptest"
BB_NO_NETWORK = "1"
INHERIT:remove = "sanity"
PACKAGECONFIG:pn-sudare = "$2"
TXT
    (cd "$work" && HOME=$work BUILDDIR=$work BBPATH=$work PATH=$SUDARE_OE/bitbake/bin:$PATH PYTHONPATH=$SUDARE_OE/bitbake/lib \
      bitbake -e -b "$1" >"$work/out" 2>"$work/err") || {
      cat "$work/err"
      fail "bitbake does not parse $1 with PACKAGECONFIG \"$2\""
    }
    echo "parsed: $(basename "$1") with \"$2\""
  }
  for parts in "" status json clips tools "status json clips tools"; do parse "$recipe" "$parts"; done
  for one in "$layer"/recipes-support/*/*.bb; do parse "$one" ""; done
fi
exit "$failed"
