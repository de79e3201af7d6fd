// SPDX-License-Identifier: MIT
#include "fastcore/data/fields.h"

#include <algorithm>

#include "fastcore/basics/helpers.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

template <class Stored>
const Stored& stored_as(const char* name, const Setting& setting) {
  if (const auto* value = std::get_if<Stored>(&setting)) return *value;
  throw ValueError(std::string("[Fields] the setting ") + name + " holds a value of another type",
                   "a file that was changed by hand or is from another version: export the learner anew");
}

std::string shown(const std::string& name, const std::vector<double>& values) {
  if (name == "size" && values.size() == 2) return minitorch::format("(%g, %g)", values[0], values[1]);
  return values.empty() ? "None" : repr(values);
}
std::string shown(const std::string&, const std::vector<std::string>& values) {
  if (values.size() <= 10) return values.empty() ? "None" : repr(values);
  return L<std::string>(values).repr();  // (#60000) ['xxunk','xxpad',...]
}
std::string shown(const std::string&, const std::string& value) {
  std::size_t end = std::min<std::size_t>(value.size(), 100);
  while (end < value.size() && (value[end] & 0xC0) == 0x80) --end;  // no letter is cut in two
  return repr(value.substr(0, end)) + (end < value.size() ? "..." : "");
}
template <class T>
std::string shown(const std::string&, const T& value) {
  return repr(value);
}

}  // namespace

template <class T, class Stored>
Fields& Fields::visit(const char* name, T& value) {
  if (!from_) {
    collected_[name] = static_cast<Stored>(value);
  } else if (const Setting* setting = from_->find(name)) {
    value = static_cast<T>(stored_as<Stored>(name, *setting));
  }
  return *this;
}

Fields& Fields::operator()(const char* name, bool& value) { return visit<bool, bool>(name, value); }
Fields& Fields::operator()(const char* name, int& value) { return visit<int, int64_t>(name, value); }
Fields& Fields::operator()(const char* name, int64_t& value) { return visit<int64_t, int64_t>(name, value); }
Fields& Fields::operator()(const char* name, std::string& value) {
  return visit<std::string, std::string>(name, value);
}
Fields& Fields::operator()(const char* name, std::vector<double>& value) {
  const Setting* setting = from_ ? from_->find(name) : nullptr;
  const auto* texts = setting ? std::get_if<std::vector<std::string>>(setting) : nullptr;
  if (texts && texts->empty()) return value.clear(), *this;  // an empty list has no type in a file
  return visit<std::vector<double>, std::vector<double>>(name, value);
}
Fields& Fields::operator()(const char* name, std::vector<std::string>& value) {
  return visit<std::vector<std::string>, std::vector<std::string>>(name, value);
}

Fields& Fields::operator()(const char* name, double& value) {
  const Setting* setting = from_ ? from_->find(name) : nullptr;
  if (!setting) return visit<double, double>(name, value);
  const auto* whole = std::get_if<int64_t>(setting);  // 1.0 may come back from a file as 1
  value = whole ? static_cast<double>(*whole) : stored_as<double>(name, *setting);
  return *this;
}

Fields& Fields::operator()(const char* name, Size& value) {
  std::vector<double> sides{static_cast<double>(value.height), static_cast<double>(value.width)};
  (*this)(name, sides);
  if (sides.size() != 2) throw ValueError(std::string("[Fields] ") + name + ": expected height and width");
  for (double side : sides)
    if (!(side >= 0 && side <= 1 << 24))
      throw ValueError(std::string("[Fields] ") + name + ": " + repr(side) + " is no side of a picture");
  value = {static_cast<int>(sides[0]), static_cast<int>(sides[1])};
  return *this;
}

void Fields::choice(const char* name, int& place, std::initializer_list<const char*> names) {
  std::string text = names.begin()[place];
  (*this)(name, text);
  const L<std::string> known(std::vector<std::string>(names.begin(), names.end()));
  const auto found = known.argfirst([&](const std::string& other) { return other == text; });
  if (!found)
    throw ValueError(std::string("[Fields] ") + name + ": unknown value " + repr(text),
                     "expected one of " + join(known, ", "));
  place = static_cast<int>(*found);
}

std::string settings_repr(const Settings& settings) {
  std::string text;
  for (const auto& [name, setting] : settings) {
    text += (text.empty() ? "" : ", ") + repr(name) + ": ";
    text += std::visit([&, &key = name](const auto& value) { return shown(key, value); }, setting);
  }
  return "{" + text + "}";
}

}  // namespace fastcore
