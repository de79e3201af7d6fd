// SPDX-License-Identifier: MIT
// The simulator's controls, for tests and tools: what it found, in which order it runs threads, when it gives
// up.
//
// From the environment: MT_SIM_ORDER=forward|reverse|random:SEED, MT_SIM_WORKERS=N (blocks at a time),
// MT_SIM_TIMEOUT=SECONDS (0: never), MT_SIM_LAZY=1 (run work at the next synchronisation only),
// MT_SIM_CAPABILITY=75 (pass for an older GPU).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace minitorch::simt {

/// One finding: what happened and where, and one sentence on what to do.
struct Report {
  std::string text;
  std::string advice;
};

/// All reports since the last call. Those that nobody takes are printed when the program ends.
std::vector<Report> take_reports();
/// The reports of the launch that failed last, as one text; empty if none was made.
Report last_report();

enum class Order { kForward, kReverse, kRandom };
/// The order in which the blocks of a grid and the threads of a block start. A correct kernel does not care.
void set_order(Order order, unsigned seed = 1);
/// Seconds after which a kernel is stopped and reported; 0: never.
void set_timeout(double seconds);
/// Whether work waits for the next synchronisation of its stream, as MT_SIM_LAZY=1 says; turning it off does
/// what waits.
void set_lazy(bool on);
/// How often the host has waited for the device so far. A training step should not.
uint64_t synchronisations();
/// The GPU that is simulated: 80 for sm_80. With 75 there is less shared memory, and tensor cores know
/// neither bfloat16 nor TF32.
int compute_capability();
/// Whether this program is linked with the checker, which also sees races and uninitialised reads.
bool has_checker();

/// Starts or stops counting, from zero. Counts are taken by the checker only; MT_SIM_COUNTERS=1 counts from
/// the start and prints the table when the program ends, MT_SIM_PICTURES=FOLDER also saves the pictures.
void set_counting(bool on);

/// What one source line asked of one kind of memory, over all launches since counting began.
struct CountedLine {
  std::string line;                          ///< "matmul.cu:31"
  std::string access;                        ///< "global load", "shared store", "global atomic" ...
  uint64_t accesses = 0, bytes = 0;          ///< by threads
  uint64_t requests = 0, diverged = 0;       ///< by warps; those in which lanes were missing
  uint64_t sectors = 0, needed_sectors = 0;  ///< global: 32-byte pieces moved, and that the bytes would fill
  uint64_t bank_conflicts = 0;               ///< shared: extra turns because lanes met in a bank
};
struct CountedKernel {
  std::string kernel;
  uint64_t launches = 0, blocks = 0, warps = 0, threads = 0, barriers = 0;
  uint64_t branches = 0, divergent_branches = 0;  ///< by warps; those after which lanes went different ways
  std::vector<CountedLine> lines = {};
};
/// Every kernel that was counted, by name. Empty without the checker.
std::vector<CountedKernel> counted_kernels();

/// The same on average: of a thread, of a request, of a block, of a warp.
struct Counters {
  double global_loads = 0, global_stores = 0, shared_loads = 0, shared_stores = 0,
         atomics = 0;                           ///< of a thread
  double global_bytes = 0;                      ///< that a thread asked for
  double sectors = 0, needed_sectors = 0;       ///< of a request to global memory
  double bank_conflicts = 0;                    ///< of a request to shared memory
  double barriers = 0;                          ///< of a block
  double branches = 0, divergent_branches = 0;  ///< of a warp
};
Counters counters(const CountedKernel& kernel);

/// The same as a table, with a row for each source line: accesses per thread, requests per warp, how many of
/// these had diverged, 32-byte sectors per request, bank conflicts per request. Empty without the checker.
std::string counters_table();
/// An SVG of which thread touches which word, in the first block that the kernel ran. Empty if it was not
/// counted.
std::string counters_svg(const std::string& kernel);

}  // namespace minitorch::simt
