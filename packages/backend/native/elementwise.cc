// Sums, products and the like of two tensors that broadcast, and functions of one.
#include <algorithm>
#include <cmath>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kGrain = 32768;

// The same numbers as in src/tensorflow/kernels/binary.ts, unary.ts and share.ts.
enum BinaryFunction { kAdd, kSubtract, kMultiply, kDivide };
enum UnaryFunction { kSquare, kNegate, kRoot, kFromInteger, kFromBoolean, kRelu, kStep };

// Axes from the outermost to the innermost. Strides are in elements, and 0 along axes that broadcast. The innermost
// strides are 0 or 1.
struct Axes {
  int64_t rank;
  const double *sizes, *a, *b;
};

template <typename Function>
void Run(float* to, const float* a, int64_t a_step, const float* b, int64_t b_step, int64_t count, Function f) {
  if (a_step == 0) {
    const float x = *a;
#pragma omp simd
    for (int64_t i = 0; i < count; i++) to[i] = f(x, b[i]);
  } else if (b_step == 0) {
    const float y = *b;
#pragma omp simd
    for (int64_t i = 0; i < count; i++) to[i] = f(a[i], y);
  } else {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) to[i] = f(a[i], b[i]);
  }
}

template <typename Function>
void Broadcast(float* to, const float* a, const float* b, int64_t size, const Axes& axes, Function f) {
  const int64_t last = axes.rank - 1;
  const int64_t width = axes.sizes[last], a_step = axes.a[last], b_step = axes.b[last];
  ParallelFor(size, kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end;) {
      const int64_t column = at % width, count = std::min(width - column, end - at);
      int64_t row = at / width, a_at = column * a_step, b_at = column * b_step;
      for (int64_t axis = last - 1; axis >= 0; axis--) {
        const int64_t length = axes.sizes[axis], position = row % length;
        row /= length;
        a_at += position * static_cast<int64_t>(axes.a[axis]);
        b_at += position * static_cast<int64_t>(axes.b[axis]);
      }
      Run(to + at, a + a_at, a_step, b + b_at, b_step, count, f);
      at += count;
    }
  });
}

template <typename From, typename Function>
void Map(Call& call, Function f) {
  const From* from = call.Input<From>(0);
  float* to = call.Output(0);
  ParallelFor(call.Integer(1), kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) to[i] = f(from[i]);
  });
}

}  // namespace

// Numbers: the function, the size of the output, the rank, the sizes of the axes, the strides of a, the strides of b.
void Binary(Call& call) {
  const int64_t size = call.Integer(1), rank = call.Integer(2);
  const Axes axes = {rank, call.Numbers(3), call.Numbers(3 + rank), call.Numbers(3 + 2 * rank)};
  const float *a = call.Input(0), *b = call.Input(1);
  float* to = call.Output(0);
  switch (call.Integer(0)) {
    case kAdd: return Broadcast(to, a, b, size, axes, [](float x, float y) { return x + y; });
    case kSubtract: return Broadcast(to, a, b, size, axes, [](float x, float y) { return x - y; });
    case kMultiply: return Broadcast(to, a, b, size, axes, [](float x, float y) { return x * y; });
    case kDivide: return Broadcast(to, a, b, size, axes, [](float x, float y) { return x / y; });
    default: call.Fail("Binary on tensorflow: unknown function");
  }
}

// Numbers: the function, the size, and for Step its value at 0 and below. NaN stays NaN.
void Unary(Call& call) {
  switch (call.Integer(0)) {
    case kSquare: return Map<float>(call, [](float x) { return x * x; });
    case kNegate: return Map<float>(call, [](float x) { return -x; });
    case kRoot: return Map<float>(call, [](float x) { return std::sqrt(x); });
    case kFromInteger: return Map<int32_t>(call, [](int32_t x) { return static_cast<float>(x); });
    case kFromBoolean: return Map<uint8_t>(call, [](uint8_t x) { return static_cast<float>(x != 0); });
    case kRelu: return Map<float>(call, [](float x) { return x > 0 || x != x ? x : 0.0f; });
    case kStep: {
      const float low = call.Number(2);
      return Map<float>(call, [low](float x) { return x > 0 ? 1.0f : x == x ? low : x; });
    }
    default: call.Fail("Unary on tensorflow: unknown function");
  }
}

}  // namespace sifaka
