// Memory that holds a tensor's values, counted: tensors of ours, TensorFlow's and other shapes of the same values share it.
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
  size_t size;  // Of the block that this stands at the head of.
  TF_Tensor* owner;  // Whose memory it is; null where it is ours.
  std::atomic<int> uses;
};

// @returns null without memory. The values are undefined; the address is a multiple of 64.
Buffer* Allocate(size_t bytes);
// Takes the tensor over.
Buffer* Adopt(TF_Tensor* tensor);
Buffer* Retain(Buffer* buffer);
// Any thread may call it.
void Release(Buffer* buffer);
// A tensor of TensorFlow's in the same memory.
TF_Tensor* TensorOf(Buffer* buffer, TF_DataType type, const int64_t* shape, int rank);

// Floats for the time of a call; throws without memory, as a vector does, but does not fill what will be written.
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
