// The functions of libcuda that the engine calls. Streams run at once; a failed kernel fails the next calls, as on a GPU.
#include <cstring>
#include <string>

#include "memory.h"
#include "threads.h"

using namespace stand_in;

namespace {

Kernel* kernels;
Result broken = SUCCESS; // The failure of a kernel, which every later call returns until the context is made anew.
std::string failingCall;
Result failingCode;
int callsUntilFailure = -1;
int devices = 1, version = 12000;

/// The result of every call begins with this: an error that a test asked for, or that of an earlier kernel.
Result before(const char* call) {
  if (callsUntilFailure >= 0 && failingCall == call && callsUntilFailure-- == 0) return failingCode;
  return broken;
}

} // namespace

stand_in::Kernel::Kernel(const char* name, size_t argumentBytes, bool cooperative, void (*body)(const void*))
    : name(name), argumentBytes(argumentBytes), cooperative(cooperative), body(body), next(kernels) {
  kernels = this;
}

#define CALL(name, ...)                       \
  Result name(__VA_ARGS__) {                  \
    const Result result = before(#name);      \
    if (result != SUCCESS) return result;
#define END \
  return SUCCESS; \
  }

extern "C" {

// For tests: the call that fails next time, or after some calls; how much memory, and how many devices there are.
void standInFail(const char* call, int code, int after) {
  failingCall = call;
  failingCode = (Result)code;
  callsUntilFailure = after;
}
void standInMemory(uint64_t bytes) { setTotalBytes(bytes); }
void standInDevices(int count, int driver) {
  devices = count;
  version = driver;
}
void standInRecover() {
  broken = SUCCESS;
  clearFailure();
}

CALL(cuInit, unsigned) if (devices == 0) return NO_DEVICE; END
CALL(cuDriverGetVersion, int* out) *out = version; END
CALL(cuDeviceGetCount, int* out) *out = devices; END
CALL(cuDeviceGet, int* out, int ordinal) if (ordinal >= devices) return INVALID_DEVICE; *out = ordinal; END
CALL(cuDeviceGetName, char* out, int length, int) strncpy(out, "stand-in for a GPU", length); END
CALL(cuDeviceGetAttribute, int* out, int attribute, int)
  switch (attribute) {
    case 14: *out = 4; break; // Alignment of textures: allocations are exact, so that bounds are, too.
    case 16: *out = 4; break; // Multiprocessors.
    case 75: *out = 7; break; // Compute capability 7.5.
    case 76: *out = 5; break;
    default: return INVALID_VALUE;
  }
END
CALL(cuDevicePrimaryCtxRetain, void** out, int) *out = &devices; END
CALL(cuDevicePrimaryCtxRelease_v2, int) END
CALL(cuCtxSetCurrent, void*) END
CALL(cuModuleLoadData, void** out, const char* ptx)
  if (strncmp(ptx, "//", 2) != 0) return INVALID_VALUE;
  *out = &kernels;
END
CALL(cuModuleGetFunction, void** out, void*, const char* name)
  for (Kernel* kernel = kernels; kernel != nullptr; kernel = kernel->next) {
    if (strcmp(kernel->name, name) == 0) {
      *out = kernel;
      return SUCCESS;
    }
  }
  return NOT_FOUND;
END
CALL(cuMemAlloc_v2, uint64_t* out, size_t bytes) return allocate(out, bytes); END
CALL(cuMemFree_v2, uint64_t address) return release(address); END
CALL(cuMemGetInfo_v2, size_t* unused, size_t* all) *unused = freeBytes(); *all = totalBytes(); END
CALL(cuMemcpyHtoDAsync_v2, uint64_t to, const void* from, size_t bytes, void*)
  if (!isAllocated(to, bytes)) return INVALID_VALUE;
  memcpy(reinterpret_cast<void*>(to), from, bytes);
END
CALL(cuMemcpyDtoHAsync_v2, void* to, uint64_t from, size_t bytes, void*)
  if (!isAllocated(from, bytes)) return INVALID_VALUE;
  memcpy(to, reinterpret_cast<void*>(from), bytes);
END
CALL(cuMemsetD32Async, uint64_t to, unsigned value, size_t count, void*)
  if (!isAllocated(to, 4 * count)) return INVALID_VALUE;
  for (size_t i = 0; i < count; i++) reinterpret_cast<unsigned*>(to)[i] = value;
END
CALL(cuMemsetD8Async, uint64_t to, unsigned char value, size_t count, void*)
  if (!isAllocated(to, count)) return INVALID_VALUE;
  memset(reinterpret_cast<void*>(to), value, count);
END
CALL(cuStreamCreate, void** out, unsigned) *out = &devices; END
CALL(cuStreamDestroy_v2, void*) END
CALL(cuStreamSynchronize, void*) END
CALL(cuLaunchKernel, Kernel* kernel, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
     unsigned blockZ, unsigned, void*, void**, void** extra)
  if (gridX * gridY * gridZ == 0 || gridY > 65535 || gridZ > 65535 || blockX * blockY * blockZ > 256) return INVALID_VALUE;
  // CU_LAUNCH_PARAM_BUFFER_POINTER and _SIZE: the host must pack as many bytes as the kernel's struct has.
  if (*static_cast<size_t*>(extra[3]) != kernel->argumentBytes) return INVALID_VALUE;
  broken = run(*kernel, extra[1], {gridX, gridY, gridZ}, {blockX, blockY, blockZ});
END
Result cuGetErrorName(int code, const char** out) {
  switch (code) {
    case INVALID_VALUE: *out = "CUDA_ERROR_INVALID_VALUE"; break;
    case OUT_OF_MEMORY: *out = "CUDA_ERROR_OUT_OF_MEMORY"; break;
    case NO_DEVICE: *out = "CUDA_ERROR_NO_DEVICE"; break;
    case INVALID_DEVICE: *out = "CUDA_ERROR_INVALID_DEVICE"; break;
    case NOT_FOUND: *out = "CUDA_ERROR_NOT_FOUND"; break;
    case ILLEGAL_ADDRESS: *out = "CUDA_ERROR_ILLEGAL_ADDRESS"; break;
    case LAUNCH_FAILED: *out = "CUDA_ERROR_LAUNCH_FAILED"; break;
    default: *out = nullptr; return INVALID_VALUE;
  }
  return SUCCESS;
}
Result cuGetErrorString(int code, const char** out) {
  *out = code == broken && broken != SUCCESS ? failureText() : "the stand-in has no text for this error";
  return SUCCESS;
}
}
