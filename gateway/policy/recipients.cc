#include <algorithm>

#include "gateway/policy/load.h"

namespace sudare {
namespace {

// "driving-diagnosis" → "${DRIVING_DIAGNOSIS_RECIPIENT}"
std::string placeholder_of(const std::string& purpose) {
  std::string out = "${";
  for (const char c : purpose) {
    const bool lower = c >= 'a' && c <= 'z';
    out += lower ? static_cast<char>(c - 'a' + 'A') : c == '-' ? '_' : c;
  }
  return out + "_RECIPIENT}";
}

// Nothing that could end the quotes it is put into.
bool is_plain(const std::string& recipient) {
  return !recipient.empty() &&
         recipient.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
}

}  // namespace

std::string fill_recipients(std::string_view text,
                            const std::map<std::string, std::string>& by_purpose) {
  std::string out(text);
  for (const auto& [purpose, recipient] : by_purpose) {
    if (!is_plain(recipient)) continue;
    const std::string placeholder = placeholder_of(purpose);
    for (std::size_t at = out.find(placeholder); at != std::string::npos;
         at = out.find(placeholder, at + recipient.size())) {
      out.replace(at, placeholder.size(), recipient);
    }
  }
  return out;
}

}  // namespace sudare
