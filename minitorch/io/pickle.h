// SPDX-License-Identifier: MIT
// Python's pickle: the little stack machine in which PyTorch describes a checkpoint. The machine here builds
// values; it calls nothing, so a hostile pickle can do no more than be refused.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "minitorch/io/source.h"

namespace minitorch::io {

/// What a pickle program made. Values refer to each other by index, and may do so in circles.
struct PickleValue {
  enum class Kind : uint8_t {
    none,
    boolean,
    integer,
    real,
    text,   ///< `text`
    bytes,  ///< `text`; also integers of more than 64 bits, little-endian
    list,
    tuple,   ///< `items`
    dict,    ///< `items`: key, value, key, value …
    global,  ///< a class or function: `text` is "module name"
    call,    ///< `callable` called with the tuple `arguments`; `items` and `state` are what was put in later
    persistent  ///< something kept outside of the pickle, identified by `arguments`
  };
  Kind kind = Kind::none;
  int callable = -1, arguments = -1, state = -1;
  int64_t integer = 0;  // booleans too
  double real = 0;
  std::string text;
  std::vector<int> items;
};

struct Pickle {
  std::vector<PickleValue> values;
  int result = 0;

  const PickleValue& operator[](int i) const { return values[i]; }
  const PickleValue& top() const { return values[result]; }
};

/// Runs one pickle from its first opcode to STOP. Protocols 2 to 5 as far as checkpoints use them.
/// @throws FileError when the program is damaged, uses other opcodes, or makes more than a million values
Pickle read_pickle(Cursor& cursor);

/// Writes a pickle of protocol 2, opcode by opcode.
class PickleWriter {
 public:
  PickleWriter() { bytes_ = "\x80\x02"; }
  PickleWriter& none() { return op('N'); }
  PickleWriter& boolean(bool value) { return op(value ? '\x88' : '\x89'); }
  PickleWriter& integer(int64_t value);
  PickleWriter& real(double value);
  PickleWriter& text(const std::string& value);
  PickleWriter& global(const std::string& module, const std::string& name);
  PickleWriter& mark() { return op('('); }
  PickleWriter& tuple() { return op('t'); }  ///< of what was pushed since the mark
  PickleWriter& empty_tuple() { return op(')'); }
  PickleWriter& empty_list() { return op(']'); }
  PickleWriter& appends() { return op('e'); }     ///< to the list before the mark
  PickleWriter& set_items() { return op('u'); }   ///< keys and values, into the dict before the mark
  PickleWriter& call() { return op('R'); }        ///< the function and the tuple pushed last
  PickleWriter& persistent() { return op('Q'); }  ///< of the tuple pushed last
  std::string finish() { return bytes_ + '.'; }

 private:
  PickleWriter& op(char code) {
    bytes_ += code;
    return *this;
  }
  std::string bytes_;
};

}  // namespace minitorch::io
