// Certificate and key files, as far as they can be judged without a peer.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "fleet/doctor/report.h"

struct x509_st;

namespace sudare::doctor {

// Fewer days left are a warning: time to renew on a car that is seldom online.
inline constexpr std::int64_t kDaysLeftLeast = 30;

// Whole days until a certificate ends, counted by the system's clock; below 0: it has ended.
[[nodiscard]] std::int64_t days_left(const x509_st* certificate);

// Whether it can be read and for how long it holds; warns where its subject names a car.
void check_certificate_file(const std::string& file, Check& check);
// Whether others may read it. Not whether it fits a certificate: make_tls_context() does that.
void check_key_file(const std::string& file, Check& check);
// Reports so many days left of what `what` names; nothing where there are enough.
void judge_days(std::int64_t days, const std::string& what, const std::string& where, Check& check);

}  // namespace sudare::doctor
