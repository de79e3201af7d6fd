// SPDX-License-Identifier: MIT
// Text whose bytes have to be UTF-8: in pages, pictures and files of JSON.
#pragma once
#include <string>
#include <string_view>

namespace minitorch {

/// Whether all bytes are UTF-8 as Unicode defines it: no code longer than needed, no surrogates, nothing
/// beyond U+10FFFF.
bool is_utf8(std::string_view text);

/// The text with U+FFFD, a question mark in a diamond, in place of each byte that is not UTF-8: names of
/// files and folders may have such.
std::string as_utf8(std::string_view text);

}  // namespace minitorch
