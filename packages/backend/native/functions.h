// exp and erf for loops that the compiler turns into vectors.
#ifndef SIFAKA_FUNCTIONS_H_
#define SIFAKA_FUNCTIONS_H_

#include <cstdint>
#include <cstring>

namespace sifaka {

// e^x for x up to 0, by Cephes' polynomial; 0 below -87.3, where the result would be subnormal.
inline float ExpOfNegative(float x) {
  const float clamped = x < -87.33654f ? -87.33654f : x;
  const float whole = __builtin_floorf(clamped * 1.44269504088896341f + 0.5f);
  const float rest = (clamped - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float y = 1.9875691500e-4f;
  y = y * rest + 1.3981999507e-3f;
  y = y * rest + 8.3334519073e-3f;
  y = y * rest + 4.1665795894e-2f;
  y = y * rest + 1.6666665459e-1f;
  y = y * rest + 5.0000001201e-1f;
  y = y * rest * rest + rest + 1.0f;
  const int32_t bits = (static_cast<int32_t>(whole) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof(power));
  return x < -87.33654f ? 0.0f : y * power;
}

// Eigen's rational approximation on [-4, 4].
inline float Erf(float x) {
  const float low = x < -4.0f ? -4.0f : x;
  const float z = low > 4.0f ? 4.0f : low;
  const float z2 = z * z;
  float p = -2.72614225801306e-10f;
  p = p * z2 + 2.77068142495902e-08f;
  p = p * z2 + -2.10102402082508e-06f;
  p = p * z2 + -5.69250639462346e-05f;
  p = p * z2 + -7.34990630326855e-04f;
  p = p * z2 + -2.95459980854025e-03f;
  p = p * z2 + -1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * z2 + -2.13374055278905e-04f;
  q = q * z2 + -1.68282697438203e-03f;
  q = q * z2 + -7.37332916720468e-03f;
  q = q * z2 + -1.42647390514189e-02f;
  return z * p / q;
}

}  // namespace sifaka

#endif  // SIFAKA_FUNCTIONS_H_
