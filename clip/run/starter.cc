#include "clip/run/starter.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <utility>

namespace sudare::clip {
namespace {

// A fork takes about a millisecond; a starter that is stopped must not stop the gateway.
constexpr timeval kReplyWait{5, 0};
constexpr std::size_t kWordsMax = 32;
constexpr std::size_t kDescriptors = 3;

struct Reply {
  std::int32_t error = 0;  // of errno
  std::int32_t process = -1;
};

// The words with a 0 behind each, and the descriptors beside them.
struct Request {
  std::array<char, kStarterBytesMax> words{};
  std::size_t bytes = 0;
  std::array<int, kDescriptors> descriptors{-1, -1, -1};
};

union Control {
  cmsghdr header;
  char bytes[CMSG_SPACE(kDescriptors * sizeof(int))];
};

msghdr message_of(iovec& part, Control& control) {
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  return message;
}

// --- the starter's side; it ends by _exit alone

// False at the end of the gateway, and at what no gateway of ours sends.
bool receive(int socket, Request& request) {
  iovec part{request.words.data(), request.words.size()};
  Control control{};
  msghdr message = message_of(part, control);
  ssize_t count = -1;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (count <= 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || header == nullptr ||
      header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(kDescriptors * sizeof(int))) {
    return false;
  }
  request.bytes = static_cast<std::size_t>(count);
  std::memcpy(request.descriptors.data(), CMSG_DATA(header), kDescriptors * sizeof(int));
  return request.words[request.bytes - 1] == '\0';
}

// In the new process: nothing of the starter's or the gateway's but the three descriptors.
[[noreturn]] void become(const char* program, Request& request) {
  for (int i = 0; i < static_cast<int>(kDescriptors); ++i) {
    if (dup2(request.descriptors[static_cast<std::size_t>(i)], i) != i) _exit(127);
  }
  if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) _exit(127);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::array<char*, kWordsMax + 1> words{};
  std::size_t count = 0;
  for (std::size_t at = 0; at < request.bytes && count < kWordsMax; ++count) {
    words[count] = &request.words[at];
    at += std::strlen(words[count]) + 1;
  }
  std::array<char*, 1> environment{nullptr};
  execve(program, words.data(), environment.data());
  _exit(127);
}

[[noreturn]] void serve(int socket, const char* program) {
  while (true) {
    Request request;
    if (!receive(socket, request)) _exit(0);
    Reply reply;
    if (access(program, X_OK) != 0) {
      reply.error = errno;
    } else {
      // The gateway becomes its parent: it kills and reaps it, and its end ends it.
      const long process = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
      if (process == 0) become(program, request);
      if (process < 0) reply.error = errno;
      else reply.process = static_cast<std::int32_t>(process);
    }
    for (const int descriptor : request.descriptors) close(descriptor);
    if (send(socket, &reply, sizeof reply, MSG_NOSIGNAL) != sizeof reply) _exit(0);
  }
}

[[noreturn]] void be_starter(int socket, const char* program, pid_t gateway) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != gateway) _exit(0);
  prctl(PR_SET_NAME, "sudare-starter");
  // 0, 1 and 2 stay taken, and whoever reads what the gateway writes sees its end.
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < 3; ++i) {
    if (nothing < 0 || dup2(nothing, i) != i) _exit(1);
  }
  if (dup3(socket, 3, O_CLOEXEC) != 3) _exit(1);
  if (syscall(SYS_close_range, 4U, ~0U, 0U) != 0) _exit(1);
  serve(3, program);
}

}  // namespace

Result<std::unique_ptr<Starter>> Starter::fork(const std::filesystem::path& program) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorCode::kIo, "clip: no socket", errno);
  }
  // Above 3, where the starter puts its own end.
  OwnedFd ours(fcntl(ends[0], F_DUPFD_CLOEXEC, 4));
  OwnedFd its(fcntl(ends[1], F_DUPFD_CLOEXEC, 4));
  close(ends[0]);
  close(ends[1]);
  if (!ours.open() || !its.open() ||
      setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &kReplyWait, sizeof kReplyWait) != 0) {
    return fail(ErrorCode::kIo, "clip: no socket", errno);
  }
  const pid_t gateway = getpid();
  const pid_t process = ::fork();
  if (process < 0) return fail(ErrorCode::kIo, "clip: no process", errno);
  if (process == 0) be_starter(its.get(), program.c_str(), gateway);
  return std::unique_ptr<Starter>(new Starter(std::move(ours), process));
}

Starter::~Starter() {
  socket_.reset();
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

Result<pid_t> Starter::start(const std::vector<std::string>& arguments, int input, int output,
                             int errors) {
  if (!socket_.open()) return fail(ErrorCode::kUnavailable, "clip: the starter is gone");
  std::string words("sudare-clip");
  for (const std::string& word : arguments) words.append(1, '\0').append(word);
  words.append(1, '\0');
  if (words.size() > kStarterBytesMax || arguments.size() >= kWordsMax) {
    return fail(ErrorCode::kTooLarge, "clip: too many arguments");
  }
  iovec part{words.data(), words.size()};
  Control control{};
  msghdr message = message_of(part, control);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(kDescriptors * sizeof(int));
  const std::array<int, kDescriptors> descriptors{input, output, errors};
  std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
  Reply reply;
  if (sendmsg(socket_.get(), &message, MSG_NOSIGNAL) < 0 ||
      recv(socket_.get(), &reply, sizeof reply, 0) != sizeof reply) {
    const int error = errno;
    socket_.reset();  // a late answer would be taken for the next one's
    return fail(ErrorCode::kUnavailable, "clip: the starter is gone", error);
  }
  if (reply.error == ENOENT) {
    return fail(ErrorCode::kNotFound, "clip: sudare-clip can't be started", ENOENT);
  }
  if (reply.error != 0) {
    return fail(ErrorCode::kIo, "clip: sudare-clip can't be started", reply.error);
  }
  return static_cast<pid_t>(reply.process);
}

}  // namespace sudare::clip
