#!/usr/bin/env bash
# Speed and memory of sudare-clip on a clip of 2 GB, beside `ffmpeg -c copy` in the same run.
# usage: scripts/measure_clip.sh [BIN]     BIN: build/release/bin. Needs 2.2 GB in TMPDIR (/var/tmp) and the package "time".
set -euo pipefail
exec 3>&2  # figures; descriptor 2 is where sudare-clip reports
bin=${1:-build/release/bin}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/sudare-clip.XXXXXX")
trap 'rm -rf "$work"' EXIT

# timed NAME COMMAND...: seconds on the wall, of processor, and peak resident memory, on stderr.
timed() {
  local name=$1 times="$work/time.$BASHPID"
  shift
  /usr/bin/time -o "$times" -f "%e %U %S %M" "$@"
  awk -v name="$name" '{ printf "  %-34s %6.2f s  processor %6.2f s  peak %6d KiB\n", name, $1, $2 + $3, $4 }' "$times" >&3
}
minimize() { timed "$1" "$bin/sudare-clip" minimize --profile "$2" <"$3" 2> >(cat >"$work/report"); }

# clip BITRATE SECONDS COPIES: 1080p H.264 with B-frames and sound.
clip() {
  ffmpeg -v error -y -f lavfi -i "testsrc2=s=1920x1080:r=30,noise=alls=14:allf=t" -f lavfi -i sine=r=48000 -t "$2" \
    -c:v libx264 -preset ultrafast -b:v "$1" -maxrate "$1" -bufsize "$1" -g 30 -bf 2 -c:a aac "$work/base.mp4"
  ffmpeg -v error -y -stream_loop "$3" -i "$work/base.mp4" -c copy "$work/clip.mp4"
}

for shape in "40M 10 40" "2400k 20 330"; do
  # shellcheck disable=SC2086  # three words
  clip $shape
  cat "$work/clip.mp4" >/dev/null  # into the page cache: what is measured is not the disk
  echo "$(stat -c %s "$work/clip.mp4") bytes:" >&3
  for _ in 1 2; do
    timed "ffmpeg -c copy, fragmented" ffmpeg -v error -i "$work/clip.mp4" -map 0:v:0 -c copy -f mp4 \
      -movflags +frag_keyframe+empty_moov+default_base_moof pipe:1 | cat >/dev/null
    minimize "minimize, original-picture" original-picture "$work/clip.mp4" | cat >/dev/null
    minimize "minimize | …" original-picture "$work/clip.mp4" |
      timed "… | verify" "$bin/sudare-clip" verify --profile original-picture 2> >(cat >"$work/report2") | cat >/dev/null
  done
  rm "$work/clip.mp4"
done
minimize "sketch, 20 s of 1080p" sketch "$work/base.mp4" | cat >/dev/null
