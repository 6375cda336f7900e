// A product on the calling thread.
#ifndef SIFAKA_PRODUCT_H_
#define SIFAKA_PRODUCT_H_

#include <cstdint>

namespace sifaka {

// A matrix with strides: entry (i, j) is at data[i * row + j * column].
struct Matrix {
  const float* data;
  int64_t row, column;
};

// The rest of a matrix from entry (i, j).
inline Matrix From(const Matrix& whole, int64_t i, int64_t j) {
  return {whole.data + i * whole.row + j * whole.column, whole.row, whole.column};
}

// size / part, rounded up.
inline int64_t Ceil(int64_t size, int64_t part) { return (size + part - 1) / part; }

// Rows of A that stay in the second-level cache while all panels of B are used; a multiple of a tile's rows.
constexpr int64_t kChunkRows = 96;

// C[rows, columns] = A[rows, depth] B[depth, columns] + bias[columns], which may be null; rows of C are `c_row` apart.
// `packed` is B as packed by PackAll, or null.
void Multiply(const Matrix& a, const Matrix& b, const float* packed, const float* bias, int64_t rows, int64_t columns,
              int64_t depth, float* c, int64_t c_row);

// Floats that PackAll writes.
int64_t PackedSize(int64_t depth, int64_t columns);
// Packs B in the order in which Multiply reads it.
void PackAll(const Matrix& b, int64_t depth, int64_t columns, float* to);

}  // namespace sifaka

#endif  // SIFAKA_PRODUCT_H_
