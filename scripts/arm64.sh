# The arm64 build on another machine: its libraries, and its tests in qemu's user emulation. Sourced by ./dev after packages.sh.
# shellcheck shell=bash

# need_sysroot: Debian's arm64 packages of the libraries, with all that they depend on, unpacked under build/arm64/sysroot. apt has a
# state of its own for it, so this machine's packages and architectures stay as they are; signatures are checked as ever.
need_sysroot() {
  local root=build/arm64/sysroot state=$PWD/build/arm64/apt wanted options package
  wanted="$(packages_of arm64_sysroot) $(packages_of libraries)"
  if [ -f "$root/packages" ] && [ "$(cat "$root/packages")" = "$wanted" ]; then return 0; fi
  if [ "$SUDARE_NO_INSTALL" = 1 ]; then
    echo "error: missing in $root: arm64 packages of $wanted" >&2
    echo "hint: ./dev build --arch arm64 fetches them, and changes nothing outside build/arm64" >&2
    exit 1
  fi
  echo "fetching arm64 libraries into $root"
  rm -rf "$root" "$state"
  mkdir -p "$root" "$state/lists/partial" "$state/archives/partial"
  : >"$state/status"
  options=(-qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Install-Recommends=false -o APT::Sandbox::User=root
    -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" -o Dir::Log="$state")
  apt-get "${options[@]}" update
  # shellcheck disable=SC2086  # a list of names
  apt-get "${options[@]}" install -y --download-only $wanted >/dev/null
  for package in "$state"/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
  rm -r "$state"
  # The emulator looks for every path here first: programs and settings have to be this machine's. (CMake wants to see civetweb.)
  find "$root" -mindepth 1 -maxdepth 1 ! -name lib ! -name usr -exec rm -r {} +
  find "$root/usr" -mindepth 1 -maxdepth 1 ! -name lib ! -name include ! -name share ! -name bin -exec rm -r {} +
  find "$root/usr/share" -mindepth 1 -maxdepth 1 ! -name cmake ! -name pkgconfig -exec rm -r {} +
  find "$root/usr/bin" -mindepth 1 ! -name civetweb -delete
  relative_links "$root"
  echo "$wanted" >"$root/packages"
}

# relative_links ROOT: a link to /lib would lead to this machine's.
relative_links() {
  local link target
  while IFS= read -r link; do
    target=$(readlink "$link")
    ln -sfnr "$1$target" "$link"
  done < <(find "$1" -type l -lname '/*')
}

build_arm64() {
  need_sysroot
  build arm64 all
  echo "built: build/arm64/bin"
}

# Tests that can't pass in the emulator, each for its own reason. A test that fails for another reason is a bug.
left_out() {
  local reasons=(
    # The emulator passes on neither seccomp nor Landlock; tests run sudare-clip and sudare-gateway without them (tests/system/clip,
    # tests/system/gateway). Nor does it make a process that is not the caller's child.
    '^ClipSandbox\.' 'GatewaySandbox' '^GatewayHardening\.' '^StarterTest\.'
    # posix_spawn learns that there is no such program by sharing memory with the child; in the emulator the child has a copy.
    '^RunTest\.AProgramThatIsNotThereIsSaid$'
    # Measures the memory of the gateway's process, which is the emulator's and holds what it translated.
    '^GatewayClips\.TheGatewayGrowsByNoMoreThanSomeOfTheLargestPieces$'
    # A copy of `sudare` looks for the simulator beside itself, and the kernel can't start what lies there.
    '^PolicyReport\.(WritesThePageBesideThePolicy|SaysThatTheSimulatorIsMissing)$'
    # Minutes of one computation each, ten times as long here. Its parts are in the attack_* unit tests, which run.
    '^SimAttack\.(TheShortRun|APolicyThat|RecordedCars|DataSets)'
  )
  local IFS='|'
  echo "${reasons[*]}"
}

# test_arm64 CTEST_ARGUMENTS...: also left out are the tests labelled compile_fail, which run this machine's compilers only.
test_arm64() {
  ctest --test-dir build/arm64 --output-on-failure --no-tests=error -j "$(nproc)" -LE 'long|compile_fail' -E "$(left_out)" "$@"
}
