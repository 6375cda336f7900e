// One update of all weights by AdamW, and the norm of all gradients.
#include <algorithm>
#include <cmath>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kGrain = 16384;

}  // namespace

// w <- w - rate · m / (√v + ε) - decay · w, with moments m and v of the clipped gradient.
// Inputs: the first and second moments [N], which change in place; the weights; one gradient for each weight. Outputs:
// the updated weights. Numbers: clip, beta1, beta2, epsilon; then the size, rate and decay of each weight.
void AdamW(Call& call) {
  const int count = call.outputs();
  const float clip = call.Number(0), beta1 = call.Number(1), beta2 = call.Number(2), epsilon = call.Number(3);
  const float rest1 = 1 - call.Number(1), rest2 = 1 - call.Number(2);
  float* first_moment = call.Input(0);
  float* second_moment = call.Input(1);
  for (int which = 0; which < count; which++) {
    const float *w = call.Input(2 + which), *g = call.Input(2 + count + which);
    float *to = call.Output(which), *m = first_moment, *v = second_moment;
    const double* const numbers = call.Numbers(4 + 3 * which);
    const int64_t size = numbers[0];
    const float rate = numbers[1], decay = numbers[2];
    ParallelFor(size, kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
      for (int64_t i = begin; i < end; i++) {
        const float slope = g[i] * clip;
        m[i] = beta1 * m[i] + rest1 * slope;
        v[i] = beta2 * v[i] + rest2 * slope * slope;
        to[i] = w[i] - rate * m[i] / (std::sqrt(v[i]) + epsilon) - decay * w[i];
      }
    });
    first_moment += size;
    second_moment += size;
  }
}

// Output: √ Σ x² over all inputs. Numbers: their sizes.
void GlobalNorm(Call& call) {
  double total = 0;
  for (int which = 0; which < call.inputs(); which++) {
    const float* from = call.Input(which);
    const int64_t size = call.Integer(which);
    for (int64_t begin = 0; begin < size; begin += 1024) {
      const int64_t end = std::min(size, begin + 1024);
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t i = begin; i < end; i++) sum += from[i] * from[i];
      total += sum;
    }
  }
  call.Output(0)[0] = static_cast<float>(std::sqrt(total));
}

}  // namespace sifaka
