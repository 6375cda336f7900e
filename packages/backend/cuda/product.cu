// Stacks of matrix products in float32: `out[m, n] = alpha · x[m, k] y[k, n] + bias[n]`.
#include "kernel.h"

#define TILE 64  // Rows and columns of the output that a block computes.
#define DEPTH 16 // Terms that are in shared memory at a time.
#define PITCH (TILE + 4)

struct ProductArgs {
  Global<const float> x;
  Global<const float> y;
  Global<const float> bias; // May be null.
  Global<float> out;
  int m, n, k;
  int heads; // The stack has two axes; this is the length of the second.
  int xRow, xColumn, yRow, yColumn, outRow; // Strides in elements. A transpose is a pair of strides.
  int xBatch, xHead, yBatch, yHead, outBatch, outHead;
  int part, parts; // A long `k` in parts, `out [parts, …]`: their sum is a second pass.
  int outPart;
  float alpha;
};

// 256 threads, each with 4 × 4 outputs.
COOPERATIVE_KERNEL(product, ProductArgs) {
  SHARED(float, xs, DEPTH * PITCH);
  SHARED(float, ys, DEPTH * PITCH);
  const int thread = threadIdx.x, column = thread % 16, row = thread / 16;
  // All blocks are along x, because CUDA allows few along y and z: tiles of a matrix, parts of k, matrices.
  const unsigned across = (a.n + TILE - 1) / TILE, down = (a.m + TILE - 1) / TILE, tile = blockIdx.x % (across * down);
  const int top = tile / across * TILE, left = tile % across * TILE;
  const unsigned rest = blockIdx.x / (across * down), part = rest % a.parts, matrix = rest / a.parts;
  const long long batch = matrix / a.heads, head = matrix % a.heads;
  const auto x = a.x + (batch * a.xBatch + head * a.xHead);
  const auto y = a.y + (batch * a.yBatch + head * a.yHead);
  const int first = (int)part * a.part, end = first + a.part < a.k ? first + a.part : a.k;
  float sums[4][4] = {};
  for (int start = first; start < end; start += DEPTH) {
    for (int each = thread; each < TILE * DEPTH; each += 256) {
      // Neighbouring threads read neighbouring values, whichever axis is contiguous.
      const int xm = a.xColumn == 1 ? each / DEPTH : each % TILE, xk = a.xColumn == 1 ? each % DEPTH : each / TILE;
      const int yn = a.yRow == 1 ? each / DEPTH : each % TILE, yk = a.yRow == 1 ? each % DEPTH : each / TILE;
      const bool xInside = top + xm < a.m && start + xk < end, yInside = left + yn < a.n && start + yk < end;
      xs[xk * PITCH + xm] = xInside ? x[(long long)(top + xm) * a.xRow + (long long)(start + xk) * a.xColumn] : 0.0f;
      ys[yk * PITCH + yn] = yInside ? y[(long long)(start + yk) * a.yRow + (long long)(left + yn) * a.yColumn] : 0.0f;
    }
    BARRIER();
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
      float xk[4], yk[4];
#pragma unroll
      for (int i = 0; i < 4; i++) {
        xk[i] = xs[k * PITCH + row * 4 + i];
        yk[i] = ys[k * PITCH + column * 4 + i];
      }
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) sums[i][j] = fmaf(xk[i], yk[j], sums[i][j]);
      }
    }
    BARRIER();
  }
  const auto out = a.out + ((long long)part * a.outPart + batch * a.outBatch + head * a.outHead);
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const int m = top + row * 4 + i, n = left + column * 4 + j;
      if (m < a.m && n < a.n) out[(long long)m * a.outRow + n] = a.alpha * sums[i][j] + (a.bias ? a.bias[n] : 0.0f);
    }
  }
}
