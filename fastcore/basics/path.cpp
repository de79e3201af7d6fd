// SPDX-License-Identifier: MIT
// The names: nothing here touches a file.
#include "fastcore/basics/path.h"
#include "fastcore/basics/range.h"

namespace fastcore {
namespace {

// "a//b/./c/" means a/b/c, as pathlib reads it; ".." is left, since a/.. need not be the folder of a.
L<std::string> names_of(const std::string& text) {
  return split(text, "/").filter([](const std::string& part) { return !part.empty() && part != "."; });
}

Path from_names(bool absolute, const L<std::string>& names) {
  std::string text = absolute ? "/" : "";
  for (int64_t i = 0; i < names.size(); ++i) text += (i ? "/" : "") + names[i];
  return text.empty() ? Path(".") : Path(text);
}

}  // namespace

std::string Path::repr() const {
  const auto& base = base_path().str();
  if (!base.empty() && (text_ == base || text_.starts_with(base + "/")))
    return "Path('" + relative_to(base).str() + "')";
  return "Path(" + repr_text(text_) + ")";
}

std::string Path::name() const {
  auto names = names_of(text_);
  return names.empty() ? "" : names[-1];
}

std::string Path::suffix() const {
  const auto file = name();
  const auto dot = file.rfind('.');
  return dot == file.npos || dot == 0 || dot + 1 == file.size() ? "" : file.substr(dot);
}

std::string Path::stem() const {
  const auto file = name();
  return file.substr(0, file.size() - suffix().size());
}

Path Path::parent() const { return from_names(is_absolute(), names_of(text_).slice(0, -1)); }

Path Path::with_name(const std::string& name) const {
  if (this->name().empty())
    throw minitorch::ValueError("[Path] with_name: " + repr() + " has no name to replace");
  const auto folder = parent();
  return folder.text_ == "." && !text_.starts_with("./") ? Path(name) : folder / name;
}

Path Path::with_suffix(const std::string& suffix) const { return with_name(stem() + suffix); }

Path Path::joined(const Path& right) const {
  if (right.is_absolute() || text_.empty() || text_ == ".") return right.text_.empty() ? *this : right;
  if (right.text_.empty()) return *this;
  return text_.back() == '/' ? Path(text_ + right.text_) : Path(text_ + "/" + right.text_);
}

L<std::string> Path::parts() const {
  return is_absolute() ? L<std::string>{"/"} + names_of(text_) : names_of(text_);
}

Path Path::relative_to(const Path& base) const {
  const auto mine = parts(), theirs = base.parts();
  if (mine.slice(0, theirs.size()) != theirs)
    throw minitorch::ValueError("[Path] relative_to: '" + text_ + "' is not below '" + base.text_ + "'");
  return from_names(false, mine.slice(theirs.size()));
}

Path Path::relpath(const Path& start) const {
  const auto mine = (is_absolute() ? *this : cwd() / *this).parts();
  const auto theirs = (start.is_absolute() ? start : cwd() / start).parts();
  int64_t common = 0;
  while (common < std::min(mine.size(), theirs.size()) && mine[common] == theirs[common]) ++common;
  return from_names(false, L<std::string>{".."} * (theirs.size() - common) + mine.slice(common));
}

Path& Path::base_path() {
  static Path base;
  return base;
}

template L<Path> L<Path>::slice(std::optional<int64_t>, std::optional<int64_t>, int64_t) const;
template L<Path> L<Path>::sorted(detail::Identity, bool) const;
template L<Path> L<Path>::unique(bool, const L<Path>&) const;

}  // namespace fastcore
