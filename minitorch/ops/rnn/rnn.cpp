// SPDX-License-Identifier: MIT
#include "minitorch/ops/rnn/rnn.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/rnn/rnn_kernels.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

void check_recurrent(const char* op, const Tensor& x, const Tensor& h0, const Tensor& w_ih,
                     const Tensor& w_hh, int64_t blocks) {
  if (x.dims() != 3)
    throw ShapeError(format("[%s] x of shape %s: expected (T, N, in)", op, to_string(x.shape()).c_str()));
  const int64_t n = x.size(1), in = x.size(2);
  const int64_t h = w_hh.dims() == 2 ? w_hh.size(1) : -1;
  if (!(w_hh.shape() == Shape{blocks * h, h}) || !(w_ih.shape() == Shape{blocks * h, in}))
    throw ShapeError(format("[%s] weights %s and %s for x %s: expected (%lld H, in) and (%lld H, H)", op,
                            to_string(w_ih.shape()).c_str(), to_string(w_hh.shape()).c_str(),
                            to_string(x.shape()).c_str(), static_cast<long long>(blocks),
                            static_cast<long long>(blocks)));
  if (!(h0.shape() == Shape{n, h}))
    throw ShapeError(format("[%s] a state of shape %s: expected (%lld, %lld)", op,
                            to_string(h0.shape()).c_str(), static_cast<long long>(n),
                            static_cast<long long>(h)));
  if (x.size(0) == 0) throw ShapeError(format("[%s] a sequence of no steps", op));
  check_same_device(op, x, w_ih);
  check_same_device(op, x, h0);
}

View<const float, 3> matrix(const Tensor& x) {
  const auto v = view_of<const float, 2>(x);
  return {v.data, {1, v.size[0], v.size[1]}, {0, v.stride[0], v.stride[1]}};
}
View<float, 3> target(const Tensor& x) {
  const auto v = view_of<float, 2>(x);
  return {v.data, {1, v.size[0], v.size[1]}, {0, v.stride[0], v.stride[1]}};
}
// c = a b, or c += a b.
void add_product(const Tensor& a, const Tensor& b, const Tensor& c, bool accumulate = true) {
  note_work({.flops = 2.0 * static_cast<double>(c.numel() * a.size(1))});
  MT_DISPATCH(c.device(), matmul, matrix(a), matrix(b), target(c), accumulate);
}

// All steps of an LSTM from the sums of the inputs: sums (T, N, 4H) -> (T + 1, N, H), every h and then the
// last c.
Tensor lstm_steps(const Tensor& sums, const Tensor& h0, const Tensor& c0, const Tensor& w_hh) {
  const int64_t steps = sums.size(0), n = sums.size(1), h = w_hh.size(1);
  const Tensor gates = clone(sums.detach()), w = contiguous(w_hh.detach());
  const Tensor cells = empty({steps + 1, n, h}, sums.options()),
               out = empty({steps + 1, n, h}, sums.options());
  cells.select(0, 0).copy_(c0.detach());
  const Tensor first = contiguous(h0.detach());
  const Tensor turned = contiguous(w.t());  // once: a product reads its rows where they lie, step after step
  for (int64_t t = 0; t < steps; ++t) {
    const Tensor g = gates.select(0, t);
    add_product(t ? out.select(0, t - 1) : first, turned, g);
    note_work({.bytes = 4.0 * static_cast<double>(n * h * (2 * 4 + 3))});  // the gates twice, c twice, h
    MT_DISPATCH(sums.device(), lstm_step, n, h, g.data<float>(), cells.select(0, t).data<float>(),
                cells.select(0, t + 1).data<float>(), out.select(0, t).data<float>());
  }
  out.select(0, steps).copy_(cells.select(0, steps));
  if (!needs_graph(sums, h0, c0, w_hh)) return out;
  return with_gradients(
      out, "lstm",
      together(
          [=, w = Saved(w), out = Saved(out.detach()), first = Saved(first)](const Tensor& dy,
                                                                             const std::array<bool, 4>&) {
            const Tensor dgates = empty_like(gates), dc = contiguous(clone(dy.select(0, steps))),
                         hidden = out();
            Tensor dh;  // what reaches h of the step before
            for (int64_t t = steps - 1; t >= 0; --t) {
              const Tensor arrived = dh.defined() ? dy.select(0, t) + dh : contiguous(dy.select(0, t));
              const Tensor dg = dgates.select(0, t);
              note_work({.bytes = 4.0 * static_cast<double>(n * h * (2 * 4 + 5))});
              MT_DISPATCH(dy.device(), lstm_step_backward, n, h, gates.select(0, t).data<float>(),
                          cells.select(0, t).data<float>(), cells.select(0, t + 1).data<float>(),
                          arrived.data<float>(), dc.data<float>(), dg.data<float>());
              dh = empty({n, h}, dy.options());
              add_product(dg, w(), dh, false);
            }
            const Tensor before = cat({unsqueeze(first(), 0), hidden.slice(0, 0, steps - 1)}, 0);
            const Tensor dw = matmul(dgates.reshape({steps * n, 4 * h}).t(), before.reshape({steps * n, h}));
            return std::array<Tensor, 4>{dgates, dh, dc, dw};
          },
          sums, h0, c0, w_hh));
}

}  // namespace

LstmResult lstm(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& w_ih, const Tensor& w_hh,
                const Tensor& b_ih, const Tensor& b_hh) {
  check_recurrent("lstm", x, h0, w_ih, w_hh, 4);
  if (!(c0.shape() == h0.shape()))
    throw ShapeError("[lstm] the cell state " + to_string(c0.shape()) + " and the hidden state " +
                     to_string(h0.shape()) + " differ in shape");
  const Tensor bias = b_ih.defined() && b_hh.defined() ? b_ih + b_hh : b_ih.defined() ? b_ih : b_hh;
  const int64_t steps = x.size(0);
  const Tensor sums = linear(x, w_ih, bias);
  const auto full = [](const Tensor& t) { return to(t, kFloat32); };  // what the kernels compute in
  const Tensor all = to(lstm_steps(full(sums), full(h0), full(c0), full(w_hh)), sums.dtype());
  const Tensor output = slice(all, 0, 0, steps);
  return {output, select(output, 0, steps - 1), select(all, 0, steps)};
}

RnnResult gru(const Tensor& x, const Tensor& h0, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih,
              const Tensor& b_hh) {
  check_recurrent("gru", x, h0, w_ih, w_hh, 3);
  const int64_t h = w_hh.size(1);
  const Tensor from_input = linear(x, w_ih, b_ih);
  std::vector<Tensor> outputs;
  Tensor state = h0;
  for (int64_t t = 0; t < x.size(0); ++t) {
    const Tensor a = select(from_input, 0, t), b = linear(state, w_hh, b_hh);
    const Tensor gates = sigmoid(slice(a, 1, 0, 2 * h) + slice(b, 1, 0, 2 * h));
    const Tensor r = slice(gates, 1, 0, h), z = slice(gates, 1, h, 2 * h);
    const Tensor candidate = tanh(slice(a, 1, 2 * h, 3 * h) + r * slice(b, 1, 2 * h, 3 * h));
    state = candidate + z * (state - candidate);
    outputs.push_back(state);
  }
  return {stack(outputs, 0), state};
}

RnnResult rnn(const Tensor& x, const Tensor& h0, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih,
              const Tensor& b_hh, bool use_relu) {
  check_recurrent("rnn", x, h0, w_ih, w_hh, 1);
  const Tensor from_input = linear(x, w_ih, b_ih);
  std::vector<Tensor> outputs;
  Tensor state = h0;
  for (int64_t t = 0; t < x.size(0); ++t) {
    const Tensor sum = select(from_input, 0, t) + linear(state, w_hh, b_hh);
    state = use_relu ? relu(sum) : tanh(sum);
    outputs.push_back(state);
  }
  return {stack(outputs, 0), state};
}

}  // namespace minitorch
