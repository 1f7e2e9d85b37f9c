#include "gateway/seal/record_buffer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <numeric>
#include <utility>

#include "crypto/secret_bytes.h"
#include "sudare/v1/batch.pb.h"

namespace sudare {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr std::size_t kTagBytes = 1;  // all of Record's fields, and Batch's, are below 16

std::size_t text_field_bytes(const std::string& text) {
  return text.empty() ? 0 : kTagBytes + WireFormatLite::LengthDelimitedSize(text.size());
}

// As proto3 writes it: what is zero or empty is left out.
std::size_t body_bytes(const Release::Content& content) {
  std::size_t bytes = text_field_bytes(content.topic) + text_field_bytes(content.payload);
  if (content.time_ms != 0) bytes += kTagBytes + WireFormatLite::Int64Size(content.time_ms);
  return bytes + kTagBytes + 1;  // the codec is one byte and never zero
}

std::uint8_t* write_text(int field, const std::string& text, std::uint8_t* at) {
  if (text.empty()) return at;
  return WireFormatLite::WriteStringToArray(field, text, at);
}

}  // namespace

std::size_t record_bytes(const Release::Content& content) {
  return kTagBytes + WireFormatLite::LengthDelimitedSize(body_bytes(content));
}

void RecordBuffer::append(const Release::Content& content) {
  const std::size_t start = bytes_.size();
  bytes_.resize(start + record_bytes(content));
  auto* at = reinterpret_cast<std::uint8_t*>(bytes_.data()) + start;
  at = WireFormatLite::WriteTagToArray(v1::Batch::kRecordsFieldNumber,
                                       WireFormatLite::WIRETYPE_LENGTH_DELIMITED, at);
  at = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(body_bytes(content)), at);
  at = write_text(v1::Record::kTopicFieldNumber, content.topic, at);
  if (content.time_ms != 0) {
    at = WireFormatLite::WriteInt64ToArray(v1::Record::kTimeMsFieldNumber, content.time_ms, at);
  }
  at = WireFormatLite::WriteEnumToArray(v1::Record::kCodecFieldNumber,
                                        static_cast<int>(content.codec), at);
  write_text(v1::Record::kPayloadFieldNumber, content.payload, at);
  ends_.push_back(bytes_.size());
}

void RecordBuffer::write(std::uint32_t first, std::string& out) const {
  const std::size_t start = first == 0 ? 0 : ends_[first - 1];
  out.append(bytes_, start);
}

void RecordBuffer::write_shuffled(std::uint32_t first, std::string& out) const {
  std::vector<std::uint32_t> order(count() - first);
  std::iota(order.begin(), order.end(), first);
  // One draw for all: the system's random source costs a system call each time.
  std::vector<std::uint32_t> draws(order.size());
  random_bytes({reinterpret_cast<std::uint8_t*>(draws.data()), draws.size() * sizeof draws[0]});
  for (std::size_t left = order.size(); left > 1; --left) {
    const auto pick =
        static_cast<std::size_t>(std::uint64_t{draws[left - 1]} * left >> 32);  // below left
    std::swap(order[left - 1], order[pick]);
  }
  for (const std::uint32_t record : order) {
    const std::size_t start = record == 0 ? 0 : ends_[record - 1];
    out.append(bytes_, start, ends_[record] - start);
  }
}

}  // namespace sudare
