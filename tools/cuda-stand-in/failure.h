// How a kernel ends early: an access out of bounds, a race, a barrier that not all threads reach.
#pragma once

namespace stand_in {

enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
};

/// Ends the running kernel; the launch returns the code. The text says which thread failed and why.
[[noreturn]] void fail(Result code, const char* format, ...) __attribute__((format(printf, 2, 3)));
/// The text of the last failure; empty if there was none.
const char* failureText();
void clearFailure();

} // namespace stand_in
