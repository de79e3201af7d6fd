// SPDX-License-Identifier: MIT
#include <cstring>

#include "minitorch/io/pickle.h"

namespace minitorch::io {
namespace {

template <class T>
std::string little_endian(T number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

}  // namespace

PickleWriter& PickleWriter::integer(int64_t value) {
  if (value >= 0 && value < 256) op('K').op(static_cast<char>(value));
  else if (value == static_cast<int32_t>(value)) op('J').bytes_ += little_endian(static_cast<int32_t>(value));
  else op('\x8a').op(8).bytes_ += little_endian(value);
  return *this;
}

PickleWriter& PickleWriter::real(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  op('G').bytes_ += little_endian(__builtin_bswap64(bits));
  return *this;
}

PickleWriter& PickleWriter::text(const std::string& value) {
  op('X').bytes_ += little_endian(static_cast<uint32_t>(value.size())) + value;
  return *this;
}

PickleWriter& PickleWriter::global(const std::string& module, const std::string& name) {
  op('c').bytes_ += module + '\n' + name + '\n';
  return *this;
}

}  // namespace minitorch::io
