// SPDX-License-Identifier: MIT
#include "fastcore/text/classifier.h"

#include <algorithm>
#include <cmath>

#include "fastcore/learn/layers.h"
#include "fastcore/text/tokenizer.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

SentenceEncoderModule::SentenceEncoderModule(AwdLstm encoder, int64_t bptt, int64_t max_len)
    : encoder_(add("module", encoder)), bptt_(bptt), max_len_(max_len) {
  if (bptt < 1)
    throw ValueError(
        format("[SentenceEncoder] windows of %d words: expected 1 or more", static_cast<int>(bptt)),
        ".seq_len = 72 is the course's");
  if (max_len < bptt)
    throw ValueError(format("[SentenceEncoder] max_len %d is below seq_len %d: of a long text not one window "
                            "would be kept",
                            static_cast<int>(max_len), static_cast<int>(bptt)),
                     format("max_len = %d or more, or a shorter seq_len", static_cast<int>(bptt)));
}

// Where the windows begin that are kept: as many as max_len holds, the last of them as short as it may be. A
// text whose padding behind fills that one would have nothing to pool: then the window before is kept, too.
int64_t SentenceEncoderModule::first_kept(const Tensor& real) const {
  const int64_t length = real.size(1);
  const int64_t from = (std::max<int64_t>(0, length - max_len_) + bptt_ - 1) / bptt_ * bptt_;
  if (from == 0 || length - from >= bptt_) return from;
  const Tensor without_a_word = logical_not(any(real.slice(1, from, length), {1}));
  return any(without_a_word).item() != 0 ? from - bptt_ : from;
}

Tensor SentenceEncoderModule::forward(const Tensor& words) {
  encoder_->reset();
  const int64_t length = words.size(1);
  const Tensor real = words != double(special::kPaddingIndex);
  const int64_t first = first_kept(real);
  std::vector<Tensor> kept;
  for (int64_t from = 0; from < length; from += bptt_) {
    const int64_t to = std::min(length, from + bptt_);
    const Tensor states = encoder_(words.slice(1, from, to));                   // (N, T, emb)
    const Tensor empty = logical_not(any(real.slice(1, from, to), {1}, true));  // (N, 1)
    for (Tensor* state : encoder_->memory()) *state = masked_fill(*state, empty.expand(state->shape()), 0);
    if (from < first) continue;
    kept.push_back(masked_fill(states, empty.unsqueeze(2).expand(states.shape()), 0));
  }
  padding = logical_not(real.slice(1, first, length));
  raw = dropped = cat(kept, 1);
  return dropped;
}

Tensor concat_pool(const Tensor& states, const Tensor& padding) {
  if (states.dims() != 3 || padding.dims() != 2 || padding.size(0) != states.size(0) ||
      padding.size(1) != states.size(1))
    throw ShapeError("[concat_pool] states " + to_string(states.shape()) + ", padding " +
                     to_string(padding.shape()) + ": expected (n, steps, d) and (n, steps)");
  const int64_t n = states.size(0), steps = states.size(1), d = states.size(2);
  const Tensor padded = padding.unsqueeze(2);
  std::vector<int64_t> last(static_cast<std::size_t>(n)), count(static_cast<std::size_t>(n));
  const auto pads = padding.cpu().to(kUint8).to_vector<uint8_t>();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t t = 0; t < steps; ++t)
      if (!pads[static_cast<std::size_t>(i * steps + t)]) {
        last[static_cast<std::size_t>(i)] = t;
        ++count[static_cast<std::size_t>(i)];
      }
  const Tensor place = tensor(last).to(states.device()).reshape({n, 1, 1}).expand({n, 1, d});
  const Tensor last_state = states.gather(1, place).squeeze(1);
  const Tensor words = clamp(tensor(count).to(kFloat32), 1, HUGE_VAL).to(states.device()).unsqueeze(1);
  const Tensor mean_state = masked_fill(states, padded.expand(states.shape()), 0).sum({1}) / words;
  const Tensor max_state = amax(masked_fill(states, padded.expand(states.shape()), -HUGE_VAL), {1});
  return cat({last_state, max_state, mean_state}, 1);
}

TextClassifierModule::TextClassifierModule(SentenceEncoder encoder, int64_t emb_sz, int64_t n_out,
                                           double output_p)
    : n_out_(n_out),
      output_p_(output_p),
      encoder_(add("0", encoder)),
      head_(add("1", nn::Sequential{LinBnDrop(3 * emb_sz, 50, {.p = output_p, .act = Act::relu}),
                                    LinBnDrop(50, n_out, {.p = 0.1})})) {}

Tensor TextClassifierModule::forward(const Tensor& words) {
  const Tensor states = encoder_(words);
  return head_(concat_pool(states, encoder_->padding));
}

}  // namespace fastcore
