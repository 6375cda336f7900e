// (x - mean) / √(variance + ε) · scale + shift over the last axis, and its gradients.
#include <cmath>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kRows = 128;  // Per turn.

struct Statistics {
  float mean;
  float inverse;  // 1 / √(variance + ε)
};

Statistics StatisticsOf(const float* row, int64_t width, float epsilon) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < width; i++) sum += row[i];
  const float mean = sum / width;
  float squares = 0;
#pragma omp simd reduction(+ : squares)
  for (int64_t i = 0; i < width; i++) squares += (row[i] - mean) * (row[i] - mean);
  return {mean, 1.0f / std::sqrt(squares / width + epsilon)};
}

// Inputs: x [..., D], scale [D], shift [D], epsilon [1].
void LayerNorm(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Operand x = call.Input(0);
  const Operand scale = call.Input(1);
  const Operand shift = call.Input(2);
  const float epsilon = call.Input(3).data()[0];
  const Operand y = call.Output(0, x.shape());
  const int64_t width = x.width();
  if (call.failed() || x.size() == 0) return;
  const float *from = x.data(), *gamma = scale.data(), *beta = shift.data();
  float* to = y.data();
  ParallelFor(x.size() / width, kRows, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* in = from + row * width;
      float* out = to + row * width;
      const Statistics of = StatisticsOf(in, width, epsilon);
#pragma omp simd
      for (int64_t i = 0; i < width; i++) out[i] = (in[i] - of.mean) * of.inverse * gamma[i] + beta[i];
    }
  });
}

// Inputs: x, dy [..., D], scale [D], epsilon [1]. Outputs: dx, dScale, dShift. Statistics are computed again: a row is in the cache then.
void LayerNormGradient(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Operand x = call.Input(0);
  const Operand dy = call.Input(1);
  const Operand scale = call.Input(2);
  const float epsilon = call.Input(3).data()[0];
  const int64_t width = x.width();
  const Operand dx = call.Output(0, x.shape());
  const Operand d_scale = call.Output(1, {width});
  const Operand d_shift = call.Output(2, {width});
  if (call.failed()) return;
  const int64_t rows = width == 0 ? 0 : x.size() / width;
  const int64_t turns = (rows + kRows - 1) / kRows;
  // Each turn's own sums, added up in order at the end: the same bits with any number of threads.
  std::vector<float> partial(2 * width * turns, 0.0f);
  const float *from = x.data(), *upstream = dy.data(), *gamma = scale.data();
  float *to = dx.data(), *sums = partial.data();
  ParallelFor(rows, kRows, [=](int64_t begin, int64_t end) {
    float* scale_sum = sums + (begin / kRows) * 2 * width;
    float* shift_sum = scale_sum + width;
    for (int64_t row = begin; row < end; row++) {
      const float* in = from + row * width;
      const float* g = upstream + row * width;
      float* out = to + row * width;
      const Statistics of = StatisticsOf(in, width, epsilon);
      float total = 0, along = 0;
#pragma omp simd reduction(+ : total, along)
      for (int64_t i = 0; i < width; i++) {
        const float normal = (in[i] - of.mean) * of.inverse;
        const float slope = g[i] * gamma[i];
        total += slope;
        along += slope * normal;
        scale_sum[i] += g[i] * normal;
        shift_sum[i] += g[i];
      }
      total /= width;
      along /= width;
#pragma omp simd
      for (int64_t i = 0; i < width; i++) {
        const float normal = (in[i] - of.mean) * of.inverse;
        out[i] = of.inverse * (g[i] * gamma[i] - total - normal * along);
      }
    }
  });
  for (int64_t i = 0; i < width; i++) {
    float scale_total = 0, shift_total = 0;
    for (int64_t turn = 0; turn < turns; turn++) {
      scale_total += sums[turn * 2 * width + i];
      shift_total += sums[turn * 2 * width + width + i];
    }
    d_scale.data()[i] = scale_total;
    d_shift.data()[i] = shift_total;
  }
}

}  // namespace

Kernel LayerNormKernel() {
  return {"SifakaLayerNorm", {}, {"x: float", "scale: float", "shift: float", "epsilon: float"}, {"y: float"}, LayerNorm};
}
Kernel LayerNormGradientKernel() {
  return {"SifakaLayerNormGradient",
          {},
          {"x: float", "dy: float", "scale: float", "epsilon: float"},
          {"dx: float", "dscale: float", "dshift: float"},
          LayerNormGradient};
}

}  // namespace sifaka
