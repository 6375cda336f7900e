// (x − mean) / √(variance + epsilon) · scale + shift over the last axis, its gradients, and GELU.
#include "block.h"

struct Statistics {
  float mean, inverse; // 1 / √(variance + epsilon)
};

template <class Row> DEVICE Statistics statisticsOf(Row x, int width, float epsilon) {
  float sum = 0;
  for (int i = threadIdx.x; i < width; i += ROW_THREADS) sum += x[i];
  const float mean = sumAcrossBlock(sum) / width;
  float squares = 0;
  for (int i = threadIdx.x; i < width; i += ROW_THREADS) squares += (x[i] - mean) * (x[i] - mean);
  return {mean, 1 / sqrtf(sumAcrossBlock(squares) / width + epsilon)};
}

struct LayerNormArgs {
  Global<const float> x;
  Global<const float> scale;
  Global<const float> shift;
  Global<float> out;
  int width;
  float epsilon;
};
COOPERATIVE_KERNEL(layer_norm, LayerNormArgs) { // One block for each row.
  const auto x = a.x + (long long)blockIdx.x * a.width;
  const auto out = a.out + (long long)blockIdx.x * a.width;
  const Statistics of = statisticsOf(x, a.width, a.epsilon);
  for (int i = threadIdx.x; i < a.width; i += ROW_THREADS) {
    out[i] = (x[i] - of.mean) * of.inverse * a.scale[i] + a.shift[i];
  }
}

struct LayerNormGradientArgs {
  Global<const float> x;
  Global<const float> scale;
  Global<const float> dy;
  Global<float> dx;
  Global<float> statistics; // [rows, 2], for the gradients of scale and shift.
  int width;
  float epsilon;
};
COOPERATIVE_KERNEL(layer_norm_gradient, LayerNormGradientArgs) { // One block for each row.
  const auto x = a.x + (long long)blockIdx.x * a.width;
  const auto dy = a.dy + (long long)blockIdx.x * a.width;
  const auto dx = a.dx + (long long)blockIdx.x * a.width;
  const Statistics of = statisticsOf(x, a.width, a.epsilon);
  float sum = 0, along = 0;
  for (int i = threadIdx.x; i < a.width; i += ROW_THREADS) {
    const float slope = dy[i] * a.scale[i];
    sum += slope;
    along += slope * (x[i] - of.mean) * of.inverse;
  }
  const float meanSlope = sumAcrossBlock(sum) / a.width, meanAlong = sumAcrossBlock(along) / a.width;
  for (int i = threadIdx.x; i < a.width; i += ROW_THREADS) {
    const float normal = (x[i] - of.mean) * of.inverse;
    dx[i] = of.inverse * (dy[i] * a.scale[i] - meanSlope - normal * meanAlong);
  }
  if (threadIdx.x == 0) {
    a.statistics[2ll * blockIdx.x] = of.mean;
    a.statistics[2ll * blockIdx.x + 1] = of.inverse;
  }
}

// Sums over chunks of rows, `[chunks, width]`: a reduction adds the chunks.
struct LayerNormColumnsArgs {
  Global<const float> x;
  Global<const float> dy;
  Global<const float> statistics;
  Global<float> dScale;
  Global<float> dShift;
  unsigned size; // chunks · width
  int rows, width, chunk;
};
KERNEL(layer_norm_columns, LayerNormColumnsArgs) {
  FOR_EACH(i, a.size) {
    const int column = i % a.width, start = i / a.width * a.chunk;
    const int end = start + a.chunk < a.rows ? start + a.chunk : a.rows;
    float scale = 0, shift = 0;
    for (int row = start; row < end; row++) {
      const long long at = (long long)row * a.width + column;
      scale += a.dy[at] * (a.x[at] - a.statistics[2ll * row]) * a.statistics[2ll * row + 1];
      shift += a.dy[at];
    }
    a.dScale[i] = scale;
    a.dShift[i] = shift;
  }
}

// x · Φ(x), and its derivative Φ(x) + x · φ(x).
struct GeluArgs {
  Global<const float> x;
  Global<float> out;
  Global<float> slope; // May be null.
  unsigned size;
};
KERNEL(gelu, GeluArgs) {
  FOR_EACH(i, a.size) {
    const float x = a.x[i];
    const float normal = 0.5f * erfcf(-0.70710678118654752f * x);
    a.out[i] = x * normal;
    if (a.slope) a.slope[i] = normal + x * 0.39894228040143268f * expf(-0.5f * x * x);
  }
}
