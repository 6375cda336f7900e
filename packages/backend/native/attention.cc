// softmax(Q Kᵀ · scale + bias) V head by head, read and written where the heads stand, and its gradients.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "functions.h"
#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

// Where the heads of one operand lie in its tensor; in floats.
struct Layout {
  int64_t start, batch, head, row;
};

// What TypeScript worked out from the shapes, as int32.
struct Plan {
  int64_t batch, heads, length, source, dim;
  bool has_bias;
  int64_t gradient_of_key, gradient_of_value;  // Outputs that take the gradients; the query's is 0.
  Layout query, key, value, out, bias;

  explicit Plan(const int32_t* p)
      : batch(p[0]), heads(p[1]), length(p[2]), source(p[3]), dim(p[4]), has_bias(p[5] != 0), gradient_of_key(p[6]),
        gradient_of_value(p[7]) {
    p += 8;
    for (Layout* layout : {&query, &key, &value, &out, &bias}) {
      *layout = {p[0], p[1], p[2], p[3]};
      p += 4;
    }
  }
};

template <typename T>
T* At(T* data, const Layout& of, int64_t b, int64_t h) {
  return data + of.start + b * of.batch + h * of.head;
}

// Rows along the source have whole vectors of eight, so that no loop has a remainder.
int64_t Padded(int64_t source) { return (source + 7) & ~int64_t{7}; }

// to[D, P] = from[S, D]ᵀ, zero behind S.
void Turn(const float* from, int64_t row, int64_t source, int64_t padded, int64_t dim, float* to) {
  for (int64_t d = 0; d < dim; d++) {
    for (int64_t s = 0; s < source; s++) to[d * padded + s] = from[s * row + d];
    std::fill_n(to + d * padded + source, padded - source, 0.0f);
  }
}

// Heads have few widths: one that is known when this is compiled costs no loop.
template <int kCount>
inline void AddScaled(float* to, const float* from, float factor, int64_t count) {
  const int64_t n = kCount > 0 ? kCount : count;
#pragma omp simd
  for (int64_t i = 0; i < n; i++) to[i] += factor * from[i];
}

// Of `padded` entries, those behind `source` very negative: their weights come out as 0.
void Softmax(float* row, int64_t padded) {
  float largest = row[0];
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < padded; i++) largest = row[i] > largest ? row[i] : largest;
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < padded; i++) {
    row[i] = ExpOfNegative(row[i] - largest);
    sum += row[i];
  }
  const float inverse = 1.0f / sum;
#pragma omp simd
  for (int64_t i = 0; i < padded; i++) row[i] *= inverse;
}

constexpr float kNothing = -3e38f;

// Heads per turn, so that a turn is worth waking a thread for.
int64_t Grain(const Plan& plan) { return std::max<int64_t>(1, 65536 / std::max<int64_t>(1, plan.length * plan.source * plan.dim)); }

struct Heads {
  const Plan& plan;
  float scale;
  const float *query, *key, *value, *bias;
};

template <int kDim>
void Attend(const Heads& of, int64_t begin, int64_t end, float* weights, float* out) {
  const Plan& plan = of.plan;
  const int64_t length = plan.length, source = plan.source, dim = plan.dim, padded = Padded(source);
  std::vector<float> turned(dim * padded), row(padded);  // The key turned, so that the innermost loop runs along the source.
  for (int64_t i = begin; i < end; i++) {
    const int64_t b = i / plan.heads, h = i % plan.heads;
    const float* q = At(of.query, plan.query, b, h);
    const float* v = At(of.value, plan.value, b, h);
    const float* bias = of.bias ? At(of.bias, plan.bias, b, h) : nullptr;
    float* to = At(out, plan.out, b, h);
    Turn(At(of.key, plan.key, b, h), plan.key.row, source, padded, dim, turned.data());
    for (int64_t l = 0; l < length; l++) {
      if (bias) std::copy_n(bias + l * plan.bias.row, source, row.data());
      else std::fill_n(row.data(), source, 0.0f);
      std::fill_n(row.data() + source, padded - source, kNothing);
      for (int64_t d = 0; d < dim; d++) {
        AddScaled<0>(row.data(), turned.data() + d * padded, q[l * plan.query.row + d] * of.scale, padded);
      }
      if (source > 0) Softmax(row.data(), padded);
      std::copy_n(row.data(), source, weights + (i * length + l) * source);
      float* result = to + l * plan.out.row;
      std::fill_n(result, dim, 0.0f);
      for (int64_t s = 0; s < source; s++) AddScaled<kDim>(result, v + s * plan.value.row, row[s], dim);
    }
  }
}

struct Gradients {
  const float *weights, *dy;
  float *query, *key, *value, *bias;
};

template <int kDim>
void AttendGradient(const Heads& of, const Gradients& to, int64_t begin, int64_t end) {
  const Plan& plan = of.plan;
  const int64_t length = plan.length, source = plan.source, dim = plan.dim, padded = Padded(source);
  std::vector<float> turned(dim * padded), row(padded), slopes(padded);
  for (int64_t i = begin; i < end; i++) {
    const int64_t b = i / plan.heads, h = i % plan.heads;
    const float* q = At(of.query, plan.query, b, h);
    const float* k = At(of.key, plan.key, b, h);
    const float* g = At(to.dy, plan.out, b, h);
    float* dq = At(to.query, plan.query, b, h);
    float* dk = At(to.key, plan.key, b, h);
    float* dv = At(to.value, plan.value, b, h);
    Turn(At(of.value, plan.value, b, h), plan.value.row, source, padded, dim, turned.data());
    for (int64_t s = 0; s < source; s++) {
      std::fill_n(dk + s * plan.key.row, dim, 0.0f);
      std::fill_n(dv + s * plan.value.row, dim, 0.0f);
    }
    for (int64_t l = 0; l < length; l++) {
      const float* gl = g + l * plan.out.row;
      const float* ql = q + l * plan.query.row;
      float *w = row.data(), *ds = slopes.data();
      std::copy_n(to.weights + (i * length + l) * source, source, w);
      std::fill_n(ds, padded, 0.0f);
      for (int64_t d = 0; d < dim; d++) AddScaled<0>(ds, turned.data() + d * padded, gl[d], padded);
      float along = 0;
#pragma omp simd reduction(+ : along)
      for (int64_t s = 0; s < padded; s++) along += ds[s] * w[s];  // Behind the source the weights are 0.
#pragma omp simd
      for (int64_t s = 0; s < padded; s++) ds[s] = w[s] * (ds[s] - along);
      if (to.bias) AddScaled<0>(At(to.bias, plan.bias, b, h) + l * plan.bias.row, ds, 1.0f, source);
      float* dql = dq + l * plan.query.row;
      std::fill_n(dql, dim, 0.0f);
      for (int64_t s = 0; s < source; s++) {
        const float slope = ds[s] * of.scale;
        AddScaled<kDim>(dv + s * plan.value.row, gl, w[s], dim);
        AddScaled<kDim>(dql, k + s * plan.key.row, slope, dim);
        AddScaled<kDim>(dk + s * plan.key.row, ql, slope, dim);
      }
    }
  }
}

// Inputs: the tensors that hold query, key, value and bias (any tensor where there is none), scale [1], plan. Outputs: the result, whose
// shape is `shape`; the weights [B, H, L, S].
void Attention(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Operand query = call.Input(0), key = call.Input(1), value = call.Input(2), bias = call.Input(3);
  const float scale = call.Input(4).data()[0];
  const Operand plan_input = call.Input(5), shape_input = call.Input(6);
  const Plan plan(plan_input.data<int32_t>());
  const int32_t* sizes = shape_input.data<int32_t>();
  const auto [batch, heads, length, source, dim] = std::tuple(plan.batch, plan.heads, plan.length, plan.source, plan.dim);
  const Operand out = call.Output(0, std::vector<int64_t>(sizes, sizes + shape_input.size()));
  const Operand weights = call.Output(1, {batch, heads, length, source});
  if (call.failed()) return;
  const Heads of = {plan, scale, query.data(), key.data(), value.data(), plan.has_bias ? bias.data() : nullptr};
  const auto attend = dim == 16 ? Attend<16> : dim == 32 ? Attend<32> : dim == 64 ? Attend<64> : Attend<0>;
  ParallelFor(batch * heads, Grain(plan), [&](int64_t begin, int64_t end) { attend(of, begin, end, weights.data(), out.data()); });
}

// Inputs: as above up to the bias, the weights, the gradient of the result, scale [1], plan. Outputs: the gradients of the (up to three)
// tensors that hold the operands, in their order, and of the bias; those that are not asked for are empty.
void AttentionGradient(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Operand query = call.Input(0), key = call.Input(1), value = call.Input(2), bias = call.Input(3);
  const Operand weights = call.Input(4), dy = call.Input(5);
  const float scale = call.Input(6).data()[0];
  const Operand plan_input = call.Input(7);
  const Plan plan(plan_input.data<int32_t>());
  const auto [batch, heads, length, source, dim] = std::tuple(plan.batch, plan.heads, plan.length, plan.source, plan.dim);
  const std::vector<int64_t> none = {0};
  std::vector<Operand> gradients;
  gradients.push_back(call.Output(0, query.shape()));
  gradients.push_back(call.Output(1, plan.gradient_of_key == 1 ? key.shape() : none));
  gradients.push_back(call.Output(2, plan.gradient_of_value == 2 ? value.shape() : none));
  const Operand d_bias = call.Output(3, plan.has_bias ? bias.shape() : none);
  if (call.failed()) return;
  if (length == 0 || source == 0) {
    for (const Operand& gradient : gradients) std::fill_n(gradient.data(), gradient.size(), 0.0f);
  }
  std::fill_n(d_bias.data(), d_bias.size(), 0.0f);
  const Heads of = {plan, scale, query.data(), key.data(), value.data(), nullptr};
  const Gradients to = {weights.data(),
                        dy.data(),
                        gradients[0].data(),
                        gradients[plan.gradient_of_key].data(),
                        gradients[plan.gradient_of_value].data(),
                        plan.has_bias ? d_bias.data() : nullptr};
  const auto attend = dim == 16 ? AttendGradient<16> : dim == 32 ? AttendGradient<32> : dim == 64 ? AttendGradient<64> : AttendGradient<0>;
  // Batches that share a bias add to the same numbers: these stay with one thread, as a batch's heads always do.
  const bool shared = plan.has_bias && plan.bias.batch == 0;
  const int64_t grain = shared ? batch : std::max<int64_t>(1, Grain(plan) / std::max<int64_t>(1, heads));
  ParallelFor(batch, grain, [&](int64_t begin, int64_t end) { attend(of, to, begin * heads, end * heads); });
}

}  // namespace

Kernel AttentionKernel() {
  return {"SifakaAttention",
          {},
          {"query: float", "key: float", "value: float", "bias: float", "scale: float", "plan: int32", "shape: int32"},
          {"out: float", "weights: float"},
          Attention};
}
Kernel AttentionGradientKernel() {
  return {"SifakaAttentionGradient",
          {},
          {"query: float", "key: float", "value: float", "bias: float", "weights: float", "dy: float", "scale: float", "plan: int32"},
          {"dquery: float", "dkey: float", "dvalue: float", "dbias: float"},
          AttentionGradient};
}

}  // namespace sifaka
