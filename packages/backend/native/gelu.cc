// x Φ(x) with the exact normal distribution function.
#include "functions.h"
#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kGrain = 16384;
constexpr float kSqrtHalf = 0.70710678118654752f;
constexpr float kDensity = 0.39894228040143268f;  // 1 / √(2π)

}  // namespace

// Number: the size.
void Gelu(Call& call) {
  const float* from = call.Input(0);
  float* to = call.Output(0);
  ParallelFor(call.Integer(0), kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) to[i] = 0.5f * from[i] * (1.0f + Erf(from[i] * kSqrtHalf));
  });
}

// Outputs: the value, and its derivative Φ(x) + x φ(x), which shares Φ(x) with it. Number: the size.
void GeluAndSlope(Call& call) {
  const float* from = call.Input(0);
  float *to = call.Output(0), *to_slope = call.Output(1);
  ParallelFor(call.Integer(0), kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) {
      const float value = from[i];
      const float distribution = 0.5f * (1.0f + Erf(value * kSqrtHalf));
      to[i] = value * distribution;
      to_slope[i] = distribution + value * kDensity * ExpOfNegative(-0.5f * value * value);
    }
  });
}

}  // namespace sifaka
