// One kernel source, two compilers: NVRTC for the GPU, and the machine's C++ compiler for the stand-in of libcuda in
// tools/cuda-stand-in, which needs no GPU and checks every access.
//
// A kernel takes one struct: first its pointers, then its ints, then its floats, so that there are no gaps. The host
// packs the same fields in the same order (src/cuda/launch.ts).
#pragma once

#ifdef __CUDACC_RTC__

// Device memory. The stand-in checks that every access is inside the allocation.
template <class T> using Global = T*;
// An address that is in device memory itself.
template <class T> __device__ T* pointerTo(unsigned long long address) { return reinterpret_cast<T*>(address); }

#define KERNEL(name, Args) extern "C" __global__ void __launch_bounds__(256) name(const Args a)
// A kernel whose threads wait for each other.
#define COOPERATIVE_KERNEL(name, Args) KERNEL(name, Args)
#define DEVICE __device__ __forceinline__
// Memory that a block shares. The stand-in checks that a barrier is between a write and another thread's access.
#define SHARED(T, name, count) __shared__ T name[count]
#define BARRIER() __syncthreads()
#define SHUFFLE_XOR(value, lanes) __shfl_xor_sync(0xffffffffu, value, lanes)
#define BALLOT(predicate) __ballot_sync(0xffffffffu, predicate)
#define LOWEST_BIT(bits) (__ffs(bits) - 1)

#else
#include "stand-in.h"
#endif

#define NOT_A_NUMBER (0.0f / 0.0f)
#define INFINITE (1.0f / 0.0f)
#define LANES 32u

typedef unsigned char byte;

// Every index below `count` once, spread over all threads of the grid.
#define FOR_EACH(i, count) \
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < (count); i += gridDim.x * blockDim.x)

template <class T> DEVICE bool isNaN(T) { return false; }
template <> DEVICE bool isNaN<float>(float x) { return x != x; }

// The larger value; NaN if either is NaN, as in JavaScript's Math.max.
template <class T> DEVICE T larger(T x, T y) { return isNaN(x) ? x : isNaN(y) ? y : x > y ? x : y; }
template <class T> DEVICE T smaller(T x, T y) { return isNaN(x) ? x : isNaN(y) ? y : x < y ? x : y; }
