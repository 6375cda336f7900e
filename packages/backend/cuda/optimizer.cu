// One update of all weights, and the norm of all gradients: many tensors, each in a single launch. A list in device
// memory says which blocks work on which tensor.
#include "block.h"

#define CHUNK 1024 // Values of a block.

// The entry of a list whose blocks include this one. Entries are in order of their first block.
template <class List> DEVICE int entryOfBlock(List list, int count) {
  int low = 0, high = count - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if ((unsigned)list[middle].firstBlock <= blockIdx.x) low = middle;
    else high = middle - 1;
  }
  return low;
}

struct Weight {
  unsigned long long weight, gradient, out; // Addresses.
  int firstBlock, size;
  int offset; // In the moments.
  float rate, decay;
  int unused;
};
struct AdamWArgs {
  Global<const Weight> weights;
  Global<float> first, second; // The moments.
  int count;
  float clip, beta1, beta2, rest1, rest2, epsilon;
};
KERNEL(adamw, AdamWArgs) {
  const Weight of = a.weights[entryOfBlock(a.weights, a.count)];
  const auto weight = pointerTo<const float>(of.weight), gradient = pointerTo<const float>(of.gradient);
  const auto out = pointerTo<float>(of.out);
  const int start = (blockIdx.x - of.firstBlock) * CHUNK, end = start + CHUNK < of.size ? start + CHUNK : of.size;
  for (int i = start + threadIdx.x; i < end; i += blockDim.x) {
    const float slope = gradient[i] * a.clip, w = weight[i];
    const float m = a.beta1 * a.first[of.offset + i] + a.rest1 * slope;
    const float v = a.beta2 * a.second[of.offset + i] + a.rest2 * slope * slope;
    a.first[of.offset + i] = m;
    a.second[of.offset + i] = v;
    out[i] = w - of.rate * m / (sqrtf(v) + a.epsilon) - of.decay * w;
  }
}

struct Part {
  unsigned long long x;
  int firstBlock, size;
};
struct SquaresArgs {
  Global<const Part> parts;
  Global<float> out; // One value for each block.
  int count, unused;
};
COOPERATIVE_KERNEL(sum_of_squares, SquaresArgs) {
  const Part of = a.parts[entryOfBlock(a.parts, a.count)];
  const auto x = pointerTo<const float>(of.x);
  const int start = (blockIdx.x - of.firstBlock) * CHUNK, end = start + CHUNK < of.size ? start + CHUNK : of.size;
  float total = 0;
  for (int i = start + threadIdx.x; i < end; i += ROW_THREADS) total += x[i] * x[i];
  total = sumAcrossBlock(total);
  if (threadIdx.x == 0) a.out[blockIdx.x] = total;
}

// A sparse matrix, row by row, times a dense one, plus another: `out [rows, width]`.
struct SparseArgs {
  Global<const int> starts;
  Global<const int> columns;
  Global<const float> values;
  Global<const float> x;
  Global<const float> plus; // May be null.
  Global<float> out;
  unsigned size;
  int width;
};
KERNEL(sparse_product, SparseArgs) {
  FOR_EACH(i, a.size) {
    const int row = i / a.width, column = i % a.width;
    float total = a.plus ? a.plus[i] : 0.0f;
    for (int at = a.starts[row]; at < a.starts[row + 1]; at++) {
      total = fmaf(a.values[at], a.x[(long long)a.columns[at] * a.width + column], total);
    }
    a.out[i] = total;
  }
}
