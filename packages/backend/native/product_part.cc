// One thread's part of a product, by register tiles of 6 x 16 over panels of B that stay in the first-level cache
// (K. Goto, R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34(3), 2008).
#include <vector>

#include "product_tile.h"

namespace sifaka {
namespace {

constexpr int64_t kDepth = 256;      // Rows of a panel, which takes 16 KiB.
constexpr int64_t kFewRows = 24;     // Up to this many rows, an unpacked panel of B is read in place.
constexpr int64_t kShortDepth = 32;  // Up to this depth, the rows of Aᵀ are not packed.

// Computes `count` columns of C, up to 16: A, either in place or as packed by PackRows (`tiles`), times one panel of B.
// The products are added to C if `more` is set, otherwise to 16 numbers of `bias`, or to 0 if it is null.
void Column(const Matrix& a, bool tiles, int64_t rows, const float* b, int64_t step, int64_t depth, bool more,
            const float* bias, float* c, int64_t c_row, int64_t count) {
  for (int64_t i = 0; i < rows; i += kTileRows) {
    const int64_t high = std::min(kTileRows, rows - i);
    const Matrix left = tiles ? Matrix{a.data + i * depth, 1, kTileRows} : From(a, i, 0);
    float* const to = c + i * c_row;
    const float* const start = more ? to : bias;
    const int64_t start_row = more ? c_row : 0;
    if (count == kPanel) {
      TileOf<2>(high, left, b, step, depth, start, start_row, to, c_row);
    } else if (count == kVector) {
      TileOf<1>(high, left, b, step, depth, start, start_row, to, c_row);
    } else {
      float edge[kTileRows * kPanel] = {};
      for (int64_t r = 0; r < high && start; r++) std::copy_n(start + r * start_row, count, edge + r * kPanel);
      if (count < kVector) TileOf<1>(high, left, b, step, depth, edge, kPanel, edge, kPanel);
      else TileOf<2>(high, left, b, step, depth, edge, kPanel, edge, kPanel);
      for (int64_t r = 0; r < high; r++) std::copy_n(edge + r * kPanel, count, to + r * c_row);
    }
  }
}

}  // namespace

int64_t PackedSize(int64_t depth, int64_t columns) { return depth * Ceil(columns, kPanel) * kPanel; }

// Packs the panels of the first 256 rows of B one after the other, then those of the next 256 rows.
void PackAll(const Matrix& b, int64_t depth, int64_t columns, float* to) {
  const int64_t panels = Ceil(columns, kPanel);
  for (int64_t k = 0; k < depth; k += kDepth) {
    const int64_t deep = std::min(kDepth, depth - k);
    for (int64_t j = 0; j < panels; j++) {
      const int64_t count = std::min(kPanel, columns - j * kPanel);
      PackPanel(From(b, k, j * kPanel), deep, count, to + (k * panels + j * deep) * kPanel);
    }
  }
}

void Multiply(const Matrix& a, const Matrix& b, const float* packed, const float* bias, int64_t rows, int64_t columns,
              int64_t depth, float* c, int64_t c_row) {
  thread_local std::vector<float> panel(kDepth * kPanel), tiles(kDepth * kChunkRows);
  const int64_t panels = Ceil(columns, kPanel);
  if (rows == 1 && b.row == 1 && b.column != 1 && a.column == 1) {
    return RowTimesTransposed(a.data, b, bias, columns, depth, c);
  }
  if (rows > kChunkRows) {
    for (int64_t i = 0; i < rows; i += kChunkRows) {
      Multiply(From(a, i, 0), b, packed, bias, std::min(kChunkRows, rows - i), columns, depth, c + i * c_row, c_row);
    }
    return;
  }
  const bool pack_a = a.column != 1 && rows > 1 && depth > kShortDepth;
  for (int64_t k = 0; k < depth || k == 0; k += kDepth) {
    const int64_t deep = std::min(kDepth, depth - k);
    Matrix left = From(a, 0, k);
    if (pack_a) {
      PackRows(left, rows, deep, tiles.data());
      left.data = tiles.data();
    }
    for (int64_t j = 0; j < columns; j += kPanel) {
      const int64_t count = std::min(kPanel, columns - j);
      const float* from = packed ? packed + (k * panels) * kPanel + j * deep : panel.data();
      int64_t step = kPanel;
      if (!packed) {
        const Matrix right = From(b, k, j);
        if (count == kPanel && b.column == 1 && rows <= kFewRows) {
          from = right.data;
          step = b.row;
        } else {
          PackPanel(right, deep, count, panel.data());
        }
      }
      float bias_panel[kPanel] = {};
      if (bias) std::copy_n(bias + j, count, bias_panel);
      Column(left, pack_a, rows, from, step, deep, k > 0, bias ? bias_panel : nullptr, c + j, c_row, count);
    }
  }
}

}  // namespace sifaka
