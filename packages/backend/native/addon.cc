// The functions that TypeScript calls. There, a buffer is a number: its address.
#include <node_api.h>

#include <cstring>
#include <iterator>
#include <new>

#include "kernel.h"
#include "lend.h"

namespace sifaka {
namespace {

constexpr size_t kMaxArguments = 3;

struct Arguments {
  napi_value values[kMaxArguments] = {};
  Arguments(napi_env env, napi_callback_info info) {
    size_t count = kMaxArguments;
    napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  }
};

struct Array {
  void* data = nullptr;
  size_t bytes = 0, length = 0;
  Array(napi_env env, napi_value value) {
    napi_typedarray_type type = napi_uint8_array;
    napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr);
    const bool words = type == napi_float32_array || type == napi_int32_array;
    const size_t width = type == napi_float64_array ? 8 : words ? 4 : 1;
    bytes = length * width;
  }
};

double NumberOf(napi_env env, napi_value value) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  return number;
}

Buffer* BufferOf(napi_env env, napi_value value) { return Call::BufferAt(NumberOf(env, value)); }

napi_value ValueOf(napi_env env, const Buffer* buffer) {
  napi_value value = nullptr;
  napi_create_double(env, static_cast<double>(reinterpret_cast<uintptr_t>(buffer)), &value);
  return value;
}

void Throw(napi_env env, const std::string& message) { napi_throw_error(env, nullptr, message.c_str()); }

// run(kernel, row): see kernel.h.
napi_value Run(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Kernel& kernel = kKernels[static_cast<int>(NumberOf(env, given.values[0]))];
  Call call(static_cast<double*>(Array(env, given.values[1]).data));
  if (!call.AllocateOutputs()) {
    Throw(env, std::string(kernel.name) + " on tensorflow: out of memory");
    return nullptr;
  }
  try {
    kernel.compute(call);
  } catch (const std::bad_alloc&) {
    call.Fail(std::string(kernel.name) + " on tensorflow: out of memory");
  }
  if (!call.failure().empty()) {
    call.ReleaseOutputs(call.outputs());
    Throw(env, call.failure());
  }
  return nullptr;
}

// upload(array): returns a buffer with a copy of its values.
napi_value Upload(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Array array(env, given.values[0]);
  Buffer* const buffer = Allocate(array.bytes);
  if (buffer == nullptr) {
    Throw(env, "tensorflow: out of memory");
    return nullptr;
  }
  if (array.bytes > 0) std::memcpy(buffer->data, array.data, array.bytes);
  return ValueOf(env, buffer);
}

// read(buffer, array): copies the buffer's values into the array.
napi_value Read(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Array array(env, given.values[1]);
  if (array.bytes > 0) std::memcpy(array.data, BufferOf(env, given.values[0])->data, array.bytes);
  return nullptr;
}

napi_value RetainBuffer(napi_env env, napi_callback_info info) {
  Retain(BufferOf(env, Arguments(env, info).values[0]));
  return nullptr;
}

napi_value ReleaseBuffer(napi_env env, napi_callback_info info) {
  Release(BufferOf(env, Arguments(env, info).values[0]));
  return nullptr;
}

// lend(buffer, type, shape): sets the tensor that the next SifakaLend returns.
napi_value LendBuffer(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const Array shape(env, given.values[2]);
  const double* const sizes = static_cast<const double*>(shape.data);
  const std::vector<int64_t> dims(sizes, sizes + shape.length);
  const TF_DataType type = static_cast<TF_DataType>(NumberOf(env, given.values[1]));
  LendNext(BufferOf(env, given.values[0]), type, dims.data(), static_cast<int>(dims.size()));
  return nullptr;
}

// borrowed(): returns the buffer that the last SifakaBorrow received, or 0.
napi_value BorrowedBuffer(napi_env env, napi_callback_info) { return ValueOf(env, TakeBorrowed()); }

napi_value Load(napi_env env, napi_value exports) {
  // A worker thread loads the library again, but TensorFlow has one registry per process.
  static bool registered = false;
  if (!registered) {
    registered = true;
    const std::string trouble = RegisterLending();
    if (!trouble.empty()) {
      Throw(env, trouble);
      return exports;
    }
  }
  const auto method = [](const char* name, napi_callback call) {
    return napi_property_descriptor{name, nullptr, call, nullptr, nullptr, nullptr, napi_default, nullptr};
  };
  const napi_property_descriptor methods[] = {
      method("run", Run),         method("upload", Upload),           method("read", Read),
      method("lend", LendBuffer), method("borrowed", BorrowedBuffer), method("retain", RetainBuffer),
      method("release", ReleaseBuffer),
  };
  napi_define_properties(env, exports, std::size(methods), methods);
  napi_value names = nullptr;
  napi_create_array(env, &names);
  for (uint32_t i = 0; i < std::size(kKernels); i++) {
    napi_value name = nullptr;
    napi_create_string_utf8(env, kKernels[i].name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, i, name);
  }
  napi_set_named_property(env, exports, "kernels", names);
  return exports;
}

}  // namespace
}  // namespace sifaka

NAPI_MODULE_INIT() { return sifaka::Load(env, exports); }
