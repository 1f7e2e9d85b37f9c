#include "sim/drill/unit_image.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "base/clock.h"
#include "crypto/hkdf.h"
#include "fleet/audit/text_runs.h"
#include "gateway/store/database.h"
#include "gateway/store/store.h"
#include "sim/drill/bucket_attack.h"

namespace sudare::sim::drill {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kQuotaBytes = std::uint64_t{1} << 30U;
constexpr std::size_t kKeyBytes = 32;
using Key = std::array<std::uint8_t, kKeyBytes>;

// docs/formats.md, "Epoch chains".
constexpr std::string_view kChainLabel("sudare/v1/chain\0", 16);
constexpr std::string_view kStepLabel("sudare/v1/step\0", 15);

Key stepped(const Key& chain) {
  Key next{};
  hkdf_expand(chain, {bytes_of(kStepLabel)}, next);
  return next;
}

Key started(const Key& root, std::uint16_t days) {
  const std::array<char, 2> number = {static_cast<char>(days >> 8U), static_cast<char>(days)};
  Key chain{};
  hkdf_expand(root,
              {bytes_of(kChainLabel), bytes_of(std::string_view(number.data(), number.size()))},
              chain);
  return chain;
}

Parsed<Done> read_rows(Database& database, UnitImage& image) {
  auto rows = Statement::prepare(database, "SELECT bytes FROM outbox WHERE size > 0");
  if (!rows) return input_error(rows.error(), "the image's rows");
  for (;;) {
    const auto more = rows->step();
    if (!more) return input_error(more.error(), "the image's rows");
    if (!*more) return Done{};
    image.rows.emplace_back(rows->bytes(0));
  }
}

Parsed<Done> read_state(Database& database, UnitImage& image) {
  auto values = Statement::prepare(database, "SELECT module, key, value FROM state");
  if (!values) return input_error(values.error(), "the image's state");
  for (;;) {
    const auto more = values->step();
    if (!more) return input_error(more.error(), "the image's state");
    if (!*more) return Done{};
    const std::string value(values->bytes(2));
    image.state.push_back(value);
    const std::string key(values->text(1));
    constexpr std::size_t kEpochBytes = 4;
    if (values->text(0) != "epochs" || value.size() != kEpochBytes + kKeyBytes) continue;
    ChainPosition chain;
    chain.rotation_days = static_cast<std::uint16_t>(std::stoul(key));
    for (std::size_t i = 0; i < kEpochBytes; ++i) {
      chain.epoch = chain.epoch << 8U | static_cast<std::uint8_t>(value[i]);
    }
    chain.key = value.substr(kEpochBytes);
    image.chains.push_back(std::move(chain));
  }
}

std::uint64_t fragments_in(const fs::path& directory) {
  auto database = Database::open(directory / "outbox.db", DatabaseAccess::kReadOnly);
  if (!database) return 0;
  const auto count = database->read_number("SELECT count(*) FROM outbox WHERE fragment = 1");
  return count ? static_cast<std::uint64_t>(*count) : 0;
}

}  // namespace

Parsed<UnitImage> read_image(const fs::path& directory, const fs::path& scratch) {
  UnitImage image;
  image.directory = directory;
  std::error_code error;
  fs::copy(directory, scratch, fs::copy_options::recursive, error);
  if (error) return input_error(directory, 0, error.message());
  image.fragments = fragments_in(scratch);
  {
    const SystemClock clock;
    const StoreOptions options{scratch, kQuotaBytes, 0, journal_bytes_for(kQuotaBytes)};
    const auto store = Store::open(options, clock);
    if (!store) return input_error(store.error(), "recovering the image");
  }
  auto database = Database::open(scratch / "outbox.db", DatabaseAccess::kReadOnly);
  if (!database) return input_error(database.error(), "the image");
  if (auto done = read_rows(*database, image); !done)
    return tl::unexpected<InputError>(done.error());
  if (auto done = read_state(*database, image); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  return image;
}

void try_all_keys(const UnitImage& image, const Policy& policy, KeySearch& found) {
  std::vector<age::Recipient> recipients;
  for (const PurposePlan& purpose : policy.purposes) {
    recipients.insert(recipients.end(), purpose.recipients.begin(), purpose.recipients.end());
  }
  for (const std::string& value : image.state) found.try_as_keys(value, recipients);
  for (const std::string& der : found.pem_keys()) found.try_as_keys(der, recipients);
  for (const ChainPosition& chain : image.chains) {
    ChainKey key;
    std::memcpy(key.bytes().data(), chain.key.data(), kKeyBytes);
    for (const PurposePlan& purpose : policy.purposes) {
      const auto epoch = epoch_key(key, purpose.name, chain.rotation_days, chain.epoch);
      if (!epoch) continue;
      found.try_as_keys(text_of(epoch->field_key.bytes()), recipients);
      found.try_as_keys(text_of(epoch->keypair.bytes()), recipients);
      Key curve{};  // a signing key as one for encryption
      if (crypto_sign_ed25519_sk_to_curve25519(curve.data(), epoch->keypair.bytes().data()) == 0) {
        found.try_as_keys(text_of(curve), recipients);
      }
    }
  }
}

Opened open_image(const UnitImage& image, const Identities& keys) {
  Opened result;
  for (const std::string& row : image.rows) result.rows += opens(keys, row) ? 1 : 0;
  for_each_file(image.directory, [&](const fs::path&, std::string_view bytes) {
    for (std::size_t at = bytes.find(kAgeMagic); at != std::string_view::npos;
         at = bytes.find(kAgeMagic, at + 1)) {
      ++result.carved_of;
      result.carved += opens(keys, bytes.substr(at)) ? 1 : 0;
    }
  });
  return result;
}

std::set<Pseudonym> earlier_pseudonyms(const UnitImage& image, const std::vector<fs::path>& paths,
                                       const Policy& policy, std::uint32_t back) {
  std::map<std::string, const ChainPosition*> present;
  for (const ChainPosition& chain : image.chains) present[chain.key] = &chain;
  std::set<Pseudonym> pseudonyms;
  // From a chain that was found, over all epochs up to the present one.
  const auto take = [&](Key key, const ChainPosition& chain, std::uint32_t steps) {
    for (; steps > 0; --steps, key = stepped(key)) {
      ChainKey secret;
      std::copy(key.begin(), key.end(), secret.bytes().begin());
      for (const PurposePlan& purpose : policy.purposes) {
        const auto epoch =
            epoch_key(secret, purpose.name, chain.rotation_days, chain.epoch - steps);
        if (epoch) pseudonyms.insert(epoch->pseudonym);
      }
    }
  };
  const auto follow = [&](const Key& chain) {
    Key key = chain;
    for (std::uint32_t steps = 1; steps <= back; ++steps) {
      key = stepped(key);
      const auto found = present.find(std::string(text_of(key)));
      if (found != present.end()) take(chain, *found->second, steps);
    }
  };
  for (const fs::path& path : paths) {
    for_each_file(path, [&](const fs::path&, std::string_view bytes) {
      Key window{};
      for (std::size_t at = 0; at + kKeyBytes <= bytes.size(); ++at) {
        std::memcpy(window.data(), bytes.data() + at, kKeyBytes);
        // A journal's unused part is zeros.
        if (std::count(window.begin(), window.end(), 0) > 8) continue;
        follow(window);
        for (const ChainPosition& chain : image.chains) {
          if (chain.rotation_days == 28) follow(started(window, chain.rotation_days));
        }
      }
    });
  }
  return pseudonyms;
}

}  // namespace sudare::sim::drill
