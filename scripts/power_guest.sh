#!/usr/bin/env bash
# scripts/power_guest.sh CACHE OUT INIT FILE...: the kernel and the initramfs of the machine whose power tests/faults/power cuts.
# CACHE keeps Debian's kernel package between runs: fetched with apt-get, unpacked there, not installed. OUT gets `kernel` and
# `initrd`; each FILE lies in the guest's /bin, with the shared libraries that it needs in their places.
set -euo pipefail
cache=$1 out=$2 init=$3
shift 3

[ "$(uname -m)" = x86_64 ] || {
  echo "error: the guest is of x86_64, this machine is not" >&2
  exit 1
}
for command in qemu-system-x86_64 busybox cpio mkfs.ext4 apt-get dpkg flock; do
  PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || {
    echo "error: no $command: qemu-system-x86 busybox-static cpio e2fsprogs are needed" >&2
    exit 1
  }
done

# The metapackage names today's kernel.
fetch_kernel() {
  local package
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
  [ -n "$package" ] || return 1
  rm -rf "$cache/fetched"
  mkdir -p "$cache/fetched"
  (cd "$cache/fetched" && apt-get download -qq "$package" >/dev/null 2>&1 && dpkg -x ./*.deb .) || return 1
  mv "$cache/fetched" "$cache/kernel"
}
mkdir -p "$cache" "$out"
exec 9>"$cache/lock"
flock 9
[ -d "$cache/kernel" ] || fetch_kernel || {
  echo "error: Debian's linux-image-cloud-amd64 can't be fetched" >&2
  exit 1
}
flock -u 9
cp "$cache"/kernel/boot/vmlinuz-* "$out/kernel"

root=$out/root
rm -rf "$root"
mkdir -p "$root"/{bin,dev,etc,lib,mnt,modules,proc,sys,tmp}
cp "$init" "$root/init"
chmod 755 "$root/init"
cp "$(command -v busybox)" "$root/bin/busybox"
# To the guest, the host's loopback is 10.0.2.2, and what is there is no other machine.
echo "10.0.2.2 localhost" >"$root/etc/hosts"
echo "hosts: files" >"$root/etc/nsswitch.conf"
drivers=("$cache"/kernel/lib/modules/*/kernel)
# In the order in which they need each other.
for module in drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_modern_dev \
  drivers/virtio/virtio_pci_legacy_dev drivers/virtio/virtio_pci drivers/block/virtio_blk net/core/failover \
  drivers/net/net_failover drivers/net/virtio_net; do
  cp "${drivers[0]}/$module.ko" "$root/modules/"
done
for file in "$@"; do
  strip --strip-debug -o "$root/bin/$(basename "$file")" "$file"
  needed=$(ldd "$file" 2>&1) || {
    echo "error: $file is not of this machine: $needed" >&2
    exit 1
  }
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -Lu "$library" "$root$library"
  done < <(grep -o '/[^ ]*' <<<"$needed" || true) # a module may need none
done
(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$out/initrd"
rm -rf "$root"
