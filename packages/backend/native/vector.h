// Eight numbers at a time, with the vector types of GCC and Clang.
#ifndef SIFAKA_VECTOR_H_
#define SIFAKA_VECTOR_H_

#include <cstdint>
#include <cstring>

namespace sifaka {

constexpr int64_t kVector = 8;

typedef float Vector __attribute__((vector_size(32)));
typedef int32_t Integers __attribute__((vector_size(32)));
typedef Vector AnywhereVector __attribute__((aligned(4), may_alias));

#ifdef __clang__
#define SIFAKA_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SIFAKA_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (Integers){__VA_ARGS__})
#endif

inline Vector Load(const float* from) { return *reinterpret_cast<const AnywhereVector*>(from); }
inline void Store(float* to, Vector values) { *reinterpret_cast<AnywhereVector*>(to) = values; }

inline float SumOf(Vector x) {
  x += SIFAKA_SHUFFLE(x, x, 4, 5, 6, 7, 0, 1, 2, 3);
  x += SIFAKA_SHUFFLE(x, x, 2, 3, 0, 1, 6, 7, 4, 5);
  x += SIFAKA_SHUFFLE(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
  return x[0];
}

inline Vector Larger(Vector x, Vector y) { return x > y ? x : y; }

inline float LargestOf(Vector x) {
  x = Larger(x, SIFAKA_SHUFFLE(x, x, 4, 5, 6, 7, 0, 1, 2, 3));
  x = Larger(x, SIFAKA_SHUFFLE(x, x, 2, 3, 0, 1, 6, 7, 4, 5));
  x = Larger(x, SIFAKA_SHUFFLE(x, x, 1, 0, 3, 2, 5, 4, 7, 6));
  return x[0];
}

// e^x for x up to 0, as ExpOfNegative in functions.h.
inline Vector ExpOfNegative(Vector x) {
  const Vector least = Vector{} - 87.33654f;
  const Vector clamped = x < least ? least : x;
  constexpr float kRound = 12582912.0f;  // 1.5 · 2²³: adding it rounds to an integer.
  const Vector whole = (clamped * 1.44269504088896341f + kRound) - kRound;
  const Vector rest = (clamped - whole * 0.693359375f) + whole * 2.12194440e-4f;
  Vector y = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * rest + 8.3334519073e-3f;
  y = y * rest + 4.1665795894e-2f;
  y = y * rest + 1.6666665459e-1f;
  y = y * rest + 5.0000001201e-1f;
  y = y * rest * rest + rest + 1.0f;
  const Integers bits = (__builtin_convertvector(whole, Integers) + 127) << 23;
  Vector power;
  std::memcpy(&power, &bits, sizeof(power));
  return x < least ? Vector{} : y * power;
}

}  // namespace sifaka

#endif  // SIFAKA_VECTOR_H_
