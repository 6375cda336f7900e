#include "memory.h"

#include <cstdlib>
#include <cstring>
#include <map>

#include "stand-in.h"

namespace stand_in {

namespace {

std::map<uintptr_t, Allocation> allocations; // By address.
size_t total = size_t(2) << 30, used = 0;
Allocation last = {0, 0}; // The one that was found last.

const Allocation* find(uint64_t address) {
  if (address >= last.begin && address < last.end) return &last;
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) return nullptr;
  const Allocation& found = (--after)->second;
  if (address >= found.end) return nullptr;
  last = found;
  return &last;
}

} // namespace

Allocation allocationOf(uint64_t address) {
  const Allocation* found = find(address);
  return found == nullptr ? Allocation{0, 0} : *found;
}

void outOfBounds(Allocation of, uintptr_t address, size_t bytes) {
  if (of.end == 0) fail(ILLEGAL_ADDRESS, "uses address %#llx, which is not allocated", (unsigned long long)address);
  fail(ILLEGAL_ADDRESS, "uses bytes %lld to %lld of an allocation of %zu", (long long)(address - of.begin),
       (long long)(address - of.begin + bytes), (size_t)(of.end - of.begin));
}

Result allocate(uint64_t* address, size_t bytes) {
  if (bytes == 0) return INVALID_VALUE;
  if (bytes > total - used) return OUT_OF_MEMORY;
  void* memory = malloc(bytes);
  if (memory == nullptr) return OUT_OF_MEMORY;
  memset(memory, 0xff, bytes); // As floats, NaN: a value that is read before it is written shows.
  const uintptr_t begin = reinterpret_cast<uintptr_t>(memory);
  allocations[begin] = {begin, begin + bytes};
  used += bytes;
  *address = begin;
  return SUCCESS;
}

Result release(uint64_t address) {
  const auto found = allocations.find(address);
  if (found == allocations.end()) return INVALID_VALUE;
  used -= found->second.end - found->second.begin;
  allocations.erase(found);
  last = {0, 0};
  free(reinterpret_cast<void*>(address));
  return SUCCESS;
}

bool isAllocated(uint64_t address, size_t bytes) {
  const Allocation* found = find(address);
  return found != nullptr && address + bytes <= found->end;
}

size_t freeBytes() { return total - used; }
size_t totalBytes() { return total; }
void setTotalBytes(size_t bytes) { total = bytes > used ? bytes : used; }

} // namespace stand_in
