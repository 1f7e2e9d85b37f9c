// Every limit with its reason. A limit that only one file needs may live there, named and explained
// likewise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sudare {

// An in-vehicle message. The largest of traffic.md is a health report of some kilobytes; a hostile
// app must not make the gateway parse megabytes. Also sent as MQTT 5 Maximum Packet Size (plus
// kTopicBytesMax and headers).
inline constexpr std::size_t kPayloadBytesMax = 64 * 1024;

// A topic of the in-vehicle broker. MQTT allows 65,535; ours are under 40.
inline constexpr std::size_t kTopicBytesMax = 512;

// Nesting of a payload, Protobuf or JSON. traffic.md's deepest is 4; the limit bounds recursion on
// the stack.
inline constexpr std::size_t kNestingDepthMax = 32;

// Items (values, opens, closes) that one message may materialise: bounds memory and time per
// message.
inline constexpr std::size_t kRecordItemsMax = 4096;

// Fields that one source of a policy may name; FieldNode indices are 16 bits.
inline constexpr std::size_t kSourceFieldsMax = 1024;

// Purposes and sources of a policy, and recipients of a purpose: bounds per-message work and header
// size.
inline constexpr std::size_t kPurposesMax = 64;
inline constexpr std::size_t kSourcesMax = 256;
inline constexpr std::size_t kRecipientsMax = 8;

// Of a policy or a recipient's certificate. A car never goes back below a serial: after one near
// the end of 64 bits, a slip such as a time in nanoseconds, it would take nothing any more. Times
// in milliseconds and dates written as 20260131235959 fit.
inline constexpr std::uint64_t kSerialMax = std::uint64_t{1} << 48U;

// A policy or configuration file. The default policy is under 32 KiB with its comments.
inline constexpr std::size_t kOperatorFileBytesMax = 1024 * 1024;

// A batch before sealing. Bounds the memory of a purpose whose linger is long, and what one lost
// row costs.
inline constexpr std::size_t kBatchBytesMax = 1024 * 1024;

// What `open` accepts after decompression: a little over kBatchBytesMax, so that a forged batch
// can't exhaust memory.
inline constexpr std::size_t kOpenedBytesMax = 2 * 1024 * 1024;

// Messages in one group commit. The local broker sends at most max_inflight_messages (deploy/:
// 1000) unacknowledged.
inline constexpr std::size_t kCommitMessagesMax = 1000;

// Batches published and not yet acknowledged by the cloud broker (message ids are 16 bits;
// libmosquitto does not check them past 65,535).
inline constexpr std::size_t kUplinkOutstandingMax = 1000;

// From SIGTERM to exit: seal and commit what is held, upload only while time remains (§3).
inline constexpr std::int64_t kShutdownMsMax = 2000;

}  // namespace sudare
