// SPDX-License-Identifier: MIT
#include "minitorch/tensor/transfer.h"

#include <cstring>

#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/pinned.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch {
namespace {

struct PinnedOwner final : RefCounted {
  PinnedOwner(Device device, std::size_t bytes) : buffer(device, bytes) {}
  PinnedBuffer buffer;
};

std::size_t bytes_of(const Tensor& x) {
  return static_cast<std::size_t>(x.numel()) * static_cast<std::size_t>(item_size(x.dtype()));
}

PinnedOwner* owner_of(const Tensor& x) { return dynamic_cast<PinnedOwner*>(x.impl().storage->owner()); }

Tensor empty_pinned(const Shape& shape, Dtype dtype, Device device) {
  Tensor y = empty({0}, {dtype, Device::cpu()});
  TensorImpl& impl = y.impl();
  impl.sizes = shape;
  impl.strides = contiguous_strides(shape);
  const std::size_t bytes = bytes_of(y);
  const Ref<PinnedOwner> owner(new PinnedOwner(device, bytes));
  impl.storage = Ref<Storage>(new Storage(owner->buffer.data(), bytes, Ref<RefCounted>(owner.get())));
  return y;
}

// Row-major and outside the graph, on its own device.
Tensor packed(const Tensor& x) {
  if (x.is_contiguous()) return x.detach();
  Tensor y = empty_like(x);
  MT_DISPATCH(x.device(), copy_strided, view_of(x), view_of(y));
  return y;
}

}  // namespace

Tensor pin_memory(const Tensor& x, Device device) {
  if (!x.device().is_cpu())
    throw DeviceError(
        format("[pin_memory] a tensor on %s: only host memory can be pinned", to_string(x.device()).c_str()));
  const Tensor y = empty_pinned(x.shape(), x.dtype(), device);
  std::memcpy(y.raw_data(), packed(x).raw_data(), bytes_of(x));
  return y;
}

bool is_pinned(const Tensor& x) { return owner_of(x) != nullptr; }

Tensor to_async(const Tensor& x, Device device) {
  if (x.device() == device) return x.detach();
  const bool upload = x.device().is_cpu();
  if ((upload && !is_pinned(x)) || (!upload && !device.is_cpu())) return x.detach().to(device);
  const Tensor from = packed(x);
  const Device worker = upload ? device : x.device();
  const Tensor y =
      upload ? empty(x.shape(), {x.dtype(), device}) : empty_pinned(x.shape(), x.dtype(), worker);
  PinnedOwner* pinned = owner_of(upload ? from : y);
  const Stream stream = Stream::current(worker);
  if (!pinned) return from.to(device);  // a strided view of pinned memory was packed into ordinary memory
  if (from.numel() == 0) return y;
  MT_DISPATCH(worker, copy_async, y.raw_data(), from.raw_data(), bytes_of(x),
              upload ? CopyKind::to_device : CopyKind::from_device, stream.handle());
  pinned->buffer.used_by(stream);
  return y;
}

Tensor upload(const Tensor& x, Device device) {
  if (!x.device().is_cpu() || device.is_cpu() || CudaGraph::recording(device)) return x.detach().to(device);
  const Stream copies = Stream::copies_of(device), user = Stream::current(device);
  Tensor y;
  {
    const StreamScope scope(copies);
    y = to_async(is_pinned(x) ? x : pin_memory(x, device), device);
  }
  user.wait(copies);
  record_stream(y, user);
  return y;
}

void record_stream(const Tensor& x, const Stream& stream) {
  record_stream(x.device(), x.impl().storage->data(), stream);
}

}  // namespace minitorch
