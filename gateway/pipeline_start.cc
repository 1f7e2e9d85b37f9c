#include "gateway/pipeline_start.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/log.h"
#include "crypto/secret_bytes.h"
#include "gateway/config/config_reader.h"
#include "gateway/mqtt/connection.h"
#include "gateway/pipeline_loop.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

#ifndef SUDARE_BUILD_DAY
#error "SUDARE_BUILD_DAY is the unix day of the build (gateway/program.cmake)"
#endif

sigset_t gateway_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, one);
  return signals;
}

void add_error(Diagnostics& diagnostics, const std::string& file, const Error& error,
               std::string hint) {
  std::string text(error.what.view());
  if (error.code == ErrorCode::kIo && error.detail != 0) {
    text += std::string(": ") + std::strerror(static_cast<int>(error.detail));
  }
  diagnostics.emplace_back(ConfigReader::key(), DiagnosticSeverity::kError, file, 0, 0,
                           std::move(text), std::move(hint));
}

std::string store_hint(const Error& error) {
  switch (error.code) {
    case ErrorCode::kRefused: return "is another gateway running with this state directory?";
    case ErrorCode::kFull: return "make room on the disk";
    case ErrorCode::kNotFound:
      return "this unit is not provisioned, or its store is gone: run `sudare provision`";
    case ErrorCode::kUnsupported: return "a newer version wrote it";
    case ErrorCode::kMalformed: return "it is damaged: provision a fresh directory";
    default: return "it must be writable by the user that the gateway runs as";
  }
}

}  // namespace

void print(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics) std::fputs(one.to_string().c_str(), stderr);
}

void block_gateway_signals() {
  const sigset_t signals = gateway_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Gateway::Gateway(const GatewayConfigPlan& plan, const Clock& clock)
    : plan_(plan),
      clock_(clock),
      files_(plan),
      collector_({plan.local.peer, plan.local.client_id, plan.local.session_expiry_seconds,
                  [this] { return time_->tls_time_ms(); }},
                 clock),
      take_([this](const Message& message, bool too_large) {
        const std::uint64_t changes = pipeline_->stats().consent_changes;
        pipeline_->take(message, too_large);
        if (pipeline_->stats().consent_changes != changes) tell_withheld();
      }),
      pace_(plan.commit_interval_ms, plan.commit_messages_max) {}

Gateway::~Gateway() {
  if (signal_fd_ >= 0) close(signal_fd_);
}

std::unique_ptr<Gateway> Gateway::start(const GatewayConfigPlan& plan, const Clock& clock,
                                        Diagnostics& diagnostics) {
  std::unique_ptr<Gateway> gateway(new Gateway(plan, clock));
  if (!gateway->open(diagnostics) || !gateway->load_policy(diagnostics) ||
      !gateway->bind_status(diagnostics) || !gateway->confine(diagnostics) ||
      !gateway->start_threads(diagnostics)) {
    return nullptr;
  }
  return gateway;
}

bool Gateway::open(Diagnostics& diagnostics) {
  auto starter = clip_starter(plan_);
  if (!starter) {
    add_error(diagnostics, plan_.clips->program, starter.error(), "");
    return false;
  }
  starter_ = std::move(*starter);
  const sigset_t signals = gateway_signals();
  signal_fd_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signal_fd_ < 0) {
    add_error(diagnostics, "signalfd", Error{ErrorCode::kIo, "no file descriptor", errno}, "");
    return false;
  }
  StoreOptions options;
  options.directory = plan_.state_directory;
  options.quota_bytes = plan_.quota_bytes;
  options.essential_reserve_bytes = plan_.essential_reserve_bytes;
  options.journal_bytes = journal_bytes_for(plan_.quota_bytes);
  options.create = false;
  auto store = Store::open(options, clock_);
  if (!store) {
    add_error(diagnostics, plan_.state_directory, store.error(),
              StateDirectory::is_being_erased(plan_.state_directory)
                  ? std::string("finish it: sudare provision --erase --state DIR")
                  : store_hint(store.error()));
    return false;
  }
  store_ = std::move(*store);
  auto time = TrustedTime::load(*store_, clock_, SUDARE_BUILD_DAY);
  if (!time) {
    add_error(diagnostics, plan_.state_directory, time.error(), store_hint(time.error()));
    return false;
  }
  time_ = std::move(*time);
  return true;
}

bool Gateway::load_policy(Diagnostics& diagnostics) {
  auto floors = kept_floors(*store_);
  if (!floors) {
    add_error(diagnostics, plan_.state_directory, floors.error(), store_hint(floors.error()));
    return false;
  }
  floors_ = std::move(*floors);
  over_the_air_ = files_.over_the_air();
  PolicyFiles::Load load = files_.load_at_start(time_->day(), floors_);
  for (Diagnostic& one : load.diagnostics) diagnostics.push_back(std::move(one));
  if (load.is_copy) {
    log_event(LogLevel::kInfo, "policy_remembered", {{"serial", load.policy->serial}});
  }
  PolicyInUse in_use{std::move(load.policy), false};
  if (!in_use.policy) {
    in_use = files_.fallback();
    log_event(LogLevel::kError, "policy_invalid",
              {{"remembered_serial", in_use.policy->serial},
               {"purposes", in_use.policy->purposes.size()}});
  } else {
    take_over(*in_use.policy, load.text);
  }
  auto pipeline = Pipeline::create(std::move(in_use), *store_, *time_, clock_, plan_.consent_topic,
                                   plan_.network_topic);
  if (!pipeline) {
    add_error(diagnostics, plan_.state_directory, pipeline.error(), store_hint(pipeline.error()));
    return false;
  }
  pipeline_ = std::move(*pipeline);
  if (const Status receipts = pipeline_->use_receipts(plan_.receipts, plan_.receipt_topic);
      !receipts) {
    add_error(diagnostics, plan_.state_directory, receipts.error(), store_hint(receipts.error()));
    return false;
  }
  return watch_clips(diagnostics);
}

bool Gateway::watch_clips(Diagnostics& diagnostics) {
  if (!plan_.clips) return true;
  const Status watched = pipeline_->watch_clips({plan_.clips->directory,
                                                 {plan_.clips->program, starter_.get()},
                                                 plan_.clips->event_wait_seconds * 1000});
  if (watched) return true;
  add_error(diagnostics, plan_.state_directory, watched.error(), store_hint(watched.error()));
  return false;
}

// A full disk must not keep the gateway from starting: it logs what it could not note.
void Gateway::take_over(const Policy& policy, const std::string& text) {
  floors_ = floors_after(floors_, policy, text);
  if (const Status kept = keep_floors(*store_, floors_); !kept) {
    log_error("policy_serial_not_kept", kept.error());
  }
  if (const Status kept = files_.remember(text); !kept) {
    log_error("policy_not_remembered", kept.error());
  }
}

bool Gateway::bind_status(Diagnostics& diagnostics) {
  if (!plan_.status.on) return true;
  auto status = StatusServer::bind({plan_.status.host, plan_.status.port}, snapshot_, clock_);
  if (!status) {
    add_error(diagnostics, "status.listen", status.error(), "is the port in use?");
    return false;
  }
  status_ = std::move(*status);
  log_event(LogLevel::kInfo, "status_page", {{"port", status_->port()}});
  return true;
}

bool Gateway::confine(Diagnostics& diagnostics) {
  std::optional<Reach> reach(plan_);
  auto level = enter_sandbox(plan_);
  if (!level) {
    add_error(diagnostics, plan_.state_directory, level.error(),
              "the gateway does not run without seccomp");
    return false;
  }
  sandbox_ = *level;
  if (sandbox_.landlock > 0) reach_ = std::move(reach);
  log_event(sandbox_.landlock > 0 ? LogLevel::kInfo : LogLevel::kWarning, "sandbox",
            {{"seccomp", sandbox_.calls}, {"landlock_version", sandbox_.landlock}});
  // Not worth to lose messages for: a unit without swap loses nothing by it.
  if (const std::uint64_t count = secrets_not_locked(); count > 0) {
    log_event(LogLevel::kWarning, "secrets_not_locked", {{"count", count}});
  }
  return true;
}

bool Gateway::start_threads(Diagnostics& diagnostics) {
  UploadOptions upload;
  upload.peer = plan_.cloud.peer;
  upload.keepalive_seconds = plan_.cloud.keepalive_seconds;
  upload.outstanding_max = plan_.cloud.outstanding_max;
  upload.backoff_ms_max = plan_.cloud.backoff_ms_max;
  upload.state_directory = plan_.state_directory;
  upload.session = store_->session();
  upload.journaled = store_->journaled();
  upload.tls_time_ms = [this] { return time_->tls_time_ms(); };
  upload.withheld = withheld_ = pipeline_->withheld();
  upload.allowed_bytes = allowances_ = pipeline_->allowances();
  if (over_the_air_) upload.policy_topic = plan_.cloud.policy_topic;
  auto uploader = Uploader::start(upload, clock_);
  if (!uploader) {
    add_error(diagnostics, plan_.state_directory, uploader.error(), store_hint(uploader.error()));
    return false;
  }
  uploader_ = std::move(*uploader);
  publish_snapshot(true);
  if (status_) status_->serve();
  return true;
}

}  // namespace sudare
