// Sums and means over neighbouring axes.
#include <algorithm>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kWork = 32768;  // Additions per range.
constexpr int64_t kBlock = 1024;  // Numbers that are added in single precision.

void SumRows(const float* from, float* to, int64_t rows, int64_t width, float factor) {
  ParallelFor(rows, std::max<int64_t>(1, kWork / width), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      double total = 0;
      for (int64_t at = 0; at < width; at += kBlock) {
        const float* in = from + row * width + at;
        const int64_t count = std::min(kBlock, width - at);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = 0; i < count; i++) sum += in[i];
        total += sum;
      }
      to[row] = static_cast<float>(total * factor);
    }
  });
}

// to[i] = factor · Σ from[r, i] over `count` rows.
void AddRows(const float* from, float* to, int64_t count, int64_t width, float factor) {
  constexpr int64_t kColumns = 32;
  int64_t at = 0;
  for (; at + kColumns <= width; at += kColumns) {
    float sums[kColumns] = {};
    for (int64_t row = 0; row < count; row++) {
#pragma omp simd
      for (int64_t i = 0; i < kColumns; i++) sums[i] += from[row * width + at + i];
    }
#pragma omp simd
    for (int64_t i = 0; i < kColumns; i++) to[at + i] = factor * sums[i];
  }
  if (at == width) return;
  float sums[kColumns] = {};
  for (int64_t row = 0; row < count; row++) {
#pragma omp simd
    for (int64_t i = 0; i < width - at; i++) sums[i] += from[row * width + at + i];
  }
  for (int64_t i = 0; i < width - at; i++) to[at + i] = factor * sums[i];
}

}  // namespace

// Input: x [outer, middle, inner]. Output: [outer, inner]. Numbers: outer, middle, inner, and the factor that
// multiplies the sums.
void Sum(Call& call) {
  const int64_t outer = call.Integer(0), middle = call.Integer(1), inner = call.Integer(2);
  const float factor = call.Number(3);
  const float* const from = call.Input(0);
  float* const to = call.Output(0);
  if (middle == 0) std::fill_n(to, outer * inner, 0.0f);
  if (outer * middle * inner == 0) return;
  if (inner == 1) return SumRows(from, to, outer, middle, factor);
  // Tall inputs are split into parts of fixed height, whose sums are added in order: any number of threads gives the
  // same bits.
  const int64_t height = std::min<int64_t>(kBlock, std::max<int64_t>(64, kWork / inner));
  const int64_t parts = (middle + height - 1) / height;
  if (parts == 1) {
    return ParallelFor(outer, std::max<int64_t>(1, kWork / (middle * inner)), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) AddRows(from + i * middle * inner, to + i * inner, middle, inner, factor);
    });
  }
  const Memory partial(outer * parts * inner);
  float* const sums = partial.data();
  ParallelFor(outer * parts, 1, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t first = i % parts * height;
      const float* const part = from + (i / parts * middle + first) * inner;
      AddRows(part, sums + i * inner, std::min(height, middle - first), inner, 1.0f);
    }
  });
  for (int64_t i = 0; i < outer; i++) AddRows(sums + i * parts * inner, to + i * inner, parts, inner, factor);
}

}  // namespace sifaka
