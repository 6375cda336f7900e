// Functions of two elements, whose tensors broadcast, and the choice between two by a condition.
#include "kernel.h"

#define AXES 6 // TensorFlow.js' largest rank.

template <class In, class Out> struct BinaryArgs {
  Global<const In> x;
  Global<const In> y;
  Global<Out> out;
  unsigned size;
  int axes;
  int sizes[AXES]; // Those of the output; the last axis comes first.
  int xStrides[AXES], yStrides[AXES]; // 0 along an axis that broadcasts.
};

struct Pair {
  unsigned x, y;
};

// The positions in both inputs of one output.
template <class Args> DEVICE Pair pairAt(const Args& a, unsigned i) {
  Pair at = {0, 0};
#pragma unroll
  for (int axis = 0; axis < AXES; axis++) {
    if (axis >= a.axes) break;
    const bool last = axis == a.axes - 1;
    const unsigned along = last ? i : i % a.sizes[axis];
    if (!last) i /= a.sizes[axis];
    at.x += along * a.xStrides[axis];
    at.y += along * a.yStrides[axis];
  }
  return at;
}

#define BINARY(name, In, Out, expression)      \
  typedef BinaryArgs<In, Out> name##_args;     \
  KERNEL(name, name##_args) {                  \
    FOR_EACH(i, a.size) {                      \
      const Pair at = pairAt(a, i);            \
      const In x = a.x[at.x], y = a.y[at.y];   \
      a.out[i] = (Out)(expression);            \
    }                                          \
  }
#define FLOAT(name, expression) BINARY(name##_float, float, float, expression)
#define INT(name, expression) BINARY(name##_int, int, int, expression)
#define COMPARISON(name, operator)                        \
  BINARY(name##_float, float, byte, x operator y)         \
  BINARY(name##_int, int, byte, x operator y)

// The sign of the divisor, as in Python.
DEVICE float modulo(float x, float y) {
  const float rest = fmodf(x, y);
  return (x < 0) == (y < 0) ? rest : fmodf(rest + y, y);
}
DEVICE int floorQuotient(int x, int y) {
  if (y == 0) return 0;
  return x / y - ((x % y != 0) && ((x < 0) != (y < 0)));
}

FLOAT(add, x + y)
FLOAT(sub, x - y)
FLOAT(multiply, x* y)
FLOAT(divide, x / y)
FLOAT(floor_div, floorf(x / y))
FLOAT(modulo, modulo(x, y))
FLOAT(power, powf(x, y))
FLOAT(maximum, larger(x, y))
FLOAT(minimum, smaller(x, y))
FLOAT(squared_difference, (x - y) * (x - y))
FLOAT(atan2, atan2f(x, y))
FLOAT(prelu, x < 0 ? x * y : x)
FLOAT(elu_gradient, y >= 0 ? x : x*(y + 1))

INT(add, x + y)
INT(sub, x - y)
INT(multiply, x* y)
INT(floor_div, floorQuotient(x, y))
INT(modulo, y == 0 ? 0 : x - floorQuotient(x, y) * y)
INT(power, powf(x, y))
INT(maximum, x > y ? x : y)
INT(minimum, x < y ? x : y)
INT(squared_difference, (x - y) * (x - y))

COMPARISON(equal, ==)
COMPARISON(not_equal, !=)
COMPARISON(greater, >)
COMPARISON(greater_equal, >=)
COMPARISON(less, <)
COMPARISON(less_equal, <=)
BINARY(logical_and, byte, byte, x && y)
BINARY(logical_or, byte, byte, x || y)

// `condition ? x : y`; each position of the condition decides over `inner` values.
template <class T> struct SelectArgs {
  Global<const byte> condition;
  Global<const T> x;
  Global<const T> y;
  Global<T> out;
  unsigned size;
  int inner;
};
#define SELECT(T, name) \
  KERNEL(name, SelectArgs<T>) { FOR_EACH(i, a.size) a.out[i] = a.condition[i / a.inner] ? a.x[i] : a.y[i]; }
SELECT(int, select_4)
SELECT(byte, select_1)
