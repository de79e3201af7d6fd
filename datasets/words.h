// SPDX-License-Identifier: MIT
// Small text helpers: the nearest known name, human sizes, the environment.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace datasets {

/// The candidate that takes the fewest edits (insert, delete, replace, swap) from `word`, small and capital
/// letters alike; "" when none is near: more than a third of the word differs.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

/// 3.1 MB, 811.7 MB, 512 B.
std::string human_size(int64_t bytes);

/// ASCII letters as small ones.
std::string lower_case(std::string text);

/// The value of an environment variable; "" when it is not set.
std::string variable(const char* name);

/// An error's text as part of another's: without the "[data] " at its beginning.
std::string inner_text(const std::string& text);

/// The way on with an archive of another kind.
inline constexpr const char* kRepack =
    "unpack it by hand and pack its folder: tar czf birds.tgz birds, then: ./course data add birds.tgz";

/// An archive's name without the ending by which it is unpacked (.tgz, .tar.gz, .tar, .zip, in capitals too,
/// as cameras and Windows write them); "" when it has none of them.
std::string archive_stem(const std::string& name);

/// How a path is compared with another for "the same file on a system that ignores case": ASCII letters in
/// lower case, with every other letter as it is.
std::string case_folded(const std::string& path);

}  // namespace datasets
