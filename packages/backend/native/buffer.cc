// Memory of tensors. Released blocks are kept for later tensors, up to 256 MiB.
#include "buffer.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace sifaka {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHeader = (sizeof(Buffer) + kAlignment - 1) / kAlignment * kAlignment;

// Released blocks by size. The last one is reused first: its pages are mapped and may still be in the cache. A training
// step allocates the same sizes again and again, and memory that the C library returns to the system costs a page fault
// per page.
class Shelf {
 public:
  static Shelf& Get() {
    static Shelf* shelf = new Shelf();  // Never destroyed: other threads may still release blocks.
    return *shelf;
  }

  // @returns null if there is no block. `size` becomes the size of the block, which is up to a quarter larger.
  void* Take(size_t& size) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = blocks_.lower_bound(size);
    if (found == blocks_.end() || found->first > size + size / 4) return nullptr;
    size = found->first;
    void* const block = found->second.back();
    found->second.pop_back();
    if (found->second.empty()) blocks_.erase(found);
    held_ -= size;
    return block;
  }

  // @returns false if the shelf is full.
  bool Put(void* block, size_t size) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (held_ + size > kMaxHeld) return false;
    blocks_[size].push_back(block);
    held_ += size;
    return true;
  }

  void Clear() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [size, blocks] : blocks_) {
      for (void* block : blocks) std::free(block);
    }
    blocks_.clear();
    held_ = 0;
  }

 private:
  static constexpr size_t kMaxHeld = size_t{256} << 20;
  std::mutex mutex_;
  std::map<size_t, std::vector<void*>> blocks_;
  size_t held_ = 0;
};

// Rounds sizes up in steps of about an eighth, so that a slightly larger batch finds the blocks of the last one.
size_t Rounded(size_t bytes) {
  size_t step = kAlignment;
  while (step * 16 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

void ReleaseFor(void*, size_t, void* buffer) { Release(static_cast<Buffer*>(buffer)); }

}  // namespace

Buffer* Allocate(size_t bytes) {
  size_t size = Rounded(kHeader + bytes);
  void* block = Shelf::Get().Take(size);
  if (block == nullptr) block = std::aligned_alloc(kAlignment, size);
  if (block == nullptr) {
    Shelf::Get().Clear();
    block = std::aligned_alloc(kAlignment, size);
  }
  if (block == nullptr) return nullptr;
  return new (block) Buffer{static_cast<char*>(block) + kHeader, bytes, size, nullptr, {1}};
}

Buffer* Adopt(TF_Tensor* tensor) {
  Buffer* const buffer = Allocate(0);
  if (buffer == nullptr) return nullptr;
  buffer->data = TF_TensorData(tensor);
  buffer->bytes = TF_TensorByteSize(tensor);
  buffer->owner = tensor;
  return buffer;
}

Buffer* Retain(Buffer* buffer) {
  buffer->uses.fetch_add(1, std::memory_order_relaxed);
  return buffer;
}

void Release(Buffer* buffer) {
  if (buffer->uses.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  if (buffer->owner != nullptr) TF_DeleteTensor(buffer->owner);
  if (!Shelf::Get().Put(buffer, buffer->size)) std::free(buffer);
}

TF_Tensor* TensorOf(Buffer* buffer, TF_DataType type, const int64_t* shape, int rank) {
  return TF_NewTensor(type, shape, rank, buffer->data, buffer->bytes, ReleaseFor, Retain(buffer));
}

}  // namespace sifaka
