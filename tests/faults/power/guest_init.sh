#!/bin/busybox sh
# shellcheck shell=dash
# The first process of the machine whose power is cut. The kernel's command line gives it: program, preload (a library; may
# be absent) and report (a port of the host). A second disk is for swap, and says that memory is to be short.
: "${program:?}" "${report:?}"
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk failover net_failover virtio_net; do
  insmod "/modules/$module.ko"
done
ip link set lo up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
echo "guest: disk cache $(cat /sys/block/vda/queue/write_cache)"

# What the last cut left, as the file system's own recovery gives it back, before anything else sees it.
mount -t ext4 /dev/vda /mnt || echo "guest: no mount"
tar -C /mnt -c state | nc localhost "$report"

# Pages of programs go to swap: a file in memory wants a little more than there is.
press() {
  mkdir -p /pressure
  mount -t tmpfs -o size=1g none /pressure
  while kill -0 "$1"; do
    dd if=/dev/zero of=/pressure/fill bs=1M count=$(($(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo) + 40)) 2>/dev/null
    echo "guest: swapped $(awk '/VmSwap/ { print $2 }' "/proc/$1/status") KiB"
    rm -f /pressure/fill
  done
}
if [ -b /dev/vdb ]; then
  mkswap /dev/vdb >/dev/null && swapon /dev/vdb
fi

cd /mnt || exit
LD_PRELOAD=${preload:-} "/bin/$program" --config /mnt/gateway.textproto &
gateway=$!
[ -b /dev/vdb ] && press $gateway &
wait $gateway
echo "guest: the program ended with $?"
sleep 1000
