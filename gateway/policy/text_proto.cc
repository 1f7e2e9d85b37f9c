#include "gateway/policy/text_proto.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>

#include "base/limits.h"
#include "gateway/policy/text_tokens.h"

namespace sudare {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::io::Tokenizer;

// Deeper than any message of ours; bounds TextFormat's recursion.
constexpr int kRecursionMax = 32;

// A policy with more mistakes than this is the wrong file.
constexpr std::size_t kDiagnosticsMax = 50;

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string hint_for_name(std::string_view wrong, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(wrong, names);
  if (!nearest.empty()) return "did you mean \"" + nearest + "\"?";
  return "one of: " + list_of(names);
}

// Walks the tokens along the descriptor. Recursion is bounded by the descriptor's own depth: what
// the descriptor doesn't know is skipped without recursion.
class Walk {
 public:
  Walk(TextTokens& tokens, TextPositions& positions) : tokens_(tokens), positions_(positions) {}

  // A message's fields up to `end` ("" at the end of the file), which is consumed.
  bool message(const Descriptor& type, const std::string& path, std::string_view end) {
    std::map<const void*, std::string> seen;  // a singular field, or a oneof, and the member's name
    std::map<const FieldDescriptor*, int> counts;
    while (true) {
      if (tokens_.at_end()) {
        if (end.empty()) return true;
        return tokens_.stop("the file ends inside a message", "a \"}\" is missing");
      }
      if (!end.empty() && tokens_.take(end)) return true;
      if (!field(type, path, seen, counts)) return false;
    }
  }

 private:
  bool field(const Descriptor& type, const std::string& path,
             std::map<const void*, std::string>& seen,
             std::map<const FieldDescriptor*, int>& counts) {
    if (tokens_.type() != Tokenizer::TYPE_IDENTIFIER) {
      return tokens_.stop("expected the name of a field", "see docs/policy.md");
    }
    const TextPosition name_at = tokens_.position();
    const std::string name = tokens_.text();
    const FieldDescriptor* const field = type.FindFieldByName(name);
    if (field == nullptr) {
      tokens_.error("unknown field \"" + name + "\" in " + type.name(),
                    hint_for_name(name, field_names(type)));
      tokens_.next();
      return tokens_.skip_value();
    }
    if (!field->is_repeated()) check_once(*field, seen);
    tokens_.next();
    std::string child = path.empty() ? name : path + "." + name;
    if (!field->is_repeated()) return one_value(*field, child, name_at);
    if (tokens_.peek(":") && tokens_.peek_after_colon("[")) {
      return list(*field, child, counts[field]);
    }
    return one_value(*field, child + "[" + std::to_string(counts[field]++) + "]", name_at);
  }

  void check_once(const FieldDescriptor& field, std::map<const void*, std::string>& seen) {
    const auto* const oneof = field.containing_oneof();
    const void* const what = oneof != nullptr ? static_cast<const void*>(oneof) : &field;
    const auto [first, inserted] = seen.emplace(what, field.name());
    if (inserted) return;
    if (oneof == nullptr || first->second == field.name()) {
      tokens_.error("\"" + field.name() + "\" is given twice", "keep one of them");
    } else {
      tokens_.error("\"" + field.name() + "\" and \"" + first->second + "\" exclude each other",
                    "keep one of them");
    }
  }

  bool one_value(const FieldDescriptor& field, const std::string& path, TextPosition name_at) {
    const bool colon = tokens_.take(":");
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      positions_.set(path, name_at);
      if (tokens_.take("{")) return message(*field.message_type(), path, "}") && separator();
      if (tokens_.take("<")) return message(*field.message_type(), path, ">") && separator();
      return tokens_.stop("\"" + field.name() + "\" is a message",
                          "write " + field.name() + " { ... }");
    }
    if (!colon) {
      return tokens_.stop("expected \":\" after \"" + field.name() + "\"",
                          "write " + field.name() + ": VALUE");
    }
    positions_.set(path, tokens_.position());
    return scalar(field) && separator();
  }

  bool list(const FieldDescriptor& field, const std::string& path, int& count) {
    tokens_.next();  // "["
    if (tokens_.take("]")) return separator();
    while (true) {
      const std::string child = path + "[" + std::to_string(count++) + "]";
      positions_.set(child, tokens_.position());
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        if (!scalar(field)) return false;
      } else if (!tokens_.take("{")) {
        return tokens_.stop("expected \"{\"", "\"" + field.name() + "\" is a list of messages");
      } else if (!message(*field.message_type(), child, "}")) {
        return false;
      }
      if (tokens_.take("]")) return separator();
      if (!tokens_.take(","))
        return tokens_.stop("expected \",\" or \"]\"", "a list is [ VALUE, VALUE ]");
    }
  }

  bool scalar(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: return tokens_.string_value(field.name());
      case FieldDescriptor::CPPTYPE_BOOL: return tokens_.bool_value(field.name());
      case FieldDescriptor::CPPTYPE_ENUM: return enum_value(field);
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT: return tokens_.real_value(field.name());
      case FieldDescriptor::CPPTYPE_INT32: return tokens_.int_value(field.name(), INT32_MAX, true);
      case FieldDescriptor::CPPTYPE_INT64: return tokens_.int_value(field.name(), INT64_MAX, true);
      case FieldDescriptor::CPPTYPE_UINT32:
        return tokens_.int_value(field.name(), UINT32_MAX, false);
      default: return tokens_.int_value(field.name(), UINT64_MAX, false);
    }
  }

  bool enum_value(const FieldDescriptor& field) {
    std::vector<std::string> names;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      names.push_back(field.enum_type()->value(i)->name());
    }
    if (tokens_.type() != Tokenizer::TYPE_IDENTIFIER) {
      tokens_.error("\"" + field.name() + "\" takes a name", "one of: " + list_of(names));
      return tokens_.skip_scalar();
    }
    if (field.enum_type()->FindValueByName(tokens_.text()) == nullptr) {
      tokens_.error("unknown value \"" + tokens_.text() + "\" for \"" + field.name() + "\"",
                    hint_for_name(tokens_.text(), names));
    }
    tokens_.next();
    return true;
  }

  bool separator() {
    if (!tokens_.take(",")) tokens_.take(";");
    return true;
  }

  static std::vector<std::string> field_names(const Descriptor& type) {
    std::vector<std::string> names;
    for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
    return names;
  }

  TextTokens& tokens_;
  TextPositions& positions_;
};

// What only TextFormat notices. Rare: our own pass is stricter.
class LateErrors final : public google::protobuf::io::ErrorCollector {
 public:
  explicit LateErrors(TextTokens& tokens) : tokens_(tokens) {}
  void AddError(int line, int column, const std::string& message) override {
    tokens_.error_at({line + 1, column + 1}, message, kSyntaxHint);
  }

 private:
  TextTokens& tokens_;
};

}  // namespace

TextPosition TextPositions::at(std::string_view path) const {
  while (true) {
    const auto found = positions_.find(path);
    if (found != positions_.end()) return found->second;
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return {};
    path = path.substr(0, dot);
  }
}

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names) {
  // Levenshtein's distance; a third of the letters may be wrong. A name that long is no name.
  if (wrong.size() > 64) return "";
  std::string best;
  std::size_t best_distance = wrong.size() / 3 + 1;
  for (const std::string& name : names) {
    std::vector<std::size_t> row(name.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= wrong.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j < row.size(); ++j) {
        const std::size_t replaced = diagonal + (wrong[i - 1] == name[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = name;
    }
  }
  return best;
}

bool read_text_proto(const DiagnosticKey& key, const std::string& file, std::string_view text,
                     google::protobuf::Message& message, TextPositions& positions,
                     Diagnostics& diagnostics) {
  if (text.size() > kOperatorFileBytesMax) {
    diagnostics.emplace_back(key, DiagnosticSeverity::kError, file, 0, 0, "the file is too large",
                             "at most " + std::to_string(kOperatorFileBytesMax) + " bytes");
    return false;
  }
  TextTokens tokens(key, file, text, kDiagnosticsMax, diagnostics);
  Walk walk(tokens, positions);
  if (!walk.message(*message.GetDescriptor(), "", "") || tokens.failed()) return false;

  google::protobuf::TextFormat::Parser parser;
  LateErrors late(tokens);
  parser.SetRecursionLimit(kRecursionMax);
  parser.RecordErrorsTo(&late);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  return parser.Parse(&input, &message) && !tokens.failed();
}

}  // namespace sudare
