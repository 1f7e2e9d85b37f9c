# Debian 12's packages, by what needs them. Sourced by ./dev.
# shellcheck shell=bash

packages_of() {
  case "$1" in
    build) echo "$(packages_of tools) $(packages_of libraries)" ;;
    tools) echo g++ cmake ninja-build pkg-config protobuf-compiler binutils ;;
    libraries)
      echo libprotobuf-dev libmosquitto-dev libssl-dev libsodium-dev libspdlog-dev \
        libsqlite3-dev libzstd-dev libsimdjson-dev nlohmann-json3-dev libcli11-dev libexpected-dev prometheus-cpp-dev \
        libcpp-httplib-dev libpugixml-dev libgtest-dev libgmock-dev libbenchmark-dev zlib1g-dev \
        libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libseccomp-dev
      ;;
    arm64) echo g++-aarch64-linux-gnu qemu-user ;;
    armhf) echo g++-arm-linux-gnueabihf qemu-user ;;
    sysroot) echo libstdc++6 libfaketime mosquitto ;;  # of other architectures, beside the libraries
    small) echo dpkg-dev ;;
    runtime) echo mosquitto openssl ffmpeg ;;
    # softhsm2 … swtpm: keys in chips. systemd: it judges our unit files, and is not in every container.
    test)
      echo age clang-14 faketime libimage-exiftool-perl softhsm2 opensc libengine-pkcs11-openssl tpm2-openssl tpm2-tools swtpm systemd
      ;;
    clang) echo clang-14 libclang-rt-14-dev llvm-14 ;;
    clips) echo time ;;
    lint) echo clang-format-14 shellcheck git ;;
    # Network namespaces, system calls, machines that lose power, a cloud broker that keeps what it takes.
    faults) echo strace iproute2 nftables nats-server qemu-system-x86 busybox-static cpio e2fsprogs ;;
    tidy) echo clang-tidy-14 ;;
    package) echo debhelper lintian git ;;
    package_test) echo debootstrap systemd-container mosquitto ffmpeg ;;
    fixtures) echo npm ca-certificates ;;
  esac
}

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_promtool: `promtool` in PATH. It comes from Debian's package `prometheus`, which is unpacked in build/promtool and not installed: that
# would start a server.
need_promtool() {
  local folder=$PWD/build/promtool
  if command -v promtool >/dev/null || ! command -v apt-get >/dev/null; then return 0; fi
  if [ ! -x "$folder/usr/bin/promtool" ]; then
    if [ "$SUDARE_NO_INSTALL" = 1 ]; then
      echo "error: missing: promtool" >&2
      echo "hint: apt-get install prometheus; or ./dev without --no-install unpacks it in build/promtool" >&2
      exit 1
    fi
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq prometheus >/dev/null && dpkg -x prometheus_*.deb . && rm prometheus_*.deb) || {
      rm -rf "$folder"
      echo "warning: Debian's package prometheus can't be fetched, which has promtool: the test of the alert rules will fail" >&2
      return 0
    }
  fi
  PATH=$folder/usr/bin:$PATH
}

# need_packages GROUP...: installs what is missing, or says what it is and stops.
need_packages() {
  local group package missing=()
  if ! command -v dpkg-query >/dev/null; then
    echo "note: not a Debian or Ubuntu system; make sure that the libraries of docs/design.md, section 8, are installed" >&2
    return 0
  fi
  for group in "$@"; do
    for package in $(packages_of "$group"); do
      # A npm that came another way serves as well.
      [ "$package" = npm ] && command -v npm >/dev/null && continue
      is_installed "$package" || missing+=("$package")
    done
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null; then as_root=(sudo); else SUDARE_NO_INSTALL=1; fi
  fi
  if [ "$SUDARE_NO_INSTALL" = 1 ]; then
    echo "error: missing packages: ${missing[*]}" >&2
    echo "hint: as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  # Installed brokers must not start here by themselves: the demo and the tests start their own on free ports.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}
