// SPDX-License-Identifier: MIT
#include "fastcore/data/getters.h"

#include <regex>

namespace fastcore {
using minitorch::ValueError;

struct RegexLabeller::Compiled {
  std::regex expression;
};

RegexLabeller::RegexLabeller(std::string pattern, bool match) : pattern_(std::move(pattern)), match_(match) {
  compile();
}

void RegexLabeller::compile() {
  try {
    compiled_ = std::make_shared<const Compiled>(Compiled{std::regex(pattern_, std::regex::optimize)});
  } catch (const std::regex_error& error) {
    throw ValueError("[RegexLabeller] " + repr(pattern_) + " is no regular expression: " + error.what());
  }
  if (compiled_->expression.mark_count() < 1)
    throw ValueError("[RegexLabeller] " + repr(pattern_) + " has no group",
                     R"(put the label's part in parentheses: "(.+)_\d+.jpg")");
}

std::string RegexLabeller::operator()(const std::string& text) const {
  std::smatch found;
  const auto how = match_ ? std::regex_constants::match_continuous : std::regex_constants::match_default;
  if (!compiled_ || !std::regex_search(text, found, compiled_->expression, how))
    throw ValueError(
        "[RegexLabeller] no match of " + repr(pattern_) + " in " + repr(text),
        "try another expression; with using_attr(labeller, &Path::name) it sees the file name alone");
  return found[1];
}

std::string RegexLabeller::operator()(const Path& path) const {
  return (*this)(name_only_ ? path.name() : path.str());
}

void RegexLabeller::fields(Fields& f) {
  f("pat", pattern_)("match", match_)("name_only", name_only_);
  if (!compiled_ && !pattern_.empty()) compile();
}

RegexLabeller using_attr(RegexLabeller labeller, std::string (Path::*member)() const) {
  if (member != &Path::name)
    throw ValueError("[using_attr] a RegexLabeller looks at the path or at its name",
                     "using_attr(RegexLabeller(pattern), &Path::name)");
  labeller.name_only_ = true;
  return labeller;
}

Value AttrGetter::operator()(const Path& path) const {
  if (attr == "name") return path.name();
  if (attr == "stem") return path.stem();
  if (attr == "suffix") return path.suffix();
  if (attr == "parent") return path.parent();
  throw ValueError("[AttrGetter] a path has no " + repr(attr), "name, stem, suffix and parent are known");
}

Value ItemGetter::operator()(const Tuple& item) const {
  const auto parts = static_cast<int64_t>(item.parts().size());
  if (i < 0 || i >= parts)
    throw minitorch::IndexError("[ItemGetter] part " + std::to_string(i) + " of an item of " +
                                std::to_string(parts));
  return item.parts()[static_cast<std::size_t>(i)];
}

FC_COMPILE_TRANSFORM(ParentLabel)
FC_COMPILE_TRANSFORM(RegexLabeller)
FC_COMPILE_TRANSFORM(AttrGetter)
FC_COMPILE_TRANSFORM(ItemGetter)

}  // namespace fastcore
