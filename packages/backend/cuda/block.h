// Sums over the threads of a block.
#pragma once
#include "kernel.h"

#define ROW_THREADS 128 // Of every kernel with one block for each row.

// The sum, or the maximum, of one value of each of 128 threads, in every thread. The order is always the same.
template <bool Maximum> DEVICE float acrossBlock(float value) {
  SHARED(float, values, ROW_THREADS);
  values[threadIdx.x] = value;
  BARRIER();
  for (unsigned half = ROW_THREADS / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      const float x = values[threadIdx.x], y = values[threadIdx.x + half];
      values[threadIdx.x] = Maximum ? larger(x, y) : x + y;
    }
    BARRIER();
  }
  const float total = values[0];
  BARRIER();
  return total;
}
DEVICE float sumAcrossBlock(float value) { return acrossBlock<false>(value); }
DEVICE float largestAcrossBlock(float value) { return acrossBlock<true>(value); }
