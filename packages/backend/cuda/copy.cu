// Values moved without a change: a block of one tensor to a block of another. Slices, transposes, tiles, pieces of a
// concatenation and padding are such copies. Float32 and int32 are copied as words, bool as bytes.
#include "kernel.h"

#define AXES 12 // A tile of six axes has twice as many.

template <class T> struct CopyArgs {
  Global<const T> x;
  Global<T> out;
  unsigned size;
  int from, to; // The block's first value in both tensors.
  int axes;
  int sizes[AXES]; // The last axis comes first.
  int fromStrides[AXES], toStrides[AXES];
};

template <class T> DEVICE void copyBlock(const CopyArgs<T>& a) {
  FOR_EACH(i, a.size) {
    unsigned rest = i;
    int from = a.from, to = a.to;
#pragma unroll
    for (int axis = 0; axis < AXES; axis++) {
      if (axis >= a.axes) break;
      const int along = rest % a.sizes[axis];
      rest /= a.sizes[axis];
      from += along * a.fromStrides[axis];
      to += along * a.toStrides[axis];
    }
    a.out[to] = a.x[from];
  }
}

KERNEL(copy_4, CopyArgs<int>) { copyBlock(a); }
KERNEL(copy_1, CopyArgs<byte>) { copyBlock(a); }

// The transpose of each matrix of a stack, through shared memory, so that reads and writes are both in order:
// `x [batch, rows, columns]` to `out [batch, columns, rows]`.
struct TransposeArgs {
  Global<const int> x;
  Global<int> out;
  int rows, columns;
};
COOPERATIVE_KERNEL(transpose_4, TransposeArgs) { // 32 × 8 threads, a tile of 32 × 32 per block.
  SHARED(int, tile, 32 * 33);
  const unsigned row = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int top = blockIdx.y * 32, left = blockIdx.x * 32;
  const long long matrix = (long long)blockIdx.z * a.rows * a.columns;
  for (unsigned i = row; i < 32; i += 8) {
    const int y = top + i, x = left + lane;
    if (y < a.rows && x < a.columns) tile[i * 33 + lane] = a.x[matrix + (long long)y * a.columns + x];
  }
  BARRIER();
  for (unsigned i = row; i < 32; i += 8) {
    const int y = left + i, x = top + lane;
    if (y < a.columns && x < a.rows) a.out[matrix + (long long)y * a.rows + x] = tile[lane * 33 + i];
  }
}
