// Reference-counted memory of a tensor's values. Our tensors and TensorFlow's may share it, and so may other
// shapes of the same values.
#ifndef SIFAKA_BUFFER_H_
#define SIFAKA_BUFFER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "tensorflow/c/tf_tensor.h"

namespace sifaka {

struct Buffer {
  void* data;
  size_t bytes;
  size_t size;       // Size of the block that begins with this struct.
  TF_Tensor* owner;  // The tensor that owns the memory; null if it is part of the block.
  std::atomic<int> uses;
};

// @returns null without memory. The values are uninitialised; their address is a multiple of 64.
Buffer* Allocate(size_t bytes);
// Takes ownership of the tensor.
Buffer* Adopt(TF_Tensor* tensor);
Buffer* Retain(Buffer* buffer);
// Any thread may call this.
void Release(Buffer* buffer);
// Makes a TensorFlow tensor in the same memory.
TF_Tensor* TensorOf(Buffer* buffer, TF_DataType type, const int64_t* shape, int rank);

// Floats for the duration of a call. Throws without memory, like a vector, but does not fill the memory with zeros.
class Memory {
 public:
  explicit Memory(int64_t size) : buffer_(Allocate(size * sizeof(float))) {
    if (buffer_ == nullptr) throw std::bad_alloc();
  }
  ~Memory() { Release(buffer_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  float* data() const { return static_cast<float*>(buffer_->data); }

 private:
  Buffer* const buffer_;
};

}  // namespace sifaka

#endif  // SIFAKA_BUFFER_H_
