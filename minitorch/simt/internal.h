// SPDX-License-Identifier: MIT
// Inside the simulator: what its parts share. Kernel files do not include this.
#pragma once
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "minitorch/simt/control.h"
#include "minitorch/simt/execution.h"
#include "minitorch/simt/fibers.h"

namespace minitorch::simt {

constexpr unsigned kMaxThreads = 1024, kMaxWarps = 32;
constexpr std::size_t kSharedRegion = 256 * 1024;            // at most 227 KiB are handed out
constexpr std::size_t kSharedGuard = std::size_t{16} << 20;  // inaccessible, on either side of it
constexpr std::size_t kRescueStack = 256 * 1024;

// kAlone: in lanes_together(), until nobody else can go on.
enum class ThreadState : uint8_t { kRunningOrGone, kReady, kAtBarrier, kAtWarp, kAlone };

/// A CUDA thread that waits.
struct Waiting {
  Fiber* fiber;
  uint3 index;
  void* operand;
  Site site;
};

/// A warp operation at which some lanes of its mask have arrived.
struct WarpOperation {
  unsigned mask, arrived;
  Collective function;
  Site site;
};

struct Warp {
  unsigned exist = 0;  // lanes that the block has at all
  unsigned count = 0;  // operations under way
  WarpOperation operations[32];
};

/// One launch, shared by the workers that take blocks from it.
struct Grid {
  Kernel kernel;
  dim3 size, block;
  std::size_t shared_bytes;
  uint64_t blocks;
  std::atomic<uint64_t> next{0};
  std::atomic<int> error{cudaSuccess};
  bool helped = false;  // other workers have been called
};

/// An operating-system thread that runs one block at a time.
struct Worker {
  Worker();
  ~Worker();

  Grid* grid = nullptr;  // null outside kernels
  Waiting waiting[kMaxThreads];
  ThreadState state[kMaxThreads] = {};
  Warp warps[kMaxWarps];
  FiberPool fibers;
  char* locals;                  // the thread-local storage of the program, where __shared__ variables lie
  Fiber home, *current = &home;  // home: the stack of the operating-system thread itself

  uint16_t ready[kMaxThreads];  // a ring; head and tail only grow
  unsigned head = 0, tail = 0;

  unsigned at_barrier = 0;  // threads that have arrived
  unsigned alone = 0;       // threads in lanes_together()
  int votes = 0, vote_result = 0;
  Site barrier_site{};

  char *shared = nullptr, *shared_end = nullptr;  // dynamic shared memory ends at an inaccessible page
  const void* copying = nullptr;                  // the line whose copy in the background is being made
  std::minstd_rand random;
  uint16_t permutation[kMaxThreads];
  cudaError_t error = cudaSuccess;
  void* signal_stack = nullptr;
  // Reports of faults are written here: the fiber's stack may be what is full. Helpers need one as well.
  std::unique_ptr<char[]> rescue_stack{new char[kRescueStack]};
  bool landing = false;  // on the rescue stack
  pthread_t thread = pthread_self();
  std::atomic<uint32_t> launches{0};  // odd while a kernel runs
  std::atomic<uint32_t> overdue{0};   // the launch that the watchdog wants to stop
  int urges = 0;                      // signals of the watchdog in this launch
  bool is_overdue() const {
    return overdue.load(std::memory_order_relaxed) == launches.load(std::memory_order_relaxed);
  }
};
extern constinit thread_local Worker* this_worker;
inline bool in_kernel() { return this_worker && this_worker->grid; }

/// Set while the simulator itself runs. The checker ignores such accesses: inline functions of the standard
/// library exist in instrumented and in plain objects, and the linker keeps one of them for both.
inline constinit thread_local bool in_simulator = true;
struct SimulatorScope {
  bool before = in_simulator;
  SimulatorScope() { in_simulator = true; }
  ~SimulatorScope() { in_simulator = before; }
};

/// Counts barriers, blocks and launches, so that "since the last barrier" is one comparison.
inline constinit thread_local uint32_t epoch = 0, first_epoch_of_block = 0, first_epoch_of_launch = 0;

struct Settings {
  Order order = Order::kForward;
  unsigned seed = 1;
  bool lazy = false;
  int workers = 1;
  std::atomic<double> timeout{60};
};
/// From the environment, at the first use.
Settings& settings();

// --- scheduler.cpp ---
Worker& make_worker();
void run_next();  // switches to a thread that can go on; returns when the caller can
void suspend(ThreadState state);
void push_ready(unsigned thread);
/// Takes blocks until none is left. Who has run the first one calls `after_first_block`, and goes on.
void run_blocks(Grid& grid, void (*after_first_block)(Grid&));
[[noreturn]] void abandon_block(cudaError_t error);

// --- collectives.cpp ---
void complete_after_exit();  // of the running thread
void release_alone();        // threads in lanes_together() find out who else is there
[[noreturn]] void report_deadlock();
std::string thread_lists();  // what every thread of the block is doing, one line each group
std::string at_line(Site site);
std::string file_name(const char* path);  // without its folders

// --- grid.cpp ---
cudaError_t run_grid(const Kernel& kernel, dim3 grid, dim3 block, std::size_t shared_bytes);
std::string kernel_name(const Kernel& kernel);

// --- reports.cpp ---
void report(std::string text, std::string advice);
/// What cudaGetLastError returns next (runtime_device.cpp). Returns `error` itself.
cudaError_t remember_error(cudaError_t error);
/// Reports a call of the host, and remembers the error, which is returned.
cudaError_t refuse_call(cudaError_t error, const std::string& text, const char* advice);
/// As report, with the kernel, block and thread added.
void report_in_kernel(const std::string& text, std::string advice);
/// "\n    in kernel f, block (0,0,0), thread (3,0,0)"
std::string kernel_place(unsigned thread = block_state.thread);
void begin_launch_reports();
/// "thread (3,0,0)"
std::string thread_name(unsigned thread);

// --- faults.cpp ---
void install_signal_handlers();

// --- watchdog.cpp ---
void watch(Worker& worker);  // from now on it is stopped when a kernel runs too long
void unwatch(Worker& worker);
[[noreturn]] void stop_overdue_kernel(const std::string& where);

// --- symbols.cpp ---
struct SharedVariable {
  uintptr_t offset;  // in the thread-local storage of the program
  std::size_t bytes;
  std::string name;
};
const std::vector<SharedVariable>& shared_variables();
/// Those declared in the body of the kernel itself.
const std::vector<SharedVariable>& shared_variables_of(const void* kernel);
/// Where GCC notes whether it has made a __shared__ array of a class such as half: offsets as above.
const std::vector<uintptr_t>& shared_guards();
/// A variable that the program keeps all the time: in kernels a __device__ or __constant__ one.
struct ProgramVariable {
  uintptr_t begin = 0;
  std::size_t bytes = 0;
  std::string name = {};
  bool of_host = false;   // certainly not declared __device__; known of what GCC compiles for the checker
  bool constant = false;  // declared __constant__; known of what is compiled for the checker
};
/// The one that holds the address, of those that can be written; one of 0 bytes if none does.
ProgramVariable program_variable(uintptr_t address);
uintptr_t thread_local_base();
std::size_t thread_local_bytes();
uintptr_t program_base();
const std::string& program_path();  // of its file
bool in_program(uintptr_t address);
std::string function_name(const void* entry);

// --- source_lines.cpp ---
/// "matmul_cuda.cu:31", the innermost frame outside the simulator.
std::string source_line(const void* return_address);
/// Whether the code there comes from the simulator's headers, inlined or not.
bool is_simulator_code(const void* return_address);
/// Whether it is one of an atomic.
bool is_in_atomic(const void* return_address);
/// The first of these, from the inside, with a line of the kernel's own text; the first of all if none has.
const void* kernel_frame(const void* const* frames, std::size_t count);

}  // namespace minitorch::simt
