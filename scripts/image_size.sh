#!/usr/bin/env bash
# scripts/image_size.sh [BUILD...]: what the gateway takes on the disk of a unit that has Mosquitto: the stripped program, and the shared libraries
# that it loads and Mosquitto does not, with all that these load. BUILD: folders under build/ that hold a gateway (release, arm64, armhf, minimal,
# minimal-arm64, minimal-armhf); without any, those that are there. Markdown; MiB are 2^20 bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# arch_of BUILD
arch_of() {
  case "$1" in
    *arm64) echo arm64 ;;
    *armhf) echo armhf ;;
    *) echo amd64 ;;
  esac
}

# Where libraries of an architecture are, and Mosquitto.
folders() {
  case "$1" in
    amd64) echo /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /lib64 ;;
    arm64) echo build/arm64/sysroot/{usr/lib,lib}/aarch64-linux-gnu ;;
    armhf) echo build/armhf/sysroot/{usr/lib,lib}/arm-linux-gnueabihf ;;
  esac
}
broker() {
  if [ "$1" = amd64 ]; then echo /usr/sbin/mosquitto; else echo "build/$1/beside/mosquitto"; fi
}
strip_of() {
  case "$1" in
    amd64) echo strip ;;
    arm64) echo aarch64-linux-gnu-strip ;;
    armhf) echo arm-linux-gnueabihf-strip ;;
  esac
}

# find_library NAME FOLDERS...: its file; nothing where there is none.
find_library() {
  local name=$1 folder
  shift
  for folder in "$@"; do
    if [ -e "$folder/$name" ]; then
      echo "$folder/$name"
      return 0
    fi
  done
}

# closure ARCH FILE: names of the libraries that it loads, and that these load.
closure() {
  local arch=$1 waiting=("$2") seen=" " name file places
  read -ra places <<<"$(folders "$arch")"
  while [ ${#waiting[@]} -gt 0 ]; do
    file=${waiting[0]}
    waiting=("${waiting[@]:1}")
    while IFS= read -r name; do
      case "$seen" in *" $name "*) continue ;; esac
      seen+="$name "
      echo "$name"
      file=$(find_library "$name" "${places[@]}")
      if [ -z "$file" ]; then
        echo "error: $name is in none of ${places[*]}" >&2
        exit 1
      fi
      waiting+=("$file")
    done < <(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  done
}

mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.2f", bytes / 1048576 }'; }

# row BUILD
row() {
  local build=$1 arch program stripped sum=0 size name listed="" places
  arch=$(arch_of "$build")
  program=build/$build/bin/sudare-gateway
  read -ra places <<<"$(folders "$arch")"
  stripped=$(mktemp)
  "$(strip_of "$arch")" -o "$stripped" "$program"
  size=$(stat -c %s "$stripped")
  rm "$stripped"
  local all own
  all=$(closure "$arch" "$program" | LC_ALL=C sort)
  own=$(LC_ALL=C comm -23 <(echo "$all") <(closure "$arch" "$(broker "$arch")" | LC_ALL=C sort))
  while IFS= read -r name; do
    if [ -z "$name" ]; then continue; fi
    local bytes
    bytes=$(stat -L -c %s "$(find_library "$name" "${places[@]}")")
    sum=$((sum + bytes))
    listed+="${name%%.so*} $(mebibytes "$bytes"), "
  done <<<"$own"
  echo "| $build | $(mebibytes "$size") | $(mebibytes "$sum") | **$(mebibytes $((size + sum)))** | ${listed%, } |"
}

if [ $# -eq 0 ]; then
  for build in release arm64 armhf minimal minimal-arm64 minimal-armhf; do
    if [ -x "build/$build/bin/sudare-gateway" ]; then set -- "$@" "$build"; fi
  done
fi
echo "| build | gateway, MiB | libraries that Mosquitto lacks, MiB | together | which |"
echo "|---|---|---|---|---|"
for build in "$@"; do row "$build"; done
