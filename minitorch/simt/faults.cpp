// SPDX-License-Identifier: MIT
// A kernel touched memory it must not, or runs for ever: a signal arrives, a report is written, the kernel is
// stopped.
//
// The handler itself only notes what happened and lets the thread go on in land(), on a stack kept for that.
// There it is an ordinary function again, which may allocate and open files.
#include <signal.h>
#include <ucontext.h>

#include <cstdio>
#include <cstring>

#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

constexpr int kOverdueSignal = SIGURG;  // ignored by default, so that a late one does no harm
enum class Access { kUnknown, kRead, kWrite };
struct Fault {
  int signal;
  uintptr_t address;
  const void* at;  // the address after the faulting instruction, or close to it
  Access access;
};
thread_local Fault fault;
struct sigaction previous[4];
constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, kOverdueSignal};

uintptr_t program_counter(const ucontext_t* context) {
#if defined(__x86_64__)
  return static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RIP]);
#else
  return context->uc_mcontext.pc;
#endif
}

// In a function of the C library, memcpy for one: the place in the program that called it.
uintptr_t program_line(const ucontext_t* context) {
  const uintptr_t pc = program_counter(context);
  if (in_program(pc)) return pc + 1;
#if defined(__x86_64__)
  const auto* stack = reinterpret_cast<const uintptr_t*>(context->uc_mcontext.gregs[REG_RSP]);
  return in_program(*stack) ? *stack : pc + 1;
#else
  return in_program(context->uc_mcontext.regs[30]) ? context->uc_mcontext.regs[30] : pc + 1;
#endif
}

Access access_of(const ucontext_t* context) {
#if defined(__x86_64__)
  return context->uc_mcontext.gregs[REG_ERR] & 2 ? Access::kWrite : Access::kRead;
#else
  (void)context;
  return Access::kUnknown;
#endif
}

std::string argument_name(uintptr_t address) {
  const Allocation a = nearest_allocation(address);
  const Kernel& kernel = this_worker->grid->kernel;
  const int number = a.base ? kernel.argument_in(kernel.arguments, a.base, a.base + a.bytes) : 0;
  return number ? " (argument " + std::to_string(number) + " of the kernel)" : "";
}

struct Finding {
  cudaError_t error;
  std::string text, advice;
};

Finding explain(Worker& w) {
  const std::string a_access = fault.access == Access::kWrite  ? "a write"
                               : fault.access == Access::kRead ? "a read"
                                                               : "an access";
  const uintptr_t shared = reinterpret_cast<uintptr_t>(w.shared), at = fault.address;
  if (fault.signal == SIGFPE)
    return {cudaErrorIllegalInstruction, "integer division by zero",
            "Check the divisor: a GPU gives no error, only garbage."};
  if (w.fibers.contains(at))
    return {cudaErrorHardwareStackError,
            "stack overflow: a thread has " + std::to_string(FiberPool::stack_bytes() / 1024) + " KiB",
            "Keep local arrays small and recursion shallow: on a GPU both live in slow memory."};
  const uintptr_t guard = reinterpret_cast<uintptr_t>(w.shared_end) - kSharedRegion - kSharedGuard;
  if (at - guard < kSharedRegion + 2 * kSharedGuard)
    return {cudaErrorIllegalAddress,
            "out of bounds: " + a_access + " at byte " +
                std::to_string(static_cast<std::ptrdiff_t>(at - shared)) + " of " +
                std::to_string(w.grid->shared_bytes) + " bytes of dynamic shared memory",
            "Compare the index with the size given to launch()."};
  if (is_device(at)) {
    const bool freed = nearest_allocation(at).freed;
    return {cudaErrorIllegalAddress,
            (freed ? "use after free: " : "out of bounds: ") + a_access + " " + describe_address(at) +
                argument_name(at),
            freed ? "Keep the memory until the last kernel that uses it has run."
                  : "Guard the access with the size: if (i < n) ..."};
  }
  char address[64];
  std::snprintf(address, sizeof address, " of address 0x%zx", static_cast<std::size_t>(at));
  if (fault.signal == SIGSEGV && at == 0)  // the processor also reports 0 for a misaligned vector access
    return {cudaErrorIllegalAddress, "invalid address: " + a_access + " through a null or misaligned pointer",
            "Check that the pointer is set, and that a float4 is loaded from a multiple of 16 bytes."};
  return {
      cudaErrorIllegalAddress, "invalid address: " + a_access + address + ", which is not device memory",
      "Pass the kernel pointers to device memory, and compute offsets in 64 bits where they can be large."};
}

[[noreturn]] void land() {
  in_simulator = true;
  const std::string line = "\n    at " + source_line(fault.at);
  if (fault.signal == kOverdueSignal) stop_overdue_kernel(line);
  const Finding finding = explain(*this_worker);
  report_in_kernel(finding.text + line, finding.advice);
  abandon_block(finding.error);
}

void go_on_in_land(ucontext_t* context, Worker& w) {
  w.landing = true;
  const uintptr_t top = reinterpret_cast<uintptr_t>(w.rescue_stack.get() + kRescueStack) & ~uintptr_t{63};
#if defined(__x86_64__)
  context->uc_mcontext.gregs[REG_RSP] = static_cast<long long>(top - 8);  // as if called
  context->uc_mcontext.gregs[REG_RIP] = reinterpret_cast<long long>(&land);
#else
  context->uc_mcontext.sp = top;
  context->uc_mcontext.pc = reinterpret_cast<uintptr_t>(&land);
#endif
}

void pass_on(int signal, siginfo_t* info, void* context) {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    if (kSignals[i] != signal) continue;
    if (previous[i].sa_flags & SA_SIGINFO) return previous[i].sa_sigaction(signal, info, context);
    if (previous[i].sa_handler == SIG_IGN) return;
    if (previous[i].sa_handler != SIG_DFL) return previous[i].sa_handler(signal);
  }
  ::signal(signal, SIG_DFL);  // returning repeats the access, now with the default effect
}

void on_signal(int signal, siginfo_t* info, void* untyped) {
  auto* context = static_cast<ucontext_t*>(untyped);
  if (signal == kOverdueSignal) {
    // Only in the kernel's own code: the C library may hold a lock. The watchdog will try again.
    if (!in_kernel() || in_simulator || this_worker->landing || !this_worker->is_overdue() ||
        !in_program(program_counter(context)))
      return;
    // The checker looks at the time in every access, where it knows the line; only a loop without any gets
    // here.
    if (has_checker() && ++this_worker->urges < 50) return;
    fault = {signal, 0, reinterpret_cast<void*>(program_line(context)), Access::kUnknown};
    return go_on_in_land(context, *this_worker);
  }
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  if (in_kernel() && !this_worker->landing) {  // a fault in land() itself would come back for ever
    const void* line = this_worker->copying;
    if (!line) line = reinterpret_cast<void*>(program_line(context));
    this_worker->copying = nullptr;
    fault = {signal, address, line, access_of(context)};
    return go_on_in_land(context, *this_worker);
  }
  if (is_device(address)) {
    static const char text[] = "simulator: host code touches device memory: copy it first (cudaMemcpy)\n";
    std::fwrite(text, 1, sizeof text - 1, stderr);
  }
  pass_on(signal, info, untyped);
}

}  // namespace

// At every launch: test frameworks put handlers of their own in place now and then.
void install_signal_handlers() {
  struct sigaction now;
  sigaction(SIGSEGV, nullptr, &now);
  if (now.sa_sigaction == on_signal) return;
  struct sigaction ours {};
  ours.sa_sigaction = on_signal;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;  // the watchdog must not cut a system call short
  sigemptyset(&ours.sa_mask);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    struct sigaction old;
    sigaction(kSignals[i], &ours, &old);
    if (old.sa_sigaction != on_signal) previous[i] = old;
  }
}

}  // namespace minitorch::simt
