// What the kernels here need of TensorFlow's C API for kernels: float32 and int32 tensors on the CPU.
#ifndef SIFAKA_KERNEL_H_
#define SIFAKA_KERNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace sifaka {

// A tensor of one call, released with it.
class Operand {
 public:
  explicit Operand(TF_Tensor* tensor) : tensor_(tensor, TF_DeleteTensor) {}
  template <typename T = float>
  T* data() const {
    return static_cast<T*>(TF_TensorData(tensor_.get()));
  }
  int64_t size() const { return TF_TensorElementCount(tensor_.get()); }
  std::vector<int64_t> shape() const {
    std::vector<int64_t> sizes(TF_NumDims(tensor_.get()));
    for (size_t i = 0; i < sizes.size(); i++) sizes[i] = TF_Dim(tensor_.get(), static_cast<int>(i));
    return sizes;
  }
  // The last axis; all others make rows.
  int64_t width() const {
    const int rank = TF_NumDims(tensor_.get());
    return rank == 0 ? 1 : TF_Dim(tensor_.get(), rank - 1);
  }

 private:
  std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)> tensor_;
};

// One call of a kernel. Shapes are checked in TypeScript, where a message can name what the caller knows.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus(), TF_DeleteStatus) {}

  int inputs() const { return TF_NumInputs(context_); }

  Operand Input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    return Operand(tensor);
  }

  // Throws no exception: without memory TensorFlow fails the operation, and `data()` is null.
  Operand Output(int index, const std::vector<int64_t>& shape) {
    int64_t size = 1;
    for (int64_t axis : shape) size *= axis;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                          size * sizeof(float), status_.get());
    if (TF_GetCode(status_.get()) != TF_OK) TF_OpKernelContext_Failure(context_, status_.get());
    return Operand(tensor);
  }

  bool failed() const { return TF_GetCode(status_.get()) != TF_OK; }

 private:
  TF_OpKernelContext* context_;
  std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status_;
};

// An operation's signature in TensorFlow's words ("x: float"), and what computes it on the CPU.
struct Kernel {
  std::string name;
  std::vector<std::string> attributes;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  void (*compute)(void* state, TF_OpKernelContext* context);
};

Kernel GeluKernel();
Kernel GeluAndSlopeKernel();
Kernel LayerNormKernel();
Kernel LayerNormGradientKernel();
Kernel AttentionKernel();
Kernel AttentionGradientKernel();
Kernel AdamWKernel();
Kernel GlobalNormKernel();
Kernel ProductKernel();

}  // namespace sifaka

#endif  // SIFAKA_KERNEL_H_
