// Runs a kernel's blocks one after the other, and a block's threads as fibers.
#pragma once
#include "failure.h"
#include "stand-in.h"

namespace stand_in {

/// Runs all blocks. @returns a failure of any thread.
Result run(const Kernel& kernel, const void* arguments, Index3 grid, Index3 block);
/// Counts barriers and blocks, so that values of shared memory know how old they are.
extern uint64_t phase, firstPhaseOfBlock;
extern const Kernel* running;

} // namespace stand_in
