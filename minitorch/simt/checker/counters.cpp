// SPDX-License-Identifier: MIT
// Puts the accesses of threads together to requests of warps, and adds these up by line.
#include "minitorch/simt/checker/counters.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <unordered_map>

namespace minitorch::simt {
namespace {

constexpr std::size_t kMostTouches = 20000;
constexpr std::size_t kSector = 32;

struct RequestKey {
  uint32_t line, occurrence;
  unsigned warp;
  bool write;
  bool operator==(const RequestKey&) const = default;
};
struct HashKey {
  std::size_t operator()(const RequestKey& k) const {
    return (k.line * 0x9e3779b97f4a7c15u) ^ (k.occurrence * 0xc2b2ae3d27d4eb4fu) ^ (k.warp * 2u + k.write);
  }
};
struct Request {
  unsigned lanes = 0;
  std::size_t bytes = 0;  // of each lane
  uintptr_t address[32];  // as counted_address() gives it
};

struct Collector {
  std::unordered_map<RequestKey, Request, HashKey>
      open;  // requests that some lanes of the warp have not come to
  std::unordered_map<uint64_t, uint32_t> occurrences;  // by thread and line
  KernelCounts* kernel = nullptr;
  bool first_block = false;
  uint32_t epoch_at_block = 0;
};
thread_local Collector collector;
bool counting_on = [] {
  const char* text = std::getenv("MT_SIM_COUNTERS");
  return text && std::atoi(text) != 0;
}();

unsigned lanes_of(unsigned warp) { return this_worker->warps[warp].exist; }

// cudaMalloc gives multiples of 256 on a GPU, ours of 16 only: an allocation is taken to begin where a sector
// does. Pages lie between two of them, so that they share none.
uintptr_t counted_address(const Event& e, const Place& place) {
  return place.space == Space::kGlobal ? e.address - place.owner % kSector : e.address;
}

// Sectors touched, and the fewest that could hold as many bytes.
void count_sectors(const Request& r, LineCounts& counts) {
  std::vector<uintptr_t> sectors;
  std::vector<uintptr_t> words;
  for (unsigned rest = r.lanes; rest; rest &= rest - 1) {
    const uintptr_t a = r.address[std::countr_zero(rest)];
    for (uintptr_t s = a / kSector; s <= (a + r.bytes - 1) / kSector; ++s) sectors.push_back(s);
    words.push_back(a);
  }
  for (auto* v : {&sectors, &words}) {
    std::sort(v->begin(), v->end());
    v->erase(std::unique(v->begin(), v->end()), v->end());
  }
  counts.sectors += sectors.size();
  counts.needed_sectors += (words.size() * r.bytes + kSector - 1) / kSector;
}

// Shared memory serves 32 banks of 4 bytes in one turn; wider accesses go by halves or quarters of the warp.
// Lanes that read a word get it together; an atomic changes it for one lane after the other.
void count_bank_conflicts(const Request& r, LineCounts& counts) {
  const unsigned group = r.bytes <= 4 ? 32u : r.bytes <= 8 ? 16u : 8u;
  for (unsigned first = 0; first < 32; first += group) {
    std::vector<uintptr_t> in_bank[32];
    for (unsigned lane = first; lane < first + group; ++lane) {
      if (!(r.lanes >> lane & 1)) continue;
      for (uintptr_t word = r.address[lane] / 4; word <= (r.address[lane] + r.bytes - 1) / 4; ++word) {
        auto& bank = in_bank[word % 32];
        if (counts.atomic || std::find(bank.begin(), bank.end(), word) == bank.end()) bank.push_back(word);
      }
    }
    std::size_t turns = 1;
    for (const auto& bank : in_bank) turns = std::max(turns, bank.size());
    counts.bank_conflicts += turns - 1;
  }
}

void close(const RequestKey& key, const Request& r) {
  LineCounts& counts = collector.kernel->lines[key.line * 2u + key.write];
  ++counts.requests;
  if (r.lanes != lanes_of(key.warp)) ++counts.partial;
  if (counts.space == Space::kGlobal) count_sectors(r, counts);
  else count_bank_conflicts(r, counts);
}

void close_block(uint32_t end_epoch) {
  Collector& c = collector;
  for (const auto& [key, request] : c.open) close(key, request);
  c.open.clear();
  c.occurrences.clear();
  close_block_of_branches(c.kernel->branches);
  c.kernel->barriers += end_epoch - c.epoch_at_block;
}

std::string memory_name(const Event& e) {
  const std::string text = describe_place(e);
  return text.substr(0, text.find(", "));
}

void remember_touch(const Event& e, const Place& place) {
  auto& touches = collector.kernel->touches;
  if (touches.size() >= kMostTouches) return;
  const std::string memory = memory_name(e);
  for (std::size_t word = (e.address - place.owner) / 4; word <= (e.address + e.bytes - 1 - place.owner) / 4;
       ++word)
    touches.push_back({place.owner, word, memory, block_state.thread, e.write, line_number(e.line)});
}

}  // namespace

std::map<std::string, KernelCounts>& kernel_counts() {
  static auto* counts = new std::map<std::string, KernelCounts>;
  return *counts;
}

bool counting() { return counting_on; }
void set_counting(bool on) {
  counting_on = on;
  if (on) kernel_counts().clear();
}

void begin_launch_of_counters() { collector = Collector{}; }

void begin_block_of_counters() {
  if (!counting_on) return;
  Collector& c = collector;
  if (c.kernel) {
    close_block(first_epoch_of_block - 1);
    c.first_block = false;
  } else {
    c.kernel = &kernel_counts()[kernel_name(this_worker->grid->kernel)];
    c.first_block = c.kernel->launches++ == 0;
  }
  ++c.kernel->blocks;
  c.kernel->warps += (block_state.count + 31) / 32;
  c.kernel->threads += block_state.count;
  c.epoch_at_block = epoch;
}

void end_launch_of_counters() {
  if (collector.kernel) close_block(epoch);
  collector.kernel = nullptr;
}

void count_access(const Event& e, const Place& place) {
  Collector& c = collector;
  if (!c.kernel || (e.atomic && !e.write)) return;  // an atomic operation is one request, of the writing kind
  const uint32_t line = line_number(e.line);
  LineCounts& counts = c.kernel->lines[line * 2u + e.write];
  counts.space = place.space;
  counts.write = e.write;
  counts.atomic |= e.atomic;
  ++counts.accesses;
  counts.bytes += e.bytes;
  const unsigned thread = block_state.thread, lane = thread % 32;
  const uint32_t occurrence = c.occurrences[(uint64_t{line} << 11 | thread) * 2 + e.write]++;
  const RequestKey key{line, occurrence, thread / 32, e.write};
  Request& request = c.open[key];
  request.lanes |= 1u << lane;
  request.bytes = e.bytes;
  request.address[lane] = counted_address(e, place);
  if (request.lanes == lanes_of(key.warp)) {
    close(key, request);
    c.open.erase(key);
  }
  if (c.first_block) remember_touch(e, place);
}

}  // namespace minitorch::simt
