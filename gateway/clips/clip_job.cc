#include "gateway/clips/clip_job.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "clip/time_limit.h"
#include "crypto/bytes.h"
#include "crypto/secret_bytes.h"
#include "gateway/clips/reveal.h"

namespace sudare {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kAheadBytesMax = 4096;

}  // namespace

ClipJob::ClipJob(const ClipOrder& order, Spool::Opened clip, clip::ClipRun run)
    : order_(order),
      clip_(std::move(clip)),
      run_(std::move(run)),
      piece_(ClipStage::passkey(), order.purpose) {
  random_bytes(content().clip_id);
  content().data.resize(order.piece_bytes);
  ahead_.resize(kAheadBytesMax);
  crypto_generichash_init(&hash_, nullptr, 0, kHashBytes);
}

Result<ClipJob> ClipJob::start(const clip::Program& program, const ClipOrder& order,
                               Spool::Opened clip, const Clock& clock) {
  TRY(clip::ClipRun run,
      clip::ClipRun::start(program, order.options, clip.file.get(),
                           clip::time_max(order.options, clip.state.size), clock));
  return ClipJob(order, std::move(clip), std::move(run));
}

ClipPiece::Content& ClipJob::content() {
  return piece_.refill(ClipStage::passkey(), ClipStage::key());
}

void ClipJob::read_into(std::string& buffer, std::size_t& filled) {
  while (filled < buffer.size()) {
    const std::size_t count = run_.read(std::as_writable_bytes(std::span(buffer)).subspan(filled));
    filled += count;
    bytes_ += count;
    if (count == 0) return;
  }
}

ClipJob::Step ClipJob::step() {
  std::string& data = content().data;
  if (!content().manifest) read_into(data, filled_);
  if (filled_ == order_.piece_bytes) {
    if (ahead_filled_ == 0) read_into(ahead_, ahead_filled_);
    if (ahead_filled_ > 0) {
      pieces_ = content().index + 1;
      return Step::kPiece;
    }
  }
  return run_.ended() ? end() : Step::kWaiting;
}

void ClipJob::stored() {
  ClipPiece::Content& done = content();
  crypto_generichash_update(&hash_, bytes_of(done.data).data(), done.data.size());
  ++done.index;
  done.offset += done.data.size();
  std::copy_n(ahead_.begin(), ahead_filled_, done.data.begin());
  filled_ = std::exchange(ahead_filled_, 0);
}

ClipJob::Step ClipJob::end() {
  const clip::ClipResult& result = run_.result();
  switch (result.outcome) {
    case clip::Outcome::kOk: break;
    case clip::Outcome::kRejected: return Step::kRejected;
    case clip::Outcome::kFindings: return Step::kFindings;
    case clip::Outcome::kInternal: return Step::kFailed;
  }
  // Both say that they wrote what was read: else somebody else wrote, or took something away.
  const bool whole = bytes_ > 0 && result.worker.report && result.verify.report &&
                     result.worker.report->bytes == bytes_ && result.verify.report->bytes == bytes_;
  if (!whole || !Spool::unchanged(clip_)) return Step::kFailed;
  ClipPiece::Content& last = content();
  if (!last.manifest) {
    pieces_ = last.index + 1;
    last.data.resize(filled_);
    // Of a copy: where storing the piece fails, it is asked for again.
    crypto_generichash_state hash = hash_;
    crypto_generichash_update(&hash, bytes_of(last.data).data(), last.data.size());
    v1::ClipManifest& manifest = last.manifest.emplace();
    manifest.set_chunk_count(pieces_);
    manifest.set_clip_bytes(bytes_);
    manifest.mutable_clip_hash()->resize(kHashBytes);
    crypto_generichash_final(
        &hash, reinterpret_cast<unsigned char*>(manifest.mutable_clip_hash()->data()), kHashBytes);
    manifest.set_profile(order_.profile);
    manifest.set_trigger(order_.trigger);
  }
  return Step::kLast;
}

}  // namespace sudare
