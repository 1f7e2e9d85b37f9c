#include "fleet/authority/provisioned_cars.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "crypto/identity/shares.h"
#include "crypto/open/open.h"
#include "fleet/cli/read_file.h"
#include "sudare/v1/provisioning.pb.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kShareIdBytes = 16;
constexpr std::uint32_t kSharesMax = 2;

// Protobuf and age keep bytes in std::string: they are overwritten before they go.
void wipe(std::string& text) {
  sudare::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

SecretBuffer secret_of(ByteSpan bytes) {
  SecretBuffer buffer(bytes.size());
  std::copy(bytes.begin(), bytes.end(), buffer.bytes().begin());
  return buffer;
}

// Shares that wait for their other half. Millions of them would each take pages of their own as
// SecretBuffers: they lie side by side in a few large ones.
class Waiting {
 public:
  struct Place {
    std::uint32_t index = 0;
    std::uint32_t slab = 0;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  Place put(const ProvisionedShare& share) {
    const ByteSpan bytes = share.bytes.bytes();
    if (slabs_.empty() || used_ + bytes.size() > kSlabBytes) {
      slabs_.emplace_back(std::max(kSlabBytes, bytes.size()));
      used_ = 0;
    }
    std::copy(bytes.begin(), bytes.end(),
              slabs_.back().bytes().begin() + static_cast<std::ptrdiff_t>(used_));
    const Place place{share.index, static_cast<std::uint32_t>(slabs_.size() - 1),
                      static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(bytes.size())};
    used_ += bytes.size();
    return place;
  }
  [[nodiscard]] ByteSpan at(const Place& place) const {
    return slabs_[place.slab].bytes().subspan(place.offset, place.size);
  }

 private:
  static constexpr std::size_t kSlabBytes = 256 * 1024;
  std::vector<SecretBuffer> slabs_;
  std::size_t used_ = 0;
};

Result<ProvisionedShare> open_share(std::span<const age::open_side::Identity> identities,
                                    const std::string& file) {
  TRY(const std::string sealed, cli::read_file(file, kShareBytesMax));
  std::string plaintext;
  plaintext.reserve(sealed.size());  // grows no copy that would be left behind
  TRY(age::open_side::open(identities, bytes_of(sealed), plaintext));
  Result<ProvisionedShare> share = parse_share(bytes_of(plaintext));
  wipe(plaintext);
  return share;
}

class Cars {
 public:
  Cars(const ProvisionedCarsOptions& options, std::span<const age::open_side::Identity> identities,
       const std::function<Status(ProvisionedCar&)>& visit)
      : options_(options), identities_(identities), visit_(visit) {}

  Status take_path(const std::string& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return fail(ErrorCode::kNotFound, "provisioning records");
    if (!fs::is_directory(path)) return take_file(path);
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    if (error) return fail(ErrorCode::kIo, "provisioning records: directory", error.value());
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      TRY(take_file(file));
    }
    return Done{};
  }

  ProvisionedCarsCounts counts() {
    counts_.lone_shares = waiting_.size();
    return counts_;
  }

 private:
  Status take_file(const std::string& file) {
    const Result<ProvisionedShare> share = open_share(identities_, file);
    if (!share) {
      unusable(file, share.error());
      return Done{};
    }
    if (done_.contains(share->id)) return Done{};
    if (share->count == 1) return take_record(file, share->id, share->bytes.bytes());
    const auto other = waiting_.find(share->id);
    if (other == waiting_.end()) {
      if (waiting_.size() >= kLoneSharesMax) {
        return fail(ErrorCode::kTooLarge, "provisioning records: too many lone shares");
      }
      waiting_.emplace(share->id, arena_.put(*share));
      return Done{};
    }
    if (other->second.index == share->index) return Done{};  // the same half again
    const Result<SecretBuffer> record = join_shares(arena_.at(other->second), share->bytes.bytes());
    waiting_.erase(other);
    if (!record) {
      unusable(file, record.error());
      return Done{};
    }
    return take_record(file, share->id, record->bytes());
  }

  Status take_record(const std::string& file, const std::string& id, ByteSpan record) {
    Result<ProvisionedCar> car = parse_provisioned_car(record);
    if (!car) {
      unusable(file, car.error());
      return Done{};
    }
    done_.insert(id);
    ++counts_.cars;
    return visit_(*car);
  }

  void unusable(const std::string& file, const Error& error) {
    ++counts_.unusable;
    if (options_.unusable) options_.unusable(file, error);
  }

  const ProvisionedCarsOptions& options_;
  std::span<const age::open_side::Identity> identities_;
  const std::function<Status(ProvisionedCar&)>& visit_;
  Waiting arena_;
  std::map<std::string, Waiting::Place> waiting_;  // by id
  std::set<std::string> done_;
  ProvisionedCarsCounts counts_;
};

}  // namespace

Result<ProvisionedShare> parse_share(ByteSpan plaintext) {
  v1::ProvisioningShare message;
  const bool parsed = message.ParseFromArray(plaintext.data(), static_cast<int>(plaintext.size()));
  ProvisionedShare share;
  share.bytes = secret_of(bytes_of(message.bytes()));
  wipe(*message.mutable_bytes());
  if (!parsed) return fail(ErrorCode::kMalformed, "provisioning record: not a share");
  if (message.version() != kVersion) {
    return fail(ErrorCode::kUnsupported, "provisioning record: version", message.version());
  }
  if (message.id().size() != kShareIdBytes || message.count() < 1 || message.count() > kSharesMax ||
      message.index() < 1 || message.index() > message.count()) {
    return fail(ErrorCode::kMalformed, "provisioning record: not a share");
  }
  share.id = message.id();
  share.index = message.index();
  share.count = message.count();
  return share;
}

Result<ProvisionedCar> parse_provisioned_car(ByteSpan record) {
  v1::Provisioning message;
  const bool parsed = message.ParseFromArray(record.data(), static_cast<int>(record.size()));
  ProvisionedCar car;
  const bool rooted = message.root().size() == kRootBytes;
  if (rooted) car.root = RootKey::from(bytes_of(message.root()).first<kRootBytes>());
  wipe(*message.mutable_root());
  if (!parsed || !rooted) {
    return fail(ErrorCode::kMalformed, "provisioning record: damaged, or shares of two cars");
  }
  if (message.version() != kVersion) {
    return fail(ErrorCode::kUnsupported, "provisioning record: version", message.version());
  }
  car.day = message.day();
  car.transfers = message.transfers();
  car.identity = {message.vin(), message.frame_number(), message.terminal_number()};
  return car;
}

Result<ProvisionedCarsCounts> for_each_car(const ProvisionedCarsOptions& options,
                                           std::span<const age::open_side::Identity> identities,
                                           const std::function<Status(ProvisionedCar&)>& visit) {
  Cars cars(options, identities, visit);
  for (const std::string& path : options.paths) {
    TRY(cars.take_path(path));
  }
  return cars.counts();
}

}  // namespace sudare
