// The records of one open batch, each as it will stand in Batch (docs/formats.md): so that sealing
// copies bytes and builds no message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/stages.h"

namespace sudare {

// Holds plaintext: memory only. One thread.
class RecordBuffer {
 public:
  void append(const Release::Content& content);

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(ends_.size()); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

  // Appends the records from number `first` on to a serialised Batch.
  void write(std::uint32_t first, std::string& out) const;
  // The same in random order, so that a record's place says nothing about its time.
  void write_shuffled(std::uint32_t first, std::string& out) const;

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;  // of each record in bytes_
};

// The size that append() adds.
[[nodiscard]] std::size_t record_bytes(const Release::Content& content);

}  // namespace sudare
