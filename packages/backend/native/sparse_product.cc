// A sparse matrix, row by row, times a dense one.
#include <algorithm>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kWork = 32768;  // Multiplications per range.
constexpr int64_t kColumns = 32;  // Sums that are kept in registers.

struct SparseRows {
  const int32_t* starts;
  const int32_t* columns;
  const float* values;
};

// to[j] = plus[j] + Σ values[e] · x[columns[e], j] over the entries of a row, for `count` columns up to kColumns.
inline void SumEntries(const SparseRows& a, int64_t row, const float* x, int64_t width, const float* plus, float* to,
                       int64_t count) {
  float sums[kColumns] = {};
  for (int64_t j = 0; plus != nullptr && j < count; j++) sums[j] = plus[j];
  for (int32_t e = a.starts[row]; e < a.starts[row + 1]; e++) {
    const float value = a.values[e];
    const float* const in = x + a.columns[e] * width;
#pragma omp simd
    for (int64_t j = 0; j < count; j++) sums[j] += value * in[j];
  }
  for (int64_t j = 0; j < count; j++) to[j] = sums[j];
}

}  // namespace

// Inputs: starts [rows + 1] and columns [entries], int32 and trusted; values [entries]; x [columns, width]; plus
// [rows, width] or none. Output: [rows, width]. Numbers: rows, entries, width.
void SparseProduct(Call& call) {
  const int64_t rows = call.Integer(0), entries = call.Integer(1), width = call.Integer(2);
  const SparseRows a = {call.Input<int32_t>(0), call.Input<int32_t>(1), call.Input(2)};
  const float* const x = call.Input(3);
  const float* const plus = call.Input(4);
  float* const to = call.Output(0);
  if (rows == 0 || width == 0) return;
  const int64_t work = std::max<int64_t>(1, width * (1 + entries / rows));  // Of a row, on average.
  ParallelFor(rows, std::max<int64_t>(1, kWork / work), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      for (int64_t at = 0; at < width; at += kColumns) {
        const float* const more = plus == nullptr ? nullptr : plus + row * width + at;
        float* const out = to + row * width + at;
        if (at + kColumns <= width) {
          SumEntries(a, row, x + at, width, more, out, kColumns);
        } else {
          SumEntries(a, row, x + at, width, more, out, width - at);
        }
      }
    }
  });
}

}  // namespace sifaka
