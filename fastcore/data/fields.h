// SPDX-License-Identifier: MIT
// Fields: the settings of a transform by name, read and written through one member function. It is what lets
// summary() print a transform and export() write it as data:
//
//     struct Blur {
//       double sigma = 1;
//       void fields(Fields& f) { f("sigma", sigma); }
//       ...
//     };
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include "fastcore/basics/dict.h"
#include "fastcore/image/image.h"

namespace fastcore {

/// The value of a setting.
using Setting =
    std::variant<bool, int64_t, double, std::string, std::vector<double>, std::vector<std::string>>;
using Settings = Dict<std::string, Setting>;

/// A visitor of settings: collects them, or sets them from what was collected.
class Fields {
 public:
  Fields() = default;
  /// Sets: each field takes the value of its name; a name that is missing leaves the field as it is.
  explicit Fields(const Settings& from) : from_(&from) {}

  Fields& operator()(const char* name, bool& value);
  Fields& operator()(const char* name, int& value);
  Fields& operator()(const char* name, int64_t& value);
  Fields& operator()(const char* name, double& value);
  Fields& operator()(const char* name, std::string& value);
  Fields& operator()(const char* name, std::vector<double>& value);
  Fields& operator()(const char* name, std::vector<std::string>& value);
  /// As (height, width).
  Fields& operator()(const char* name, Size& value);
  /// An enumeration that counts from 0, by the names of its values.
  template <class E>
  requires std::is_enum_v<E> Fields& operator()(const char* name, E& value,
                                                std::initializer_list<const char*> names) {
    int place = static_cast<int>(value);
    choice(name, place, names);
    value = static_cast<E>(place);
    return *this;
  }

  const Settings& collected() const { return collected_; }

 private:
  template <class T, class Stored>
  Fields& visit(const char* name, T& value);
  void choice(const char* name, int& place, std::initializer_list<const char*> names);

  const Settings* from_ = nullptr;
  Settings collected_;
};

/// As Python prints a dictionary: {'size': (192, 192), 'method': 'squish'}.
std::string settings_repr(const Settings& settings);

}  // namespace fastcore
