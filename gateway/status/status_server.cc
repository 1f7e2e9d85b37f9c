#include "gateway/status/status_server.h"

#include <httplib.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "gateway/mqtt/endpoint.h"
#include "gateway/status/status_page.h"

namespace sudare {
namespace {

// One request at a time, few waiting: its readers are a monitoring agent and an engineer.
constexpr std::size_t kThreads = 1;
constexpr std::size_t kRequestBytesMax = 8 * 1024;
constexpr time_t kRequestSeconds = 2;

class HttpServer final : public StatusServer {
 public:
  HttpServer(const SharedSnapshot& snapshot, const Clock& clock)
      : snapshot_(snapshot), clock_(clock) {
    http_.new_task_queue = [] {
      return new httplib::ThreadPool(kThreads);
    };  // the library frees it
    http_.set_payload_max_length(kRequestBytesMax);
    http_.set_keep_alive_max_count(1);
    // The library's own choice, SO_REUSEPORT, would let a second process answer in this one's name;
    // without either, what lingers of closed connections would keep a gateway from starting.
    http_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      (void)setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http_.set_read_timeout(kRequestSeconds);
    http_.set_write_timeout(kRequestSeconds);
    http_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(metrics_text(copy()), "text/plain; version=0.0.4; charset=utf-8");
    });
    http_.Get("/healthz", [this](const httplib::Request&, httplib::Response& response) {
      const Health page = health(copy(), clock_.monotonic_ms());
      response.status = page.ok ? 200 : 503;
      response.set_content(page.json, "application/json");
    });
  }
  ~HttpServer() override {
    http_.stop();
    if (thread_.joinable()) thread_.join();
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  bool take_port(const StatusOptions& options) {
    port_ = options.port;
    if (port_ == 0) {
      const int any = http_.bind_to_any_port(options.host);
      if (any <= 0) return false;
      port_ = static_cast<std::uint16_t>(any);
    } else if (!http_.bind_to_port(options.host, port_)) {
      return false;
    }
    return true;
  }

  void serve() override {
    thread_ = std::thread([this] {
      // Signals are the main thread's; the library's own threads inherit this.
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      http_.listen_after_bind();
    });
    // stop() does nothing to a server that does not run yet.
    while (!http_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  [[nodiscard]] GatewaySnapshot copy() const {
    return snapshot_.with([](const GatewaySnapshot& snapshot) { return snapshot; });
  }

  const SharedSnapshot& snapshot_;
  const Clock& clock_;
  httplib::Server http_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<StatusServer>> StatusServer::bind(const StatusOptions& options,
                                                         const SharedSnapshot& snapshot,
                                                         const Clock& clock) {
  if (!is_loopback({options.host, options.port, false})) {
    return fail(ErrorCode::kRefused, "status: not a loopback address");
  }
  auto server = std::make_unique<HttpServer>(snapshot, clock);
  if (!server->take_port(options)) {
    return fail(ErrorCode::kUnavailable, "status: the port can't be bound", options.port);
  }
  return std::unique_ptr<StatusServer>(std::move(server));
}

}  // namespace sudare
