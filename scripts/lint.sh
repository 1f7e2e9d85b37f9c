#!/usr/bin/env bash
# What a reviewer should not have to look for: format, sizes, self-contained headers, secrets, uses that the design forbids.
# Prints every finding as file:line: text; exit 1 if there is one.
set -uo pipefail
mkdir -p build  # a fresh clone has none
failed=0
fail() {
  echo "$1"
  failed=1
}

mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cc' '*.h' | LC_ALL=C sort)
mapfile -t texts < <(git ls-files --cached --others --exclude-standard | LC_ALL=C sort)

# Format.
if ! clang-format-14 --dry-run --Werror "${sources[@]}" 2>build/lint.tmp; then
  grep -E 'error:' build/lint.tmp | head -40
  failed=1
fi
rm -f build/lint.tmp

# Sizes: no file over 500 lines, no function over 60.
for file in "${texts[@]}"; do
  case "$file" in LICENSE|tests/fuzz/corpus/*|*.json) continue ;; esac
  [ -f "$file" ] || continue
  lines=$(wc -l <"$file")
  [ "$lines" -le 500 ] || fail "$file:1: $lines lines, at most 500"
done
# In formatted code a closing brace stands under the first line of what it closes.
for file in "${sources[@]}"; do
  awk -v file="$file" '
    { match($0, /^ */); indent = RLENGTH }
    /^ *\}( *\/\/.*)?$/ {
      lines = NR - first[indent] - 1
      if (lines > 60 && text[indent] ~ /\(/ && text[indent] !~ /^ *(namespace|class|struct|enum|union|extern)/)
        printf "%s:%d: function of %d lines, at most 60\n", file, first[indent], lines
      next
    }
    /[^ ]/ { first[indent] = NR; text[indent] = $0 }
  ' "$file"
done >build/lint.tmp
if [ -s build/lint.tmp ]; then
  cat build/lint.tmp
  failed=1
fi
rm -f build/lint.tmp

# forbid PATTERN WHY PATHSPEC...
forbid() {
  local pattern=$1 why=$2 hits
  shift 2
  hits=$(git grep -nE --untracked "$pattern" -- "$@" | grep -v 'lint: allowed' || true)
  [ -z "$hits" ] || fail "${hits//$'\n'/ <- $why$'\n'} <- $why"
}
forbid 'Reveal|[a-zA-Z]Stage::' 'only the stages may look inside a Personal' \
  '*.h' '*.cc' ':!base/personal.h' ':!gateway/stages.h' ':!gateway/decode' ':!gateway/detect' ':!gateway/minimize' ':!gateway/seal' \
  ':!gateway/car' ':!gateway/consent' ':!gateway/receipts' ':!gateway/clips' ':!fleet/preview' ':!tests'
forbid 'share_secret_pages' 'only simulated keys may share pages' '*.h' '*.cc' ':!crypto/secret_bytes.*' ':!sim/fleet' ':!tests'
forbid 'shared_ptr' 'no shared ownership in the gateway' 'gateway/*.h' 'gateway/*.cc'
forbid '\b(printf|puts)\(|std::(cout|cerr)' 'the gateway writes through base/log.h only' \
  'gateway/*.h' 'gateway/*.cc' ':!gateway/main.cc'
forbid '\b(TODO|FIXME|XXX|HACK)\b' 'finish it or file an issue' '*.h' '*.cc' '*.sh' '*.cmake' '*.txt' '*.proto' ':!scripts/lint.sh'
forbid '(AGE-SECRET|SUDARE-SIGNING)-KEY-1[02-9AC-HJ-NP-Z]{20}|BEGIN [A-Z ]*PRIVATE KEY-----.?$' 'no private key in the tree' ':!scripts/lint.sh'
forbid '#include "(crypto/open|fleet|sim|tests)/' 'the car links nothing that opens' 'gateway' 'base' 'proto' 'crypto/seal' 'crypto/identity'
forbid '#include <(ranges|format|source_location)>' 'not in both compilers' '*.h' '*.cc'

if command -v shellcheck >/dev/null; then
  shellcheck -x dev scripts/*.sh .ci/run || failed=1
fi

# Every header compiles alone.
if [ "${1:-}" != --quick ]; then
  # shellcheck source=scripts/build.sh
  . scripts/build.sh
  build release header_check >build/lint-headers.log 2>&1 || {
    grep -E 'error' build/lint-headers.log | head -40
    echo "a header does not compile alone: build/lint-headers.log"
    failed=1
  }
fi

[ "$failed" -eq 0 ] && echo "lint: clean (${#sources[@]} C++ files)"
exit "$failed"
