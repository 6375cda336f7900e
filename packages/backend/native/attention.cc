// softmax(Q Kᵀ · scale + bias) V and its gradients, head by head. Heads are read and written in place.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernel.h"
#include "product.h"
#include "thread_pool.h"
#include "vector.h"

namespace sifaka {
namespace {

// Offset and strides of one operand's heads in its tensor, in floats.
struct Layout {
  int64_t start, batch, head, row;
};

// Sizes and layouts, which TypeScript derives from the shapes.
struct Plan {
  int64_t batch, heads, length, source, dim;
  int64_t gradient_of_key, gradient_of_value;  // Indices of the outputs for these gradients; the query's is 0.
  Layout query, key, value, out, bias;
  float scale;

  explicit Plan(const Call& call)
      : batch(call.Integer(0)), heads(call.Integer(1)), length(call.Integer(2)), source(call.Integer(3)),
        dim(call.Integer(4)), gradient_of_key(call.Integer(5)), gradient_of_value(call.Integer(6)),
        scale(call.Number(7)) {
    int at = 8;
    for (Layout* layout : {&query, &key, &value, &out, &bias}) {
      *layout = {call.Integer(at), call.Integer(at + 1), call.Integer(at + 2), call.Integer(at + 3)};
      at += 4;
    }
  }
};

template <typename T>
T* At(T* data, const Layout& layout, int64_t b, int64_t h) {
  return data + layout.start + b * layout.batch + h * layout.head;
}

// Rows along the source are padded to whole vectors of eight, so that no loop has a remainder.
int64_t Padded(int64_t source) { return (source + 7) & ~int64_t{7}; }

// row <- softmax(row · scale + bias); both have `padded` entries.
void Softmax(float* row, float scale, const float* bias, int64_t padded) {
  Vector largest = Load(row) * scale + Load(bias);
  Store(row, largest);
  for (int64_t i = kVector; i < padded; i += kVector) {
    const Vector logits = Load(row + i) * scale + Load(bias + i);
    Store(row + i, logits);
    largest = Larger(largest, logits);
  }
  const float most = LargestOf(largest);
  Vector sum = {};
  for (int64_t i = 0; i < padded; i += kVector) {
    const Vector weights = ExpOfNegative(Load(row + i) - most);
    Store(row + i, weights);
    sum += weights;
  }
  const float inverse = 1.0f / SumOf(sum);
  for (int64_t i = 0; i < padded; i += kVector) Store(row + i, Load(row + i) * inverse);
}

constexpr float kNothing = -3e38f;  // The bias of the padding, which gives it a weight of 0.

// Heads per range: enough work to be worth waking a thread.
int64_t Grain(const Plan& plan) {
  return std::max<int64_t>(1, 65536 / std::max<int64_t>(1, plan.length * plan.source * plan.dim));
}

struct Operands {
  const Plan& plan;
  const float *query, *key, *value, *bias;
};

void Attend(const Operands& operands, int64_t begin, int64_t end, float* weights, float* out) {
  const Plan& plan = operands.plan;
  const int64_t length = plan.length, source = plan.source, dim = plan.dim, padded = Padded(source);
  std::vector<float> scores(length * padded), bias(padded, kNothing);
  std::fill_n(bias.data(), source, 0.0f);
  const float* in_bias = nullptr;
  for (int64_t i = begin; i < end; i++) {
    const int64_t b = i / plan.heads, h = i % plan.heads;
    const Matrix query = {At(operands.query, plan.query, b, h), plan.query.row, 1};
    const Matrix transposed_key = {At(operands.key, plan.key, b, h), 1, plan.key.row};
    const Matrix value = {At(operands.value, plan.value, b, h), plan.value.row, 1};
    float* const result = weights + i * length * source;
    Multiply(query, transposed_key, nullptr, nullptr, length, source, dim, scores.data(), padded);
    for (int64_t l = 0; l < length && source > 0; l++) {
      float* const row = scores.data() + l * padded;
      const float* const row_bias = operands.bias ? At(operands.bias, plan.bias, b, h) + l * plan.bias.row : nullptr;
      if (row_bias != in_bias) std::copy_n(row_bias, source, bias.data());
      in_bias = row_bias;
      Softmax(row, plan.scale, bias.data(), padded);
      std::copy_n(row, source, result + l * source);
    }
    Multiply({result, source, 1}, value, nullptr, nullptr, length, dim, source, At(out, plan.out, b, h), plan.out.row);
  }
}

struct Gradients {
  const float *weights, *dy;
  float *query, *key, *value, *bias;
};

void AttendGradient(const Operands& operands, const Gradients& to, int64_t begin, int64_t end) {
  const Plan& plan = operands.plan;
  const int64_t length = plan.length, source = plan.source, dim = plan.dim;
  std::vector<float> slopes(length * source);
  for (int64_t i = begin; i < end; i++) {
    const int64_t b = i / plan.heads, h = i % plan.heads;
    const Matrix query = {At(operands.query, plan.query, b, h), plan.query.row, 1};
    const Matrix key = {At(operands.key, plan.key, b, h), plan.key.row, 1};
    const Matrix transposed_value = {At(operands.value, plan.value, b, h), 1, plan.value.row};
    const Matrix dy = {At(to.dy, plan.out, b, h), plan.out.row, 1};
    const float* const weights = to.weights + i * length * source;
    float* const ds = slopes.data();
    Multiply(dy, transposed_value, nullptr, nullptr, length, source, dim, ds, source);
    for (int64_t l = 0; l < length; l++) {
      const float* const w = weights + l * source;
      float* const row = ds + l * source;
      float along = 0;
#pragma omp simd reduction(+ : along)
      for (int64_t s = 0; s < source; s++) along += row[s] * w[s];
#pragma omp simd
      for (int64_t s = 0; s < source; s++) row[s] = w[s] * (row[s] - along);
      if (to.bias) {
        float* const d_bias = At(to.bias, plan.bias, b, h) + l * plan.bias.row;
#pragma omp simd
        for (int64_t s = 0; s < source; s++) d_bias[s] += row[s];
      }
#pragma omp simd
      for (int64_t s = 0; s < source; s++) row[s] *= plan.scale;
    }
    float* const d_query = At(to.query, plan.query, b, h);
    float* const d_key = At(to.key, plan.key, b, h);
    float* const d_value = At(to.value, plan.value, b, h);
    Multiply({ds, source, 1}, key, nullptr, nullptr, length, dim, source, d_query, plan.query.row);
    Multiply({ds, 1, source}, query, nullptr, nullptr, source, dim, length, d_key, plan.key.row);
    Multiply({weights, 1, source}, dy, nullptr, nullptr, source, dim, length, d_value, plan.value.row);
  }
}

}  // namespace

// Inputs: the tensors that hold query, key and value; the bias, or none. Outputs: the result; the weights [B, H, L, S].
// Numbers: those of the plan.
void Attention(Call& call) {
  const Plan plan(call);
  const Operands operands = {plan, call.Input(0), call.Input(1), call.Input(2), call.Input(3)};
  float *const out = call.Output(0), *const weights = call.Output(1);
  ParallelFor(plan.batch * plan.heads, Grain(plan),
              [&](int64_t begin, int64_t end) { Attend(operands, begin, end, weights, out); });
}

// Inputs: those of Attention; the weights; the gradient of the result. Outputs: the gradients of the one to three
// tensors that hold the operands, in their order; the gradient of the bias, if there is one.
void AttentionGradient(Call& call) {
  const Plan plan(call);
  const Operands operands = {plan, call.Input(0), call.Input(1), call.Input(2), nullptr};
  const bool has_bias = call.Input(3) != nullptr;
  const Gradients to = {call.Input(4),
                        call.Input(5),
                        call.Output(0),
                        call.Output(static_cast<int>(plan.gradient_of_key)),
                        call.Output(static_cast<int>(plan.gradient_of_value)),
                        has_bias ? call.Output(call.outputs() - 1) : nullptr};
  const bool empty = plan.length == 0 || plan.source == 0;
  for (int i = 0; i < call.outputs(); i++) {
    if (empty || (has_bias && i == call.outputs() - 1)) std::memset(call.Output(i), 0, call.OutputBytes(i));
  }
  // One thread computes all heads of a batch, because they may share a bias and then add to the same gradient. One
  // thread also computes all batches that share a bias.
  const bool shared = has_bias && plan.bias.batch == 0;
  const int64_t grain = shared ? plan.batch : std::max<int64_t>(1, Grain(plan) / std::max<int64_t>(1, plan.heads));
  ParallelFor(plan.batch, grain, [&](int64_t begin, int64_t end) {
    AttendGradient(operands, to, begin * plan.heads, end * plan.heads);
  });
}

}  // namespace sifaka
