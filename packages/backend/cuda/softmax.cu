// Softmax of the rows of a matrix, one block of 128 threads for each row.
#include "kernel.h"

#define THREADS 128

struct SoftmaxArgs {
  Global<const float> x;
  Global<float> out;
  int width;
};

// The sum, or the maximum, of one value of each thread, in every thread.
template <bool Maximum> DEVICE float acrossBlock(float value) {
  SHARED(float, values, THREADS);
  values[threadIdx.x] = value;
  BARRIER();
  for (unsigned half = THREADS / 2; half > 0; half /= 2) {
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

template <bool Logarithm> DEVICE void softmaxRow(const SoftmaxArgs& a) {
  const auto x = a.x + (long long)blockIdx.x * a.width;
  const auto out = a.out + (long long)blockIdx.x * a.width;
  float largest = -INFINITE;
  for (int i = threadIdx.x; i < a.width; i += THREADS) largest = larger(largest, (float)x[i]);
  largest = acrossBlock<true>(largest);
  float total = 0;
  for (int i = threadIdx.x; i < a.width; i += THREADS) total += expf(x[i] - largest);
  total = acrossBlock<false>(total);
  const float scale = Logarithm ? logf(total) : 1 / total;
  for (int i = threadIdx.x; i < a.width; i += THREADS) {
    out[i] = Logarithm ? x[i] - largest - scale : expf(x[i] - largest) * scale;
  }
}

COOPERATIVE_KERNEL(softmax, SoftmaxArgs) { softmaxRow<false>(a); }
COOPERATIVE_KERNEL(log_softmax, SoftmaxArgs) { softmaxRow<true>(a); }
