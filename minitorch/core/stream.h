// SPDX-License-Identifier: MIT
// Streams: queues of work of one device. Work in a stream runs in order, streams run beside each other, and
// the host runs ahead of them all until it asks for a result.
//
//     Stream copies(Device::cuda());
//     {
//       StreamScope scope(copies);          // this thread's work for that device goes there now
//       next = to_async(pinned, Device::cuda());  // tensor/transfer.h; upload() there does all of this
//     }
//     train_on(batch);                      // runs beside the copy
//     Stream::current(Device::cuda()).wait(copies);
//
// Without a scope all threads share the device's default stream. On the CPU work is done at once, and all of
// this does nothing.
#pragma once
#include <cstdint>
#include <memory>

#include "minitorch/core/device.h"
#include "minitorch/core/macros.h"

namespace minitorch {

class Stream;

/// A place in a stream's queue. Copies of the handle are the same event.
class Event {
 public:
  /// With `timed`, elapsed_ms can tell the time between two of them.
  explicit Event(Device device, bool timed = false);
  /// Marks the end of what the stream holds now; an earlier mark is forgotten.
  void record(const Stream& stream);
  /// Whether the work before the mark is done.
  bool is_done() const;
  /// Lets the host wait for the mark. @throws DeviceError when a kernel failed meanwhile
  void synchronize() const;
  /// From this mark to that of `later`, in milliseconds; both must be done.
  double elapsed_ms(const Event& later) const;
  void* handle() const { return handle_.get(); }

 private:
  Device device_;
  std::shared_ptr<void> handle_;
};

/// A queue. Copies of the handle are the same queue; it ends, when its work is done, with the last of them.
class Stream {
 public:
  /// A new queue, which does not wait for the default stream either.
  explicit Stream(Device device);
  static Stream default_of(Device device);
  /// The device's queue for copies from the host, the same one each time; upload() of tensor/transfer.h uses
  /// it.
  static Stream copies_of(Device device);
  /// Where work of this thread for the device goes.
  static Stream current(Device device);

  Device device() const { return device_; }
  /// What is queued from now on waits for what `other` holds now. The host does not wait.
  void wait(const Stream& other) const;
  void wait(const Event& event) const;
  /// Lets the host wait for all that is queued. @throws DeviceError when a kernel failed meanwhile
  void synchronize() const;
  /// cudaStream_t, untyped; null for the default stream.
  void* handle() const { return handle_.get(); }

 private:
  friend class StreamScope;
  Stream(Device device, std::shared_ptr<void> handle) : device_(device), handle_(std::move(handle)) {}
  Device device_;
  std::shared_ptr<void> handle_;
};

/// While it lives, work of this thread for the stream's device goes to that stream.
class StreamScope {
 public:
  explicit StreamScope(const Stream& stream);
  ~StreamScope();
  StreamScope(const StreamScope&) = delete;

 private:
  Device device_;
  std::shared_ptr<void> before_;
};

/// Whether each launch waits until its kernel is done, so that an error names the kernel it happened in
/// instead of a later call: slow, for debugging. MT_LAUNCH_BLOCKING=1 switches it on.
bool launch_blocking();
void set_launch_blocking(bool on);

/// Stream::current(device).handle(), for launchers: no count is touched.
void* current_stream_handle(Device device);

// clang-format off
// Untyped streams and events of the CUDA runtime or the simulator; bodies in stream_cuda.cu, and nothing for cpu.
MT_EVERY_DEVICE(
  void stream_create(void** stream);
  void stream_destroy(void* stream);
  void stream_synchronize(void* stream);
  void stream_wait(void* stream, void* event);
  void stream_is_recording(void* stream, bool* recording);  // a graph (core/cuda_graph.h)
  void event_create(void** event, bool timed);
  void event_destroy(void* event);
  void event_record(void* event, void* stream);
  void event_done(void* event, bool* done);
  void event_synchronize(void* event);
  void event_elapsed(void* begin, void* end, float* milliseconds);
)
// clang-format on

}  // namespace minitorch
