// Loading this library makes its kernels known to libtensorflow. It has the form of a Node addon so that `process.dlopen` takes it.
#include <node_api.h>

#include <string>

#include "kernel.h"
#include "tensorflow/c/ops.h"

namespace sifaka {
namespace {

void* NoState(TF_OpKernelConstruction*) { return nullptr; }
void UnknownShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

// @returns what TensorFlow has against it; empty if nothing.
std::string Register(const Kernel& kernel) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(kernel.name.c_str());
  for (const std::string& attribute : kernel.attributes) TF_OpDefinitionBuilderAddAttr(op, attribute.c_str());
  for (const std::string& input : kernel.inputs) TF_OpDefinitionBuilderAddInput(op, input.c_str());
  for (const std::string& output : kernel.outputs) TF_OpDefinitionBuilderAddOutput(op, output.c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, UnknownShapes);
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder* builder = TF_NewKernelBuilder(kernel.name.c_str(), "CPU", NoState, kernel.compute, nullptr);
    TF_RegisterKernelBuilder(kernel.name.c_str(), builder, status);
  }
  const std::string trouble = TF_GetCode(status) == TF_OK ? "" : kernel.name + ": " + TF_Message(status);
  TF_DeleteStatus(status);
  return trouble;
}

napi_value Load(napi_env env, napi_value exports) {
  static bool registered = false;  // A worker thread loads the library again, TensorFlow's registry is the process's.
  if (registered) return exports;
  registered = true;
  for (const Kernel& kernel : {GeluKernel(), GeluAndSlopeKernel(), LayerNormKernel(), LayerNormGradientKernel(), AttentionKernel(),
                               AttentionGradientKernel(), AdamWKernel(), GlobalNormKernel(), ProductKernel()}) {
    const std::string trouble = Register(kernel);
    if (!trouble.empty()) {
      napi_throw_error(env, nullptr, trouble.c_str());
      return exports;
    }
  }
  return exports;
}

}  // namespace
}  // namespace sifaka

NAPI_MODULE_INIT() { return sifaka::Load(env, exports); }
