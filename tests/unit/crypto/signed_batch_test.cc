#include "crypto/identity/signed_batch.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <memory>
#include <string>

#include "base/limits.h"
#include "crypto/identity/padme.h"
#include "sudare/v1/batch.pb.h"

namespace sudare {
namespace {

class SignedBatchTest : public testing::Test {
 protected:
  SignedBatchTest() {
    RootKey root;
    random_bytes(root.bytes());
    const auto chain = chain_start(root, 28);
    key_ = std::move(*epoch_key(*chain, "traffic", 28, 700));
    EXPECT_TRUE(compress_batch(bytes_of(batch_), compressed_).has_value());
  }

  [[nodiscard]] BatchProof proof() const {
    return {key_.public_key, *sign_batch(key_, "traffic", bytes_of(compressed_))};
  }
  [[nodiscard]] std::string written(const std::optional<BatchProof>& proof,
                                    std::size_t more = 100) const {
    std::string out;
    const std::size_t total = signed_batch_bytes(compressed_.size(), proof.has_value()) + more;
    EXPECT_TRUE(write_signed_batch(bytes_of(compressed_), proof, total, out).has_value());
    EXPECT_EQ(out.size(), total);
    return out;
  }
  static ErrorCode code_of(std::string_view plaintext) {
    const auto opened = open_signed_batch("traffic", bytes_of(plaintext));
    return opened ? ErrorCode::kInternal : opened.error().code;
  }

  EpochKey key_;
  std::string batch_ = "the bytes of a Batch";
  std::string compressed_;
};

TEST_F(SignedBatchTest, OpensToWhatWasWritten) {
  const auto opened = open_signed_batch("traffic", bytes_of(written(proof())));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->batch, batch_);
  EXPECT_EQ(opened->public_key, key_.public_key);
}

TEST_F(SignedBatchTest, WithoutProofNothingIsSaidToBeVerified) {
  const auto opened = open_signed_batch("traffic", bytes_of(written(std::nullopt)));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->batch, batch_);
  EXPECT_FALSE(opened->public_key.has_value());
}

TEST_F(SignedBatchTest, EveryPaddedSizeIsExactAndValidProtobuf) {
  for (std::size_t more = 0; more < 20'000; more += more < 400 ? 1 : 127) {
    const std::string out = written(proof(), more);
    v1::SignedBatch message;
    ASSERT_TRUE(message.ParseFromString(out)) << more;
    EXPECT_EQ(message.version(), 1U);
    EXPECT_EQ(message.compressed(), compressed_);
    EXPECT_EQ(message.public_key(), text_of(key_.public_key));
    EXPECT_EQ(message.padding().find_first_not_of('\0'), std::string::npos);
    ASSERT_TRUE(read_signed_batch(bytes_of(out)).has_value()) << more;
  }
}

TEST_F(SignedBatchTest, DoesNotFitASmallerSize) {
  std::string out = "before";
  const std::size_t least = signed_batch_bytes(compressed_.size(), false);
  const Status status = write_signed_batch(bytes_of(compressed_), std::nullopt, least - 1, out);
  EXPECT_EQ(status.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(out, "before");
}

TEST_F(SignedBatchTest, AnotherPurposeKeyOrContentDoesNotVerify) {
  const std::string plaintext = written(proof());
  const auto other = open_signed_batch("diagnosis", bytes_of(plaintext));
  EXPECT_EQ(other.error().code, ErrorCode::kAuthentication);
  BatchProof forged = proof();
  forged.public_key[0] ^= 1;
  EXPECT_EQ(code_of(written(forged)), ErrorCode::kAuthentication);
  const BatchProof genuine = proof();
  compressed_.back() = static_cast<char>(compressed_.back() ^ 1);
  EXPECT_EQ(code_of(written(genuine)), ErrorCode::kAuthentication);
}

TEST_F(SignedBatchTest, ReaderTakesOnlyWhatTheWriterMakes) {
  const std::string good = written(proof());
  ASSERT_TRUE(read_signed_batch(bytes_of(good)).has_value());
  const std::string field = {0x12, 0x00};
  const std::string unknown = {0x2a, 0x00};
  std::string not_zero = good;
  not_zero.back() = 1;
  const BatchProof p = proof();
  const std::string key = std::string{0x1a, 0x20} + std::string(text_of(p.public_key));
  const std::string start = std::string{0x08, 0x01} + field;
  for (const std::string& bad :
       {std::string(), good.substr(2), good.substr(0, good.size() - 1), good + field,
        good + unknown, not_zero, std::string{0x08, 0x01}, start + key, start + key + key,
        start + std::string{0x12}, std::string{0x08, 0x01, 0x12, 0x05, 'x'},
        std::string("\x08\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
    const auto read = read_signed_batch(bytes_of(bad));
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, ErrorCode::kMalformed);
  }
  EXPECT_EQ(code_of(std::string{0x08, 0x02} + field), ErrorCode::kUnsupported);
}

// Half a proof is not the absence of one: it would pass for a batch that never had a signature.
TEST_F(SignedBatchTest, AKeyOrASignatureAloneIsMalformed) {
  const BatchProof whole = proof();
  const std::string start = std::string{0x08, 0x01, 0x12, 0x00};
  const std::string key = std::string{0x1a, 0x20} + std::string(text_of(whole.public_key));
  const std::string signature = std::string{0x22, 0x40} + std::string(text_of(whole.signature));
  ASSERT_TRUE(read_signed_batch(bytes_of(start + key + signature)));
  const std::string short_key = std::string{0x1a, 0x1f} + std::string(31, 'k');
  const std::string short_signature = std::string{0x22, 0x3f} + std::string(63, 's');
  for (const std::string& bad : {start + key, start + signature, start + short_key + signature,
                                 start + key + short_signature}) {
    const auto read = read_signed_batch(bytes_of(bad));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().what.view(), "signed batch: key or signature");
  }
}

TEST_F(SignedBatchTest, AFieldThatEndsTooSoonIsMalformed) {
  const std::string whole = written(proof());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = read_signed_batch(bytes_of(std::string_view(whole).substr(0, size)));
    // The last fields, the padding too, may be left out.
    if (read) continue;
    EXPECT_EQ(read.error().code, ErrorCode::kMalformed) << size;
  }
  const std::size_t key_at = whole.find(text_of(key_.public_key));
  for (const std::size_t size : {3UL, key_at - 1, key_at, key_at + 31, key_at + 33, key_at + 34}) {
    EXPECT_FALSE(read_signed_batch(bytes_of(std::string_view(whole).substr(0, size)))) << size;
  }
}

TEST_F(SignedBatchTest, WhatDoesNotDecompressIsNotOpened) {
  compressed_ = "not a zstd frame";
  EXPECT_EQ(code_of(written(std::nullopt)), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(written(proof())), ErrorCode::kMalformed);
}

TEST(BatchCompressionTest, DecompressionIsBounded) {
  const std::string bomb(kOpenedBytesMax + 1, '\0');
  std::string compressed(ZSTD_compressBound(bomb.size()), '\0');
  compressed.resize(
      ZSTD_compress(compressed.data(), compressed.size(), bomb.data(), bomb.size(), 3));
  ASSERT_LT(compressed.size(), 1000U);
  std::string batch = "before";
  EXPECT_EQ(decompress_batch(bytes_of(compressed), batch).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(batch, "before");
}

TEST(BatchCompressionTest, OnlyOneWholeFrameIsABatch) {
  std::string compressed;
  ASSERT_TRUE(compress_batch(bytes_of("a batch"), compressed).has_value());
  std::string batch;
  for (const std::string& bad :
       {compressed + compressed, compressed + "x", compressed.substr(0, compressed.size() - 1),
        std::string("nonsense"), std::string()}) {
    EXPECT_EQ(decompress_batch(bytes_of(bad), batch).error().code, ErrorCode::kMalformed);
  }
  EXPECT_EQ(batch, "");
  EXPECT_TRUE(decompress_batch(bytes_of(compressed), batch).has_value());
  EXPECT_EQ(batch, "a batch");
}

TEST(BatchCompressionTest, AFrameOfRawBlocksIsRead) {
  for (const std::size_t size : {0U, 1U, 131'071U, 131'072U, 131'073U, 1'048'576U}) {
    std::string content(size, '\0');
    random_bytes({reinterpret_cast<std::uint8_t*>(content.data()), content.size()});
    std::string frame;
    ASSERT_TRUE(frame_batch(bytes_of(content), frame).has_value());
    EXPECT_LE(frame.size(), size + 9 + 3 * (size / 131'072 + 1));
    std::string read;
    ASSERT_TRUE(decompress_batch(bytes_of(frame), read).has_value()) << size;
    EXPECT_EQ(read, content);
  }
}

// Memory is spent on what a frame says of itself, and no frame may leave it open.
TEST(BatchCompressionTest, AFrameThatDoesNotStateItsSizeIsRefused) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
  std::string frame(100, '\0');
  const std::size_t written =
      ZSTD_compress2(context.get(), frame.data(), frame.size(), "a batch", 7);
  ASSERT_FALSE(ZSTD_isError(written));
  frame.resize(written);
  std::string batch = "before";
  EXPECT_EQ(decompress_batch(bytes_of(frame), batch).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(batch, "before");
}

TEST(BatchCompressionTest, AFrameWithADamagedBlockLeavesNothingBehind) {
  std::string frame;
  ASSERT_TRUE(frame_batch(bytes_of(std::string(300, '\xff')), frame));
  constexpr std::size_t kBlockHeadAt = 9;
  frame[kBlockHeadAt] = static_cast<char>(frame[kBlockHeadAt] | 2 << 1);  // "compressed": it is not
  std::string batch = "before";
  const Status decompressed = decompress_batch(bytes_of(frame), batch);
  ASSERT_FALSE(decompressed);
  EXPECT_EQ(decompressed.error().what.view(), "batch: zstd does not decompress it");
  EXPECT_EQ(batch, "before");
}

TEST(BatchCompressionTest, WhatIsTooLargeIsNotCompressed) {
  std::string out;
  EXPECT_TRUE(compress_batch(bytes_of(std::string(kBatchBytesMax, 'x')), out).has_value());
  EXPECT_EQ(compress_batch(bytes_of(std::string(kBatchBytesMax + 1, 'x')), out).error().code,
            ErrorCode::kTooLarge);
  EXPECT_EQ(frame_batch(bytes_of(std::string(kBatchBytesMax + 1, 'x')), out).error().code,
            ErrorCode::kTooLarge);
}

TEST(PadmeTest, SizesAreThoseOfThePaper) {
  // E = floor(log2 L), S = floor(log2 E) + 1: the low E - S bits become zero, rounding up.
  EXPECT_EQ(padme_bytes(0), 0U);
  EXPECT_EQ(padme_bytes(1), 1U);
  EXPECT_EQ(padme_bytes(8), 8U);
  EXPECT_EQ(padme_bytes(9), 10U);
  EXPECT_EQ(padme_bytes(1000), 1024U);
  EXPECT_EQ(padme_bytes(1025), 1088U);
  EXPECT_EQ(padme_bytes(1'000'000), 1'015'808U);
}

TEST(PadmeTest, NeverShrinksIsStableAndCostsAtMost12Percent) {
  for (std::uint64_t size = 1; size < 300'000; ++size) {
    const std::uint64_t padded = padme_bytes(size);
    ASSERT_GE(padded, size);
    ASSERT_EQ(padme_bytes(padded), padded);
    ASSERT_LE(static_cast<double>(padded), 1.12 * static_cast<double>(size));
  }
}

}  // namespace
}  // namespace sudare
