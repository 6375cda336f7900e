// The innermost loops of a product: tiles of C that stay in registers, and packing A and B in the order in which the
// tiles read them.
#ifndef SIFAKA_PRODUCT_TILE_H_
#define SIFAKA_PRODUCT_TILE_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "product.h"
#include "vector.h"

namespace sifaka {

constexpr int64_t kTileRows = 6;
constexpr int64_t kPanel = 16;

// C[kRows, 8 · kVectors] = start + A[kRows, depth] B[depth, 8 · kVectors], with rows of B `step` apart. Rows of `start`
// are `start_row` apart; null means 0.
template <int kRows, int kVectors>
void Tile(const Matrix& a, const float* b, int64_t step, int64_t depth, const float* start, int64_t start_row, float* c,
          int64_t c_row) {
  Vector sums[kRows][kVectors];
  for (int i = 0; i < kRows; i++) {
    for (int j = 0; j < kVectors; j++) sums[i][j] = start ? Load(start + i * start_row + j * kVector) : Vector{};
  }
  const float* from = a.data;
  const int64_t row = a.row, column = a.column;
  for (int64_t k = 0; k < depth; k++) {
    Vector right[kVectors];
    for (int j = 0; j < kVectors; j++) right[j] = Load(b + j * kVector);
#pragma GCC unroll 6
    for (int i = 0; i < kRows; i++) {
      const float x = from[i * row];
      for (int j = 0; j < kVectors; j++) sums[i][j] += x * right[j];
    }
    from += column;
    b += step;
  }
  for (int i = 0; i < kRows; i++) {
    for (int j = 0; j < kVectors; j++) Store(c + i * c_row + j * kVector, sums[i][j]);
  }
}

// A Tile of `rows` rows, 1 to 6.
template <int kVectors>
void TileOf(int64_t rows, const Matrix& a, const float* b, int64_t step, int64_t depth, const float* start,
            int64_t start_row, float* c, int64_t c_row) {
  switch (rows) {
    case 1: return Tile<1, kVectors>(a, b, step, depth, start, start_row, c, c_row);
    case 2: return Tile<2, kVectors>(a, b, step, depth, start, start_row, c, c_row);
    case 3: return Tile<3, kVectors>(a, b, step, depth, start, start_row, c, c_row);
    case 4: return Tile<4, kVectors>(a, b, step, depth, start, start_row, c, c_row);
    case 5: return Tile<5, kVectors>(a, b, step, depth, start, start_row, c, c_row);
    default: return Tile<6, kVectors>(a, b, step, depth, start, start_row, c, c_row);
  }
}

// Transposes 8 x 8 numbers: to[j, i] = from[i, j], with rows `from_row` and `to_row` apart.
inline void Transpose8(const float* from, int64_t from_row, float* to, int64_t to_row) {
  Vector r[8], s[8];
  for (int i = 0; i < 8; i++) r[i] = Load(from + i * from_row);
  for (int i = 0; i < 8; i += 2) {
    s[i] = SIFAKA_SHUFFLE(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    s[i + 1] = SIFAKA_SHUFFLE(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; j++) {
      r[i + j] = SIFAKA_SHUFFLE(s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[i + j + 2] = SIFAKA_SHUFFLE(s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int i = 0; i < 4; i++) {
    Store(to + i * to_row, SIFAKA_SHUFFLE(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11));
    Store(to + (i + 4) * to_row, SIFAKA_SHUFFLE(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15));
  }
}

// c[n] = bias + Σ a[k] b[n, k]: each number of B is used once, so packing B does not pay.
inline void RowTimesTransposed(const float* a, const Matrix& b, const float* bias, int64_t columns, int64_t depth,
                               float* c) {
  for (int64_t j = 0; j < columns; j++) {
    const float* const from = b.data + j * b.column;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < depth; k++) sum += a[k] * from[k];
    c[j] = bias ? sum + bias[j] : sum;
  }
}

// Packs columns [0, count) of B as [depth, 16]; the other columns are zero.
inline void PackPanel(const Matrix& b, int64_t depth, int64_t count, float* to) {
  if (b.column == 1 && count == kPanel) {
    for (int64_t k = 0; k < depth; k++) {
      Store(to + k * kPanel, Load(b.data + k * b.row));
      Store(to + k * kPanel + kVector, Load(b.data + k * b.row + kVector));
    }
    return;
  }
  if (count < kPanel) std::fill_n(to, depth * kPanel, 0.0f);
  if (b.column == 1) {
    for (int64_t k = 0; k < depth; k++) std::copy_n(b.data + k * b.row, count, to + k * kPanel);
    return;
  }
  const int64_t whole = b.row == 1 ? depth / kVector * kVector : 0;
  int64_t j = 0;
  for (; j + kVector <= count && whole > 0; j += kVector) {
    const float* const from = b.data + j * b.column;
    for (int64_t k = 0; k < whole; k += kVector) Transpose8(from + k, b.column, to + k * kPanel + j, kPanel);
    for (int64_t k = whole; k < depth; k++) {
      for (int64_t i = 0; i < kVector; i++) to[k * kPanel + j + i] = from[i * b.column + k];
    }
  }
  for (; j < count; j++) {
    for (int64_t k = 0; k < depth; k++) to[k * kPanel + j] = b.data[j * b.column + k * b.row];
  }
}

// Packs `rows` rows of Aᵀ, whose entries (i, k) are at data[k * column + i], as consecutive tiles of [depth, 6].
inline void PackRows(const Matrix& a, int64_t rows, int64_t depth, float* to) {
  for (int64_t k = 0; k < depth; k++) {
    const float* const from = a.data + k * a.column;
    for (int64_t i = 0; i < rows; i += kTileRows) {
      float* const out = to + i * depth + k * kTileRows;
      if (i + kTileRows <= rows) std::memcpy(out, from + i, kTileRows * sizeof(float));
      else std::copy_n(from + i, rows - i, out);
    }
  }
}

}  // namespace sifaka

#endif  // SIFAKA_PRODUCT_TILE_H_
