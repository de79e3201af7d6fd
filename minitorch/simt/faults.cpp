// SPDX-License-Identifier: MIT
// A kernel touched memory it must not, or runs for ever: a signal arrives, a report is written, the kernel is
// stopped.
//
// The handler itself only notes what happened and lets the thread go on in land(), on a stack kept for that.
// There it is an ordinary function again, which may allocate and open files.
#include <signal.h>
#include <ucontext.h>
#include <unwind.h>

#include <cstddef>
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
  Access access;
  const void* frames[16];  // addresses in the program, of the instruction and its callers: see note_frame
  std::size_t count;
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

// Where a call of nothing came from: there is no code to unwind from.
uintptr_t return_address(const ucontext_t* context) {
#if defined(__x86_64__)
  return *reinterpret_cast<const uintptr_t*>(context->uc_mcontext.gregs[REG_RSP]);
#else
  return context->uc_mcontext.regs[30];
#endif
}

// Notes the interrupted instruction and, from there on, who called: what stands in between may be the C
// library's memcpy, or a hook of the checker. The signal's handler comes before these.
_Unwind_Reason_Code note_frame(_Unwind_Context* context, void* interrupted) {
  int before = 0;  // the address is that of an instruction, not of the one after a call
  const auto at = static_cast<uintptr_t>(_Unwind_GetIPInfo(context, &before));
  auto& pc = *static_cast<uintptr_t*>(interrupted);
  if (at == pc) pc = 0;
  if (!pc && in_program(at))
    fault.frames[fault.count++] = reinterpret_cast<const void*>(at + (before ? 1 : 0));
  return fault.count == std::size(fault.frames) ? _URC_END_OF_STACK : _URC_NO_REASON;
}
void note_frames(const ucontext_t* context) {
  uintptr_t pc = program_counter(context), at = pc + 1;
  if (fault.address == pc && fault.signal != SIGFPE) at = return_address(context);
  else _Unwind_Backtrace(note_frame, &pc);
  if (!fault.count) fault.frames[fault.count++] = reinterpret_cast<const void*>(at);
}

#if defined(__x86_64__)
Access access_of(const ucontext_t* context) {
  return context->uc_mcontext.gregs[REG_ERR] & 2 ? Access::kWrite : Access::kRead;
}
#else
// Linux leaves a record that tells. Of an emulator there is none: then the instruction tells. Loads and
// stores have bit 27 and not bit 25. Those of a single register (bits 27 to 29) have their kind in bits 22
// and 23, where 0 is a store, and for vectors of 16 bytes 2; all others have bit 22, which is a load's.
// Those of SVE, which the C library uses, are a class of their own, stores by the three highest bits.
Access access_of(const ucontext_t* context) {
  const unsigned char* at = context->uc_mcontext.__reserved;
  _aarch64_ctx head;
  for (std::memcpy(&head, at, sizeof head); head.magic && head.size; std::memcpy(&head, at, sizeof head)) {
    if (head.magic == ESR_MAGIC) {
      uint64_t syndrome;
      std::memcpy(&syndrome, at + offsetof(esr_context, esr), sizeof syndrome);
      return syndrome & 64 ? Access::kWrite : Access::kRead;
    }
    at += head.size;
  }
  const uintptr_t pc = program_counter(context);
  const uint32_t code = fault.address == pc ? 0 : *reinterpret_cast<const uint32_t*>(pc);
  if ((code & 0x9e000000) == 0x84000000) return code >> 29 == 7 ? Access::kWrite : Access::kRead;
  if ((code & 0x0a000000) != 0x08000000) return Access::kUnknown;
  const bool single = (code >> 27 & 7) == 7, wide = (code >> 26 & 1) && code >> 30 == 0;
  const uint32_t kind = code >> 22 & 3;
  if (single) return kind == 0 || (kind == 2 && wide) ? Access::kWrite : Access::kRead;
  return kind & 1 ? Access::kRead : Access::kWrite;
}
#endif

std::string argument_name(uintptr_t address) {
  const Allocation a = memory_near(address);
  const Kernel& kernel = this_worker->grid->kernel;
  const int number = a.base ? kernel.argument_in(kernel.arguments, a.base, a.base + a.bytes) : 0;
  return number ? " (argument " + std::to_string(number) + " of the kernel)" : "";
}

struct Finding {
  cudaError_t error;
  std::string text, advice;
};

Finding explain(Worker& w) {
  const std::string a_access = is_in_atomic(fault.frames[0])    ? "an atomic"
                               : fault.access == Access::kWrite ? "a write"
                               : fault.access == Access::kRead  ? "a read"
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
  if (is_device(at) || pinned_near(at).base) {
    const bool freed = memory_near(at).freed;
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
  const std::string line = "\n    at " + source_line(kernel_frame(fault.frames, fault.count));
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
    fault = {signal, 0, Access::kUnknown, {}, 0};
    note_frames(context);
    // No caller: on AArch64 nothing tells of one where a call of a library passes. The watchdog will try
    // again.
    if (fault.count == 1 && ++this_worker->urges < 100) return;
    return go_on_in_land(context, *this_worker);
  }
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  if (in_kernel() && !this_worker->landing) {  // a fault in land() itself would come back for ever
    fault = {signal, address, Access::kUnknown, {this_worker->copying}, this_worker->copying ? 1u : 0u};
    fault.access = access_of(context);
    if (!fault.count) note_frames(context);
    this_worker->copying = nullptr;
    return go_on_in_land(context, *this_worker);
  }
  if (is_device(address))
    std::fputs("simulator: host code touches device memory: copy it first (cudaMemcpy)\n", stderr);
  else if (pinned_near(address).base)
    std::fputs("simulator: host code leaves pinned memory, or uses it after free\n", stderr);
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
