// A disk on which nothing is made sure: for a state directory that is made aside, counts for
// nothing until it is whole, and is made sure of at once, with many others (factory_line.h). A
// store that syncs each of its steps waits for the disk some ten times per car.
#pragma once

#include "gateway/store/disk.h"

namespace sudare {

// Never under a store that is in use: a power cut would leave anything in it. Any thread.
[[nodiscard]] Disk& unsynced_disk();

}  // namespace sudare
