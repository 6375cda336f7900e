// Functions of one element, conversions between types, and constants.
#include "kernel.h"

template <class In, class Out> struct UnaryArgs {
  Global<const In> x;
  Global<Out> out;
  unsigned size;
  float p, q; // The numbers of a function that has some, such as a slope.
};

#define UNARY(name, In, Out, expression)       \
  typedef UnaryArgs<In, Out> name##_args;      \
  KERNEL(name, name##_args) {                  \
    FOR_EACH(i, a.size) {                      \
      const In x = a.x[i];                     \
      a.out[i] = (Out)(expression);            \
    }                                          \
  }
#define FLOAT(name, expression) UNARY(name##_float, float, float, expression)
#define INT(name, expression) UNARY(name##_int, int, int, expression)

FLOAT(abs, fabsf(x))
FLOAT(neg, -x)
FLOAT(square, x * x)
FLOAT(sign, x > 0 ? 1 : x < 0 ? -1 : x)
FLOAT(reciprocal, 1 / x)
FLOAT(floor, floorf(x))
FLOAT(ceil, ceilf(x))
FLOAT(round, rintf(x))
FLOAT(sqrt, sqrtf(x))
FLOAT(rsqrt, 1 / sqrtf(x))
FLOAT(exp, expf(x))
FLOAT(expm1, expm1f(x))
FLOAT(log, logf(x))
FLOAT(log1p, log1pf(x))
FLOAT(erf, erff(x))
FLOAT(sin, sinf(x))
FLOAT(cos, cosf(x))
FLOAT(tan, tanf(x))
FLOAT(tanh, tanhf(x))
FLOAT(sigmoid, 1 / (1 + expf(-x)))
// log(1 + eˣ) without overflow.
FLOAT(softplus, isNaN(x) ? x : (x > 0 ? x : 0) + log1pf(expf(-fabsf(x))))
FLOAT(relu, x < 0 ? 0 : x)
FLOAT(relu6, x < 0 ? 0 : x > 6 ? 6 : x)
FLOAT(leaky_relu, x < 0 ? x * a.p : x)
FLOAT(elu, x < 0 ? expm1f(x) : x)
FLOAT(selu, 1.0507009873554805f * (x < 0 ? 1.6732632423543772f * expm1f(x) : x))
FLOAT(step, isNaN(x) ? x : x > 0 ? 1 : a.p)
FLOAT(clip, x < a.p ? a.p : x > a.q ? a.q : x)
FLOAT(affine, x * a.p + a.q)

INT(abs, x < 0 ? -x : x)
INT(neg, -x)
INT(square, x * x)
INT(sign, (x > 0) - (x < 0))
INT(relu, x < 0 ? 0 : x)
INT(relu6, x < 0 ? 0 : x > 6 ? 6 : x)
INT(clip, x < a.p ? (int)a.p : x > a.q ? (int)a.q : x)

UNARY(is_nan, float, byte, isNaN(x))
UNARY(is_inf, float, byte, fabsf(x) == INFINITE)
UNARY(is_finite, float, byte, fabsf(x) < INFINITE)
UNARY(logical_not, byte, byte, !x)

// A float becomes an int by truncation, and a bool by comparison with 0.
UNARY(cast_float_int, float, int, x)
UNARY(cast_float_bool, float, byte, x != 0)
UNARY(cast_int_float, int, float, x)
UNARY(cast_int_bool, int, byte, x != 0)
UNARY(cast_bool_float, byte, float, x)
UNARY(cast_bool_int, byte, int, x)

// start + i · step.
template <class T> struct RangeArgs {
  Global<T> out;
  unsigned size;
  T start, step;
  int unused;
};
KERNEL(range_float, RangeArgs<float>) {
  FOR_EACH(i, a.size) a.out[i] = a.start + i * a.step;
}
KERNEL(range_int, RangeArgs<int>) {
  FOR_EACH(i, a.size) a.out[i] = a.start + (int)i * a.step;
}

// 1 where a row's index is the column, else 0, with other values for both: `out [rows, depth]`.
struct OneHotArgs {
  Global<const int> indices;
  Global<float> out;
  unsigned size;
  int depth;
  float on, off;
};
KERNEL(one_hot, OneHotArgs) {
  FOR_EACH(i, a.size) a.out[i] = a.indices[i / a.depth] == (int)(i % a.depth) ? a.on : a.off;
}
