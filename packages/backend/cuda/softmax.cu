// Softmax of rows, one block for each row: of a matrix, and of attention's scores with their bias.
#include "block.h"

struct SoftmaxArgs {
  Global<const float> x;
  Global<float> out;
  int width;
};

COOPERATIVE_KERNEL(softmax, SoftmaxArgs) {
  const auto x = a.x + (long long)blockIdx.x * a.width;
  const auto out = a.out + (long long)blockIdx.x * a.width;
  float largest = -INFINITE;
  for (int i = threadIdx.x; i < a.width; i += ROW_THREADS) largest = larger(largest, (float)x[i]);
  largest = largestAcrossBlock(largest);
  float total = 0;
  for (int i = threadIdx.x; i < a.width; i += ROW_THREADS) total += expf(x[i] - largest);
  total = sumAcrossBlock(total);
  const float scale = 1 / total;
  for (int i = threadIdx.x; i < a.width; i += ROW_THREADS) out[i] = expf(x[i] - largest) * scale;
}

// The attention weights, in place of the scores `[batch, heads, length, source]`. The bias broadcasts: strides of 0.
struct AttentionWeightsArgs {
  Global<float> scores;
  Global<const float> bias; // May be null.
  int heads, length, source;
  int biasBatch, biasHead, biasRow;
};
COOPERATIVE_KERNEL(attention_weights, AttentionWeightsArgs) {
  const int row = blockIdx.x, l = row % a.length, head = row / a.length % a.heads, batch = row / a.length / a.heads;
  const auto scores = a.scores + (long long)row * a.source;
  const long long start = (long long)batch * a.biasBatch + (long long)head * a.biasHead + (long long)l * a.biasRow;
  float largest = -INFINITE;
  for (int i = threadIdx.x; i < a.source; i += ROW_THREADS) {
    const float score = scores[i] + (a.bias ? a.bias[start + i] : 0.0f);
    scores[i] = score;
    largest = larger(largest, score);
  }
  largest = largestAcrossBlock(largest);
  float total = 0;
  for (int i = threadIdx.x; i < a.source; i += ROW_THREADS) total += expf(scores[i] - largest);
  total = sumAcrossBlock(total);
  for (int i = threadIdx.x; i < a.source; i += ROW_THREADS) scores[i] = expf(scores[i] - largest) * (1 / total);
}

// The gradient of the scores, in place of that of the weights: `w · (dw − Σ w dw)`.
struct ScoresGradientArgs {
  Global<const float> weights;
  Global<float> gradient;
  int source;
};
COOPERATIVE_KERNEL(scores_gradient, ScoresGradientArgs) {
  const auto weights = a.weights + (long long)blockIdx.x * a.source;
  const auto gradient = a.gradient + (long long)blockIdx.x * a.source;
  float total = 0;
  for (int i = threadIdx.x; i < a.source; i += ROW_THREADS) total += weights[i] * gradient[i];
  total = sumAcrossBlock(total);
  for (int i = threadIdx.x; i < a.source; i += ROW_THREADS) gradient[i] = weights[i] * (gradient[i] - total);
}
