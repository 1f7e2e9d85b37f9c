// The tokens of a text-format file, one at a time, and errors at the current one. Part of
// text_proto.h, not for others.
#pragma once

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "gateway/policy/text_proto.h"

namespace sudare {

// For what protobuf's own reader says without a hint.
inline constexpr const char* kSyntaxHint =
    "Protocol Buffers' text format: NAME: VALUE, or NAME { ... }";

class TextTokens {
 public:
  // Keeps references to all but `key`.
  TextTokens(const DiagnosticKey& key, const std::string& file, std::string_view text,
             std::size_t errors_max, Diagnostics& diagnostics);

  [[nodiscard]] bool at_end() const;
  [[nodiscard]] google::protobuf::io::Tokenizer::TokenType type() const;
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] TextPosition position() const;
  void next();

  // Whether the current token is the symbol; take() also moves past it.
  [[nodiscard]] bool peek(std::string_view symbol) const;
  bool take(std::string_view symbol);
  // With ":" as the current token: moves past it where `symbol` follows, else stays.
  bool peek_after_colon(std::string_view symbol);

  // An error at the current token. stop() returns false, for `return tokens.stop(...)`.
  void error(const std::string& what, const std::string& hint);
  void error_at(TextPosition position, const std::string& what, const std::string& hint);
  bool stop(const std::string& what, const std::string& hint);
  [[nodiscard]] bool failed() const { return errors_ > 0; }

  // Of the text, to find columns so far. However long its lines are, positions of token after token
  // look at each byte once, and each error of the tokenizer's at most once more.
  [[nodiscard]] std::uint64_t bytes_looked_at() const { return bytes_looked_at_; }

  // A value of the kind, else an error at it; false where reading can't go on.
  bool string_value(const std::string& field);
  bool bool_value(const std::string& field);
  bool real_value(const std::string& field);
  bool int_value(const std::string& field, std::uint64_t most, bool negative_too);

  // Past whatever value follows an unknown name.
  bool skip_value();
  bool skip_scalar();

 private:
  class Collector final : public google::protobuf::io::ErrorCollector {
   public:
    explicit Collector(TextTokens& tokens) : tokens_(tokens) {}
    void AddError(int line, int column, const std::string& message) override;

   private:
    TextTokens& tokens_;
  };

  // A place as the tokenizer counts it, from 0 and with tabs expanded, and how many bytes of the
  // line stand before it.
  struct Place {
    int line = 0;
    int column = 0;
    int bytes = 0;
  };
  // `from` is where to begin; from the start of the line where it is on another, or behind.
  [[nodiscard]] Place place_of(int line, int column, Place from) const;
  [[nodiscard]] TextPosition position_of(int line, int column) const;

  const DiagnosticKey key_;
  const std::string& file_;
  std::string_view source_;
  std::vector<std::size_t> line_starts_;
  std::size_t errors_max_;
  std::size_t errors_ = 0;
  Diagnostics& diagnostics_;
  Collector collector_;
  google::protobuf::io::ArrayInputStream input_;
  mutable google::protobuf::io::Tokenizer tokenizer_;  // its current() is not const
  // The last token whose position was asked for: a line may be as long as the file.
  mutable Place last_;
  mutable std::uint64_t bytes_looked_at_ = 0;
  bool colon_taken_ = false;  // the current token stands behind a ":" that nobody has taken yet
};

}  // namespace sudare
