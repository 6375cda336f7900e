// C = op(A) op(B) + bias for a stack of products: how they are split among threads.
#include <algorithm>

#include "kernel.h"
#include "product_tile.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kRangeWork = 1 << 18;   // Multiplications that are worth another thread.
constexpr int64_t kLongDepth = 1024;      // Sums at least this long may be split into parts,
constexpr int64_t kFewEntries = 1 << 18;  // if C has at most this many entries.

struct Sizes {
  int64_t batch, m, n, k;
  bool transpose_a, transpose_b;
  int64_t a_stride, b_stride;  // Floats between the matrices of a stack; 0 if one matrix serves all.

  Matrix A(const float* data, int64_t which) const {
    return {data + which * a_stride, transpose_a ? 1 : k, transpose_a ? m : 1};
  }
  Matrix B(const float* data, int64_t which) const {
    return {data + which * b_stride, transpose_b ? 1 : n, transpose_b ? k : 1};
  }
};

// For a product with few entries and long sums, such as a weight's gradient: computes the sums in parts and adds these
// in order.
void LongProduct(const Sizes& sizes, const float* a, const float* b, const float* bias, float* c) {
  const int64_t parts = std::min<int64_t>(8, sizes.k / (kLongDepth / 2)), length = Ceil(Ceil(sizes.k, parts), 8) * 8;
  const int64_t size = sizes.m * sizes.n, count = Ceil(sizes.k, length);
  const Memory sums(count * size);
  const Matrix left = sizes.A(a, 0), right = sizes.B(b, 0);
  ParallelFor(count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++) {
      const int64_t k = part * length, depth = std::min(length, sizes.k - k);
      Multiply(From(left, 0, k), From(right, k, 0), nullptr, part == 0 ? bias : nullptr, sizes.m, sizes.n, depth,
               sums.data() + part * size, sizes.n);
    }
  });
  ParallelFor(size, kRangeWork / 8, [&](int64_t begin, int64_t end) {
    std::copy_n(sums.data() + begin, end - begin, c + begin);
    for (int64_t part = 1; part < count; part++) {
      const float* const from = sums.data() + part * size;
#pragma omp simd
      for (int64_t i = begin; i < end; i++) c[i] += from[i];
    }
  });
}

}  // namespace

// Inputs: A, B, the bias or none. Numbers: batch, m, n, k, transpose A, transpose B, floats between the As, floats
// between the Bs (0 uses one for all). How C is split does not depend on the number of threads.
void Product(Call& call) {
  const Sizes sizes = {call.Integer(0),      call.Integer(1),      call.Integer(2), call.Integer(3),
                    call.Integer(4) != 0, call.Integer(5) != 0, call.Integer(6), call.Integer(7)};
  const float *const a = call.Input(0), *const b = call.Input(1), *const bias = call.Input(2);
  float* const c = call.Output(0);
  const int64_t m = sizes.m, n = sizes.n, k = sizes.k;
  if (sizes.batch * m * n == 0) return;
  int64_t down = Ceil(m, kChunkRows);
  if (sizes.batch == 1 && down * n * k * kChunkRows > kRangeWork) {
    if (down < 8 && k >= kLongDepth && m * n <= kFewEntries) return LongProduct(sizes, a, b, bias, c);
    down += down % 2;  // Gives two threads equal parts.
  }
  const int64_t rows = Ceil(Ceil(m, down), kTileRows) * kTileRows;
  down = Ceil(m, rows);
  int64_t columns = n;
  while (rows * columns * k > kRangeWork && columns > 2 * kPanel && sizes.batch * down * Ceil(n, columns) < 2) {
    columns = Ceil(columns / 2, kPanel) * kPanel;
  }
  const int64_t across = Ceil(n, columns);
  // Panels that several parts use are packed once.
  const int64_t shared = down > 1 && across == 1 ? (sizes.b_stride == 0 ? 1 : sizes.batch) : 0;
  const int64_t packed_size = PackedSize(k, n);
  const Memory panels(shared * packed_size);
  float* const packed = shared ? panels.data() : nullptr;
  const int64_t packing_grain = std::max<int64_t>(1, kRangeWork / 4 / std::max<int64_t>(1, packed_size));
  ParallelFor(shared, packing_grain, [&](int64_t begin, int64_t end) {
    for (int64_t which = begin; which < end; which++) PackAll(sizes.B(b, which), k, n, packed + which * packed_size);
  });
  const int64_t grain = std::max<int64_t>(1, kRangeWork / std::max<int64_t>(1, rows * columns * k));
  ParallelFor(sizes.batch * down * across, grain, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++) {
      const int64_t which = part / (down * across), i = part / across % down * rows, j = part % across * columns;
      const float* const its_panels = packed ? packed + (shared > 1 ? which : 0) * packed_size : nullptr;
      Multiply(From(sizes.A(a, which), i, 0), From(sizes.B(b, which), 0, j), its_panels, bias ? bias + j : nullptr,
               std::min(rows, m - i), std::min(columns, n - j), k, c + (which * m + i) * n + j, n);
    }
  });
}

}  // namespace sifaka
