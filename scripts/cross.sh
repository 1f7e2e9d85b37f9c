# Builds for other architectures: their libraries, and their tests in qemu's user emulation. Sourced by ./dev and scripts/package.sh, after
# packages.sh.
# shellcheck shell=bash

# cross_triplet ARCH: as Debian's cross compiler and library folders are named.
cross_triplet() {
  case "$1" in
    arm64) echo aarch64-linux-gnu ;;
    armhf) echo arm-linux-gnueabihf ;;
  esac
}

# need_sysroot ARCH: Debian's packages of the libraries, with all that they depend on, unpacked under build/ARCH/sysroot, and in build/ARCH/dpkg a
# database that says which file is of which package and version. apt has a state of its own for it, so this machine's packages and
# architectures stay as they are; signatures are checked as ever.
need_sysroot() {
  local arch=$1 wanted
  local root=$PWD/build/$arch/sysroot state=$PWD/build/$arch/apt database=$PWD/build/$arch/dpkg
  wanted="$(packages_of sysroot) $(packages_of libraries)"
  # The database has the sysroot's path in it: of another folder it is not this one's.
  if [ -f "$root/packages" ] && [ "$(cat "$root/packages")" = "$wanted $root" ]; then return 0; fi
  if [ "$SUDARE_NO_INSTALL" = 1 ]; then
    echo "error: missing in $root: $arch packages of $wanted" >&2
    echo "hint: ./dev build --arch $arch fetches them, and changes nothing outside build/$arch" >&2
    exit 1
  fi
  echo "fetching $arch libraries into build/$arch/sysroot"
  rm -rf "$root" "$state" "$database"
  mkdir -p "$root"
  fetch_packages "$arch" "$state" "$wanted"
  dpkg_database "$root" "$database" "$state"/archives/*.deb
  rm -r "$state"
  # The emulator looks for every path here first: programs and settings have to be this machine's. (CMake wants to see civetweb.)
  find "$root" -mindepth 1 -maxdepth 1 ! -name lib ! -name usr -exec rm -r {} +
  find "$root/usr" -mindepth 1 -maxdepth 1 ! -name lib ! -name include ! -name share ! -name bin ! -name sbin -exec rm -r {} +
  find "$root/usr/share" -mindepth 1 -maxdepth 1 ! -name cmake ! -name pkgconfig -exec rm -r {} +
  find "$root/usr/bin" -mindepth 1 ! -name civetweb -delete
  # The broker is there to compare sizes with (scripts/image_size.sh), not to be run.
  mkdir -p "build/$arch/beside"
  mv "$root/usr/sbin/mosquitto" "build/$arch/beside/mosquitto"
  rm -r "$root/usr/sbin"
  relative_links "$root"
  echo "$wanted $root" >"$root/packages"
}

# fetch_packages ARCH STATE PACKAGES: the .debs, in STATE/archives. From this machine's sources of packages, or those of the file (as in
# /etc/apt/sources.list.d) that SUDARE_CROSS_SOURCES names: a mirror need not have every architecture.
fetch_packages() {
  local arch=$1 state=$2 wanted=$3 options
  mkdir -p "$state/lists/partial" "$state/archives/partial"
  : >"$state/status"
  options=(-qq -o "APT::Architecture=$arch" -o "APT::Architectures::=$arch" -o APT::Install-Recommends=false -o APT::Sandbox::User=root
    -o "Dir::State=$state" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state" -o "Dir::Log=$state")
  if [ -n "${SUDARE_CROSS_SOURCES:-}" ]; then
    options+=(-o "Dir::Etc::SourceList=$(realpath "$SUDARE_CROSS_SOURCES")" -o Dir::Etc::SourceParts=/dev/null)
  fi
  apt-get "${options[@]}" update
  # shellcheck disable=SC2086  # a list of names
  apt-get "${options[@]}" install -y --download-only $wanted >/dev/null
}

# dpkg_database ROOT DATABASE DEBS...: unpacks them under ROOT and writes what dpkg would have, had it installed them: the paths begin with
# ROOT, for there dpkg-shlibdeps finds the libraries.
dpkg_database() {
  local root=$1 database=$2 package name
  shift 2
  mkdir -p "$database/info" "$database/updates"
  echo 1 >"$database/info/format"
  for package in "$@"; do
    dpkg-deb -x "$package" "$root"
    name=$(dpkg-deb -f "$package" Package)
    # Architecture and field names of the database are those of the package's own control file.
    if [ "$(dpkg-deb -f "$package" Multi-Arch)" = same ]; then name+=:$(dpkg-deb -f "$package" Architecture); fi
    dpkg-deb -f "$package" | sed '1a\
Status: install ok installed' >>"$database/status"
    echo >>"$database/status"
    dpkg-deb --fsys-tarfile "$package" | tar -t | sed "s,^\.,$root,; s,/\$,," >"$database/info/$name.list"
    dpkg-deb -e "$package" "$database/control"
    local part
    for part in symbols shlibs; do
      if [ -f "$database/control/$part" ]; then mv "$database/control/$part" "$database/info/$name.$part"; fi
    done
    rm -r "$database/control"
  done
}

# relative_links ROOT: a link to /lib would lead to this machine's.
relative_links() {
  local link target
  while IFS= read -r link; do
    target=$(readlink "$link")
    ln -sfnr "$1$target" "$link"
  done < <(find "$1" -type l -lname '/*')
}

# build_cross ARCH TARGET...
build_cross() {
  need_sysroot "$1"
  build "$@"
  echo "built: build/$1/bin"
}

# Tests that can't pass in the emulator, each for its own reason. A test that fails for another reason is a bug.
left_out() {
  local reasons=(
    # The emulator passes on neither seccomp nor Landlock; tests run sudare-clip and sudare-gateway without them (tests/system/clip,
    # tests/system/gateway). Nor does it make a process that is not the caller's child.
    '^ClipSandbox\.' 'GatewaySandbox' '^CallsOf32Bits\.' '^GatewayHardening\.' '^StarterTest\.'
    # strace would look at the emulator, and interrupt that.
    '^GatewayWrites\.' '^PolicySwitch\.' 'PolicyNotKept' '^ProcessFaults\.(AKillAtAnySystemCall|AnErrorOfAnySystemCall)'
    # The emulator's own memory ends first; its process has a core file to leave.
    '^ProcessFaults\.TooLittleMemory'
    # posix_spawn learns that there is no such program by sharing memory with the child; in the emulator the child has a copy.
    '^RunTest\.AProgramThatIsNotThereIsSaid$'
    # Measures the memory of the gateway's process, which is the emulator's and holds what it translated.
    '^GatewayClips\.TheGatewayGrowsByNoMoreThanSomeOfTheLargestPieces$'
    # It starts its own program again, which the kernel can't.
    '^FreePort\.IsOfThisProcessAlone$'
    # A copy of `sudare` looks for the simulator beside itself, and the kernel can't start what lies there.
    '^PolicyReport\.(WritesThePageBesideThePolicy|SaysThatTheSimulatorIsMissing)$'
    # They ask the kernel how many bytes a connection carried, which the emulator refuses; a unit that is already there is measured.
    '^SimBench\.(AQuickRun|ARoundWith)'
    # Minutes of one computation each, ten times as long here. Its parts are in the attack_* unit tests, which run.
    '^SimAttack\.(TheShortRun|APolicyThat|RecordedCars|DataSets)'
  )
  local IFS='|'
  echo "${reasons[*]}"
}

# test_cross ARCH CTEST_ARGUMENTS...: also left out are the tests labelled compile_fail, which run this machine's compilers only.
test_cross() {
  local arch=$1
  shift
  ctest --test-dir "build/$arch" --output-on-failure --no-tests=error -j "$(nproc)" -LE 'long|compile_fail' -E "$(left_out)" "$@"
}
