// SPDX-License-Identifier: MIT
#include "minitorch/simt/fibers.h"

#include <sys/mman.h>

#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define MT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MT_ASAN 1
#endif
#endif
#if defined(MT_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// Saves the registers that a function must keep and the stack pointer, then loads another fiber's.
extern "C" void minitorch_swap_stacks(void** save_stack_pointer, void* load_stack_pointer);
#if defined(__x86_64__)
asm(R"(
.text
.globl minitorch_swap_stacks
.type minitorch_swap_stacks,@function
minitorch_swap_stacks:
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .cfi_endproc
.size minitorch_swap_stacks, .-minitorch_swap_stacks
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl minitorch_swap_stacks
.type minitorch_swap_stacks,%function
minitorch_swap_stacks:
  .cfi_startproc
  sub sp, sp, #160
  stp x19, x20, [sp]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
  .cfi_endproc
.size minitorch_swap_stacks, .-minitorch_swap_stacks
)");
#else
#error "the simulator needs a stack switch for this processor"
#endif

namespace minitorch::simt {
namespace {

#if defined(MT_ASAN) || defined(__aarch64__)
constexpr std::size_t kStack = 256 * 1024;  // instrumented frames are several times larger
#else
constexpr std::size_t kStack = 64 * 1024;
#endif
#if defined(__aarch64__)
constexpr std::size_t kGuard = 64 * 1024;  // the largest page that a kernel may have there
#else
constexpr std::size_t kGuard = 4096;
#endif
constexpr std::size_t kMostFibers = 1024;
constexpr std::size_t kRegion = kStack * (kMostFibers + 1);

}  // namespace

std::size_t FiberPool::stack_bytes() { return kStack - kGuard; }

FiberPool::~FiberPool() {
  if (region_) munmap(region_, kRegion);
}

bool FiberPool::contains(uintptr_t address) const {
  return region_ && address - reinterpret_cast<uintptr_t>(region_) < kRegion;
}

Fiber* FiberPool::take() {
  if (Fiber* fiber = free_) {
    free_ = fiber->next_free;
    return fiber;
  }
  if (!region_) {
    void* memory = mmap(nullptr, kRegion, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    region_ = static_cast<char*>(memory);
  }
  const std::size_t index = fibers_.size();
  auto fiber = std::make_unique<Fiber>();
  // A spare slot lies below the first stack: a large frame steps over the guard page. The lowest page of
  // each stack stays inaccessible, so that an overflow faults.
  fiber->base = region_ + (index + 1) * kStack + kGuard;
  if (mprotect(fiber->base, kStack - kGuard, PROT_READ | PROT_WRITE)) throw std::bad_alloc();
  prepare(*fiber, index);
  fibers_.push_back(std::move(fiber));
  return fibers_.back().get();
}

void FiberPool::reset() {
  free_ = nullptr;
  for (std::size_t i = fibers_.size(); i-- > 0;) {
    prepare(*fibers_[i], i);
    give_back(fibers_[i].get());
  }
}

void FiberPool::prepare(Fiber& fiber, std::size_t index) {
#if defined(MT_ASAN)
  __asan_unpoison_memory_region(fiber.base, kStack - kGuard);
  fiber.fake_stack = nullptr;
#endif
  // Staggered tops: with equal page offsets all stacks would compete for the same few cache sets.
  const uintptr_t top = reinterpret_cast<uintptr_t>(fiber.base + (kStack - kGuard)) - 1088 * (index % 8);
  void** stack = reinterpret_cast<void**>(top & ~uintptr_t{63});
#if defined(__x86_64__)
  *--stack = nullptr;  // the entry function's return address: none
  *--stack = reinterpret_cast<void*>(entry_);
  for (int i = 0; i < 6; ++i) *--stack = nullptr;
#else
  stack -= 20;
  for (int i = 0; i < 20; ++i) stack[i] = nullptr;
  stack[11] = reinterpret_cast<void*>(entry_);  // x30, the address to return to
#endif
  fiber.stack_pointer = stack;
}

#if defined(MT_ASAN)
namespace {

thread_local Fiber* left = nullptr;

// Where a worker's own stack lies is known to the sanitizer alone, which tells when that stack has been left.
void arrive(void* fake_stack) {
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(fake_stack, &bottom, &bytes);
  if (!left->base) left->own_bottom = bottom, left->own_bytes = bytes;
}

}  // namespace
#endif

void switch_fiber(Fiber& from, Fiber& to) {
#if defined(MT_ASAN)
  left = &from;
  __sanitizer_start_switch_fiber(&from.fake_stack, to.base ? to.base : to.own_bottom,
                                 to.base ? kStack - kGuard : to.own_bytes);
#endif
  minitorch_swap_stacks(&from.stack_pointer, to.stack_pointer);
#if defined(MT_ASAN)
  arrive(from.fake_stack);
#endif
}

void fiber_entered() {
#if defined(MT_ASAN)
  arrive(nullptr);
#endif
}

}  // namespace minitorch::simt
