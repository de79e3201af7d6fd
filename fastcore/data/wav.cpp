// SPDX-License-Identifier: MIT
// A WAV file is a list of chunks, each a name of four letters, a length and that many bytes, padded to an
// even count. "fmt " says what a sample is, "data" holds the samples; the rest is passed over.
#include "fastcore/data/wav.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "minitorch/core/errors.h"
#include "minitorch/io/atomic_file.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;
using minitorch::io::refuse;
using minitorch::io::Source;

namespace {

constexpr uint64_t kMaxSamples = uint64_t{1} << 28;  // 1 GiB of floats, an hour and a half at 48 kHz
constexpr uint64_t kFrames = 4096;                   // read and converted at a time
const char* const kWriteAgain =
    "write the file again, for example with: ffmpeg -i old.wav -c:a pcm_s16le new.wav";

uint32_t little(const uint8_t* from, int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= uint32_t{from[i]} << (8 * i);
  return value;
}

// The "fmt " chunk: tag, channels, rate, bytes a second, bytes a frame, bits a sample; then, for tag 0xFFFE,
// an extension whose first two bytes at 24 are the real tag.
void read_format(const Source& file, uint64_t at, uint64_t size, WavInfo& info) {
  uint8_t bytes[26] = {};
  if (size < 16)
    refuse(file, format("its format chunk has %d bytes, 16 are the least", static_cast<int>(size)));
  file.read(at, bytes, std::min<uint64_t>(size, sizeof bytes));
  uint32_t tag = little(bytes, 2);
  if (tag == 0xFFFE && size >= sizeof bytes) tag = little(bytes + 24, 2);
  if (tag != 1 && tag != 3)
    refuse(file, format("its samples are compressed or of an unknown kind (format %u)", tag), kWriteAgain);
  const uint32_t channels = little(bytes + 2, 2), rate = little(bytes + 4, 4), frame = little(bytes + 12, 2),
                 bits = little(bytes + 14, 2);
  const bool known =
      tag == 3 ? bits == 32 || bits == 64 : bits == 8 || bits == 16 || bits == 24 || bits == 32;
  if (!known) refuse(file, format("samples of %u bits are not known", bits), kWriteAgain);
  if (channels < 1 || channels > 64)
    refuse(file, format("it has %u channels, 1 to 64 are possible", channels));
  if (rate < 1 || rate > 1000000)
    refuse(file, format("a rate of %u samples a second, 1 to 1000000 are possible", rate));
  if (frame != channels * bits / 8)
    refuse(file, format("a frame of %u samples of %u bits cannot have %u bytes", channels, bits, frame));
  info.channels = static_cast<int>(channels);
  info.rate = static_cast<int>(rate);
  info.bits = static_cast<int>(bits);
  info.floats = tag == 3;
}

void read_data(const Source& file, uint64_t at, uint64_t size, WavInfo& info) {
  if (info.rate == 0) refuse(file, "its samples come before their format");
  const auto frame = static_cast<uint64_t>(info.channels * info.bits / 8);
  if (size == 0)
    refuse(file, "it holds no samples (length 0)", "a recording that was not finished; record it again");
  if (size % frame != 0)
    refuse(file, format("%llu bytes of samples are not a whole number of frames of %llu bytes",
                        static_cast<unsigned long long>(size), static_cast<unsigned long long>(frame)));
  info.at = at;
  info.frames = size / frame;
  if (info.frames > kMaxSamples / static_cast<uint64_t>(info.channels))
    refuse(file, "it holds more than 2^28 samples", "cut it into parts");
}

// One sample as a number in [-1, 1]. 8 bits are stored from 0 to 255, others with a sign.
float sample(const uint8_t* from, const WavInfo& info) {
  if (info.floats && info.bits == 32) {
    float value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  if (info.floats) {
    double value;
    std::memcpy(&value, from, sizeof value);
    return static_cast<float>(value);
  }
  if (info.bits == 8) return (static_cast<float>(*from) - 128) / 128;
  const int shift = 32 - info.bits;
  const auto value = static_cast<int32_t>(little(from, info.bits / 8) << shift);
  return static_cast<float>(static_cast<double>(value) / 2147483648.0);
}

}  // namespace

WavInfo inspect_wav(const Source& file) {
  uint8_t head[12];
  if (file.size() < sizeof head) refuse(file, "too short for a WAV file");
  file.read(0, head, sizeof head);
  if (std::memcmp(head, "RIFF", 4) != 0 || std::memcmp(head + 8, "WAVE", 4) != 0)
    refuse(file, "not a WAV file", "other kinds of sound: ffmpeg -i song.mp3 song.wav");
  const uint64_t end = uint64_t{little(head + 4, 4)} + 8;
  if (end > file.size())
    refuse(file,
           format("it announces %llu bytes and has %llu", static_cast<unsigned long long>(end),
                  static_cast<unsigned long long>(file.size())),
           "the file is cut off, or its recording was not finished");
  WavInfo info;
  for (uint64_t at = sizeof head; info.frames == 0;) {
    uint8_t chunk[8];
    if (at + sizeof chunk > end)
      refuse(file, info.rate ? "it holds no samples" : "it holds no format and no samples");
    file.read(at, chunk, sizeof chunk);
    const uint64_t size = little(chunk + 4, 4);
    at += sizeof chunk;
    if (size > end - at)
      refuse(file,
             format("a chunk announces %llu bytes where %llu are left", static_cast<unsigned long long>(size),
                    static_cast<unsigned long long>(end - at)),
             "the file is cut off, or its recording was not finished");
    if (std::memcmp(chunk, "fmt ", 4) == 0) read_format(file, at, size, info);
    if (std::memcmp(chunk, "data", 4) == 0) read_data(file, at, size, info);
    at += size + size % 2;
  }
  return info;
}

Sound decode_wav(const Source& file) {
  const WavInfo info = inspect_wav(file);
  const auto frame = static_cast<uint64_t>(info.channels * info.bits / 8);
  Sound sound{.samples = std::vector<float>(info.frames), .rate = info.rate};
  std::vector<uint8_t> bytes(std::min(kFrames, info.frames) * frame);
  for (uint64_t first = 0; first < info.frames; first += kFrames) {
    const uint64_t count = std::min(kFrames, info.frames - first);
    file.read(info.at + first * frame, bytes.data(), count * frame);
    for (uint64_t i = 0; i < count; ++i) {
      float sum = 0;
      for (int c = 0; c < info.channels; ++c) sum += sample(&bytes[i * frame + c * (info.bits / 8)], info);
      sound.samples[first + i] = sum / static_cast<float>(info.channels);
      if (!std::isfinite(sum))
        refuse(file,
               format("sample %llu is not a finite number", static_cast<unsigned long long>(first + i)));
    }
  }
  return sound;
}

Sound open_sound(const std::string& path) { return decode_wav(*minitorch::io::open_file(path)); }

void save_sound(const Sound& sound, const std::string& path) {
  if (sound.rate < 1 || sound.samples.empty() || sound.samples.size() > kMaxSamples)
    throw ValueError(format("[save_sound] %zu samples at %d a second: expected 1 to 2^28 at 1 or more",
                            sound.samples.size(), sound.rate));
  std::string bytes;
  const auto add = [&bytes](uint32_t value, int count) {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
  };
  const auto rate = static_cast<uint32_t>(sound.rate), size = static_cast<uint32_t>(2 * sound.samples.size());
  bytes += "RIFF";
  add(36 + size, 4);
  bytes += "WAVEfmt ";
  add(16, 4), add(1, 2), add(1, 2), add(rate, 4), add(2 * rate, 4), add(2, 2), add(16, 2);
  bytes += "data";
  add(size, 4);
  for (float x : sound.samples) {
    const float bounded = x > -1 ? (x < 1 ? x : 1) : -1;  // NaN becomes -1
    add(static_cast<uint32_t>(std::min(std::lrint(bounded * 32768), 32767L)), 2);
  }
  minitorch::io::AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace fastcore
