// SPDX-License-Identifier: MIT
// Which __shared__ variable is being accessed, and may it be? In the thread-local storage of the program they
// lie among the simulator's own state. A kernel may touch its own variables, and those of functions, of which
// it is not known who calls them. All else is a stray access: the gaps that stand between the variables of
// watched kernels (types.h), what is known to be another kernel's, and the simulator's state.
#include <algorithm>
#include <set>

#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {
namespace {

struct Variable {
  uintptr_t begin, end;
  const void* kernel;  // whose it is, as far as launches have shown
};
struct SharedMap {
  std::size_t bytes = thread_local_bytes();
  std::vector<uint16_t> number;     // see static_shared_numbers
  std::vector<Variable> variables;  // the first is none
  std::set<const void*> launched;
  const void* kernel = nullptr;  // that runs
  Shadow shadow;
  SharedMap();
  ~SharedMap() { drop_shadow(shadow, bytes); }
};
constinit thread_local SharedMap* map = nullptr;  // of the operating-system thread that launches kernels

SharedMap::SharedMap() : number(bytes), variables(1), shadow(make_shadow(bytes)) {
  static_shared_begin = reinterpret_cast<uintptr_t>(make_worker().locals);
  static_shared_length = bytes;
  for (const SharedVariable& v : shared_variables()) {
    const uintptr_t begin = static_shared_begin + v.offset;
    std::fill_n(number.begin() + static_cast<std::ptrdiff_t>(v.offset), v.bytes,
                static_cast<uint16_t>(variables.size()));
    variables.push_back({begin, begin + v.bytes, nullptr});
  }
  const auto mark = [this](const auto& state) {
    const std::size_t offset = reinterpret_cast<uintptr_t>(&state) - static_shared_begin;
    std::fill_n(number.begin() + static_cast<std::ptrdiff_t>(offset), sizeof state, kState);
  };
  mark(threadIdx), mark(blockIdx), mark(blockDim), mark(gridDim), mark(block_state);
  static_shared_numbers = number.data();
}

template <class T>
bool lies_in(const Event& e, const T& variable) {
  return e.bytes <= sizeof variable &&
         e.address - reinterpret_cast<uintptr_t>(&variable) <= sizeof variable - e.bytes;
}

// What the simulator's code does, even if it is inlined into a kernel, and the compiler's own.
bool is_bookkeeping(const Event& e) {
  const std::size_t offset = e.address - static_shared_begin;
  return !block_state.in_kernel_body || lies_in(e, block_state.atomics) ||
         lies_in(e, block_state.in_kernel_body) ||
         ((e.bytes == 1 || e.bytes == 8) &&  // a guard is read as a byte, on ARM as eight
          std::binary_search(shared_guards().begin(), shared_guards().end(), offset));
}

// The variable of the kernel that was probably meant; of a function, if the kernel has none.
const SharedVariable* nearest_variable(std::size_t offset) {
  const auto& own = shared_variables_of(map->kernel);
  const SharedVariable* nearest = nullptr;
  std::size_t least = ~std::size_t{0};
  for (const SharedVariable& v : own.empty() ? shared_variables() : own) {
    const std::size_t distance = offset < v.offset              ? v.offset - offset
                                 : offset >= v.offset + v.bytes ? offset - v.offset - v.bytes
                                                                : 0;
    if (distance >= least) continue;
    least = distance;
    nearest = &v;
  }
  return nearest;
}

[[noreturn]] void stop_stray(const Event& e) {
  const char* const advice =
      "Compare the index, and the size that a function is told, with the array's size.";
  const std::size_t offset = e.address - static_shared_begin;
  const SharedVariable& v = *nearest_variable(offset);
  if (offset >= v.offset && offset + e.bytes <= v.offset + v.bytes)
    stop_out_of_bounds(e, "in shared variable '" + v.name + "', which is another kernel's", advice);
  const auto count = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " byte " : " bytes "); };
  const std::string where =
      offset < v.offset ? count(v.offset - offset) + "before"
      : offset >= v.offset + v.bytes
          ? count(offset - v.offset - v.bytes) + "past the end of"
          : "reaching " + count(offset + e.bytes - v.offset - v.bytes) + "past the end of";
  stop_out_of_bounds(e, where + " shared variable '" + v.name + "' of " + std::to_string(v.bytes) + " bytes",
                     advice);
}

}  // namespace

constinit thread_local uintptr_t static_shared_begin = 0;
constinit thread_local std::size_t static_shared_length = 0;
constinit thread_local const uint16_t* static_shared_numbers = nullptr;

void begin_block_of_places() {
  static thread_local SharedMap the_map;
  map = &the_map;
  const void* kernel = this_worker->grid->kernel.entry;
  if (map->kernel == kernel) return;
  map->kernel = kernel;
  if (!map->launched.insert(kernel).second) return;
  for (const SharedVariable& v : shared_variables_of(kernel))
    map->variables[map->number[v.offset]].kernel = kernel;
}

bool is_near_static_shared(uintptr_t address) {  // behind it lie the state of the system's thread, and more
  return address - static_shared_begin < static_shared_length + 4096 &&
         !shared_variables_of(map->kernel).empty();
}

bool find_static_shared(const Event& e, Place& place) {
  const std::size_t offset = e.address - static_shared_begin;
  const uint16_t number = offset < map->bytes ? map->number[offset] : uint16_t{0};
  const Variable& v = map->variables[number == kState ? 0 : number];
  if (e.address + e.bytes <= v.end && (!v.kernel || v.kernel == map->kernel)) {
    place = place_at(Space::kShared, map->shadow, offset, v.begin);
    return true;
  }
  if (is_bookkeeping(e) || map->variables.size() == 1) return false;  // the latter in a program without names
  if (number == kState && !e.write) return false;
  stop_stray(e);
}

std::string describe_static_shared(const Event& e) {
  const std::size_t offset = e.address - static_shared_begin;
  const SharedVariable& v = shared_variables()[map->number[offset] - 1u];
  return "shared variable '" + v.name + "', " + bytes_text(e, offset - v.offset, v.bytes);
}

}  // namespace minitorch::simt
