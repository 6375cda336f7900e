// One update of all weights by AdamW, and the norm of all gradients.
#include <algorithm>
#include <cmath>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kGrain = 16384;

// Inputs: first and second moments [N], changed in place; settings [clip, beta1, 1 - beta1, beta2, 1 - beta2, epsilon]; rates and decays,
// one per weight; the weights; a gradient for each. Outputs: the updated weights. w <- w - rate · m / (√v + ε) - decay · w.
void AdamW(void*, TF_OpKernelContext* context) {
  Call call(context);
  const int count = (call.inputs() - 5) / 2;
  const Operand first = call.Input(0);
  const Operand second = call.Input(1);
  const Operand settings = call.Input(2);
  const Operand rates = call.Input(3);
  const Operand decays = call.Input(4);
  const float* s = settings.data();
  const float clip = s[0], beta1 = s[1], rest1 = s[2], beta2 = s[3], rest2 = s[4], epsilon = s[5];
  float* first_moment = first.data();
  float* second_moment = second.data();
  for (int which = 0; which < count; which++) {
    const Operand weight = call.Input(5 + which);
    const Operand gradient = call.Input(5 + count + which);
    const Operand updated = call.Output(which, weight.shape());
    if (call.failed()) return;
    const float *w = weight.data(), *g = gradient.data();
    float *to = updated.data(), *m = first_moment, *v = second_moment;
    const float rate = rates.data()[which], decay = decays.data()[which];
    ParallelFor(weight.size(), kGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
      for (int64_t i = begin; i < end; i++) {
        const float slope = g[i] * clip;
        m[i] = beta1 * m[i] + rest1 * slope;
        v[i] = beta2 * v[i] + rest2 * slope * slope;
        to[i] = w[i] - rate * m[i] / (std::sqrt(v[i]) + epsilon) - decay * w[i];
      }
    });
    first_moment += weight.size();
    second_moment += weight.size();
  }
}

void GlobalNorm(void*, TF_OpKernelContext* context) {
  Call call(context);
  double total = 0;
  for (int which = 0; which < call.inputs(); which++) {
    const Operand x = call.Input(which);
    const float* from = x.data();
    for (int64_t begin = 0; begin < x.size(); begin += 1024) {
      const int64_t end = std::min(x.size(), begin + 1024);
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t i = begin; i < end; i++) sum += from[i] * from[i];
      total += sum;
    }
  }
  const Operand out = call.Output(0, {});
  if (!call.failed()) out.data()[0] = static_cast<float>(std::sqrt(total));
}

}  // namespace

Kernel AdamWKernel() {
  return {"SifakaAdamW",
          {"N: int >= 1"},
          {"first: float", "second: float", "settings: float", "rates: float", "decays: float", "weights: N * float",
           "gradients: N * float"},
          {"updated: N * float"},
          AdamW};
}
Kernel GlobalNormKernel() { return {"SifakaGlobalNorm", {"N: int >= 0"}, {"xs: N * float"}, {"norm: float"}, GlobalNorm}; }

}  // namespace sifaka
