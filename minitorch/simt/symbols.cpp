// SPDX-License-Identifier: MIT
// Names for addresses, read from the program's own symbol table: kernels, __shared__ and __device__
// variables.
#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

enum class Kind { kFunction, kVariable, kThreadLocal };
struct Symbol {
  uintptr_t value;  // from the program's base; of thread-local ones from that of their storage
  std::size_t bytes;
  std::string name;
  Kind kind;
  bool may_be_merged;  // of inline variables the linker keeps any one
  bool constant;       // __constant__, in programs for the checker: see types.h
};

// The program, or the shared library that the simulator is linked into.
struct Image {
  uintptr_t base = 0, low = 0, high = 0;
  uintptr_t low_data = 0, high_data = 0;  // what can be written
  std::string path;
};

bool holds(const dl_phdr_info& info, uintptr_t address, Image* image) {
  bool found = false;
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uintptr_t low = info.dlpi_addr + segment.p_vaddr, high = low + segment.p_memsz;
    found |= address >= low && address < high;
    if (image) {
      image->low = std::min(image->low, low);
      image->high = std::max(image->high, high);
    }
    if (image && segment.p_flags & PF_W) {
      image->low_data = std::min(image->low_data, low);
      image->high_data = std::max(image->high_data, high);
    }
  }
  return found;
}

uintptr_t own_address() { return reinterpret_cast<uintptr_t>(&own_address); }

Image find_image() {
  Image image;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        if (!holds(*info, own_address(), nullptr)) return 0;
        auto* image = static_cast<Image*>(out);
        image->base = info->dlpi_addr;
        image->low = image->low_data = ~uintptr_t{0};
        holds(*info, 0, image);
        image->path = info->dlpi_name;
        return 1;
      },
      &image);
  if (image.path.empty()) {  // the program itself has no name here
    char path[4096];
    const auto length = readlink("/proc/self/exe", path, sizeof path);
    if (length > 0) image.path.assign(path, static_cast<std::size_t>(length));
  }
  return image;
}

const Image& image() {
  static const auto* the_image = new Image(find_image());
  return *the_image;
}

bool is_constant(const char* file, const Elf64_Shdr* sections, const Elf64_Sym& symbol) {
  if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE) return false;
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file);
  const char* section = file + sections[header->e_shstrndx].sh_offset + sections[symbol.st_shndx].sh_name;
  return std::strncmp(section, "minitorch_constant_", 19) == 0;
}

void read_table(const char* file, const Elf64_Shdr* sections, int index, std::vector<Symbol>& out) {
  const Elf64_Shdr& table = sections[index];
  const char* names = file + sections[table.sh_link].sh_offset;
  const auto* symbols = reinterpret_cast<const Elf64_Sym*>(file + table.sh_offset);
  for (std::size_t i = 0; i < table.sh_size / sizeof *symbols; ++i) {
    const int type = ELF64_ST_TYPE(symbols[i].st_info);
    if ((type == STT_TLS || type == STT_FUNC || type == STT_OBJECT) && symbols[i].st_size)
      out.push_back({symbols[i].st_value, symbols[i].st_size, names + symbols[i].st_name,
                     type == STT_TLS    ? Kind::kThreadLocal
                     : type == STT_FUNC ? Kind::kFunction
                                        : Kind::kVariable,
                     ELF64_ST_BIND(symbols[i].st_info) > STB_GLOBAL,
                     is_constant(file, sections, symbols[i])});
  }
}

// Empty for a stripped program: reports then show addresses instead of names.
std::vector<Symbol> read_symbols() {
  std::vector<Symbol> symbols;
  const int fd = open(image().path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (fd >= 0 && fstat(fd, &info) == 0) {
    const auto bytes = static_cast<std::size_t>(info.st_size);
    void* memory = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (memory != MAP_FAILED) {
      const char* file = static_cast<const char*>(memory);
      const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file);
      const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file + header->e_shoff);
      for (int i = 0; i < header->e_shnum; ++i)
        if (sections[i].sh_type == SHT_SYMTAB) read_table(file, sections, i, symbols);
      munmap(memory, bytes);
    }
  }
  if (fd >= 0) close(fd);
  std::sort(symbols.begin(), symbols.end(),
            [](const Symbol& a, const Symbol& b) { return a.value < b.value; });
  return symbols;
}

const std::vector<Symbol>& all_symbols() {
  static const auto* symbols = new std::vector<Symbol>(read_symbols());
  return *symbols;
}

const Symbol* function_at(const void* entry) {
  const uintptr_t value = reinterpret_cast<uintptr_t>(entry) - image().base;
  for (const Symbol& s : all_symbols())
    if (s.kind == Kind::kFunction && value - s.value < s.bytes) return &s;
  return nullptr;
}

std::string demangle(const std::string& name) {
  if (!name.starts_with("_Z"))
    return name;  // of extern "C", or a variable's: 'i' would be read as the type int
  int status = 0;
  char* plain = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string result = status == 0 && plain ? plain : name;
  std::free(plain);
  return result;
}

// types.h aligns __device__ variables to 512 bytes for the checker. What stands in a function is the kernel's
// own, and tables of virtual functions are the compiler's.
bool is_of_host([[maybe_unused]] const Symbol& s, [[maybe_unused]] uintptr_t address) {
#if defined(__clang__)
  return false;  // it would not have the attribute in a lambda
#else
  const bool special =
      s.name.rfind("_ZZ", 0) == 0 || s.name.rfind("_ZT", 0) == 0 || s.name.rfind("_ZG", 0) == 0;
  return address % 512 != 0 && !s.may_be_merged && !special;
#endif
}

// "tile" of "minitorch::sim::f(float const*)::tile"
std::string last_name(const std::string& mangled) {
  const std::string full = demangle(mangled);
  const auto colon = full.rfind("::");
  return colon == std::string::npos ? full : full.substr(colon + 2);
}

// What holds the gap before a __shared__ variable is none: see types.h.
bool is_gap(const Symbol& s) { return s.name.find("minitorch_gap_") != std::string::npos; }

void erase_all(std::string& text, const char* part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
    text.erase(at, std::strlen(part));
}

// "void minitorch::sim::(anonymous namespace)::f<64, float>(float const*)" becomes "f<64, float>".
std::string short_name(std::string text) {
  for (const char* part : {"(anonymous namespace)::", "minitorch::sim::", "minitorch::", "simulated::"})
    erase_all(text, part);
  int depth = 0;
  std::size_t begin = 0, end = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>') --depth;
    if (depth == 0 && text[i] == ' ' && end == text.size()) begin = i + 1;  // after the return type
    if (depth == 0 && text[i] == '(') {
      end = i;
      break;
    }
  }
  return text.substr(begin, end - begin);
}

}  // namespace

const std::vector<SharedVariable>& shared_variables() {
  static const auto* variables = [] {
    auto* found = new std::vector<SharedVariable>;
    for (const Symbol& s : all_symbols())
      if (s.kind == Kind::kThreadLocal && s.name.rfind("_ZZ", 0) == 0 && !is_gap(s))
        found->push_back({s.value, s.bytes, last_name(s.name)});
    return found;
  }();
  return *variables;
}

const std::vector<uintptr_t>& shared_guards() {
  static const auto* guards = [] {
    auto* found = new std::vector<uintptr_t>;
    for (const Symbol& s : all_symbols())
      if (s.kind == Kind::kThreadLocal && s.name.rfind("_ZGVZ", 0) == 0) found->push_back(s.value);
    std::sort(found->begin(), found->end());
    return found;
  }();
  return *guards;
}

const std::vector<SharedVariable>& shared_variables_of(const void* kernel) {
  static std::mutex mutex;
  static auto* known = new std::map<const void*, std::vector<SharedVariable>>;
  std::lock_guard lock(mutex);
  const auto [at, fresh] = known->try_emplace(kernel);
  const Symbol* function = fresh ? function_at(kernel) : nullptr;
  if (function) {
    const std::string& name =
        function->name;  // how those of its local variables begin; of extern "C" the plain name
    const std::string prefix =
        "_ZZ" + (name.rfind("_Z", 0) == 0 ? name.substr(2) : std::to_string(name.size()) + name) + "E";
    for (const Symbol& s : all_symbols())
      if (s.kind == Kind::kThreadLocal && s.name.rfind(prefix, 0) == 0 && !is_gap(s))
        at->second.push_back({s.value, s.bytes, last_name(s.name)});
  }
  return at->second;
}

ProgramVariable program_variable(uintptr_t address) {
  if (address < image().low_data || address >= image().high_data) return {};
  static const auto* variables = [] {
    auto* found = new std::map<uintptr_t, const Symbol*>;
    for (const Symbol& s : all_symbols())
      if (s.kind == Kind::kVariable) (*found)[image().base + s.value] = &s;
    return found;
  }();
  auto at = variables->upper_bound(address);
  if (at == variables->begin() || address - (--at)->first >= at->second->bytes) return {};
  const Symbol& symbol = *at->second;
  return {at->first, symbol.bytes, last_name(symbol.name), is_of_host(symbol, at->first), symbol.constant};
}

std::size_t thread_local_bytes() {
  std::size_t bytes = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        if (!holds(*info, own_address(), nullptr)) return 0;
        for (int i = 0; i < info->dlpi_phnum; ++i)
          if (info->dlpi_phdr[i].p_type == PT_TLS)
            *static_cast<std::size_t*>(out) = info->dlpi_phdr[i].p_memsz;
        return 1;
      },
      &bytes);
  return bytes;
}

uintptr_t thread_local_base() {
  uintptr_t base = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        if (!holds(*info, own_address(), nullptr)) return 0;
        *static_cast<uintptr_t*>(out) = reinterpret_cast<uintptr_t>(info->dlpi_tls_data);
        return 1;
      },
      &base);
  return base;
}

uintptr_t program_base() { return image().base; }
const std::string& program_path() { return image().path; }

bool in_program(uintptr_t address) { return address >= image().low && address < image().high; }

std::string function_name(const void* entry) {
  const Symbol* s = function_at(entry);
  return s ? short_name(demangle(s->name)) : "at an unknown address (the program is stripped)";
}

}  // namespace minitorch::simt
