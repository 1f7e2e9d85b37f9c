#include "gateway/upload/uploader.h"

#include <cerrno>

#include "gateway/upload/upload_worker.h"

namespace sudare {

Uploader::Uploader(std::unique_ptr<UploadWorker> worker) : worker_(std::move(worker)) {}
Uploader::~Uploader() { worker_->join(); }

Result<std::unique_ptr<Uploader>> Uploader::start(const UploadOptions& options,
                                                  const Clock& clock) {
  TRY(auto reader,
      OutboxReader::open(options.state_directory, options.session, clock, options.journaled));
  auto worker = std::make_unique<UploadWorker>(options, clock, std::move(reader));
  if (!worker->has_descriptors()) return fail(ErrorCode::kIo, "upload: no event descriptor", errno);
  worker->start();
  return std::unique_ptr<Uploader>(new Uploader(std::move(worker)));
}

void Uploader::wake() { worker_->wake(); }
int Uploader::handoff_fd() const { return worker_->handoff_fd(); }
UploadHandoff Uploader::take() { return worker_->take(); }
void Uploader::deleted(const std::vector<RowId>& ids) { worker_->deleted(ids); }
void Uploader::withhold(std::vector<std::string> purposes) {
  worker_->withhold(std::move(purposes));
}
void Uploader::allow(std::map<std::string, std::uint64_t> bytes) {
  worker_->allow(std::move(bytes));
}
UploadStatus Uploader::status() const { return worker_->status(); }
bool Uploader::stop(std::int64_t longest_ms) { return worker_->stop(longest_ms); }

}  // namespace sudare
