// Result<T>: a value or an Error, and TRY, the one control-flow macro of this code base.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace sudare {

// [[nodiscard]] as a class: a bare tl::expected that is dropped gives no warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

// The value of a Result that carries none. `return Done{};` is success.
struct Done {};
using Status = Result<Done>;

// `return fail(ErrorCode::kMalformed, "age header: no final line");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, Literal what,
                                                std::int64_t detail = 0) {
  return tl::unexpected<Error>(Error{code, what, detail});
}

}  // namespace sudare

// TRY(declaration, expression): declares the value of a Result, or returns its error from this
// function. TRY(expression): the same for a Status or where the value is not wanted.
#define SUDARE_TRY_JOIN2(a, b) a##b
#define SUDARE_TRY_JOIN(a, b) SUDARE_TRY_JOIN2(a, b)
#define SUDARE_TRY_VALUE(result, declaration, expression)                \
  auto result = (expression);                                            \
  if (!result) return ::tl::unexpected<::sudare::Error>(result.error()); \
  declaration = std::move(*result)
#define SUDARE_TRY_STATUS(result, expression) \
  auto result = (expression);                 \
  if (!result) return ::tl::unexpected<::sudare::Error>(result.error())
#define SUDARE_TRY_2(declaration, expression) \
  SUDARE_TRY_VALUE(SUDARE_TRY_JOIN(try_result_, __LINE__), declaration, expression)
#define SUDARE_TRY_1(expression) \
  SUDARE_TRY_STATUS(SUDARE_TRY_JOIN(try_result_, __LINE__), expression)
#define SUDARE_TRY_PICK(_1, _2, name, ...) name
#define TRY(...) SUDARE_TRY_PICK(__VA_ARGS__, SUDARE_TRY_2, SUDARE_TRY_1)(__VA_ARGS__)
