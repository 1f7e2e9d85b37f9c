#include "tests/faults/power/machine.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "tests/testkit/fixtures.h"

namespace sudare::faults {
namespace {

namespace fs = std::filesystem;
using testkit::Process;

// A package of 30 MB may have to come first.
constexpr std::chrono::minutes kGuestLongest{5};

int listen_on_loopback(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 1) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("machine: no socket");
  }
  port = ntohs(address.sin_port);
  return fd;
}

bool readable(int fd, std::chrono::steady_clock::time_point end) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  pollfd one{fd, POLLIN, 0};
  return left.count() > 0 && poll(&one, 1, static_cast<int>(left.count())) == 1;
}

std::vector<std::string> qemu_arguments(const Boot& boot, const fs::path& disk,
                                        std::uint16_t port) {
  const Guest& guest = Guest::get();
  // Without the kernel's help QEMU runs AVX and the like slower than what it replaces.
  const bool kvm = has_kvm();
  const std::string sector = std::to_string(kSectorBytes);
  std::vector<std::string> words = {
      "qemu-system-x86_64", "-M", "pc", "-accel", kvm ? "kvm" : "tcg", "-cpu",
      kvm ? "max" : "qemu64,+rdrand", "-m", boot.swap.empty() ? "256" : "144", "-nodefaults",
      "-no-user-config", "-display", "none", "-no-reboot", "-kernel", guest.kernel(), "-initrd",
      guest.initrd(), "-append",
      // A loaded host is late with timers, which the kernel would take for a broken board.
      "console=ttyS0 quiet panic=-1 no_timer_check edd=off mitigations=off program=" +
          boot.program + " report=" + std::to_string(port) +
          (boot.preload.empty() ? "" : " preload=/bin/" + boot.preload),
      "-serial", "file:" + (boot.directory / "console.log").string(), "-netdev", "user,id=net",
      "-device", "virtio-net-pci,netdev=net,romfile=", "-drive",
      "file=nbd+unix:///?socket=" + disk.string() + ",format=raw,if=none,id=state,cache=writeback",
      "-device",
      "virtio-blk-pci,drive=state,logical_block_size=" + sector + ",physical_block_size=" + sector};
  if (!boot.swap.empty()) {
    words.insert(words.end(), {"-drive", "file=" + boot.swap.string() +
                                             ",format=raw,if=virtio,cache=writeback"});
  }
  return words;
}

}  // namespace

const Guest& Guest::get() {
  static const Guest guest;
  return guest;
}

Guest::Guest() {
  const testkit::RunResult made =
      testkit::run({SUDARE_POWER_SCRIPT, SUDARE_POWER_CACHE, directory_.path(), SUDARE_POWER_INIT,
                    testkit::program("sudare-gateway"), SUDARE_ACKNOWLEDGE_FIRST, SUDARE_NO_SYNC},
                   kGuestLongest);
  if (made.status != 0) throw std::runtime_error(made.errors);
}

bool has_kvm() {
  // A /dev/kvm of a processor without virtualisation of its own (nested, in software) is slower
  // than QEMU's translation.
  static const bool has = [] {
    const int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (fd >= 0) close(fd);
    const std::string processor = testkit::read_file("/proc/cpuinfo");
    return fd >= 0 && (processor.find(" vmx ") != std::string::npos ||
                       processor.find(" svm ") != std::string::npos);
  }();
  return has;
}

Machine::Machine(Drive& drive, const Boot& boot) : drive_(drive), directory_(boot.directory) {
  fs::create_directories(directory_);
  std::uint16_t port = 0;
  listener_ = listen_on_loopback(port);
  const fs::path socket = sockets_.path() / "disk";
  disk_ = std::make_unique<NbdServer>(drive, socket);
  testkit::ProcessOptions options;
  options.output = options.errors = directory_ / "qemu.log";
  qemu_ = std::make_unique<Process>(qemu_arguments(boot, socket, port), options);
}

Machine::~Machine() {
  qemu_->kill();
  close(listener_);
}

bool Machine::wait_state(std::chrono::milliseconds longest) {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!readable(listener_, std::min(end, std::chrono::steady_clock::now() +
                                                std::chrono::milliseconds(200)))) {
    if (std::chrono::steady_clock::now() > end || !running()) return false;
    if (drive_.wait_cut(std::chrono::milliseconds(0))) return false;
  }
  const int peer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const fs::path file = directory_ / "state.tar";
  bool whole = false;
  {
    std::ofstream out(file, std::ios::binary);
    char bytes[1U << 16U];
    while (readable(peer, end)) {
      const ssize_t size = recv(peer, bytes, sizeof bytes, 0);
      whole = size == 0;
      if (size <= 0) break;
      out.write(bytes, size);
    }
  }
  close(peer);
  return whole &&
         testkit::run({"tar", "-C", directory_.string(), "-xf", file.string()}).status == 0;
}

std::string Machine::console() const { return testkit::read_file(directory_ / "console.log"); }

}  // namespace sudare::faults
