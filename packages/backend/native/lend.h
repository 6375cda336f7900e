// Turns our tensors into libtensorflow's and back, in the same memory.
#ifndef SIFAKA_LEND_H_
#define SIFAKA_LEND_H_

#include <string>

#include "buffer.h"

namespace sifaka {

// Registers the operations SifakaLend and SifakaBorrow in libtensorflow. @returns its error; empty if there is none.
std::string RegisterLending();

// Makes the next SifakaLend on this thread return a tensor of this type and shape.
void LendNext(Buffer* buffer, TF_DataType type, const int64_t* shape, int rank);

// The values that the last SifakaBorrow on this thread received, owned by the caller. Null if there are none.
Buffer* TakeBorrowed();

}  // namespace sifaka

#endif  // SIFAKA_LEND_H_
