#!/usr/bin/env bash
# scripts/coverage.sh [CTEST ARGUMENTS]: branch coverage of our own code by clang's instrumentation. Prints it by folder, and by file where it
# counts; HTML in build/coverage/html. Exit 1 where crypto, gateway/minimize, gateway/store or gateway/seal is below 95 %.
# --only-guarded first: builds and runs only those folders' unit tests, which give nearly all of it.
set -euo pipefail
least=95
guarded='crypto gateway/minimize gateway/store gateway/seal'
build=build/coverage
cmake --preset clang -B "$build" -DCMAKE_CXX_FLAGS="-fprofile-instr-generate -fcoverage-mapping" \
  -DCMAKE_CXX_FLAGS_RELEASE="-O1 -g1" >/dev/null
targets=(all)
if [ "${1:-}" = --only-guarded ]; then
  shift
  targets=()
  for folder in crypto minimize store seal; do
    mapfile -t -O "${#targets[@]}" targets < <(sed -n 's/^ *sudare_test(\([a-z_]*\).*/\1/p' tests/unit/$folder/CMakeLists.txt \
      tests/conformance/$folder/CMakeLists.txt 2>/dev/null)
  done
  set -- -R "$(cd tests && grep -hroE '^(TEST|TEST_F|TEST_P|TYPED_TEST)\([A-Za-z0-9]+' unit/{crypto,minimize,store,seal} conformance/crypto |
    sed 's/.*(//' | sort -u | paste -sd'|' | sed 's/.*/(^|\/)(&)[.\/]/')" "$@"
fi
cmake --build "$build" --target "${targets[@]}"
rm -rf "$build/profiles"
# Each test is a process of its own: four files for each program, in which they add up.
LLVM_PROFILE_FILE="$PWD/$build/profiles/%4m.profraw" \
  ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" -LE 'long|compile_fail' "$@"
llvm-profdata-14 merge -sparse "$build"/profiles/*.profraw -o "$build/all.profdata"
# Of the targets alone: what an earlier run left beside them is of other sources.
objects=()
mkdir -p "$build/bin"
while IFS= read -r binary; do
  if [[ " ${targets[*]} " == *" ${binary##*/} "* || ${targets[*]} == all ]]; then objects+=(-object "$binary"); fi
done < <(find "$build/bin" "$build/tests" -type f \( -name '*_test' -o -path '*/bin/*' \) -perm -u+x | sort)
# What the build made is not ours; ccache may name our own files from there (build/coverage/../../crypto/).
of_ours=(-instr-profile="$build/all.profdata" -ignore-filename-regex='(/usr/|/build/coverage/[^.]|/tests/)')
llvm-cov-14 report "${objects[@]}" "${of_ours[@]}" >"$build/files.txt"
llvm-cov-14 show "${objects[@]}" "${of_ours[@]}" -format=html -output-dir="$build/html" >/dev/null

# The last three columns are branches, missed ones, and the share of the others.
summary() {
  awk -v guarded="$guarded" -v least="$least" '
    /^-+$/ || /^Filename/ || /^TOTAL/ || NF < 13 { next }
    {
      path = match($1, /(base|clip|crypto|fleet|gateway|sim)\/.*/) ? substr($1, RSTART) : $1
      count = split(path, part, "/")
      folder = (part[1] == "crypto" || count < 3) ? part[1] : part[1] "/" part[2]
      branches[folder] += $(NF - 2); missed[folder] += $(NF - 1)
    }
    END {
      number = split(guarded, names, " ")
      for (i = 1; i <= number; ++i) must[names[i]] = 1
      for (folder in branches) {
        share = branches[folder] ? 100 * (1 - missed[folder] / branches[folder]) : 100
        low = must[folder] && share < least
        printf "%-22s %7d branches %6d missed %7.2f %%%s\n", folder, branches[folder], missed[folder], share,
          low ? "  <- at least " least " %" : must[folder] ? "  (at least " least " %)" : ""
        bad += low; seen[folder] = 1
      }
      for (folder in must) if (!seen[folder]) { print folder ": not measured"; ++bad }
      exit bad > 0
    }' "$build/files.txt"
}
failed=0
summary >"$build/folders.txt" || failed=1
sort "$build/folders.txt"
echo "by file: $build/files.txt; lines and branches: $build/html/index.html"
exit "$failed"
