// Kernels with one fault each. The tests of the stand-in see that it finds them.
#include "../../packages/backend/cuda/kernel.h"

struct FaultArgs {
  Global<const float> x;
  Global<float> out;
  unsigned size;
  int unused;
};

KERNEL(fault_none, FaultArgs) {
  FOR_EACH(i, a.size) a.out[i] = 2 * a.x[i];
}
KERNEL(fault_reads_past_the_end, FaultArgs) {
  FOR_EACH(i, a.size) a.out[i] = a.x[i + 1];
}
KERNEL(fault_writes_before_the_start, FaultArgs) {
  const auto out = a.out + a.size;
  FOR_EACH(i, a.size) out[-2ll * (int)i - 1] = a.x[i];
}
KERNEL(fault_waits_without_fibers, FaultArgs) { BARRIER(); }
COOPERATIVE_KERNEL(fault_no_barrier, FaultArgs) {
  SHARED(float, values, 256);
  values[threadIdx.x] = a.x[threadIdx.x];
  a.out[threadIdx.x] = values[blockDim.x - 1 - threadIdx.x];
}
COOPERATIVE_KERNEL(fault_no_second_barrier, FaultArgs) {
  SHARED(float, values, 256);
  for (int round = 0; round < 2; round++) {
    values[threadIdx.x] = a.x[threadIdx.x] + round;
    BARRIER();
    a.out[threadIdx.x] = values[blockDim.x - 1 - threadIdx.x];
  }
}
COOPERATIVE_KERNEL(fault_not_all_threads_wait, FaultArgs) {
  if (threadIdx.x > 0) BARRIER();
}
COOPERATIVE_KERNEL(fault_not_all_lanes_meet, FaultArgs) {
  float value = a.x[threadIdx.x];
  if (threadIdx.x % 2 == 0) value = SHUFFLE_XOR(value, 1u);
  a.out[threadIdx.x] = value;
}
COOPERATIVE_KERNEL(fault_reads_what_is_not_written, FaultArgs) {
  SHARED(float, values, 256);
  if (threadIdx.x > 0) values[threadIdx.x] = 1;
  BARRIER();
  a.out[threadIdx.x] = values[threadIdx.x];
}
COOPERATIVE_KERNEL(fault_shared_memory_is_too_small, FaultArgs) {
  SHARED(float, values, 16);
  values[threadIdx.x] = 1;
}
