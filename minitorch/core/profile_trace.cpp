// SPDX-License-Identifier: MIT
// The trace: JSON in Chrome's trace-event format, which Perfetto opens. One lane per thread, with kernels
// below the ranges and gradient rules they ran in, and the memory in use as a curve.
#include "minitorch/core/errors.h"
#include "minitorch/core/profile_recorder.h"
#include "minitorch/core/utf8.h"

namespace minitorch::detail {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : as_utf8(text)) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) out += format("\\u%04x", c);
    else out += c;
  }
  return out + '"';
}

const char* category(Event::Kind kind) {
  return kind == Event::kKernel ? "kernel" : kind == Event::kBackward ? "backward" : "range";
}

std::string arguments(const Event& e) {
  if (e.kind != Event::kKernel) return "";
  std::string shape;
  for (int i = 0; i < e.dims; ++i) shape += (i ? "x" : "") + std::to_string(e.size[i]);
  std::string text = format(",\"args\":{\"shape\":\"%s\"", shape.c_str());
  if (e.flops > 0 && e.seconds > 0) text += format(",\"GFLOP/s\":%.2f", e.flops / e.seconds / 1e9);
  if (e.bytes > 0 && e.seconds > 0) text += format(",\"GB/s\":%.2f", e.bytes / e.seconds / 1e9);
  return text + "}";
}

}  // namespace

std::string trace_json(const Recorder& r) {
  std::string json =
      "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
      "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"minitorch\"}},\n"
      "{\"ph\":\"M\",\"pid\":1,\"tid\":" +
      std::to_string(r.own_thread) + ",\"name\":\"thread_name\",\"args\":{\"name\":\"main\"}}";
  std::size_t memory = 0;
  for (const Event& e : r.events) {
    json +=
        format(",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"name\":%s,\"cat\":\"%s\",\"ts\":%.3f,\"dur\":%.3f%s}",
               e.thread, quoted(r.names[e.name]).c_str(), category(e.kind), e.start * 1e6, e.seconds * 1e6,
               arguments(e).c_str());
    if (e.kind != Event::kKernel || e.memory == memory) continue;
    memory = e.memory;
    json += format(",\n{\"ph\":\"C\",\"pid\":1,\"name\":\"memory\",\"ts\":%.3f,\"args\":{\"MB\":%.3f}}",
                   (e.start + e.seconds) * 1e6, static_cast<double>(memory) / 1e6);
  }
  return json + "\n]}\n";
}

}  // namespace minitorch::detail
