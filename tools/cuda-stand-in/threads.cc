#include "threads.h"

#include <setjmp.h>
#include <ucontext.h>

#include <cstdarg>
#include <cstdio>
#include <memory>
#include <vector>

Index3 threadIdx, blockIdx, blockDim, gridDim;

namespace stand_in {

uint64_t phase = 1, firstPhaseOfBlock = 1;
const Kernel* running;

namespace {

constexpr size_t STACK_BYTES = 64 << 10;
constexpr unsigned WARP = 32;

enum class State { READY, AT_BARRIER, AT_WARP, DONE };

/// A thread of the block. Its stack is kept from block to block.
struct Fiber {
  ucontext_t first;
  jmp_buf at;
  std::unique_ptr<char[]> stack;
  State state = State::DONE;
  bool started = false;
  int site = 0;
  uint64_t value = 0, met = 0; // What it gives to its warp, and what it gave when the warp last met.
  Index3 index = {};
};

std::vector<std::unique_ptr<Fiber>> fibers;
unsigned current;
jmp_buf scheduler, launch;
Result failure;
char text[512];
const void* arguments;

void leave(State state, int site) {
  Fiber& me = *fibers[current];
  me.state = state;
  me.site = site;
  if (_setjmp(me.at) == 0) _longjmp(scheduler, 1);
  threadIdx = fibers[current]->index;
}

void live() {
  for (;;) {
    running->body(arguments);
    leave(State::DONE, 0);
  }
}

void resume(unsigned thread) {
  Fiber& fiber = *fibers[thread];
  current = thread;
  threadIdx = fiber.index;
  if (_setjmp(scheduler) != 0) return;
  if (fiber.started) _longjmp(fiber.at, 1);
  fiber.started = true;
  getcontext(&fiber.first);
  fiber.first.uc_stack.ss_sp = fiber.stack.get();
  fiber.first.uc_stack.ss_size = STACK_BYTES;
  fiber.first.uc_link = nullptr;
  makecontext(&fiber.first, live, 0);
  setcontext(&fiber.first);
}

void placeThread(unsigned thread) {
  const unsigned x = blockDim.x, y = blockDim.y;
  threadIdx = {thread % x, thread / x % y, thread / (x * y)};
}

/// Runs the lanes of a warp until all of them wait for the block, or are done.
void runWarp(unsigned begin, unsigned end) {
  for (;;) {
    // Alternating directions: a missing barrier then shows, whichever thread is too early.
    for (unsigned i = begin; i < end; i++) {
      const unsigned thread = phase % 2 == 0 ? i : begin + end - 1 - i;
      if (fibers[thread]->state == State::READY) resume(thread);
    }
    unsigned meeting = 0;
    for (unsigned i = begin; i < end; i++) meeting += fibers[i]->state == State::AT_WARP;
    if (meeting == 0) return;
    for (unsigned i = begin; i < end; i++) {
      Fiber& fiber = *fibers[i];
      if (meeting != end - begin || fiber.site != fibers[begin]->site) {
        placeThread(i);
        fail(LAUNCH_FAILED, "the lanes of a warp do not meet at line %d", fibers[begin]->site);
      }
    }
    for (unsigned i = begin; i < end; i++) {
      fibers[i]->met = fibers[i]->value;
      fibers[i]->state = State::READY;
    }
  }
}

void runBlock(unsigned count) {
  for (unsigned i = fibers.size(); i < count; i++) {
    fibers.push_back(std::make_unique<Fiber>());
    fibers[i]->stack.reset(new char[STACK_BYTES]);
  }
  for (unsigned i = 0; i < count; i++) {
    placeThread(i);
    fibers[i]->index = threadIdx;
    fibers[i]->state = State::READY;
  }
  for (;;) {
    for (unsigned begin = 0; begin < count; begin += WARP) runWarp(begin, begin + WARP < count ? begin + WARP : count);
    unsigned done = 0;
    for (unsigned i = 0; i < count; i++) done += fibers[i]->state == State::DONE;
    if (done == count) return;
    for (unsigned i = 0; i < count; i++) {
      if (done > 0 || fibers[i]->site != fibers[0]->site) {
        placeThread(i);
        fail(LAUNCH_FAILED, "a barrier that not all threads reach");
      }
      fibers[i]->state = State::READY;
    }
    phase++;
  }
}

} // namespace

void barrier(int site) {
  if (!running->cooperative) fail(LAUNCH_FAILED, "a barrier in a kernel that is not a COOPERATIVE_KERNEL");
  leave(State::AT_BARRIER, site);
}

uint64_t exchange(int site, uint64_t value, unsigned lanes) {
  if (!running->cooperative) fail(LAUNCH_FAILED, "a shuffle in a kernel that is not a COOPERATIVE_KERNEL");
  fibers[current]->value = value;
  leave(State::AT_WARP, site);
  return fibers[current ^ lanes]->met;
}

unsigned ballot(int site, bool predicate) {
  exchange(site, predicate, 0);
  const unsigned begin = current / WARP * WARP;
  unsigned bits = 0;
  for (unsigned lane = 0; lane < WARP; lane++) bits |= unsigned(fibers[begin + lane]->met) << lane;
  return bits;
}

Result run(const Kernel& kernel, const void* given, Index3 grid, Index3 block) {
  running = &kernel;
  arguments = given;
  gridDim = grid;
  blockDim = block;
  const unsigned count = block.x * block.y * block.z;
  if (_setjmp(launch) != 0) {
    for (auto& fiber : fibers) fiber->started = false; // Their stacks begin anew.
    return failure;
  }
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        blockIdx = {x, y, z};
        firstPhaseOfBlock = ++phase;
        if (kernel.cooperative) {
          runBlock(count);
          continue;
        }
        for (unsigned thread = 0; thread < count; thread++) {
          placeThread(thread);
          kernel.body(given);
        }
      }
    }
  }
  return SUCCESS;
}

void fail(Result code, const char* format, ...) {
  va_list values;
  va_start(values, format);
  char reason[256];
  vsnprintf(reason, sizeof(reason), format, values);
  va_end(values);
  snprintf(text, sizeof(text), "kernel %s, block (%u, %u, %u), thread (%u, %u, %u): %s", running->name, blockIdx.x,
           blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z, reason);
  failure = code;
  _longjmp(launch, 1);
}

const char* failureText() { return text; }
void clearFailure() { text[0] = 0; }

} // namespace stand_in
