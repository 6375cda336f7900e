// Device memory: the host's, with a list of allocations.
#pragma once
#include <cstddef>
#include <cstdint>

#include "failure.h"

namespace stand_in {

Result allocate(uint64_t* address, size_t bytes);
Result release(uint64_t address);
/// Whether a copy or fill of these bytes is inside one allocation.
bool isAllocated(uint64_t address, size_t bytes);
size_t freeBytes();
size_t totalBytes();
void setTotalBytes(size_t bytes);

} // namespace stand_in
