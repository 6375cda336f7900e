// Transposing, slicing, joining and padding: copies of blocks.
#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "thread_pool.h"

namespace sifaka {
namespace {

constexpr int64_t kGrain = 32768;

// Axes from the outermost to the innermost. Starts and strides are in elements.
struct Block {
  int rank;
  int64_t from, to;
  const double *sizes, *from_strides, *to_strides;
};

template <typename T>
void CopyBlock(const T* from, T* to, const Block& block) {
  const int last = block.rank - 1;
  const int64_t width = block.sizes[last], from_step = block.from_strides[last], to_step = block.to_strides[last];
  int64_t rows = 1;
  for (int axis = 0; axis < last; axis++) rows *= static_cast<int64_t>(block.sizes[axis]);
  if (rows * width == 0) return;
  ParallelFor(rows, std::max<int64_t>(1, kGrain / width), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      int64_t rest = row;
      const T* in = from + block.from;
      T* out = to + block.to;
      for (int axis = last - 1; axis >= 0; axis--) {
        const int64_t length = block.sizes[axis], position = rest % length;
        rest /= length;
        in += position * static_cast<int64_t>(block.from_strides[axis]);
        out += position * static_cast<int64_t>(block.to_strides[axis]);
      }
      if (from_step == 1 && to_step == 1) {
        std::memcpy(out, in, width * sizeof(T));
      } else {
        for (int64_t i = 0; i < width; i++) out[i * to_step] = in[i * from_step];
      }
    }
  });
}

template <typename T>
void CopyAll(Call& call) {
  if (call.Integer(1) != 0) {
    std::fill_n(call.Output<T>(0), call.OutputBytes(0) / sizeof(T), static_cast<T>(call.Number(2)));
  }
  for (int i = 0, at = 3; i < call.inputs(); i++) {
    const int rank = static_cast<int>(call.Integer(at));
    CopyBlock(call.Input<T>(i), call.Output<T>(0),
              {rank, call.Integer(at + 1), call.Integer(at + 2), call.Numbers(at + 3), call.Numbers(at + 3 + rank),
               call.Numbers(at + 3 + 2 * rank)});
    at += 3 + 3 * rank;
  }
}

}  // namespace

// Output: one block of each input. Numbers: bytes of an element; whether the output is filled first, and with which
// value; then for each input the rank of its block, its start in the input and in the output, its sizes, and its
// strides in the input and in the output.
void Copy(Call& call) {
  if (call.Integer(0) == 1) CopyAll<uint8_t>(call);
  else if (call.Number(2) == 0) CopyAll<uint32_t>(call);  // Copies the bits of any type.
  else CopyAll<float>(call);
}

}  // namespace sifaka
