// A pool of threads for loops whose iterations do not depend on each other.
#ifndef SIFAKA_THREAD_POOL_H_
#define SIFAKA_THREAD_POOL_H_

#include <cstdint>
#include <functional>

namespace sifaka {

// Calls `work(begin, end)` on all cores, for ranges that together are [0, total), each at most `grain` long. The ranges
// do not depend on the number of threads, so sums that are kept by range and added in order do not, either. Returns
// when all calls have returned.
void ParallelFor(int64_t total, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& work);

}  // namespace sifaka

#endif  // SIFAKA_THREAD_POOL_H_
