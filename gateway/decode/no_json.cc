// In the place of json_decoder.cc where JSON is not in this build (SUDARE_JSON=OFF).
#include "gateway/decode/json_decoder.h"

namespace sudare {

std::unique_ptr<JsonDecoder> JsonDecoder::create(const Policy&) { return nullptr; }

}  // namespace sudare
