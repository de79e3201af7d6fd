// SPDX-License-Identifier: MIT
// Source lines of addresses, by addr2line: reports are few, and line tables long.
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>

#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

bool is_simulator(const std::string& line) {
  return line.find("/minitorch/simt/") != std::string::npos ||
         line.find("/minitorch/core/") != std::string::npos || line.find("/c++/") != std::string::npos;
}

struct Line {
  std::string text;        // the innermost line of the kernel's own text, whatever is inlined into it
  bool simulator = false;  // what stands there is inlined from the simulator's headers
  bool atomic = false;     // from those of atomics
  bool foreign = false;    // and nothing of the kernel's own; or it has no line at all
};

Line run_addr2line(const char* tool, uintptr_t offset) {
  char command[4400], line[4400];
  std::snprintf(command, sizeof command, "%s -i -e '%s' 0x%zx 2>/dev/null", tool, program_path().c_str(),
                static_cast<std::size_t>(offset));
  FILE* pipe = popen(command, "re");
  if (!pipe) return {};
  Line found;
  while (std::fgets(line, sizeof line, pipe)) {
    line[std::strcspn(line, " \n")] = 0;
    if (line[0] != '/') continue;
    if (found.text.empty()) {
      found.simulator = std::strstr(line, "/minitorch/simt/");
      found.atomic = std::strstr(line, "/minitorch/simt/atomics.h");
    }
    if (found.text.empty() || is_simulator(found.text)) found.text = line;
  }
  pclose(pipe);
  found.foreign = found.text.empty() || is_simulator(found.text);
  return found;
}

const Line& line_of(const void* return_address) {
  static std::mutex mutex;
  static auto* known = new std::map<uintptr_t, Line>;
  std::lock_guard lock(mutex);
  const uintptr_t offset = reinterpret_cast<uintptr_t>(return_address) - program_base() - 1;
  const auto [at, fresh] = known->try_emplace(offset);
  if (fresh) {
    Line& line = at->second;
#if defined(__aarch64__)
    line = run_addr2line("aarch64-linux-gnu-addr2line",
                         offset);  // under an emulator the plain one is another machine's
#endif
    if (line.text.empty()) line = run_addr2line("addr2line", offset);
    char address[32];
    std::snprintf(address, sizeof address, "address 0x%zx", static_cast<std::size_t>(offset));
    line.text = line.text.empty() ? address : line.text.substr(line.text.rfind('/') + 1);
  }
  return at->second;
}

}  // namespace

std::string source_line(const void* return_address) { return line_of(return_address).text; }
bool is_simulator_code(const void* return_address) { return line_of(return_address).simulator; }
bool is_in_atomic(const void* return_address) { return line_of(return_address).atomic; }

const void* kernel_frame(const void* const* frames, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (!line_of(frames[i]).foreign) return frames[i];
  return frames[0];
}

}  // namespace minitorch::simt
