// SPDX-License-Identifier: MIT
// Fibers: stacks between which one operating-system thread switches by hand, in a few nanoseconds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace minitorch::simt {

struct Fiber {
  void* stack_pointer = nullptr;  // saved while another fiber runs
  char* base = nullptr;           // lowest usable byte of the stack
  Fiber* next_free = nullptr;
  // For the address sanitizer; the last two for a worker's own stack, which is none of ours.
  void* fake_stack = nullptr;
  const void* own_bottom = nullptr;
  std::size_t own_bytes = 0;
};

/// The fibers of one worker: up to one per CUDA thread of a block, made when first needed and then kept.
class FiberPool {
 public:
  /// Every new fiber begins in `entry`, which must not return.
  explicit FiberPool(void (*entry)()) : entry_(entry) {}
  ~FiberPool();
  FiberPool(const FiberPool&) = delete;
  FiberPool& operator=(const FiberPool&) = delete;

  Fiber* take();
  void give_back(Fiber* fiber) {
    fiber->next_free = free_;
    free_ = fiber;
  }
  /// Makes every fiber new and free: some were left in the middle of a kernel that was stopped.
  void reset();
  /// The address lies in the region of all stacks, guard pages included.
  bool contains(uintptr_t address) const;

  /// Usable bytes of a stack.
  static std::size_t stack_bytes();

 private:
  void prepare(Fiber& fiber, std::size_t index);

  void (*entry_)();
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* free_ = nullptr;
  char* region_ = nullptr;
};

/// Leaves `from`, which goes on when something switches back to it, and continues `to`.
void switch_fiber(Fiber& from, Fiber& to);
/// To be called first by the entry function of a fiber.
void fiber_entered();

}  // namespace minitorch::simt
