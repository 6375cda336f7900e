// C = op(A) op(B) + bias for a stack of products, by register tiles of 6 x 16 over panels of B that stay in the first-level cache
// (K. Goto, R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34(3), 2008).
#include <algorithm>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

typedef float Vector __attribute__((vector_size(32), aligned(4)));  // Any address will do.

constexpr int64_t kTileRows = 6;
constexpr int64_t kPanel = 16;
constexpr int64_t kDepth = 256;
constexpr int64_t kChunkRows = 96;
constexpr int64_t kTurnWork = 1 << 18;  // Multiplications that are worth another thread.

// A matrix as it is read: entry (i, j) at data[i * row + j * column].
struct Matrix {
  const float* data;
  int64_t row, column;
};

Vector Load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
void Store(float* to, Vector values) { *reinterpret_cast<Vector*>(to) = values; }

// C[kRows, 16] = start + A[kRows, depth] B[depth, 16], the rows of B `step` apart. `start` has rows `start_row` apart; null is zero.
template <int kRows>
void Tile(const Matrix& a, const float* b, int64_t step, int64_t depth, const float* start, int64_t start_row, float* c, int64_t c_row) {
  Vector sums[kRows][2];
  for (int i = 0; i < kRows; i++) {
    sums[i][0] = start ? Load(start + i * start_row) : Vector{};
    sums[i][1] = start ? Load(start + i * start_row + 8) : Vector{};
  }
  const float* from = a.data;
  for (int64_t k = 0; k < depth; k++) {
    const Vector left = Load(b), right = Load(b + 8);
#pragma GCC unroll 6
    for (int i = 0; i < kRows; i++) {
      const float x = from[i * a.row];
      sums[i][0] += x * left;
      sums[i][1] += x * right;
    }
    from += a.column;
    b += step;
  }
  for (int i = 0; i < kRows; i++) {
    Store(c + i * c_row, sums[i][0]);
    Store(c + i * c_row + 8, sums[i][1]);
  }
}

void TileOf(int64_t rows, const Matrix& a, const float* b, int64_t step, int64_t depth, const float* start, int64_t start_row, float* c,
            int64_t c_row) {
  switch (rows) {
    case 1: return Tile<1>(a, b, step, depth, start, start_row, c, c_row);
    case 2: return Tile<2>(a, b, step, depth, start, start_row, c, c_row);
    case 3: return Tile<3>(a, b, step, depth, start, start_row, c, c_row);
    case 4: return Tile<4>(a, b, step, depth, start, start_row, c, c_row);
    case 5: return Tile<5>(a, b, step, depth, start, start_row, c, c_row);
    default: return Tile<6>(a, b, step, depth, start, start_row, c, c_row);
  }
}

// Columns [0, count) of B side by side as [depth, 16], zero behind.
void Pack(const Matrix& b, int64_t depth, int64_t count, float* to) {
  if (count == kPanel && b.column == 1) {
    for (int64_t k = 0; k < depth; k++, to += kPanel) std::copy_n(b.data + k * b.row, kPanel, to);
    return;
  }
  if (count < kPanel) std::fill_n(to, depth * kPanel, 0.0f);
  for (int64_t j = 0; j < count; j++) {
    const float* from = b.data + j * b.column;
    for (int64_t k = 0; k < depth; k++) to[k * kPanel + j] = from[k * b.row];
  }
}

// The part of C with `rows` x `columns` entries that begins at `c`; `bias` has one number for each column.
void Part(const Matrix& a, const Matrix& b, const float* bias, int64_t rows, int64_t columns, int64_t depth, float* c, int64_t c_row) {
  thread_local std::vector<float> packed(kDepth * kPanel);
  for (int64_t k0 = 0; k0 < depth || k0 == 0; k0 += kDepth) {
    const int64_t deep = std::min(kDepth, depth - k0);
    for (int64_t j = 0; j < columns; j += kPanel) {
      const int64_t count = std::min(kPanel, columns - j);
      const Matrix panel = {b.data + k0 * b.row + j * b.column, b.row, b.column};
      const bool direct = count == kPanel && b.column == 1 && rows <= 2 * kTileRows;
      if (!direct) Pack(panel, deep, count, packed.data());
      const float* const from = direct ? panel.data : packed.data();
      const int64_t step = direct ? b.row : kPanel;
      float bias_panel[kPanel] = {};
      if (bias) std::copy_n(bias + j, count, bias_panel);
      for (int64_t i = 0; i < rows; i += kTileRows) {
        const int64_t high = std::min(kTileRows, rows - i);
        const Matrix left = {a.data + i * a.row + k0 * a.column, a.row, a.column};
        float* const to = c + i * c_row + j;
        if (count == kPanel) {
          const float* const start = k0 > 0 ? to : bias ? bias_panel : nullptr;
          TileOf(high, left, from, step, deep, start, k0 > 0 ? c_row : 0, to, c_row);
        } else {
          float edge[kTileRows * kPanel];
          for (int64_t r = 0; r < high; r++) {
            for (int64_t n = 0; n < kPanel; n++) edge[r * kPanel + n] = n >= count ? 0.0f : k0 > 0 ? to[r * c_row + n] : bias_panel[n];
          }
          TileOf(high, left, from, step, deep, edge, kPanel, edge, kPanel);
          for (int64_t r = 0; r < high; r++) std::copy_n(edge + r * kPanel, count, to + r * c_row);
        }
      }
    }
  }
}

// Inputs: A, B, bias (any tensor where there is none); plan: batch, m, n, k, transpose A, transpose B, floats between the As, between the
// Bs (0 uses one for all), has bias; the shape of C. How C is cut among threads changes no sum.
void Product(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Operand a = call.Input(0), b = call.Input(1), bias = call.Input(2), plan_input = call.Input(3), shape = call.Input(4);
  const int32_t* plan = plan_input.data<int32_t>();
  const int64_t batch = plan[0], m = plan[1], n = plan[2], k = plan[3];
  const bool transpose_a = plan[4], transpose_b = plan[5];
  const int64_t a_stride = plan[6], b_stride = plan[7];
  const int32_t* sizes = shape.data<int32_t>();
  const Operand c = call.Output(0, std::vector<int64_t>(sizes, sizes + shape.size()));
  if (call.failed() || c.size() == 0) return;
  const float* bias_data = plan[8] ? bias.data() : nullptr;
  // Fewer, larger parts read B fewer times; more parts than threads even out.
  int64_t rows = std::min(m, kChunkRows), columns = n;
  while (rows * columns * k > kTurnWork && columns > 2 * kPanel && batch * ((m + rows - 1) / rows) * ((n + columns - 1) / columns) < 4) {
    columns = (columns / 2 + kPanel - 1) / kPanel * kPanel;
  }
  const int64_t down = (m + rows - 1) / rows, across = (n + columns - 1) / columns;
  const int64_t grain = std::max<int64_t>(1, kTurnWork / std::max<int64_t>(1, rows * columns * k));
  ParallelFor(batch * down * across, grain, [&](int64_t begin, int64_t end) {
    for (int64_t turn = begin; turn < end; turn++) {
      const int64_t which = turn / (down * across), i = turn / across % down * rows, j = turn % across * columns;
      const Matrix left = {a.data() + which * a_stride + i * (transpose_a ? 1 : k), transpose_a ? 1 : k, transpose_a ? m : 1};
      const Matrix right = {b.data() + which * b_stride + j * (transpose_b ? k : 1), transpose_b ? 1 : n, transpose_b ? k : 1};
      Part(left, right, bias_data ? bias_data + j : nullptr, std::min(rows, m - i), std::min(columns, n - j), k,
           c.data() + (which * m + i) * n + j, n);
    }
  });
}

}  // namespace

Kernel ProductKernel() {
  return {"SifakaProduct", {}, {"a: float", "b: float", "bias: float", "plan: int32", "shape: int32"}, {"c: float"}, Product};
}

}  // namespace sifaka
