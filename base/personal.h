// Personal<T>: a value that came from the car. It can be moved through the pipeline, but not
// printed, logged, formatted, compared to text or converted. Looking inside takes a Reveal, which
// only the stages named below can make: `grep -rn Reveal` lists every place that looks.
#pragma once

#include <iosfwd>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sudare {

// The stages that may look inside a Personal. Each defines its struct in <folder>/reveal.h.
struct DecodeStage;    // gateway/decode: parses a Message
struct DetectStage;    // gateway/detect: looks for identifiers in text
struct MinimizeStage;  // gateway/minimize: makes a Release
struct SealStage;      // gateway/seal: encrypts a Release
struct ClipStage;      // gateway/clips: reads what is said of clips, makes a ClipPiece
struct ConsentStage;   // gateway/consent: reads consent messages
struct CarStage;       // gateway/car: compares who the car says it is
struct ReceiptStage;   // gateway/receipts: reads the numbers of producers
struct PreviewStage;   // fleet/preview: `sudare minimize` and `policy explain`; never linked into
                       // the gateway
struct TestReveal;     // tests/testkit

// Only `Stage` can make one. Takes the place of friendship where a type may be made by one stage
// alone: `Release(const Passkey<MinimizeStage>&, ...)`.
template <class Stage>
class Passkey {
 private:
  constexpr Passkey() {}  // NOLINT(modernize-use-equals-default): not an aggregate
  friend Stage;
};

// The passkey to look inside a Personal. Only the stages above can make one.
class Reveal {
 private:
  // Not defaulted in the class: an aggregate could be made by anyone.
  constexpr Reveal() {}  // NOLINT(modernize-use-equals-default)
  friend struct DecodeStage;
  friend struct DetectStage;
  friend struct MinimizeStage;
  friend struct SealStage;
  friend struct ClipStage;
  friend struct ConsentStage;
  friend struct CarStage;
  friend struct ReceiptStage;
  friend struct PreviewStage;
  friend struct TestReveal;
};

// Owns its value. Movable and copyable like T; as thread-safe as T.
template <class T>
class Personal {
 public:
  Personal() = default;
  explicit Personal(T value) : value_(std::move(value)) {}

  [[nodiscard]] const T& reveal(const Reveal& /*passkey*/) const { return value_; }
  [[nodiscard]] T& reveal(const Reveal& /*passkey*/) { return value_; }

  // Anyone may fill it; nobody may read it back without the passkey.
  void set(T value) { value_ = std::move(value); }
  // Reuses the buffer of a string-like T: no allocation once it has grown.
  template <class Source>
  void assign(const Source& source) {
    value_.assign(source.data(), source.size());
  }

 private:
  T value_{};
};

template <class T>
inline constexpr bool kPersonalMayNotBeUsedThisWay = false;

// Refusals with a reason; the compile-fail tests match these texts.
template <class T, class U>
bool operator==(const Personal<T>& /*a*/, const U& /*b*/) {
  static_assert(kPersonalMayNotBeUsedThisWay<T>, "a Personal value can't be compared");
  return false;
}
template <class T>
std::ostream& operator<<(std::ostream& out, const Personal<T>& /*value*/) {
  static_assert(kPersonalMayNotBeUsedThisWay<T>, "a Personal value can't be printed");
  return out;
}

}  // namespace sudare
