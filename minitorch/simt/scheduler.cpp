// SPDX-License-Identifier: MIT
// Runs the threads of a block: fibers that are only made when a thread has to wait.
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <utility>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {

constinit thread_local Worker* this_worker = nullptr;

namespace {

constexpr std::size_t kSignalStack = 64 * 1024;

void switch_to(Worker& w, Fiber* to) {
  Fiber* from = w.current;
  if (from == to) return;
  w.current = to;
  switch_fiber(*from, *to);
}

// A fiber runs fresh CUDA threads until all have been started; those that wait on the way wait on this very
// fiber.
void fiber_main() {
  fiber_entered();
  for (;;) {
    Worker& w = *this_worker;
    in_simulator = false;
    w.grid->kernel.run(w.grid->kernel.arguments);
    in_simulator = true;
    w.fibers.give_back(w.current);
    run_next();
  }
}

unsigned pop_ready(Worker& w) {
  const Order order = settings().order;
  if (order == Order::kReverse) return w.ready[--w.tail % kMaxThreads];
  if (order == Order::kRandom)
    std::swap(w.ready[w.head % kMaxThreads],
              w.ready[(w.head + w.random() % (w.tail - w.head)) % kMaxThreads]);
  return w.ready[w.head++ % kMaxThreads];
}

}  // namespace

Worker::Worker() : fibers(fiber_main), locals(reinterpret_cast<char*>(thread_local_base())) {
  void* memory = mmap(nullptr, kSharedRegion + 2 * kSharedGuard, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  char* region = static_cast<char*>(memory) + kSharedGuard;
  if (mprotect(region, kSharedRegion, PROT_READ | PROT_WRITE)) throw std::bad_alloc();
  shared_end = region + kSharedRegion;
#if !defined( \
    MT_SANITIZE)  // the address sanitizer has a signal stack of its own, and unmaps what it finds at exit
  signal_stack = ::operator new(kSignalStack);
  stack_t stack{};
  stack.ss_sp = signal_stack;
  stack.ss_size = kSignalStack;
  sigaltstack(&stack, nullptr);
#endif
  watch(*this);
}

Worker::~Worker() {
  this_worker = nullptr;
  unwatch(*this);
  if (signal_stack) {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
    ::operator delete(signal_stack);
  }
  munmap(shared_end - kSharedRegion - kSharedGuard, kSharedRegion + 2 * kSharedGuard);
}

Worker& make_worker() {
  static thread_local std::unique_ptr<Worker> owner;
  if (!owner) {
    owner = std::make_unique<Worker>();
    this_worker = owner.get();
  }
  return *owner;
}

void push_ready(unsigned thread) {
  Worker& w = *this_worker;
  w.state[thread] = ThreadState::kReady;
  w.ready[w.tail++ % kMaxThreads] = static_cast<uint16_t>(thread);
}

// Threads that can go on come first: they free their fibers. Then a thread that has not started, on a new
// fiber.
void run_next() {
  Worker& w = *this_worker;
  if (w.is_overdue()) stop_overdue_kernel("");
  if (w.head != w.tail) return switch_to(w, w.waiting[pop_ready(w)].fiber);
  if (block_state.next != block_state.count) return switch_to(w, w.fibers.take());
  if (block_state.alive == 0) return switch_to(w, &w.home);
  if (w.alone) {
    release_alone();
    return switch_to(w, w.waiting[pop_ready(w)].fiber);
  }
  report_deadlock();
}

namespace {

// Leaves the running thread in `state` and lets `go_on` find another; returns when this one has its turn
// again.
template <class GoOn>
void wait_in(ThreadState state, GoOn go_on) {
  Worker& w = *this_worker;
  const unsigned self = block_state.thread;
  Waiting& me = w.waiting[self];
  me.fiber = w.current;
  me.index = threadIdx;
  w.state[self] = state;
  ++block_state.suspended;
  block_state.in_kernel_body = false;
  go_on();
  block_state.in_kernel_body = true;
  --block_state.suspended;
  w.state[self] = ThreadState::kRunningOrGone;
  block_state.thread = self;
  threadIdx = me.index;
}

}  // namespace

void suspend(ThreadState state) { wait_in(state, run_next); }

void yield_thread() {
  SimulatorScope scope;
  if (!in_kernel()) return;
  Worker& w = *this_worker;
  if (w.is_overdue()) stop_overdue_kernel("");
  const bool all_started = block_state.next == block_state.count;
  if (all_started && w.alone) release_alone();  // one of them may be who this thread waits for
  if (all_started && w.head == w.tail) return;  // nobody else can run
  w.waiting[block_state.thread].site = {"a spin loop", "", 0};
  push_ready(block_state.thread);
  if (settings().order == Order::kReverse)  // the ring is a stack: move the spinning thread to its far end
    for (unsigned i = w.tail - 1; i != w.head; --i)
      std::swap(w.ready[i % kMaxThreads], w.ready[(i - 1) % kMaxThreads]);
  if (all_started) return suspend(ThreadState::kReady);
  wait_in(ThreadState::kReady, [&w] { switch_to(w, w.fibers.take()); });  // those not yet started go first
}

void choose_thread(unsigned ordinal) {
  SimulatorScope scope;
  const unsigned thread = this_worker->permutation[ordinal];
  block_state.thread = thread;
  threadIdx = {thread % blockDim.x, thread / blockDim.x % blockDim.y, thread / (blockDim.x * blockDim.y)};
}

void thread_ended() {
  SimulatorScope scope;
  complete_after_exit();
}

void* dynamic_shared_memory() { return this_worker->shared; }

void abandon_block(cudaError_t error) {
  Worker& w = *this_worker;
  in_simulator = true;
  w.error = error;
  switch_to(w, &w.home);
  __builtin_unreachable();
}

namespace {

// A number that looks like any other (the last steps of splitmix64).
uint64_t scramble(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

// Where `ordinal` is in a random order of the numbers below `count`, which need not be kept: a Feistel
// network permutes those below a power of four, and what it sends beyond `count` goes through it again.
uint64_t shuffled(uint64_t ordinal, uint64_t count, uint64_t seed) {
  const int half = (std::bit_width(count - 1) + 1) / 2;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  do {
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t left = ordinal >> half, right = ordinal & mask;
      ordinal = right << half | (left ^ (scramble(scramble(seed * 4 + round) ^ right) & mask));
    }
  } while (ordinal >= count);
  return ordinal;
}

void permute(Worker& w, uint64_t block) {
  const Order order = settings().order;
  block_state.permuted = order != Order::kForward;
  if (order == Order::kForward) return;
  const unsigned n = block_state.count;
  for (unsigned i = 0; i < n; ++i)
    w.permutation[i] = static_cast<uint16_t>(order == Order::kReverse ? n - 1 - i : i);
  if (order == Order::kReverse) return;
  w.random.seed(
      static_cast<unsigned>(scramble(scramble(settings().seed) + block)));  // whichever worker runs it
  for (unsigned i = n; i > 1; --i) std::swap(w.permutation[i - 1], w.permutation[w.random() % i]);
}

uint64_t block_at(const Grid& grid, uint64_t ordinal) {
  switch (settings().order) {
    case Order::kForward: return ordinal;
    case Order::kReverse: return grid.blocks - 1 - ordinal;
    case Order::kRandom: return shuffled(ordinal, grid.blocks, settings().seed);
  }
  return ordinal;
}

void run_block(Worker& w, uint64_t block, const std::vector<SharedVariable>& variables) {
  const Grid& grid = *w.grid;
  blockIdx = {static_cast<unsigned>(block % grid.size.x),
              static_cast<unsigned>(block / grid.size.x % grid.size.y),
              static_cast<unsigned>(block / grid.size.x / grid.size.y)};
  const unsigned n = grid.block.x * grid.block.y * grid.block.z;
  BlockState& b = block_state;
  b = BlockState{};
  b.count = b.alive = n;
  for (unsigned i = 0; i * 32 < n; ++i) {
    w.warps[i].count = 0;
    w.warps[i].exist = i * 32 + 32 <= n ? ~0u : (1u << (n - i * 32)) - 1;
  }
  w.head = w.tail = w.at_barrier = w.alone = 0;
  permute(w, block);
  first_epoch_of_block = ++epoch;
  // Shared memory holds garbage when a block starts. NaN is garbage that shows.
  std::memset(w.shared, 0xff, grid.shared_bytes);
  for (const SharedVariable& variable : variables)
    std::memset(w.locals + variable.offset, 0xff, variable.bytes);
  checker_begin_block();
  switch_to(w, w.fibers.take());
  in_simulator = true;
}

}  // namespace

void run_blocks(Grid& grid, void (*after_first_block)(Grid&)) {
  Worker& w = make_worker();
  w.urges = 0;
  w.launches.fetch_add(1, std::memory_order_release);
  w.grid = &grid;
  w.error = cudaSuccess;
  blockDim = grid.block;
  gridDim = grid.size;
  w.shared = w.shared_end - ((grid.shared_bytes + 15) & ~std::size_t{15});
  static uint32_t checked_epoch = 0;  // the checker has one worker at a time, but any thread may launch
  if (has_checker()) epoch = checked_epoch;
  first_epoch_of_launch = ++epoch;
  const auto& variables = shared_variables_of(grid.kernel.entry);
  for (;;) {
    const uint64_t ordinal = grid.next.fetch_add(1, std::memory_order_relaxed);
    if (ordinal >= grid.blocks || grid.error.load(std::memory_order_relaxed)) break;
    run_block(w, block_at(grid, ordinal), variables);
    if (w.error) {
      grid.error = w.error;
      w.error = cudaSuccess;
      w.landing = false;
      w.fibers.reset();
      std::fill(std::begin(w.state), std::end(w.state), ThreadState::kRunningOrGone);
    } else if (ordinal == 0 && after_first_block) {
      after_first_block(grid);
    }
  }
  w.grid = nullptr;
  w.launches.fetch_add(1, std::memory_order_release);
  if (has_checker()) checked_epoch = epoch;
}

}  // namespace minitorch::simt
