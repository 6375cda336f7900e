// (x - mean) / √(variance + ε) · scale + shift over the last axis, and its gradients.
#include <cmath>

#include "kernel.h"
#include "thread_pool.h"
#include "vector.h"

namespace sifaka {
namespace {

constexpr int64_t kRows = 128;  // Rows per range.

struct Statistics {
  float mean;
  float inverse;  // 1 / √(variance + ε)
};

// Access to eight numbers of a row, or to one.
struct Eight {
  static Vector At(const float* from) { return Load(from); }
  static void Put(float* to, Vector values) { Store(to, values); }
};
struct One {
  static float At(const float* from) { return *from; }
  static void Put(float* to, float value) { *to = value; }
};

// Calls f(i, Eight) for every whole vector of a row, and f(i, One) for each remaining number.
template <typename Function>
void ForEach(int64_t width, Function f) {
  int64_t i = 0;
  for (; i + kVector <= width; i += kVector) f(i, Eight());
  for (; i < width; i++) f(i, One());
}

// A sum of vectors and single numbers.
struct Total {
  Vector vectors = {};
  float rest = 0;
  void operator+=(Vector values) { vectors += values; }
  void operator+=(float value) { rest += value; }
  float Value() const { return SumOf(vectors) + rest; }
};

Statistics StatisticsOf(const float* row, int64_t width, float epsilon) {
  Total sum, squares;
  ForEach(width, [&](int64_t i, auto some) { sum += some.At(row + i); });
  const float mean = sum.Value() / width;
  ForEach(width, [&](int64_t i, auto some) {
    const auto centred = some.At(row + i) - mean;
    squares += centred * centred;
  });
  return {mean, 1.0f / std::sqrt(squares.Value() / width + epsilon)};
}

}  // namespace

// Inputs: x [..., D], scale [D], shift [D]. Numbers: rows, D, epsilon.
void LayerNorm(Call& call) {
  const int64_t rows = call.Integer(0), width = call.Integer(1);
  const float epsilon = call.Number(2);
  const float *from = call.Input(0), *gamma = call.Input(1), *beta = call.Input(2);
  float* to = call.Output(0);
  ParallelFor(rows, kRows, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* in = from + row * width;
      float* out = to + row * width;
      const Statistics statistics = StatisticsOf(in, width, epsilon);
      ForEach(width, [=](int64_t i, auto some) {
        const auto normal = (some.At(in + i) - statistics.mean) * statistics.inverse;
        some.Put(out + i, normal * some.At(gamma + i) + some.At(beta + i));
      });
    }
  });
}

// Inputs: x, dy [..., D], scale [D]. Outputs: dx, dScale, dShift. Numbers: rows, D, epsilon. The statistics are
// computed again: the row is in the cache then.
void LayerNormGradient(Call& call) {
  const int64_t rows = call.Integer(0), width = call.Integer(1);
  const float epsilon = call.Number(2);
  const int64_t ranges = (rows + kRows - 1) / kRows;
  // Each range has its own sums, which are added in order at the end: any number of threads gives the same bits.
  std::vector<float> partial(2 * width * ranges, 0.0f);
  const float *from = call.Input(0), *upstream = call.Input(1), *gamma = call.Input(2);
  float *to = call.Output(0), *d_scale = call.Output(1), *d_shift = call.Output(2), *sums = partial.data();
  ParallelFor(rows, kRows, [=](int64_t begin, int64_t end) {
    float* scale_sum = sums + (begin / kRows) * 2 * width;
    float* shift_sum = scale_sum + width;
    for (int64_t row = begin; row < end; row++) {
      const float* in = from + row * width;
      const float* g = upstream + row * width;
      float* out = to + row * width;
      const Statistics statistics = StatisticsOf(in, width, epsilon);
      Total total, along;
      ForEach(width, [&](int64_t i, auto some) {
        const auto normal = (some.At(in + i) - statistics.mean) * statistics.inverse;
        const auto slope = some.At(g + i) * some.At(gamma + i);
        total += slope;
        along += slope * normal;
        some.Put(scale_sum + i, some.At(scale_sum + i) + some.At(g + i) * normal);
        some.Put(shift_sum + i, some.At(shift_sum + i) + some.At(g + i));
      });
      const float mean_slope = total.Value() / width, mean_along = along.Value() / width;
      ForEach(width, [=](int64_t i, auto some) {
        const auto normal = (some.At(in + i) - statistics.mean) * statistics.inverse;
        const auto slope = some.At(g + i) * some.At(gamma + i);
        some.Put(out + i, (slope - mean_slope - normal * mean_along) * statistics.inverse);
      });
    }
  });
  for (int64_t i = 0; i < width; i++) {
    float scale_total = 0, shift_total = 0;
    for (int64_t range = 0; range < ranges; range++) {
      scale_total += sums[range * 2 * width + i];
      shift_total += sums[range * 2 * width + width + i];
    }
    d_scale[i] = scale_total;
    d_shift[i] = shift_total;
  }
}

}  // namespace sifaka
