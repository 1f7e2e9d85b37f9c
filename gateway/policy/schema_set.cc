#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cassert>
#include <set>

#include "gateway/policy/findings.h"
#include "gateway/policy/load.h"
#include "gateway/policy/operator_file.h"
#include "gateway/policy/vehicle_descriptors.h"
#include "sudare/v1/privacy.pb.h"

namespace sudare {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

// A fleet's messages with all their imports and comments; ours are 60 KiB.
constexpr std::size_t kDescriptorSetBytesMax = 16 * 1024 * 1024;

Diagnostic refusal(const std::string& name, std::string text, std::string hint) {
  return {PolicyReader::key(), DiagnosticSeverity::kError, name, 0, 0, std::move(text),
          std::move(hint)};
}

// Keeps the first fault of a file in protobuf's words, which name the element.
class FirstFault final : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& /*file*/, const std::string& element,
                const google::protobuf::Message* /*descriptor*/, ErrorLocation /*location*/,
                const std::string& message) override {
    if (text_.empty()) text_ = element + ": " + message;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

bool same_file(const google::protobuf::FileDescriptor& known, FileDescriptorProto added) {
  FileDescriptorProto copy;
  known.CopyTo(&copy);
  // Not in every copy: comments and the JSON names that protoc fills in.
  copy.clear_source_code_info();
  added.clear_source_code_info();
  known.CopyJsonNameTo(&copy);
  FileDescriptorProto plain;
  known.CopyTo(&plain);
  const std::string bytes = added.SerializeAsString();
  return bytes == copy.SerializeAsString() || bytes == plain.SerializeAsString();
}

}  // namespace

struct SchemaSet::State {
  DescriptorPool pool{DescriptorPool::generated_pool()};
  std::set<std::string> ours;  // files of vehicle_descriptors()
};

SchemaSet::SchemaSet() : state_(std::make_unique<State>()) {
  FileDescriptorSet set;
  const std::string_view bytes = vehicle_descriptors();
  const bool parsed = set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  assert(parsed);
  static_cast<void>(parsed);
  // They import it: named here, so that the linker leaves it in any program.
  static_cast<void>(v1::PersonalClass_descriptor());
  for (const FileDescriptorProto& file : set.file()) {
    state_->ours.insert(file.name());
    // There already in a program that has the messages' classes, as the simulator does.
    if (state_->pool.FindFileByName(file.name()) != nullptr) continue;
    const bool built = state_->pool.BuildFile(file) != nullptr;
    assert(built);
    static_cast<void>(built);
  }
}
SchemaSet::~SchemaSet() = default;

const DescriptorPool& SchemaSet::pool() const { return state_->pool; }

Diagnostics SchemaSet::add_descriptor_set(const std::string& name, std::string_view bytes) {
  FileDescriptorSet set;
  if (bytes.size() > kDescriptorSetBytesMax ||
      !set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || set.file().empty()) {
    return {refusal(name, "this is no descriptor set",
                    "make it with protoc --include_imports --descriptor_set_out=FILE")};
  }
  for (const FileDescriptorProto& file : set.file()) {
    // What we carry ourselves (the vehicle's messages, privacy.proto, google/protobuf) wins over
    // the copy in the set.
    if (state_->ours.contains(file.name())) continue;
    if (DescriptorPool::generated_pool()->FindFileByName(file.name()) != nullptr) continue;
    const auto* const known = state_->pool.FindFileByName(file.name());
    if (known != nullptr) {
      if (same_file(*known, file)) continue;
      return {refusal(name, "\"" + file.name() + "\" differs from the one in an earlier set",
                      "make all descriptor sets from the same sources")};
    }
    FirstFault fault;
    if (state_->pool.BuildFileCollectingErrors(file, &fault) == nullptr) {
      return {refusal(name, "\"" + file.name() + "\": " + fault.text(),
                      "make it with protoc --include_imports, with the folder that holds "
                      "sudare/v1/privacy.proto as an import path")};
    }
  }
  return {};
}

Diagnostics SchemaSet::add_descriptor_set_file(const std::string& path) {
  const Result<std::string> bytes = read_operator_file(path, kDescriptorSetBytesMax);
  if (!bytes) {
    return {refusal(path,
                    bytes.error().code == ErrorCode::kTooLarge ? "the file is too large"
                                                               : "the file can't be read",
                    "check the path and its permissions")};
  }
  return add_descriptor_set(path, *bytes);
}

}  // namespace sudare
