// SPDX-License-Identifier: MIT
#include "minitorch/core/stream.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "minitorch/core/device_cache.h"
#include "minitorch/core/dispatch.h"

namespace minitorch {
namespace cpu {

void stream_create(void**) {}
void stream_destroy(void*) {}
void stream_synchronize(void*) {}
void stream_wait(void*, void*) {}
void stream_is_recording(void*, bool*) {}
void event_create(void**, bool) {}
void event_destroy(void*) {}
void event_record(void*, void*) {}
void event_done(void*, bool* done) { *done = true; }
void event_synchronize(void*) {}
void event_elapsed(void*, void*, float*) {}

}  // namespace cpu

namespace {

constexpr int kDevices = 2 + 16;
int place_of(Device device) {
  return device.is_cpu() ? 0 : device.type == Device::kSim ? 1 : 2 + device.index % 16;
}

// The streams that this thread has chosen, by device.
std::shared_ptr<void>& chosen(Device device) {
  static thread_local std::shared_ptr<void> streams[kDevices];
  return streams[place_of(device)];
}

}  // namespace

Event::Event(Device device, bool timed) : device_(device) {
  void* handle = nullptr;
  MT_ON_DEVICE(device, event_create, &handle, timed);
  handle_ = std::shared_ptr<void>(handle, [device](void* event) {
    if (event) MT_ON_DEVICE(device, event_destroy, event);
  });
}

void Event::record(const Stream& stream) { MT_ON_DEVICE(device_, event_record, handle(), stream.handle()); }
bool Event::is_done() const {
  bool done = false;
  MT_ON_DEVICE(device_, event_done, handle(), &done);
  return done;
}
void Event::synchronize() const { MT_ON_DEVICE(device_, event_synchronize, handle()); }
double Event::elapsed_ms(const Event& later) const {
  float time = 0;
  MT_ON_DEVICE(device_, event_elapsed, handle(), later.handle(), &time);
  return time;
}

Stream::Stream(Device device) : device_(device) {
  void* handle = nullptr;
  MT_ON_DEVICE(device, stream_create, &handle);
  handle_ = std::shared_ptr<void>(handle, [device](void* stream) {
    if (!stream) return;
    MT_ON_DEVICE(device, stream_destroy, stream);  // waits for its work
    forget_stream(device, stream);
  });
}

Stream Stream::default_of(Device device) { return {device, nullptr}; }
Stream Stream::current(Device device) { return {device, chosen(device)}; }

Stream Stream::copies_of(Device device) {
  static std::mutex mutex;
  static auto* made = new std::array<std::optional<Stream>, kDevices>;  // never destroyed, as memory is not
  std::lock_guard lock(mutex);
  auto& stream = (*made)[static_cast<std::size_t>(place_of(device))];
  if (!stream) stream.emplace(device);
  return *stream;
}

void Stream::wait(const Event& event) const { MT_ON_DEVICE(device_, stream_wait, handle(), event.handle()); }
void Stream::wait(const Stream& other) const {
  if (device_.is_cpu() || handle() == other.handle()) return;
  Event now(device_);
  now.record(other);
  wait(now);
}
void Stream::synchronize() const { MT_ON_DEVICE(device_, stream_synchronize, handle()); }

StreamScope::StreamScope(const Stream& stream) : device_(stream.device()), before_(chosen(device_)) {
  chosen(device_) = stream.handle_;
}
StreamScope::~StreamScope() { chosen(device_) = std::move(before_); }

static std::atomic<bool>& blocking() {
  static std::atomic<bool> on = [] {
    const char* text = std::getenv("MT_LAUNCH_BLOCKING");
    return text && std::atoi(text) != 0;
  }();
  return on;
}
bool launch_blocking() { return blocking().load(std::memory_order_relaxed); }
void set_launch_blocking(bool on) { blocking() = on; }

void* current_stream_handle(Device device) { return chosen(device).get(); }

}  // namespace minitorch
