#!/usr/bin/env bash
# For a clone without the fixtures folder: fetches the public vectors that a registry carries, pinned and checked by hash.
# The other fixtures are in no registry; tests that need them say "not run".
set -euo pipefail
root=${SUDARE_FIXTURES:-../shared/fixtures}
package=cctv-age
version=0.2.0
expected=94a2a220a95b158a69997e84405bb5d4ef84adf05d15bf341b83ec3ba9dd846e

if [ -d "$root/age" ]; then
  echo "fixtures are there: $root"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "fetching $package $version"
(cd "$work" && npm pack --silent "$package@$version" >/dev/null)
found=$(sha256sum "$work/$package-$version.tgz" | cut -d' ' -f1)
if [ "$found" != "$expected" ]; then
  echo "error: $package $version has another SHA-256 than expected: $found" >&2
  echo "hint: do not use it; the package or the registry may have been tampered with" >&2
  exit 1
fi
tar -xzf "$work/$package-$version.tgz" -C "$work"

# The package is a JavaScript module with each file in base64 behind a line that names it. Read, never run.
mkdir -p "$root/age"
name=
while IFS= read -r line; do
  if [[ $line =~ ^//\ \.\./testdata/([a-z0-9_]+)$ ]]; then
    name=${BASH_REMATCH[1]}
  elif [[ -n $name && $line =~ __toBinary\(\"([A-Za-z0-9+/=]*)\"\) ]]; then
    printf '%s' "${BASH_REMATCH[1]}" | base64 -d >"$root/age/$name"
    name=
  fi
done <"$work/package/index.js"
echo "age vectors: $(find "$root/age" -type f | wc -l) in $root/age"
echo "in no registry: crypto grid vin payloads trajectories media (their tests say \"not run\")"
