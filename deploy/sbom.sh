#!/usr/bin/env bash
# deploy/sbom.sh PACKAGE VERSION DEPENDS...: an SPDX 2.3 document (JSON) of a binary package: what it is linked with, as installed here (or as
# the database SUDARE_ADMINDIR says), and the libraries of which headers are compiled in.
set -euo pipefail
package=$1
version=$2
shift 2
headers=(libspdlog-dev libexpected-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev)
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)

version_of() {
  dpkg-query --admindir="${SUDARE_ADMINDIR:-/var/lib/dpkg}" -W -f='${Version}' "$1" 2>/dev/null
}

# real_name NAME: dependencies also name what packages provide, which has no version of its own.
real_name() {
  if [ -n "$(version_of "$1")" ]; then
    echo "$1"
  else
    dpkg-query --admindir="${SUDARE_ADMINDIR:-/var/lib/dpkg}" -W -f='${Package} ${Version} ${Provides}\n' |
      awk -v name="$1" '$2 != "" { for (i = 3; i <= NF; ++i) { sub(",", "", $i); if ($i == name && !found++) print $1 } }'
  fi
}

# one NAME VERSION RELATION: appends to packages and relations.
packages=
relations=
one() {
  local id
  id=SPDXRef-$(printf '%s' "$1" | tr -c 'A-Za-z0-9.-' '-')
  packages+=",
    {\"name\": \"$1\", \"SPDXID\": \"$id\", \"versionInfo\": \"$2\", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false,
     \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\",
                       \"referenceLocator\": \"pkg:deb/debian/$1@$(printf '%s' "$2" | sed 's/:/%3A/; s/+/%2B/g')\"}]}"
  relations+=",
    {\"spdxElementId\": \"SPDXRef-Package\", \"relationshipType\": \"$3\", \"relatedSpdxElement\": \"$id\"}"
}
for name in "$@"; do
  found=$(real_name "$name")
  if [ -z "$found" ]; then
    echo "error: deploy/sbom.sh: no installed package is or provides $name" >&2
    exit 1
  fi
  one "$found" "$(version_of "$found")" DYNAMIC_LINK
done
for name in "${headers[@]}"; do
  found=$(version_of "$name" || true)
  [ -z "$found" ] || one "$name" "$found" STATIC_LINK
done
cat <<TXT
{
  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "$package-$version",
  "documentNamespace": "https://sudare.invalid/spdx/$package-$version-$created",
  "creationInfo": {"created": "$created", "creators": ["Tool: deploy/sbom.sh"]},
  "packages": [
    {"name": "$package", "SPDXID": "SPDXRef-Package", "versionInfo": "$version", "downloadLocation": "NOASSERTION", "filesAnalyzed": false,
     "licenseDeclared": "Apache-2.0"}$packages
  ],
  "relationships": [
    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Package"}$relations
  ]
}
TXT
