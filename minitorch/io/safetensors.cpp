// SPDX-License-Identifier: MIT
#include "minitorch/io/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "minitorch/core/errors.h"
#include "minitorch/io/atomic_file.h"

namespace minitorch::io {
namespace {

using Json = nlohmann::json;
constexpr uint64_t kMaxHeader = 100'000'000;
constexpr std::size_t kMostNumbers =
    64;  // of a shape: what comes to memory stays in proportion to the header
const std::string kMetadata = "__metadata__";

struct Entry {
  std::string name, dtype;
  std::vector<uint64_t> shape, offsets;
  bool has_dtype = false, has_shape = false, has_offsets = false;
};

// Takes the header piece by piece as it is parsed: a document tree would keep the last of two equal names
// without a word, and would build whatever else a hostile header holds.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const Source& source) : source_(source) {}

  std::vector<Entry> entries;
  Metadata metadata;

  bool key(string_t& name) override {
    if (depth_ == 1) {
      if (!names_.insert(name).second) refuse(source_, "names '" + name + "' twice");
      in_metadata_ = name == kMetadata;
      if (!in_metadata_) entries.emplace_back().name = name;
    } else if (in_metadata_) {
      metadata_key_ = name;
      if (metadata.count(name)) refuse(source_, "names '" + name + "' twice in its metadata");
    } else {
      field_ = name;
      bool& has = name == "dtype"   ? entry().has_dtype
                  : name == "shape" ? entry().has_shape
                                    : entry().has_offsets;
      if (name != "dtype" && name != "shape" && name != "data_offsets") unexpected("the field " + name);
      if (has) refuse(source_, "gives '" + name + "' of '" + entry().name + "' twice");
      has = true;
    }
    return true;
  }
  bool string(string_t& text) override {
    if (depth_ == 2 && in_metadata_) metadata[metadata_key_] = text;
    else if (depth_ == 2 && field_ == "dtype") entry().dtype = text;
    else unexpected("a text");
    return true;
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (!in_array_) unexpected("a number");
    auto& list = field_ == "shape" ? entry().shape : entry().offsets;
    if (list.size() == kMostNumbers) unexpected("more than 64 numbers");
    list.push_back(number);
    return true;
  }
  bool start_object(std::size_t) override {
    if (in_array_ || depth_ == 2 || (depth_ == 0 && begun_)) unexpected("an object");
    begun_ = true;
    ++depth_;
    return true;
  }
  bool end_object() override {
    if (depth_ == 2 && !in_metadata_ && !(entry().has_dtype && entry().has_shape && entry().has_offsets))
      refuse(source_, "lacks the dtype, shape or offsets of '" + entry().name + "'");
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ != 2 || in_metadata_ || in_array_ || field_ == "dtype") unexpected("an array");
    in_array_ = true;
    return true;
  }
  bool end_array() override {
    in_array_ = false;
    return true;
  }
  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("a boolean"); }
  bool number_integer(number_integer_t) override { unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { unexpected("a number with a fraction"); }
  bool binary(binary_t&) override { unexpected("binary data"); }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    refuse(source_, format("has a header that is no JSON at its byte %zu", at));
  }

 private:
  Entry& entry() { return entries.back(); }
  [[noreturn]] void unexpected(const std::string& what) {
    const std::string where = entries.empty() || in_metadata_ ? "" : " at '" + entry().name + "'";
    refuse(source_, "has a header with " + what + where + ", which has no place there");
  }

  const Source& source_;
  int depth_ = 0;
  bool begun_ = false, in_metadata_ = false, in_array_ = false;
  std::string field_, metadata_key_;
  std::set<std::string> names_;
};

int64_t signed_size(const Source& source, uint64_t number) {
  if (number > INT64_MAX) refuse(source, "has a header with an impossible size");
  return static_cast<int64_t>(number);
}

RawTensor read_tensor(const SourcePtr& source, const Entry& entry, uint64_t data_at) {
  const ElementInfo* type = find_element(&ElementInfo::safetensors, entry.dtype);
  if (!type) refuse(*source, "holds '" + entry.name + "' of the unknown type " + entry.dtype);
  if (entry.offsets.size() != 2 || entry.offsets[0] > entry.offsets[1])
    refuse(*source, "has no valid range of bytes for '" + entry.name + "'");
  std::vector<int64_t> shape;
  int64_t numel = 1;
  for (uint64_t size : entry.shape) {
    shape.push_back(signed_size(*source, size));
    numel = checked_product(*source, numel, shape.back());
  }
  const uint64_t size = entry.offsets[1] - entry.offsets[0];
  if (const auto wanted = static_cast<uint64_t>(checked_product(*source, numel, type->size)); wanted != size)
    refuse(*source, format("gives '%s' %llu bytes: its shape wants %llu", entry.name.c_str(),
                           static_cast<unsigned long long>(size), static_cast<unsigned long long>(wanted)));
  const uint64_t room = source->size() - data_at;
  if (entry.offsets[1] > room) refuse(*source, "ends before the last byte of '" + entry.name + "'");
  SourcePtr bytes = part_of(source, source->name() + ": " + entry.name, data_at + entry.offsets[0], size);
  return contiguous_tensor(std::make_shared<RawStorage>(RawStorage{type->element, numel, std::move(bytes)}),
                           std::move(shape));
}

// Every byte after the header belongs to exactly one tensor.
void check_cover(const Source& source, std::vector<Entry> entries, uint64_t data_size) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.offsets < b.offsets; });
  uint64_t at = 0;
  for (const Entry& entry : entries) {
    if (entry.offsets[0] != at)
      refuse(source,
             format("leaves a hole before '%s', or lets it overlap what comes before", entry.name.c_str()));
    at = entry.offsets[1];
  }
  if (at != data_size)
    refuse(source, format("holds %llu bytes that belong to no tensor",
                          static_cast<unsigned long long>(data_size - at)));
}

}  // namespace

RawSafetensors read_safetensors(const SourcePtr& source) {
  Cursor cursor(source);
  const auto length = cursor.number<uint64_t>();
  if (length > kMaxHeader || length > cursor.left())
    refuse(*source,
           format("claims a header of %llu bytes: this is no safetensors file, or a damaged one",
                  static_cast<unsigned long long>(length)),
           "a .pth file is read by load_pth");
  const std::string header = cursor.text(length);
  if (header.empty() || header[0] != '{') refuse(*source, "has a header that does not begin with {");
  HeaderReader reader(*source);
  Json::sax_parse(header, &reader);

  RawSafetensors read{{}, std::move(reader.metadata)};
  for (const Entry& entry : reader.entries)
    read.tensors.emplace_back(entry.name, read_tensor(source, entry, cursor.position()));
  check_cover(*source, std::move(reader.entries), cursor.left());
  return read;
}

static std::string to_text(const nlohmann::ordered_json& header) {
  try {
    return header.dump();
  } catch (const nlohmann::json::exception&) {
    throw ValueError("[save_safetensors] a name or a metadata text is not UTF-8, which the format wants",
                     "name the tensors anew; a .pth file takes any name");
  }
}

void write_safetensors(const std::string& path, const RawTensors& tensors, const Metadata& metadata) {
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  auto item_bytes = [&](std::size_t i) { return info(tensors[i].second.storage->element).size; };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return item_bytes(a) > item_bytes(b); });
  std::vector<uint64_t> begin(tensors.size());
  uint64_t at = 0;
  for (std::size_t i : order) {
    begin[i] = at;
    at += tensors[i].second.storage->bytes->size();
  }

  nlohmann::ordered_json header;
  if (!metadata.empty()) header[kMetadata] = metadata;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& [name, tensor] = tensors[i];
    if (name == kMetadata || header.contains(name))
      throw ValueError("[save_safetensors] the name '" + name + "' is taken",
                       "give every tensor a name of its own");
    header[name] = {{"dtype", info(tensor.storage->element).safetensors},
                    {"shape", tensor.shape},
                    {"data_offsets", {begin[i], begin[i] + tensor.storage->bytes->size()}}};
  }
  std::string text = tensors.empty() && metadata.empty() ? "{}" : to_text(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');

  AtomicFile file(path);
  const uint64_t length = text.size();
  file.write(&length, sizeof length);
  file.write(text);
  for (std::size_t i : order) write(file, *tensors[i].second.storage->bytes);
  file.commit();
}

}  // namespace minitorch::io
