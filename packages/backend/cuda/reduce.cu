// Reductions of the middle axis of `[outer, middle, inner]`. The order of a sum depends on the shape alone. A long
// middle axis is reduced in chunks, `[outer, chunks, inner]`, which a second pass reduces.
#include "kernel.h"

struct Sum {
  template <class T> static DEVICE T join(T x, T y) { return x + y; }
};
struct Product {
  template <class T> static DEVICE T join(T x, T y) { return x * y; }
};
struct Largest {
  template <class T> static DEVICE T join(T x, T y) { return larger(x, y); }
};
struct Smallest {
  template <class T> static DEVICE T join(T x, T y) { return smaller(x, y); }
};

template <class T> struct ReduceArgs {
  Global<const T> x;
  Global<T> out;
  unsigned outputs; // outer · chunks · inner
  int middle, inner, chunk, chunks;
  float scale; // Multiplies a float result.
};

DEVICE float scaled(float value, float scale) { return value * scale; }
DEVICE int scaled(int value, float) { return value; }
DEVICE byte scaled(byte value, float) { return value; }

// One thread for each output.
template <class Op, class T> DEVICE void reduceColumns(const ReduceArgs<T>& a) {
  FOR_EACH(i, a.outputs) {
    const unsigned column = i % a.inner, chunk = i / a.inner % a.chunks;
    const unsigned long long outer = i / a.inner / a.chunks;
    const int start = chunk * a.chunk, end = start + a.chunk < a.middle ? start + a.chunk : a.middle;
    const auto x = a.x + (outer * a.middle * a.inner + column);
    T total = x[(long long)start * a.inner];
    for (int at = start + 1; at < end; at++) total = Op::join(total, (T)x[(long long)at * a.inner]);
    a.out[i] = scaled(total, a.scale);
  }
}

// One block of 128 threads for each output; `inner` is 1. The last chunk may have fewer values than threads.
template <class Op, class T> DEVICE void reduceRows(const ReduceArgs<T>& a) {
  const unsigned chunk = blockIdx.x % a.chunks;
  const long long row = blockIdx.x / a.chunks;
  const int start = chunk * a.chunk, end = start + a.chunk < a.middle ? start + a.chunk : a.middle;
  const auto x = a.x + row * a.middle;
  const int first = start + threadIdx.x;
  const bool idle = first >= end;
  T total = x[idle ? start : first];
  for (int at = first + 128; at < end; at += 128) total = Op::join(total, (T)x[at]);
  SHARED(T, values, 128);
  SHARED(byte, valid, 128);
  values[threadIdx.x] = total;
  valid[threadIdx.x] = !idle;
  BARRIER();
  for (unsigned half = 64; half > 0; half /= 2) {
    if (threadIdx.x < half && valid[threadIdx.x + half]) {
      values[threadIdx.x] = Op::join((T)values[threadIdx.x], (T)values[threadIdx.x + half]);
    }
    BARRIER();
  }
  if (threadIdx.x == 0) a.out[blockIdx.x] = scaled((T)values[0], a.scale);
}

#define REDUCE(name, Op, T)                                             \
  KERNEL(name##_columns, ReduceArgs<T>) { reduceColumns<Op, T>(a); }    \
  COOPERATIVE_KERNEL(name##_rows, ReduceArgs<T>) { reduceRows<Op, T>(a); }
REDUCE(sum_float, Sum, float)
REDUCE(sum_int, Sum, int)
REDUCE(product_float, Product, float)
REDUCE(product_int, Product, int)
REDUCE(max_float, Largest, float)
REDUCE(max_int, Largest, int)
REDUCE(max_bool, Largest, byte)
REDUCE(min_float, Smallest, float)
REDUCE(min_int, Smallest, int)
REDUCE(min_bool, Smallest, byte)

// The position of the first largest or smallest value along the middle axis. A NaN is never chosen.
struct ArgArgs {
  Global<const float> x;
  Global<int> out;
  unsigned outputs;
  int middle, inner;
};
#define ARG(name, operator)                                                       \
  KERNEL(name, ArgArgs) {                                                         \
    FOR_EACH(i, a.outputs) {                                                      \
      const auto x = a.x + ((long long)(i / a.inner) * a.middle * a.inner + i % a.inner); \
      int best = 0;                                                               \
      for (int at = 1; at < a.middle; at++) {                                     \
        if (x[(long long)at * a.inner] operator x[(long long)best * a.inner]) best = at; \
      }                                                                           \
      a.out[i] = best;                                                            \
    }                                                                             \
  }
ARG(arg_max, >)
ARG(arg_min, <)

// Running sums along the middle axis, one thread for each line.
struct CumulateArgs {
  Global<const float> x;
  Global<float> out;
  unsigned lines;
  int middle, inner, exclusive, reverse;
};
KERNEL(cumulative_sum, CumulateArgs) {
  FOR_EACH(i, a.lines) {
    const long long first = (long long)(i / a.inner) * a.middle * a.inner + i % a.inner;
    float total = 0;
    for (int step = 0; step < a.middle; step++) {
      const long long at = first + (long long)(a.reverse ? a.middle - 1 - step : step) * a.inner;
      const float x = a.x[at];
      a.out[at] = a.exclusive ? total : total + x;
      total += x;
    }
  }
}
