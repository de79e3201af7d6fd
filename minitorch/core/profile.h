// SPDX-License-Identifier: MIT
// Where the time and the memory of a program go, op by op.
//
//     {
//       Profile profile;              // from here
//       learn.fit_one_cycle(1);
//     }                               // to here; then prints the table and writes profile.json
//
// Forward ops stand in the table under their own names, gradients as "conv2d backward". Each row has the
// speed reached and its share of what this machine can do, which is measured: a loop of fused multiplications
// and additions in registers, and a copy of memory too large for the caches.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "minitorch/core/profile_hooks.h"

namespace minitorch {

/// What the CPU can do with num_threads() threads. Measured once for each number of threads (about 0.2 s).
struct MachinePeak {
  int threads = 0;
  double flops_per_second = 0, bytes_per_second = 0;
};
MachinePeak machine_peak();

/// One op, or the gradients of one op, on one device.
struct ProfileRow {
  std::string
      op;  ///< "conv2d", "conv2d backward"; kernels in the simulator or on a GPU end in " (sim)", " (cuda)"
  int64_t calls = 0;              ///< of kernels
  double seconds = 0, share = 0;  ///< in those kernels; of the whole time
  double flops_per_second = 0;    ///< 0 where nobody counts the operations
  double bytes_per_second = 0;    ///< 0 where nobody counts the bytes
  double share_of_flops = 0;      ///< of machine_peak(); 0 where unknown
  double share_of_bytes = 0;      ///< may pass 1: data in a cache comes faster than from memory
  std::size_t bytes_at_peak = 0;  ///< of its results and working memory, when memory was fullest
};

/// What a Profile found. Rows stand by time, the most first; the last one, "everything else", is the time
/// outside kernels and the memory that no kernel filled.
struct ProfileReport {
  std::vector<ProfileRow> rows = {};
  double seconds = 0;
  std::size_t peak_bytes = 0;    ///< the most in use at once on the CPU, or on the device that had the most
  std::size_t before_bytes = 0;  ///< of these, in use before the profile began
  int64_t events_left_out = 0;   ///< of the trace, which has a limit
  MachinePeak machine = {};

  /// The table, at most `rows` of it, and the lines below it.
  std::string text(std::size_t rows = 24) const;
};

struct ProfileOptions {
  std::string trace = "profile.json";  ///< for https://ui.perfetto.dev; "" writes none
  bool print = true;                   ///< the table, to stdout, at the end of the scope
  int64_t max_events = 250'000;        ///< of the trace; the table counts on
  bool machine = true;                 ///< whether to measure machine_peak(): 0.2 s and 200 MB, once
};

/// Times every kernel of every thread while it is in scope. On a GPU each kernel is then waited for.
class Profile {
 public:
  /// @throws ValueError while another Profile is in scope
  explicit Profile(ProfileOptions options = {});
  /// Stops; prints and writes as the options say. Never throws: a trace that cannot be written is a warning.
  ~Profile();
  Profile(const Profile&) = delete;

  /// Stops, and gives the table as data.
  const ProfileReport& stop();
  /// Stops, and writes the trace: Chrome's JSON trace events, one lane per thread, memory as a curve.
  /// @throws FileError when the file cannot be written; what was there before is then untouched
  void write_trace(const std::string& path);

 private:
  ProfileOptions options_;
  ProfileReport report_;
  bool stopped_ = false;
};

/// A part of the program with a name in the trace: "epoch 1", "batch", "validation".
class ProfileRange {
 public:
  explicit ProfileRange(const std::string& name);
  ~ProfileRange();
  ProfileRange(const ProfileRange&) = delete;

 private:
  bool on_;
  double start_ = 0;
  std::string name_;
};

}  // namespace minitorch
