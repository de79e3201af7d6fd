// SPDX-License-Identifier: MIT
// What -fsanitize=bounds,alignment,... makes the compiler call where a kernel does something undefined: our
// own handlers, which know the CUDA thread.
#include <cctype>
#include <cstring>
#include <fstream>
#include <map>

#include "minitorch/simt/checker/shadow.h"

using namespace minitorch::simt;

namespace {

// The beginning of the data that each handler is given.
struct SourceLocation {
  const char* file;
  unsigned line, column;
};
struct Type {
  uint16_t kind, info;
  char name[1];  // and more
};
struct OutOfBounds {
  SourceLocation location;
  const Type *array, *index;
};
struct TypeMismatch {
  SourceLocation location;
  const Type* type;
  unsigned char log_alignment, kind;
};

// "sum += tile[i + 1];", the line itself without its comment; nothing if it cannot be read. Its path begins
// where the compiler was called: where the program is.
std::string text_of(const SourceLocation& at) {
  const std::string folder = program_path().substr(0, program_path().rfind('/') + 1);
  std::ifstream file(at.file[0] == '/' ? at.file : folder + at.file);
  std::string line;
  for (unsigned number = 0; number < at.line; ++number)
    if (!std::getline(file, line)) return "";
  line = line.substr(0, line.find("//"));
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
}

// Where in the text the variable is indexed; npos if it is not.
std::size_t place_of_index(const std::string& text, const std::string& name) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  auto at = text.find(name + "[");
  while (at != std::string::npos && at > 0 && is_word(text[at - 1])) at = text.find(name + "[", at + 1);
  return at;
}

// "shared variable 'tile', ", by the line's text: the compiler does not say which variable it is about.
// Several if the line indexes several; nothing if it has none.
std::string indexed_variable(const SourceLocation& at) {
  const std::string text = text_of(at);
  std::map<std::size_t, std::string> names;
  for (const SharedVariable& v : shared_variables_of(this_worker->grid->kernel.entry))
    names[place_of_index(text, v.name)] = v.name;
  names.erase(std::string::npos);
  std::string list;
  for (const auto& [place, name] : names) list += (list.empty() ? "shared variable '" : " or '") + name + "'";
  return list.empty() ? "" : list + ", ";
}

// By the name of its type: 'const float4'.
bool is_vector(const TypeMismatch& m) {
  const std::size_t length = std::strlen(m.type->name);
  return m.log_alignment >= 2 && length > 1 &&
         std::isdigit(static_cast<unsigned char>(m.type->name[length - 2]));
}

// Handlers open a SimulatorScope first: what they do to put a text together is no access of the kernel.
void undefined(const SourceLocation& at, cudaError_t error, const std::string& what, const char* advice) {
  const std::string line = text_of(at);
  const std::string text = what + "\n    at " + file_name(at.file) + ":" + std::to_string(at.line) +
                           (line.empty() ? "" : ": ") + line;
  if (in_kernel()) stop_kernel(error, text.c_str(), advice);
  report(text + "\n    in host code", advice);
}

void overflow(const SourceLocation& at, const char* operation) {
  SimulatorScope scope;
  undefined(at, cudaErrorLaunchFailure,
            std::string("integer overflow: in ") + operation + " of signed numbers",
            "Compute indices and offsets in int64_t.");
}

}  // namespace

extern "C" {

void __ubsan_handle_type_mismatch_v1(TypeMismatch* m, std::size_t address) {
  SimulatorScope scope;
  const std::size_t alignment = std::size_t{1} << m->log_alignment;
  if (!address) return;  // the access itself will fault, and be explained
  const Event event{address, alignment, false, false, __builtin_return_address(0)};
  Place place;
  const bool known = in_kernel() && find_place(event, place);
  undefined(m->location, cudaErrorMisalignedAddress,
            "misaligned: an access at an address " + std::to_string(address % alignment) +
                " past a multiple of " + std::to_string(alignment) +
                (known ? ", on " + describe_place(event) : ""),
            misaligned_advice(is_vector(*m)));
}
void __ubsan_handle_out_of_bounds(OutOfBounds* o, std::size_t index) {
  SimulatorScope scope;
  undefined(o->location, cudaErrorIllegalAddress,
            "out of bounds: index " + std::to_string(static_cast<std::ptrdiff_t>(index)) + " of " +
                (in_kernel() ? indexed_variable(o->location) : "") + o->array->name,
            "Compare the loop's bound with the array's size.");
}
void __ubsan_handle_add_overflow(SourceLocation* at, std::size_t, std::size_t) { overflow(*at, "a sum"); }
void __ubsan_handle_sub_overflow(SourceLocation* at, std::size_t, std::size_t) {
  overflow(*at, "a difference");
}
void __ubsan_handle_mul_overflow(SourceLocation* at, std::size_t, std::size_t) { overflow(*at, "a product"); }
void __ubsan_handle_negate_overflow(SourceLocation* at, std::size_t) { overflow(*at, "a negation"); }
void __ubsan_handle_divrem_overflow(SourceLocation* at, std::size_t, std::size_t) {
  SimulatorScope scope;
  undefined(*at, cudaErrorIllegalInstruction, "integer division by zero",
            "Check the divisor: a GPU gives no error, only garbage.");
}

}  // extern "C"
