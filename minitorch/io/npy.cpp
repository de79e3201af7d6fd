// SPDX-License-Identifier: MIT
#include "minitorch/io/npy.h"

#include <set>

#include "minitorch/core/errors.h"
#include "minitorch/io/atomic_file.h"
#include "minitorch/io/zip.h"

namespace minitorch::io {
namespace {

const std::string kMagic = "\x93NUMPY";
constexpr uint64_t kMaxHeader = 1 << 20;

// The header is a Python dict: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(const Source& source, const std::string& text) : source_(source), text_(text) {}

  std::string descr;
  bool fortran = false;
  std::vector<int64_t> shape;

  void parse() {
    std::set<std::string> seen;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (!seen.insert(key).second) damaged();
      if (key == "descr") descr = parse_descr();
      else if (key == "fortran_order") fortran = boolean();
      else if (key == "shape") parse_shape();
      else refuse(source_, "has a header with the unknown key " + key);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (at_ != text_.size() || seen.size() != 3) damaged();
  }

 private:
  [[noreturn]] void damaged() const { refuse(source_, format("has a damaged header, at its byte %zu", at_)); }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) damaged();
  }
  std::string quoted() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect(quote);
    const auto end = text_.find(quote, at_);
    if (end == std::string::npos) damaged();
    const std::string inside = text_.substr(at_, end - at_);
    at_ = end + 1;
    return inside;
  }
  std::string parse_descr() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[')
      refuse(source_, "holds records of several fields", "save each field as an array of its own");
    return quoted();
  }
  bool boolean() {
    skip_blanks();
    for (const char* word : {"True", "False"})
      if (text_.compare(at_, std::strlen(word), word) == 0) {
        at_ += std::strlen(word);
        return word[0] == 'T';
      }
    damaged();
  }
  void parse_shape() {
    expect('(');
    while (!accept(')')) {
      shape.push_back(number());
      accept('L');  // a long integer of Python 2
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }
  int64_t number() {
    skip_blanks();
    const std::size_t begin = at_;
    int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = checked_product(source_, value, 10);
      if (__builtin_add_overflow(value, text_[at_] - '0', &value)) damaged();
    }
    if (at_ == begin) damaged();
    return value;
  }

  const Source& source_;
  const std::string& text_;
  std::size_t at_ = 0;
};

// The format's beginning, padded so that the data start at a multiple of 64.
std::string header_of(const RawTensor& tensor) {
  const ElementInfo& type = info(tensor.storage->element);
  if (!type.npy)
    throw DtypeError(std::string("[save_npy] numpy has no ") + type.name,
                     "convert the tensor first, by x.to(kFloat32)");
  std::string text = std::string("{'descr': '") + (type.size > 1 ? '<' : '|') + type.npy +
                     "', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(tensor.shape[i]);
  text += tensor.shape.size() == 1 ? ",), }" : "), }";
  constexpr std::size_t kFixed = 6 + 2 + 2;
  text.resize((kFixed + text.size() + 1 + 63) / 64 * 64 - kFixed - 1, ' ');
  text += '\n';
  const std::string length = {static_cast<char>(text.size()), static_cast<char>(text.size() >> 8)};
  return kMagic + std::string("\x01\x00", 2) + length + text;
}

}  // namespace

RawTensor read_npy(const SourcePtr& source) {
  Cursor cursor(source);
  if (cursor.left() < 10 || cursor.text(6) != kMagic) refuse(*source, "is no .npy file");
  const int major = cursor.byte();
  cursor.byte();  // minor
  if (major < 1 || major > 3) refuse(*source, format("is a .npy file of version %d: expected 1 to 3", major));
  const uint64_t length = major == 1 ? cursor.number<uint16_t>() : cursor.number<uint32_t>();
  if (length > kMaxHeader) refuse(*source, "claims a header of more than a megabyte");
  const std::string header = cursor.text(length);
  HeaderParser parsed(*source, header);
  parsed.parse();

  const char order = parsed.descr.empty() ? 0 : parsed.descr[0];
  const bool has_order = order == '<' || order == '>' || order == '|' || order == '=';
  const ElementInfo* type = has_order ? find_element(&ElementInfo::npy, parsed.descr.substr(1)) : nullptr;
  if (!type)
    refuse(*source,
           "holds elements of the type '" + parsed.descr + "': expected booleans, integers or floats",
           "convert the array before saving, by a.astype('float32')");
  int64_t numel = 1;
  for (int64_t size : parsed.shape) numel = checked_product(*source, numel, size);
  SourcePtr bytes = part_of(source, source->name(), cursor.position(),
                            static_cast<uint64_t>(checked_product(*source, numel, type->size)));
  auto storage = std::make_shared<RawStorage>(
      RawStorage{type->element, numel, std::move(bytes), order == '>' && type->size > 1});
  return parsed.fortran ? fortran_tensor(std::move(storage), std::move(parsed.shape))
                        : contiguous_tensor(std::move(storage), std::move(parsed.shape));
}

RawTensors read_npz(const SourcePtr& source) {
  const ZipReader zip(source);
  RawTensors arrays;
  for (const ZipReader::Member& member : zip.members()) {
    std::string name = member.name;
    if (name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0) name.resize(name.size() - 4);
    arrays.emplace_back(std::move(name), read_npy(zip.open(member)));
  }
  return arrays;
}

void write_npy(const std::string& path, const RawTensor& tensor) {
  const std::string header = header_of(tensor);
  AtomicFile file(path);
  file.write(header);
  write(file, *tensor.storage->bytes);
  file.commit();
}

void write_npz(const std::string& path, const RawTensors& tensors) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : tensors)
    if (!names.insert(name).second) throw ValueError("[save_npz] two arrays are called '" + name + "'");
  AtomicFile file(path);
  ZipWriter zip(file);
  for (const auto& [name, tensor] : tensors)
    zip.add(name + ".npy", header_of(tensor), *tensor.storage->bytes);
  zip.finish();
  file.commit();
}

}  // namespace minitorch::io
