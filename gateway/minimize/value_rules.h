// What the rules do to one value: each function turns the value of an item of the kept body, or
// says that nothing may be kept of it. Position is not here: it takes two values (walk.h).
#pragma once

#include "crypto/secret_bytes.h"
#include "gateway/minimize/rules.h"

namespace sudare {

// The item and the text that it points into are changed in place; new text is appended. False: the
// value is dropped, because it isn't of the form that the rule needs, or the result doesn't fit the
// field's type. Any thread that owns `kept`.

// Down to the bucket, in the node's unit: MILLISECONDS (also where none is stated: the coarser
// reading), SECONDS, ISO_8601. Text is ISO_8601 or a number.
[[nodiscard]] bool apply_bucket(const FieldNode& node, std::uint32_t bucket_ms, Item& item,
                                RecordBody& kept);
[[nodiscard]] bool apply_coarsen(const FieldNode& node, const Coarsen& rule, Item& item,
                                 RecordBody& kept);
// Numbers are hashed as decimal text, so that both codecs give the same. `key` may be null: false.
[[nodiscard]] bool apply_pseudonym(const FieldNode& node, const SecretBytes<32>* key, Item& item,
                                   RecordBody& kept);
[[nodiscard]] bool apply_generalize(const FieldNode& node, Item& item, RecordBody& kept);

// Whether an integer can be written as this type; true for types that hold no integers.
[[nodiscard]] bool fits(FieldType type, std::int64_t value);

}  // namespace sudare
