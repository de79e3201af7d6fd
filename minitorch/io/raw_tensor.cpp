// SPDX-License-Identifier: MIT
#include "minitorch/io/raw_tensor.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "minitorch/core/errors.h"
#include "minitorch/core/half.h"
#include "minitorch/core/shape.h"

namespace minitorch::io {
namespace {

constexpr ElementInfo kElements[] = {
    {Element::boolean, 1, kBool, "bool", "BoolStorage", "BOOL", "b1"},
    {Element::uint8, 1, kUint8, "uint8", "ByteStorage", "U8", "u1"},
    {Element::int8, 1, kInt64, "int8", "CharStorage", "I8", "i1"},
    {Element::int16, 2, kInt64, "int16", "ShortStorage", "I16", "i2"},
    {Element::uint16, 2, kInt64, "uint16", nullptr, "U16", "u2"},
    {Element::int32, 4, kInt64, "int32", "IntStorage", "I32", "i4"},
    {Element::uint32, 4, kInt64, "uint32", nullptr, "U32", "u4"},
    {Element::int64, 8, kInt64, "int64", "LongStorage", "I64", "i8"},
    {Element::uint64, 8, kInt64, "uint64", nullptr, "U64", "u8"},
    {Element::float8_e4m3, 1, kFloat32, "float8_e4m3fn", nullptr, "F8_E4M3", nullptr},
    {Element::float8_e5m2, 1, kFloat32, "float8_e5m2", nullptr, "F8_E5M2", nullptr},
    {Element::float16, 2, kFloat16, "float16", "HalfStorage", "F16", "f2"},
    {Element::bfloat16, 2, kBFloat16, "bfloat16", "BFloat16Storage", "BF16", nullptr},
    {Element::float32, 4, kFloat32, "float32", "FloatStorage", "F32", "f4"},
    {Element::float64, 8, kFloat32, "float64", "DoubleStorage", "F64", "f8"},
};

// 1 sign, 4 exponent (bias 7) and 3 fraction bits; no infinities, and NaN is all ones.
float from_e4m3(uint8_t bits) {
  const int exponent = bits >> 3 & 15, fraction = bits & 7;
  float magnitude;
  if ((bits & 0x7f) == 0x7f) magnitude = NAN;
  else if (exponent == 0) magnitude = std::ldexp(static_cast<float>(fraction), -9);
  else magnitude = std::ldexp(static_cast<float>(8 + fraction), exponent - 10);
  return bits & 0x80 ? -magnitude : magnitude;
}

template <class From, class To, class F>
void convert(const uint8_t* from, void* to, int64_t n, F f) {
  for (int64_t i = 0; i < n; ++i) {
    From value;
    std::memcpy(&value, from + i * sizeof(From), sizeof(From));
    static_cast<To*>(to)[i] = static_cast<To>(f(value));
  }
}

template <class From>
void integers(const uint8_t* from, void* to, int64_t n) {
  convert<From, int64_t>(from, to, n, [](From x) { return x; });
}

void convert_chunk(const RawStorage& storage, const uint8_t* from, void* to, int64_t n) {
  switch (storage.element) {
    case Element::boolean: return convert<uint8_t, uint8_t>(from, to, n, [](uint8_t x) { return x != 0; });
    case Element::int8: return integers<int8_t>(from, to, n);
    case Element::int16: return integers<int16_t>(from, to, n);
    case Element::uint16: return integers<uint16_t>(from, to, n);
    case Element::int32: return integers<int32_t>(from, to, n);
    case Element::uint32: return integers<uint32_t>(from, to, n);
    case Element::uint64:
      return convert<uint64_t, int64_t>(from, to, n, [&](uint64_t x) {
        if (x > INT64_MAX) refuse(*storage.bytes, "holds a uint64 beyond 2^63, which int64 cannot hold");
        return x;
      });
    case Element::float8_e4m3: return convert<uint8_t, float>(from, to, n, from_e4m3);
    case Element::float8_e5m2:  // the upper half of a float16
      return convert<uint8_t, float>(from, to, n,
                                     [](uint8_t x) { return to_float(Half{static_cast<uint16_t>(x << 8)}); });
    case Element::float64: return convert<double, float>(from, to, n, [](double x) { return x; });
    default: std::memcpy(to, from, n * info(storage.element).size);  // the library's own types
  }
}

}  // namespace

const ElementInfo& info(Element element) { return kElements[static_cast<int>(element)]; }

const ElementInfo* find_element(const char* ElementInfo::*column, const std::string& text) {
  auto found = std::find_if(std::begin(kElements), std::end(kElements),
                            [&](const ElementInfo& e) { return e.*column && e.*column == text; });
  return found == std::end(kElements) ? nullptr : found;
}

Element element_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::boolean: return Element::boolean;
    case Dtype::uint8: return Element::uint8;
    case Dtype::int64: return Element::int64;
    case Dtype::float16: return Element::float16;
    case Dtype::bfloat16: return Element::bfloat16;
    case Dtype::float32: return Element::float32;
  }
  return Element::float32;
}

void RawStorage::read(void* to) const {
  const ElementInfo& type = info(element);
  const bool as_it_is = element == element_of(type.dtype) && element != Element::boolean && !big_endian;
  if (as_it_is) return bytes->read(0, to, static_cast<uint64_t>(numel) * type.size);

  constexpr int64_t kChunk = 1 << 13;
  std::vector<uint8_t> chunk(kChunk * type.size);
  for (int64_t begin = 0; begin < numel; begin += kChunk) {
    const int64_t n = std::min(kChunk, numel - begin);
    bytes->read(begin * type.size, chunk.data(), n * type.size);
    if (big_endian)
      for (int64_t i = 0; i < n; ++i)
        std::reverse(chunk.begin() + i * type.size, chunk.begin() + (i + 1) * type.size);
    convert_chunk(*this, chunk.data(), static_cast<uint8_t*>(to) + begin * item_size(type.dtype), n);
  }
}

int64_t RawTensor::numel() const {
  int64_t n = 1;
  for (int64_t size : shape) n = checked_product(*storage->bytes, n, size);
  return n;
}

RawTensor contiguous_tensor(std::shared_ptr<const RawStorage> storage, std::vector<int64_t> shape) {
  RawTensor tensor{std::move(storage), 0, std::move(shape), {}};
  tensor.strides.assign(tensor.shape.size(), 1);
  for (int i = static_cast<int>(tensor.shape.size()) - 2; i >= 0; --i)
    tensor.strides[i] = checked_product(*tensor.storage->bytes, tensor.strides[i + 1],
                                        std::max<int64_t>(tensor.shape[i + 1], 1));
  check(tensor);
  if (tensor.numel() != tensor.storage->numel)
    refuse(*tensor.storage->bytes,
           format("the shape wants %lld elements, but there are %lld", static_cast<long long>(tensor.numel()),
                  static_cast<long long>(tensor.storage->numel)));
  return tensor;
}

RawTensor fortran_tensor(std::shared_ptr<const RawStorage> storage, std::vector<int64_t> shape) {
  std::reverse(shape.begin(), shape.end());
  RawTensor tensor = contiguous_tensor(std::move(storage), std::move(shape));
  std::reverse(tensor.shape.begin(), tensor.shape.end());
  std::reverse(tensor.strides.begin(), tensor.strides.end());
  return tensor;
}

void check(const RawTensor& tensor) {
  const Source& source = *tensor.storage->bytes;
  if (tensor.shape.size() != tensor.strides.size())
    refuse(source,
           format("a tensor has %zu sizes but %zu strides", tensor.shape.size(), tensor.strides.size()));
  if (tensor.shape.size() > Shape::kMaxDims)
    refuse(source,
           format("a tensor has %zu axes: expected %d at most", tensor.shape.size(), Shape::kMaxDims));
  int64_t last = tensor.offset;  // the furthest element
  bool empty = false;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] < 0 || tensor.strides[i] < 0)
      refuse(source, "a tensor has a negative size or stride");
    empty = empty || tensor.shape[i] == 0;
    if (tensor.shape[i] > 0 &&
        __builtin_add_overflow(last, checked_product(source, tensor.shape[i] - 1, tensor.strides[i]), &last))
      refuse(source, "a tensor has impossible strides");
  }
  checked_product(source, tensor.numel(), 8);  // its bytes can be counted, too
  if (tensor.offset < 0 || (empty ? tensor.offset > tensor.storage->numel : last >= tensor.storage->numel))
    refuse(source, format("a tensor needs element %lld of a storage of %lld", static_cast<long long>(last),
                          static_cast<long long>(tensor.storage->numel)));
}

}  // namespace minitorch::io
