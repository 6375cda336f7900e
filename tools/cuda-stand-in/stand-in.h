// What CUDA C has and C++ has not, for the kernels of packages/backend/cuda: device pointers that check every access,
// shared memory that checks for missing barriers, barriers and warps of fibers.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>

struct Index3 {
  unsigned x, y, z;
};
extern Index3 threadIdx, blockIdx, blockDim, gridDim;

namespace stand_in {

// memory.cc
struct Allocation {
  uintptr_t begin, end;
};
/// The allocation that an address is in; an empty one if the address is null, freed, or was never allocated.
Allocation allocationOf(uint64_t address);
[[noreturn]] void outOfBounds(Allocation of, uintptr_t address, size_t bytes);

// threads.cc
/// Waits for all threads of the block. `site` tells barriers apart.
void barrier(int site);
/// Waits for all lanes of the warp. @returns the value of lane `mine ^ lanes`.
uint64_t exchange(int site, uint64_t value, unsigned lanes);
/// Waits for all lanes of the warp. @returns a bit for each lane whose predicate is true.
unsigned ballot(int site, bool predicate);

// shared.cc
/// Who used one value of shared memory last, and in which phase: barriers and blocks begin phases.
struct Uses {
  uint64_t writtenIn, readIn;
  unsigned writer, reader;
  bool severalReaders;
};
void sharedRead(Uses& uses, const char* name, size_t index);
void sharedWrite(Uses& uses, const char* name, size_t index);
[[noreturn]] void sharedOutOfBounds(const char* name, size_t index, size_t count);

/// A place in an allocation.
template <class T> class Cursor {
 public:
  Cursor(uint64_t address, Allocation of) : address_(address), of_(of) {}
  T& operator[](long long index) const {
    const uintptr_t at = address_ + index * (long long)sizeof(T);
    if (at < of_.begin || at + sizeof(T) > of_.end || at % alignof(T) != 0) outOfBounds(of_, at, sizeof(T));
    return *reinterpret_cast<T*>(at);
  }
  Cursor operator+(long long count) const { return {address_ + count * (long long)sizeof(T), of_}; }

 private:
  uint64_t address_;
  Allocation of_;
};

/// A pointer to device memory, of the size of an address.
template <class T> struct GlobalPointer {
  uint64_t address;
  explicit operator bool() const { return address != 0; }
  T& operator[](long long index) const { return Cursor<T>(address, allocationOf(address))[index]; }
  Cursor<T> operator+(long long count) const { return Cursor<T>(address, allocationOf(address)) + count; }
};

/// Memory that the threads of a block share.
template <class T, size_t Count> class SharedArray {
 public:
  explicit SharedArray(const char* name) : name_(name) {}
  struct Cell {
    SharedArray& of;
    size_t index;
    operator T() const {
      sharedRead(of.uses_[index], of.name_, index);
      return of.values_[index];
    }
    Cell& operator=(T value) {
      sharedWrite(of.uses_[index], of.name_, index);
      of.values_[index] = value;
      return *this;
    }
    Cell& operator=(const Cell& other) { return *this = (T)other; }
    Cell& operator+=(T value) { return *this = (T) * this + value; }
  };
  Cell operator[](size_t index) {
    if (index >= Count) sharedOutOfBounds(name_, index, Count);
    return {*this, index};
  }

 private:
  const char* name_;
  T values_[Count];
  Uses uses_[Count] = {};
};

/// A kernel of the sources, under its name. `body` takes the arguments.
struct Kernel {
  const char* name;
  size_t argumentBytes;
  bool cooperative; // Its threads may wait.
  void (*body)(const void* arguments);
  Kernel* next;
  Kernel(const char* name, size_t argumentBytes, bool cooperative, void (*body)(const void*));
};

template <class T> uint64_t bitsOf(T value) {
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  return bits;
}
template <class T> T fromBits(uint64_t bits) {
  T value;
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}
template <class T> T exchanged(int site, T value, unsigned lanes) {
  return fromBits<T>(exchange(site, bitsOf(value), lanes));
}

} // namespace stand_in

template <class T> using Global = stand_in::GlobalPointer<T>;
template <class T> Global<T> pointerTo(unsigned long long address) { return {address}; }

#define STAND_IN_KERNEL(name, Args, cooperative)                                                       \
  static void name##_body(const Args& a);                                                              \
  static stand_in::Kernel name##_kernel(#name, sizeof(Args), cooperative,                              \
                                        [](const void* of) { name##_body(*static_cast<const Args*>(of)); }); \
  static void name##_body(const Args& a)
#define KERNEL(name, Args) STAND_IN_KERNEL(name, Args, false)
#define COOPERATIVE_KERNEL(name, Args) STAND_IN_KERNEL(name, Args, true)
#define DEVICE inline
#define SHARED(T, name, count) static stand_in::SharedArray<T, count> name(#name)
#define BARRIER() stand_in::barrier(__LINE__)
#define SHUFFLE_XOR(value, lanes) stand_in::exchanged(__LINE__, value, lanes)
#define BALLOT(predicate) stand_in::ballot(__LINE__, predicate)
#define LOWEST_BIT(bits) __builtin_ctz(bits)
