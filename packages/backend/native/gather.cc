// Rows of a table by index, and sums of rows with the same id.
#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kGrain = 32768;

}  // namespace

// Inputs: x [batch, outer, rows, width], indices [batch, count], int32. Output: [batch, outer, count, width]. Numbers:
// batch, outer, rows, count, and width in bytes.
void Gather(Call& call) {
  const int64_t batch = call.Integer(0), outer = call.Integer(1), rows = call.Integer(2);
  const int64_t count = call.Integer(3), width = call.Integer(4);
  const char* const from = call.Input<char>(0);
  const int32_t* const indices = call.Input<int32_t>(1);
  char* const to = call.Output<char>(0);
  for (int64_t i = 0; i < batch * count; i++) {
    if (indices[i] >= 0 && indices[i] < rows) continue;
    return call.Fail("GatherV2 on tensorflow: expected indices in [0, " + std::to_string(rows - 1) + "], got " +
                     std::to_string(indices[i]) + " at position " + std::to_string(i));
  }
  if (width == 0) return;
  ParallelFor(batch * outer * count, std::max<int64_t>(1, 4 * kGrain / width), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t block = i / count, row = indices[block / outer * count + i % count];
      std::memcpy(to + i * width, from + (block * rows + row) * width, width);
    }
  });
}

// Inputs: x [count, width], ids [count], int32. Output: [segments, width], the sums of the rows with each id. Rows with
// an id outside [0, segments) are ignored. Numbers: count, width, segments.
void SegmentSum(Call& call) {
  const int64_t count = call.Integer(0), width = call.Integer(1), segments = call.Integer(2);
  const float* const from = call.Input(0);
  const int32_t* const ids = call.Input<int32_t>(1);
  float* const to = call.Output(0);
  std::memset(to, 0, segments * width * sizeof(float));
  for (int64_t i = 0; i < count; i++) {
    if (ids[i] < 0 || ids[i] >= segments) continue;
    float* const out = to + ids[i] * width;
    const float* const in = from + i * width;
#pragma omp simd
    for (int64_t j = 0; j < width; j++) out[j] += in[j];
  }
}

}  // namespace sifaka
