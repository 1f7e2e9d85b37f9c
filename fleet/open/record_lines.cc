#include "fleet/open/record_lines.h"

#include <simdjson.h>

#include "base/limits.h"
#include "fleet/cli/console.h"

namespace sudare {
namespace {

// The payload as it was sent, white space between its tokens taken out: numbers keep all their
// digits. What is not JSON, though it says so, or nests deeper than the car lets pass, is delivered
// as bytes.
class PayloadWriter {
 public:
  PayloadWriter() : ready_(parser_.allocate(kPayloadBytesMax, kNestingDepthMax + 1)) {}

  void append(const v1::Record& record, std::string& out) {
    if (record.codec() == v1::Record::JSON && is_json(record.payload())) {
      out += "\"payload\":";
      const std::size_t start = out.size();
      out.resize(start + record.payload().size());
      std::size_t length = 0;
      const simdjson::error_code minified = simdjson::minify(
          record.payload().data(), record.payload().size(), out.data() + start, length);
      out.resize(start + (minified == simdjson::SUCCESS ? length : 0));
      if (minified != simdjson::SUCCESS) out += "null";  // what has been parsed can be minified
    } else {
      out += "\"payload_base64\":\"" + cli::base64(record.payload()) + "\"";
    }
  }

 private:
  bool is_json(const std::string& text) {
    const simdjson::padded_string padded(text);
    return ready_ == simdjson::SUCCESS && parser_.parse(padded).error() == simdjson::SUCCESS;
  }

  simdjson::dom::parser parser_;
  simdjson::error_code ready_;
};

}  // namespace

void append_record_lines(const VerifiedBatch& verified, std::string& out) {
  append_record_lines(
      verified, [](const v1::Record&) { return true; }, out);
}

std::uint64_t append_record_lines(const VerifiedBatch& verified, const KeepRecord& keep,
                                  std::string& out) {
  const v1::Batch& batch = verified.batch;
  const std::string head =
      "{\"purpose\":" + cli::json_text(batch.purpose()) + ",\"pseudonym\":" +
      (batch.pseudonym().empty() ? "null" : cli::json_text(cli::hex(batch.pseudonym()))) +
      ",\"topic\":";
  const std::string id =
      ",\"batch_id\":" + cli::json_text(cli::hex(batch.batch_id())) + ",\"record\":";
  const std::string tail =
      ",\"verified\":" + cli::json_text(std::string(literal_of(verified.verified).view())) + "}\n";
  PayloadWriter payload;
  std::uint64_t number = batch.first_record();
  std::uint64_t left_out = 0;
  for (const v1::Record& record : batch.records()) {
    if (!keep(record)) {
      ++number;
      ++left_out;
      continue;
    }
    out += head + cli::json_text(record.topic()) +
           ",\"time_ms\":" + std::to_string(record.time_ms()) + ",";
    payload.append(record, out);
    out += id + std::to_string(number++) + tail;
  }
  return left_out;
}

}  // namespace sudare
