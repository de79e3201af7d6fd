// SPDX-License-Identifier: MIT
// Getters: from an item to what a block makes its input or target of. Any function or lambda of an item will
// do; these are fastai's.
#pragma once
#include <memory>
#include <string>

#include "fastcore/data/transform.h"

namespace fastcore {

/// The name of the folder that a file is in: images/bird/1.jpg is a "bird".
struct ParentLabel {
  static constexpr const char* name = "parent_label";
  std::string operator()(const Path& path) const { return path.parent().name(); }
};
inline constexpr ParentLabel parent_label;

/// Group 1 of a regular expression (ECMAScript's, as in C++) found in a path:
/// `RegexLabeller(R"(^(.*)_\d+.jpg$)")`. With using_attr(..., &Path::name) it looks at the file name alone.
class RegexLabeller {
 public:
  RegexLabeller() = default;
  /// `match`: from the start of the text, else anywhere. @throws ValueError for a broken expression or one
  /// without a group
  explicit RegexLabeller(std::string pattern, bool match = false);
  /// @throws ValueError naming text and expression when they do not match
  std::string operator()(const Path& path) const;
  std::string operator()(const std::string& text) const;
  void fields(Fields& f);

 private:
  friend RegexLabeller using_attr(RegexLabeller labeller, std::string (Path::*member)() const);
  struct Compiled;
  void compile();
  std::string pattern_;
  bool match_ = false, name_only_ = false;
  std::shared_ptr<const Compiled> compiled_;
};

/// The labeller applied to the file name instead of the whole path. @throws ValueError for another member
RegexLabeller using_attr(RegexLabeller labeller, std::string (Path::*member)() const);

/// f of a path's name (or stem, suffix ...): using_attr(is_cat, &Path::name).
template <class F>
auto using_attr(F f, std::string (Path::*member)() const) {
  return [f, member](const Path& path) { return f((path.*member)()); };
}

/// A part of a path: AttrGetter{"name"}, "stem", "suffix" or "parent".
struct AttrGetter {
  std::string attr = "name";
  /// @throws ValueError for another part
  Value operator()(const Path& path) const;
  void fields(Fields& f) { f("attr", attr); }
};

/// Part i of an item of several parts.
struct ItemGetter {
  int64_t i = 0;
  /// @throws IndexError when there are fewer parts
  Value operator()(const Tuple& item) const;
  void fields(Fields& f) { f("i", i); }
};

FC_DECLARE_TRANSFORM(ParentLabel)
FC_DECLARE_TRANSFORM(RegexLabeller)
FC_DECLARE_TRANSFORM(AttrGetter)
FC_DECLARE_TRANSFORM(ItemGetter)

}  // namespace fastcore
