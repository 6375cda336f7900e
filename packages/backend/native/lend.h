// Tensors of ours as libtensorflow's, and the other way round, in the same memory.
#ifndef SIFAKA_LEND_H_
#define SIFAKA_LEND_H_

#include <string>

#include "buffer.h"

namespace sifaka {

// Makes the operations SifakaLend and SifakaBorrow known to libtensorflow. @returns what it has against them; empty if nothing.
std::string RegisterLending();

// The next SifakaLend on this thread gives a tensor of this type and shape.
void LendNext(Buffer* buffer, TF_DataType type, const int64_t* shape, int rank);

// The values that the last SifakaBorrow on this thread was given; the caller's. Null where there was none.
Buffer* TakeBorrowed();

}  // namespace sifaka

#endif  // SIFAKA_LEND_H_
