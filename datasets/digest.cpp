// SPDX-License-Identifier: MIT
#include "datasets/digest.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "datasets/watcher.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr uint32_t kSha[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// RFC 1321: floor(2^32 |sin(i + 1)|), exact in double precision.
uint32_t md5_constant(int i) {
  return static_cast<uint32_t>(std::floor(std::abs(std::sin(i + 1.0)) * 4294967296.0));
}

uint32_t big(const unsigned char* p) {
  return uint32_t(p[0]) << 24 | uint32_t(p[1]) << 16 | uint32_t(p[2]) << 8 | p[3];
}
uint32_t little(const unsigned char* p) { return __builtin_bswap32(big(p)); }

// Both sums take 64-byte blocks and end with a 1 bit, zeros, and the length in bits; only the byte order
// differs.
template <class Block>
void feed(unsigned char* buffer, uint64_t& total, const void* data, std::size_t size, Block block) {
  auto* at = static_cast<const unsigned char*>(data);
  std::size_t held = total % 64;
  total += size;
  if (held) {
    const std::size_t take = std::min(64 - held, size);
    std::memcpy(buffer + held, at, take);
    at += take;
    size -= take;
    if (held + take < 64) return;
    block(buffer);
  }
  for (; size >= 64; at += 64, size -= 64) block(at);
  if (size) std::memcpy(buffer, at, size);
}

template <class Sum>
void pad(Sum& sum, uint64_t total, bool big_endian) {
  unsigned char tail[72] = {0x80};
  const std::size_t zeros = (total % 64 < 56 ? 56 : 120) - total % 64;
  const uint64_t bits = total * 8;
  for (int i = 0; i < 8; ++i)
    tail[zeros + i] = static_cast<unsigned char>(bits >> (big_endian ? 56 - 8 * i : 8 * i));
  sum.add(tail, zeros + 8);
}

std::string hex_of(const uint32_t* words, int n, bool big_endian) {
  std::string text;
  for (int i = 0; i < n; ++i)
    text += minitorch::format("%08x", big_endian ? words[i] : __builtin_bswap32(words[i]));
  return text;
}

}  // namespace

void Sha256::block(const unsigned char* data) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; ++i) w[i] = big(data + 4 * i);
  for (int i = 16; i < 64; ++i) {
    const uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  std::copy(state_, state_ + 8, s);
  for (int i = 0; i < 64; ++i) {
    const uint32_t e = s[4], a = s[0];
    const uint32_t t1 = s[7] + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                        ((e & s[5]) ^ (~e & s[6])) + kSha[i] + w[i];
    const uint32_t t2 =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    std::copy_backward(s, s + 7, s + 8);
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; ++i) state_[i] += s[i];
}

void Sha256::add(const void* data, std::size_t size) {
  feed(buffer_, total_, data, size, [this](const unsigned char* p) { block(p); });
}

std::string Sha256::hex() {
  pad(*this, total_, true);
  return hex_of(state_, 8, true);
}

void Md5::block(const unsigned char* data) {
  static const auto constants = [] {
    std::vector<uint32_t> all;
    for (int i = 0; i < 64; ++i) all.push_back(md5_constant(i));
    return all;
  }();
  static constexpr int kTurns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
  for (int i = 0; i < 64; ++i) {
    uint32_t f;
    int word;
    switch (i / 16) {
      case 0: f = (b & c) | (~b & d), word = i; break;
      case 1: f = (d & b) | (~d & c), word = (5 * i + 1) % 16; break;
      case 2: f = b ^ c ^ d, word = (3 * i + 5) % 16; break;
      default: f = c ^ (b | ~d), word = 7 * i % 16;
    }
    const uint32_t next =
        b + std::rotl(a + f + constants[i] + little(data + 4 * word), kTurns[i / 16][i % 4]);
    a = d, d = c, c = b, b = next;
  }
  state_[0] += a, state_[1] += b, state_[2] += c, state_[3] += d;
}

void Md5::add(const void* data, std::size_t size) {
  feed(buffer_, total_, data, size, [this](const unsigned char* p) { block(p); });
}

std::string Md5::hex() {
  pad(*this, total_, false);
  return hex_of(state_, 4, false);
}

std::string sha256(const std::string& data) {
  Sha256 sum;
  sum.add(data.data(), data.size());
  return sum.hex();
}

std::string md5(const std::string& data) {
  Md5 sum;
  sum.add(data.data(), data.size());
  return sum.hex();
}

FileDigest digest_file(const std::string& path, Watcher* watcher) {
  constexpr std::size_t kMib = 1 << 20;
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) throw minitorch::FileError("[data] cannot read " + path + ": " + std::strerror(errno));
  Sha256 whole;
  Md5 start;
  FileDigest digest;
  std::vector<unsigned char> buffer(kMib);
  for (std::size_t n; (n = std::fread(buffer.data(), 1, kMib, file.get())) > 0; digest.bytes += n) {
    if (watcher) watcher->check();
    whole.add(buffer.data(), n);
    if (digest.bytes < static_cast<int64_t>(kMib))
      start.add(buffer.data(), std::min<std::size_t>(n, kMib - digest.bytes));
  }
  if (std::ferror(file.get()))
    throw minitorch::FileError("[data] cannot read " + path + ": " + std::strerror(errno));
  digest.sha256 = whole.hex();
  digest.md5_first_mib = start.hex();
  return digest;
}

}  // namespace datasets
