// Rows read by index, rows summed by index, and the largest values of a row.
#include "kernel.h"

template <class T> struct GatherArgs {
  Global<const T> x; // [batch, outer, length, width]
  Global<const int> indices; // [batch, count]
  Global<T> out; // [batch, outer, count, width]
  unsigned size;
  int outer, length, count, width;
};
template <class T> DEVICE void gatherRows(const GatherArgs<T>& a) {
  FOR_EACH(i, a.size) {
    const unsigned column = i % a.width, at = i / a.width;
    const unsigned matrix = at / a.count, batch = matrix / a.outer;
    const int index = a.indices[batch * a.count + at % a.count];
    // An index outside the table reads 0, and no memory.
    a.out[i] = index >= 0 && index < a.length ? a.x[((long long)matrix * a.length + index) * a.width + column] : (T)0;
  }
}
KERNEL(gather_4, GatherArgs<int>) { gatherRows(a); }
KERNEL(gather_1, GatherArgs<byte>) { gatherRows(a); }

// One warp for each segment and each 32 columns. It adds the segment's rows in their order, so the sum is always the
// same: `x [count, width]`, `ids [count]`, `out [segments, width]`.
template <class T> struct SegmentArgs {
  Global<const T> x;
  Global<const int> ids;
  Global<T> out;
  int count, width;
};
template <class T> DEVICE void sumSegment(const SegmentArgs<T>& a) {
  const int segment = blockIdx.x, column = blockIdx.y * LANES + threadIdx.x;
  T total = 0;
  for (int start = 0; start < a.count; start += LANES) {
    const int mine = start + threadIdx.x;
    unsigned matches = BALLOT(mine < a.count && a.ids[mine] == segment);
    while (matches != 0) {
      const int row = start + LOWEST_BIT(matches);
      matches &= matches - 1;
      if (column < a.width) total += a.x[(long long)row * a.width + column];
    }
  }
  if (column < a.width) a.out[(long long)segment * a.width + column] = total;
}
COOPERATIVE_KERNEL(segment_sum_float, SegmentArgs<float>) { sumSegment(a); }
COOPERATIVE_KERNEL(segment_sum_int, SegmentArgs<int>) { sumSegment(a); }

// The largest `count` values of each row, and their positions. Equal values keep their order; a NaN is the smallest.
struct TopArgs {
  Global<const float> x; // [rows, width]
  Global<float> values; // [rows, count]
  Global<int> indices;
  int width, count;
};
DEVICE bool comesBefore(float x, int i, float y, int j) {
  if (isNaN(x) || isNaN(y)) return isNaN(x) == isNaN(y) ? i < j : isNaN(y);
  return x == y ? i < j : x > y;
}
COOPERATIVE_KERNEL(top, TopArgs) { // 128 threads for each row; round r finds the first value after that of round r − 1.
  SHARED(float, values, 128);
  SHARED(int, indices, 128);
  const auto x = a.x + (long long)blockIdx.x * a.width;
  float last = 0;
  int lastIndex = -1;
  for (int round = 0; round < a.count; round++) {
    float best = 0;
    int bestIndex = -1;
    for (int i = threadIdx.x; i < a.width; i += 128) {
      const float value = x[i];
      if (lastIndex >= 0 && !comesBefore(last, lastIndex, value, i)) continue;
      if (bestIndex < 0 || comesBefore(value, i, best, bestIndex)) {
        best = value;
        bestIndex = i;
      }
    }
    values[threadIdx.x] = best;
    indices[threadIdx.x] = bestIndex;
    BARRIER();
    for (unsigned half = 64; half > 0; half /= 2) {
      if (threadIdx.x < half) {
        const float other = values[threadIdx.x + half];
        const int otherIndex = indices[threadIdx.x + half];
        const float mine = values[threadIdx.x];
        const int myIndex = indices[threadIdx.x];
        if (otherIndex >= 0 && (myIndex < 0 || comesBefore(other, otherIndex, mine, myIndex))) {
          values[threadIdx.x] = other;
          indices[threadIdx.x] = otherIndex;
        }
      }
      BARRIER();
    }
    last = values[0];
    lastIndex = indices[0];
    if (threadIdx.x == 0) {
      a.values[(long long)blockIdx.x * a.count + round] = last;
      a.indices[(long long)blockIdx.x * a.count + round] = lastIndex;
    }
    BARRIER();
  }
}
