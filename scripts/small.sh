# Libraries of the minimal presets: static, and made for their size. Sourced by ./dev, after packages.sh, cross.sh and build.sh.
# shellcheck shell=bash

# Debian's libprotobuf.a is twice as large (-O2), and of simdjson it has a shared library only, which needs a shared C++ library.
small_libraries='protobuf simdjson'

# small_versions: NAME=VERSION of their source packages. protoc writes code for its own version of protobuf only.
small_versions() {
  # shellcheck disable=SC2016  # dpkg-query's own variable
  echo "protobuf=$(dpkg-query -W -f='${source:Version}' protobuf-compiler)" \
    "simdjson=$(dpkg-query -W -f='${source:Version}' libsimdjson-dev)"
}

# need_small_libraries PRESET: built from Debian's sources, with its patches, into build/PRESET/libraries, where the preset looks first. Anew after
# an update of Debian's.
need_small_libraries() {
  local preset=$1 library versions sources=$PWD/build/$1/sources into=$PWD/build/$1/libraries
  versions=$(small_versions)
  # CMake's files in it have its path: of another folder it is not this one's.
  if [ -f "$into/built" ] && [ "$(cat "$into/built")" = "$versions $into" ]; then return 0; fi
  if [ "$SUDARE_NO_INSTALL" = 1 ]; then
    echo "error: missing in $into: $versions" >&2
    echo "hint: ./dev build --preset $preset fetches their sources and builds them, and changes nothing outside build/$preset" >&2
    exit 1
  fi
  echo "fetching the sources of $versions"
  rm -rf "$sources" "$into"
  # shellcheck disable=SC2086  # a list of names
  fetch_sources "$sources" $versions
  for library in $small_libraries; do build_small "$preset" "$library" "$sources" "$into"; done
  rm -r "$sources"
  # CMake remembers which libraries it found before these were there.
  rm -f "build/$preset/CMakeCache.txt"
  echo "$versions $into" >"$into/built"
}

# need_all_linked PRESET: a shared library that CMake found elsewhere would bring a shared C++ library along.
need_all_linked() {
  local gateway=build/$1/bin/sudare-gateway
  if readelf -d "$gateway" | grep 'NEEDED.*\(libstdc++\|libprotobuf\|libsimdjson\)' >&2; then
    echo "error: $gateway takes these from the system" >&2
    echo "hint: remove build/$1 and build it again" >&2
    exit 1
  fi
}

# fetch_sources FOLDER NAME=VERSION...: each library's, in FOLDER/NAME, from the places where this machine gets Debian's packages. apt has a state of its own
# for it; signatures are checked as ever.
fetch_sources() {
  local folder=$1 wanted library options
  shift
  mkdir -p "$folder/lists/partial" "$folder/archives/partial"
  : >"$folder/status"
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u >"$folder/sources.list"
  options=(-qq -o "Dir::State=$folder" -o "Dir::State::status=$folder/status" -o "Dir::Cache=$folder" -o "Dir::Log=$folder"
    -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  for wanted in "$@"; do
    library=${wanted%%=*}
    (cd "$folder" && apt-get "${options[@]}" source --download-only "$wanted" && dpkg-source -x "$library"_*.dsc "$library") \
      >"$folder/$library.log" 2>&1 || {
      cat "$folder/$library.log" >&2
      echo "error: Debian's source package $wanted can't be fetched" >&2
      echo "hint: apt-get update, and upgrade: the mirror may have a newer one only" >&2
      exit 1
    }
  done
}

# build_small PRESET LIBRARY SOURCES INTO
build_small() {
  local preset=$1 library=$2 sources=$3 into=$4 options log=$3/$2.log
  options=(-G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF "-DCMAKE_INSTALL_PREFIX=$into" -DCMAKE_INSTALL_LIBDIR=lib
    "-DCMAKE_CXX_FLAGS_RELEASE=-Os -DNDEBUG -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE -ffunction-sections -fdata-sections"
    -Dprotobuf_BUILD_TESTS=OFF -Dprotobuf_BUILD_PROTOC_BINARIES=OFF -Dprotobuf_WITH_ZLIB=OFF -DSIMDJSON_DEVELOPER_MODE=OFF)
  case "$preset" in minimal-*) options+=("-DCMAKE_TOOLCHAIN_FILE=$PWD/cmake/${preset#minimal-}.cmake") ;; esac
  echo "building $library for $preset"
  if ! { cmake -S "$sources/$library" -B "$sources/$library-build" "${options[@]}" && cmake --build "$sources/$library-build" --target install; } \
    >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "error: $library can't be built" >&2
    exit 1
  fi
}
