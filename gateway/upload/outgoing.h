// What is sent next, and what became of it: the uploader's decisions, without its connection and
// its thread (upload_worker.h). A test drives it with a broker that does what it likes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/store/outbox_reader.h"
#include "gateway/upload/allowance.h"
#include "gateway/upload/send_window.h"
#include "gateway/upload/uploader.h"

namespace sudare {

// The way to the cloud broker, while it is connected.
class Uplink {
 public:
  virtual ~Uplink() = default;
  // Purposes of which no row may be published, as of this moment.
  [[nodiscard]] virtual std::vector<std::string> withheld() const = 0;
  // The message's id. An error: this message can't be sent.
  [[nodiscard]] virtual Result<int> publish(const std::string& topic, const std::string& bytes) = 0;
  // False: the connection is gone, and lost() was called.
  [[nodiscard]] virtual bool flush() = 0;
};

// One thread.
class Outgoing {
 public:
  Outgoing(std::unique_ptr<OutboxReader> reader, std::size_t outstanding_max, const Clock& clock)
      : reader_(std::move(reader)), clock_(clock), window_(outstanding_max) {}

  // There may be new rows.
  void look() {
    next_look_ms_ = 0;
    exhausted_ = false;
  }
  void allow(std::map<std::string, std::uint64_t> bytes) { allowance_.set(std::move(bytes)); }
  // These are no longer in the outbox.
  void deleted(const std::vector<RowId>& ids) { window_.deleted(ids); }
  // Publishes what there is and the window has room for.
  void fill(Uplink& uplink);
  // The broker's answer to a message, with a reason code of MQTT 5.
  void answered(int mid, int reason);
  // Before the first fill() of a connection: the broker takes so many unacknowledged messages.
  void connected(std::size_t rows_max) { window_.bound(rows_max); }
  // The connection is gone.
  void lost();
  // What the committing thread must know, since the last call.
  [[nodiscard]] UploadHandoff take_fresh();

  // Monotonic time of the next look at the outbox; -1: only after an answer.
  [[nodiscard]] std::int64_t next_look_ms() const {
    return window_.room_rows() > 0 && window_.room_bytes() > 0 ? next_look_ms_ : -1;
  }
  // Nothing is outstanding, and the last look found nothing to send.
  [[nodiscard]] bool idle() const { return exhausted_ && window_.outstanding() == 0; }
  // Fills published, published_bytes, acknowledged, refused and outstanding.
  void count_in(UploadStatus& status) const;

 private:
  [[nodiscard]] bool publish(const OutboxRow& row, Uplink& uplink);
  void unreadable(const Error& error);

  const std::unique_ptr<OutboxReader> reader_;
  const Clock& clock_;
  SendWindow window_;
  Allowance allowance_;
  bool exhausted_ = false;         // the last look found nothing more to send
  std::int64_t next_look_ms_ = 0;  // 0: now
  UploadHandoff fresh_;            // not yet handed over
  UploadStatus counted_;
};

}  // namespace sudare
