// Checks of shared memory: a value is written before it is read, and two threads have a barrier between them.
#include "threads.h"

namespace stand_in {

namespace {
unsigned thread() { return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z); }
} // namespace

void sharedRead(Uses& uses, const char* name, size_t index) {
  const unsigned me = thread();
  if (uses.writtenIn < firstPhaseOfBlock) fail(LAUNCH_FAILED, "reads %s[%zu], which nothing has written", name, index);
  if (uses.writtenIn == phase && uses.writer != me) {
    fail(LAUNCH_FAILED, "reads %s[%zu], which thread %u writes: a barrier is missing", name, index, uses.writer);
  }
  uses.severalReaders = uses.readIn == phase && (uses.severalReaders || uses.reader != me);
  uses.readIn = phase;
  uses.reader = me;
}

void sharedWrite(Uses& uses, const char* name, size_t index) {
  const unsigned me = thread();
  if (uses.writtenIn == phase && uses.writer != me) {
    fail(LAUNCH_FAILED, "writes %s[%zu], which thread %u writes, too: a barrier is missing", name, index, uses.writer);
  }
  if (uses.readIn == phase && (uses.severalReaders || uses.reader != me)) {
    fail(LAUNCH_FAILED, "writes %s[%zu], which thread %u reads: a barrier is missing", name, index, uses.reader);
  }
  uses.writtenIn = phase;
  uses.writer = me;
}

void sharedOutOfBounds(const char* name, size_t index, size_t count) {
  fail(ILLEGAL_ADDRESS, "uses %s[%zu], which has %zu values", name, index, count);
}

} // namespace stand_in
