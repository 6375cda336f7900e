// x Φ(x) with the exact normal distribution function.
#include "functions.h"
#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kGrain = 16384;
constexpr float kSqrtHalf = 0.70710678118654752f;
constexpr float kDensity = 0.39894228040143268f;  // 1 / √(2π)

void Gelu(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Operand x = call.Input(0);
  const Operand y = call.Output(0, x.shape());
  if (call.failed()) return;
  const float* from = x.data();
  float* to = y.data();
  ParallelFor(x.size(), kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) to[i] = 0.5f * from[i] * (1.0f + Erf(from[i] * kSqrtHalf));
  });
}

// Also the slope, Φ(x) + x φ(x), which a gradient is to be multiplied by: both need the same distribution.
void GeluAndSlope(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Operand x = call.Input(0);
  const Operand y = call.Output(0, x.shape());
  const Operand slope = call.Output(1, x.shape());
  if (call.failed()) return;
  const float* from = x.data();
  float *to = y.data(), *to_slope = slope.data();
  ParallelFor(x.size(), kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) {
      const float value = from[i];
      const float distribution = 0.5f * (1.0f + Erf(value * kSqrtHalf));
      to[i] = value * distribution;
      to_slope[i] = distribution + value * kDensity * ExpOfNegative(-0.5f * value * value);
    }
  });
}

}  // namespace

Kernel GeluKernel() { return {"SifakaGelu", {}, {"x: float"}, {"y: float"}, Gelu}; }
Kernel GeluAndSlopeKernel() { return {"SifakaGeluAndSlope", {}, {"x: float"}, {"y: float", "slope: float"}, GeluAndSlope}; }

}  // namespace sifaka
