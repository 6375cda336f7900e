#include "thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

namespace sifaka {
namespace {

using Work = std::function<void(int64_t, int64_t)>;

struct Loop {
  const Work* work;  // Lives until all ranges are finished.
  int64_t total, grain, ranges;
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> finished{0};

  Loop(const Work& of, int64_t total, int64_t grain)
      : work(&of), total(total), grain(grain), ranges((total + grain - 1) / grain) {}

  // Computes ranges until none is left. @returns true on the thread that finishes the last one.
  bool TakeRanges() {
    bool last = false;
    for (int64_t range; (range = next.fetch_add(1)) < ranges;) {
      (*work)(range * grain, std::min(total, (range + 1) * grain));
      last = finished.fetch_add(1) + 1 == ranges;
    }
    return last;
  }
};

// libtensorflow's own rule: the environment variable, or the processors that this process may use.
unsigned Threads() {
  const char* wanted = std::getenv("TF_NUM_INTRAOP_THREADS");
  const int number = wanted ? std::atoi(wanted) : 0;
  return number > 0 ? number : std::max(1u, std::thread::hardware_concurrency());
}

inline void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits without sleeping for a while: a sleeping thread wakes up 50 µs late, and a training step has new work as often.
template <typename Condition>
bool Spin(std::chrono::microseconds most, Condition met) {
  const auto end = std::chrono::steady_clock::now() + most;
  do {
    for (int i = 0; i < 64; i++) {
      if (met()) return true;
      Relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return met();
}

constexpr std::chrono::microseconds kSpin(100);

// Threads live as long as the process. The caller waits for ranges, not for threads: a thread that the system
// starts late finds no range left.
class Pool {
 public:
  static Pool& Get() {
    static Pool* pool = new Pool(Threads() - 1);  // Never destroyed: its threads wait on it.
    return *pool;
  }

  void Run(int64_t total, int64_t grain, const Work& work) {
    if (helpers_ == 0 || total <= grain) {
      for (int64_t begin = 0; begin < total; begin += grain) work(begin, std::min(total, begin + grain));
      return;
    }
    const auto loop = std::make_shared<Loop>(work, total, grain);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      loop_ = loop;
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    const auto finished = [&] { return loop->finished.load(std::memory_order_acquire) == loop->ranges; };
    if (loop->TakeRanges() || Spin(kSpin, finished)) return;
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, finished);
  }

 private:
  explicit Pool(unsigned helpers) : helpers_(helpers) {
    for (unsigned i = 0; i < helpers; i++) std::thread([this] { Help(); }).detach();
  }

  void Help() {
    for (uint64_t seen = 0;;) {
      const auto called = [&] { return round_.load(std::memory_order_acquire) != seen; };
      Spin(kSpin, called);
      std::shared_ptr<Loop> loop;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, called);
        seen = round_;
        loop = loop_;
      }
      if (loop->TakeRanges()) {
        std::lock_guard<std::mutex> lock(mutex_);
        done_.notify_all();
      }
    }
  }

  const unsigned helpers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::shared_ptr<Loop> loop_;
  std::atomic<uint64_t> round_{0};
};

}  // namespace

void ParallelFor(int64_t total, int64_t grain, const Work& work) {
  Pool::Get().Run(total, std::max<int64_t>(1, grain), work);
}

}  // namespace sifaka
