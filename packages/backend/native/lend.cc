#include "lend.h"

#include <utility>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"

namespace sifaka {
namespace {

// Thread-local, because an operation runs on the thread that calls it. As attributes of the operation, these arguments
// would make libtensorflow cache a kernel for every new shape.
thread_local TF_Tensor* lent = nullptr;
thread_local Buffer* borrowed = nullptr;

void* NoState(TF_OpKernelConstruction*) { return nullptr; }
void UnknownShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

void Lend(void*, TF_OpKernelContext* context) {
  TF_Tensor* const tensor = std::exchange(lent, nullptr);
  TF_Status* const status = TF_NewStatus();
  if (tensor == nullptr) TF_SetStatus(status, TF_FAILED_PRECONDITION, "SifakaLend: nothing was lent");
  else TF_SetOutput(context, 0, tensor, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelContext_Failure(context, status);
  if (tensor != nullptr) TF_DeleteTensor(tensor);
  TF_DeleteStatus(status);
}

void Borrow(void*, TF_OpKernelContext* context) {
  TF_Status* const status = TF_NewStatus();
  TF_Tensor* tensor = nullptr;
  TF_GetInput(context, 0, &tensor, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelContext_Failure(context, status);
  else borrowed = Adopt(tensor);
  TF_DeleteStatus(status);
}

std::string RegisterOperation(const char* name, const char* input, const char* output,
                              void (*compute)(void*, TF_OpKernelContext*)) {
  TF_Status* const status = TF_NewStatus();
  TF_OpDefinitionBuilder* const op = TF_NewOpDefinitionBuilder(name);
  TF_OpDefinitionBuilderAddAttr(op, "T: type");
  if (input != nullptr) TF_OpDefinitionBuilderAddInput(op, input);
  if (output != nullptr) TF_OpDefinitionBuilderAddOutput(op, output);
  TF_OpDefinitionBuilderSetIsStateful(op, true);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, UnknownShapes);
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", NoState, compute, nullptr), status);
  }
  const std::string trouble = TF_GetCode(status) == TF_OK ? "" : std::string(name) + ": " + TF_Message(status);
  TF_DeleteStatus(status);
  return trouble;
}

}  // namespace

std::string RegisterLending() {
  const std::string trouble = RegisterOperation("SifakaLend", nullptr, "y: T", Lend);
  return trouble.empty() ? RegisterOperation("SifakaBorrow", "x: T", nullptr, Borrow) : trouble;
}

void LendNext(Buffer* buffer, TF_DataType type, const int64_t* shape, int rank) {
  if (lent != nullptr) TF_DeleteTensor(lent);
  lent = TensorOf(buffer, type, shape, rank);
}

Buffer* TakeBorrowed() { return std::exchange(borrowed, nullptr); }

}  // namespace sifaka
