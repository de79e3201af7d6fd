// SPDX-License-Identifier: MIT
// unescape_html: the names and numbers that stand for signs in web pages.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <sstream>
#include <unordered_map>

#include "fastcore/text/signs.h"
#include "fastcore/text/tokenizer.h"

namespace fastcore::rules {
namespace {

// HTML 4's names of U+00A0 to U+00FF, in order.
constexpr const char* kLatin =
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 "
    "sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc "
    "Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve "
    "Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute "
    "acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde "
    "ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";
// Its further names, each with its code point.
constexpr const char* kOthers =
    "OElig 152 oelig 153 Scaron 160 scaron 161 Yuml 178 fnof 192 circ 2c6 tilde 2dc Alpha 391 Beta 392 "
    "Gamma 393 Delta 394 Epsilon 395 Zeta 396 Eta 397 Theta 398 Iota 399 Kappa 39a Lambda 39b Mu 39c Nu "
    "39d Xi 39e Omicron 39f Pi 3a0 Rho 3a1 Sigma 3a3 Tau 3a4 Upsilon 3a5 Phi 3a6 Chi 3a7 Psi 3a8 Omega "
    "3a9 alpha 3b1 beta 3b2 gamma 3b3 delta 3b4 epsilon 3b5 zeta 3b6 eta 3b7 theta 3b8 iota 3b9 kappa 3ba "
    "lambda 3bb mu 3bc nu 3bd xi 3be omicron 3bf pi 3c0 rho 3c1 sigmaf 3c2 sigma 3c3 tau 3c4 upsilon 3c5 "
    "phi 3c6 chi 3c7 psi 3c8 omega 3c9 thetasym 3d1 upsih 3d2 piv 3d6 ensp 2002 emsp 2003 thinsp 2009 "
    "zwnj 200c zwj 200d lrm 200e rlm 200f ndash 2013 mdash 2014 lsquo 2018 rsquo 2019 sbquo 201a ldquo "
    "201c rdquo 201d bdquo 201e dagger 2020 Dagger 2021 bull 2022 hellip 2026 permil 2030 prime 2032 "
    "Prime 2033 lsaquo 2039 rsaquo 203a oline 203e frasl 2044 euro 20ac image 2111 weierp 2118 real 211c "
    "trade 2122 alefsym 2135 larr 2190 uarr 2191 rarr 2192 darr 2193 harr 2194 crarr 21b5 lArr 21d0 uArr "
    "21d1 rArr 21d2 dArr 21d3 hArr 21d4 forall 2200 part 2202 exist 2203 empty 2205 nabla 2207 isin 2208 "
    "notin 2209 ni 220b prod 220f sum 2211 minus 2212 lowast 2217 radic 221a prop 221d infin 221e ang "
    "2220 and 2227 or 2228 cap 2229 cup 222a int 222b there4 2234 sim 223c cong 2245 asymp 2248 ne 2260 "
    "equiv 2261 le 2264 ge 2265 sub 2282 sup 2283 nsub 2284 sube 2286 supe 2287 oplus 2295 otimes 2297 "
    "perp 22a5 sdot 22c5 lceil 2308 rceil 2309 lfloor 230a rfloor 230b lang 27e8 rang 27e9 loz 25ca "
    "spades 2660 clubs 2663 hearts 2665 diams 2666";

// Those that pages of old write without a semicolon.
const std::unordered_map<std::string, char32_t>& old_names() {
  static const auto names = [] {
    std::unordered_map<std::string, char32_t> all{{"quot", '"'},  {"QUOT", '"'}, {"amp", '&'}, {"AMP", '&'},
                                                  {"lt", '<'},    {"LT", '<'},   {"gt", '>'},  {"GT", '>'},
                                                  {"COPY", 0xA9}, {"REG", 0xAE}};
    std::istringstream latin(kLatin);
    std::string name;
    for (char32_t code = 0xA0; latin >> name; ++code) all.emplace(name, code);
    return all;
  }();
  return names;
}

const std::unordered_map<std::string, char32_t>& names() {
  static const auto names = [] {
    auto all = old_names();
    all.emplace("apos", '\'');
    std::istringstream others(kOthers);
    std::string name;
    for (uint32_t code; others >> name >> std::hex >> code;) all.emplace(name, code);
    return all;
  }();
  return names;
}

// What a number stands for: 128 to 159 as Windows counts, U+FFFD for what no text may hold, nothing for
// control signs.
std::string numbered(uint32_t code) {
  static constexpr char32_t windows[32] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                           0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                           0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                           0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};
  if (code >= 0x80 && code <= 0x9F) return to_utf8(windows[code - 0x80]);
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return to_utf8(0xFFFD);
  const bool control = code < 9 || code == 11 || (code >= 14 && code < 32) || code == 127;
  const bool nothing = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
  return control || nothing ? "" : to_utf8(code);
}

// The digits behind "&#" at `at`: sets what they stand for, and returns the end; `at` when there are none.
std::size_t read_number(const std::string& text, std::size_t at, std::string& sign) {
  std::size_t i = at;
  const bool hex = i < text.size() && (text[i] == 'x' || text[i] == 'X');
  if (hex) ++i;
  const std::size_t first = i;
  uint32_t code = 0;
  for (; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!(hex ? std::isxdigit(c) : std::isdigit(c))) break;
    const uint32_t digit = std::isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10u;
    code = std::min<uint32_t>(0x110000, code * (hex ? 16 : 10) + digit);
  }
  if (i == first) return at;
  sign = numbered(code);
  return i < text.size() && text[i] == ';' ? i + 1 : i;
}

// The same for the name behind "&": with its semicolon, or the longest old name that it begins with.
std::size_t read_name(const std::string& text, std::size_t at, std::string& sign) {
  std::size_t end = at;
  while (end < text.size() && end - at < 32 && std::isalnum(static_cast<unsigned char>(text[end]))) ++end;
  const auto whole = names().find(text.substr(at, end - at));
  if (whole != names().end() && end < text.size() && text[end] == ';') {
    sign = to_utf8(whole->second);
    return end + 1;
  }
  for (; end > at; --end)
    if (const auto old = old_names().find(text.substr(at, end - at)); old != old_names().end()) {
      sign = to_utf8(old->second);
      return end;
    }
  return at;
}

}  // namespace

std::string unescape_html(const std::string& text) {
  std::string out, sign;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    if (text[i] == '&' && i + 1 < text.size()) {
      const std::size_t first = text[i + 1] == '#' ? i + 2 : i + 1;
      end = text[i + 1] == '#' ? read_number(text, first, sign) : read_name(text, first, sign);
      if (end == first) end = i;  // an ampersand like any other
    }
    if (end == i) out += text[i++];
    else {
      out += sign;
      i = end;
    }
  }
  return out;
}

}  // namespace fastcore::rules
