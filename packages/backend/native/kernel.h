// One call of a kernel, which TypeScript passes as a row of numbers.
#ifndef SIFAKA_KERNEL_H_
#define SIFAKA_KERNEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "buffer.h"

namespace sifaka {

// The row: the counts of inputs and outputs; the inputs' buffers (0 for none); the outputs' sizes in bytes, which are
// replaced by their buffers; the kernel's own numbers. TypeScript checks the shapes, because its errors can name things
// that the caller knows.
class Call {
 public:
  explicit Call(double* words)
      : inputs_(static_cast<int>(words[0])), outputs_(static_cast<int>(words[1])), words_(words + 2),
        numbers_(words_ + inputs_ + outputs_) {}

  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }

  template <typename T = float>
  T* Input(int index) const {
    const double word = words_[index];
    return word == 0 ? nullptr : static_cast<T*>(BufferAt(word)->data);
  }
  template <typename T = float>
  T* Output(int index) const {
    return static_cast<T*>(BufferAt(words_[inputs_ + index])->data);
  }
  size_t OutputBytes(int index) const { return BufferAt(words_[inputs_ + index])->bytes; }
  int64_t Integer(int index) const { return static_cast<int64_t>(numbers_[index]); }
  double Number(int index) const { return numbers_[index]; }
  const double* Numbers(int index) const { return numbers_ + index; }

  // Makes the call throw this in JavaScript and release its outputs.
  void Fail(const std::string& reason) { failure_ = reason; }
  const std::string& failure() const { return failure_; }

  // @returns false if there is no memory.
  bool AllocateOutputs() {
    for (int i = 0; i < outputs_; i++) {
      double& word = words_[inputs_ + i];
      Buffer* const buffer = Allocate(static_cast<size_t>(word));
      if (buffer == nullptr) {
        ReleaseOutputs(i);
        return false;
      }
      word = static_cast<double>(reinterpret_cast<uintptr_t>(buffer));
    }
    return true;
  }
  void ReleaseOutputs(int count) {
    for (int i = 0; i < count; i++) Release(BufferAt(words_[inputs_ + i]));
  }

  // Addresses have 48 bits, a double's integers 53.
  static Buffer* BufferAt(double word) { return reinterpret_cast<Buffer*>(static_cast<uintptr_t>(word)); }

 private:
  const int inputs_;
  const int outputs_;
  double* const words_;
  const double* const numbers_;
  std::string failure_;
};

struct Kernel {
  const char* name;
  void (*compute)(Call& call);
};

// Each kernel's inputs, outputs and numbers are documented in its file.
void AdamW(Call& call);
void Attention(Call& call);
void AttentionGradient(Call& call);
void Binary(Call& call);
void Copy(Call& call);
void Gather(Call& call);
void Gelu(Call& call);
void GeluAndSlope(Call& call);
void GlobalNorm(Call& call);
void LayerNorm(Call& call);
void LayerNormGradient(Call& call);
void Product(Call& call);
void SegmentSum(Call& call);
void SparseProduct(Call& call);
void Sum(Call& call);
void Unary(Call& call);

constexpr Kernel kKernels[] = {
    {"AdamW", AdamW},
    {"Attention", Attention},
    {"AttentionGradient", AttentionGradient},
    {"Binary", Binary},
    {"Copy", Copy},
    {"Gather", Gather},
    {"Gelu", Gelu},
    {"GeluAndSlope", GeluAndSlope},
    {"GlobalNorm", GlobalNorm},
    {"LayerNorm", LayerNorm},
    {"LayerNormGradient", LayerNormGradient},
    {"Product", Product},
    {"SegmentSum", SegmentSum},
    {"SparseProduct", SparseProduct},
    {"Sum", Sum},
    {"Unary", Unary},
};

}  // namespace sifaka

#endif  // SIFAKA_KERNEL_H_
