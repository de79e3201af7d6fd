// SPDX-License-Identifier: MIT
// AWD-LSTM: where each dropout falls, the regularisers' numbers, and texts of several lengths in one batch,
// beside fastai's own on the same weights.
#include "fastcore/text/awd_lstm.h"

#include "fastcore/text/text.h"
#include "tests/tensor_match.h"
#include "tests/vision/formula.h"

using namespace fastcore;
using namespace minitorch;
using minitorch::testing::difference;

namespace {
#include "tests/text/classifier_goldens.inc"

// No layer and no dropout but those that a test asks for.
AwdLstmConfig bare(int64_t n_layers) {
  return {.emb_sz = 8,
          .n_hid = 12,
          .n_layers = n_layers,
          .output_p = 0,
          .hidden_p = 0,
          .input_p = 0,
          .embed_p = 0,
          .weight_p = 0};
}

// The classifier that make_goldens.py makes, and its batch: in windows of 4, texts of 12, 7 and 3 words.
TextClassifier golden_classifier() {
  const AwdLstm encoder(20, bare(2));
  TextClassifier model(SentenceEncoder(encoder, 4, 8), 8, 3, 0);
  formula::fill(*model);
  const NoGrad no_grad;
  for (Tensor p : encoder->parameters()) p.mul_(5);
  return model;
}
Tensor golden_words() {
  return tensor({{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},
                 {1, 1, 1, 1, 5, 6, 7, 8, 9, 10, 11, 1},
                 {1, 1, 1, 1, 1, 1, 1, 1, 5, 6, 7, 1}});
}

TextDataLoaders two_classes() {
  return TextDataLoaders::from_texts({"a b", "a c", "b c", "c a"}, {"x", "y", "x", "y"},
                                     {false, false, true, true}, {.bs = 2});
}

// What was dropped: 0 or 1 / (1 - p), the same at every step. x (N, T, features) before and after.
void check_mask(const Tensor& before, const Tensor& after, double kept) {
  const Tensor mask = after / before;
  CHECK(difference(mask.slice(1, 0, 1).expand(mask.shape()).contiguous(), mask.contiguous(), 1e-5) == "");
  int64_t dropped = 0, whole = 0;
  for (double m : mask.slice(1, 0, 1).contiguous().to_vector<double>()) {
    dropped += m == 0;
    whole += m == Approx(kept).epsilon(1e-5);
  }
  CHECK(dropped > 0);
  CHECK(whole > 0);
  CHECK(dropped + whole == mask.size(0) * mask.size(2));
}

}  // namespace

TEST_CASE("embed_p drops words, wherever they stand, and the decoder's weights not") {
  manual_seed(1);
  AwdLstmConfig config = bare(0);
  config.embed_p = 0.5;
  AwdLstm encoder(30, config);
  const Tensor words = cat({arange(2, 30), arange(2, 30)}, 0).reshape({2, 28});
  const Tensor rows = encoder->embedding().slice(0, 2, 30), states = encoder(words);
  CHECK(difference(states.select(0, 0).contiguous(), states.select(0, 1).contiguous(), 0) == "");
  int64_t dropped = 0;
  for (int64_t i = 0; i < 28; ++i) {
    const Tensor got = states.select(0, 0).select(0, i), whole = rows.select(0, i) * 2;
    if (square(got).sum().item() == 0) ++dropped;
    else CHECK(difference(whole, got, 1e-6) == "");
  }
  CHECK(dropped > 5);
  CHECK(dropped < 23);
  encoder->eval();
  CHECK(difference(rows, encoder(words).select(0, 0).contiguous(), 0) == "");
}

TEST_CASE("input_p, hidden_p and output_p drop the same features at every step") {
  manual_seed(2);
  const Tensor words = randint(2, 20, {3, 6});
  AwdLstmConfig config = bare(0);
  config.input_p = 0.25;
  AwdLstm inputs(20, config);
  check_mask(minitorch::embedding(inputs->embedding(), words), inputs(words), 1 / 0.75);

  config = bare(2);
  config.hidden_p = 0.4;
  config.output_p = 0.2;
  AwdLstm encoder(20, config);
  Tensor hidden, last;
  encoder->layers()[0]->register_forward_hook(
      [&](nn::Module&, const Tensors&, Tensor& out) { hidden = out.transpose(0, 1); });
  encoder->layers()[1]->register_forward_pre_hook(
      [&](nn::Module&, const Tensors& in) { last = in[0].transpose(0, 1); });
  encoder(words);
  check_mask(hidden, last, 1 / 0.6);                    // (3, 6, 12)
  check_mask(encoder->raw, encoder->dropped, 1 / 0.8);  // (3, 6, 8)
}

TEST_CASE("weight_p drops recurrent weights only, before every pass anew") {
  manual_seed(3);
  const Tensor x = randn({2, 3, 4});  // steps, batch, features
  WeightDropLstm layer(4, 5, 0.5);
  const auto pass = [&](bool training) {
    layer->train(training);
    layer->reset();
    return layer(x);
  };
  const Tensor whole = pass(false), one = pass(true), other = pass(true);
  CHECK(difference(whole.select(0, 0), one.select(0, 0), 1e-6) == "");  // from a state of 0
  CHECK(difference(whole.select(0, 1), one.select(0, 1), 1e-6) != "");
  CHECK(difference(one.select(0, 1), other.select(0, 1), 1e-6) != "");

  WeightDropLstm none(4, 5, 1);  // all dropped: as a layer that remembers no h
  const Tensor all_dropped = none(x).contiguous();
  none->eval();
  none->reset();
  none->own_parameter("weight_hh_l0_raw").detach().zero_();
  CHECK(difference(none(x).contiguous(), all_dropped, 1e-6) == "");
}

TEST_CASE("drop_mult multiplies every dropout") {
  const AwdLstmConfig half = AwdLstmConfig::classifier().dropped(0.5);
  CHECK(half.output_p == Approx(0.2));
  CHECK(half.hidden_p == Approx(0.15));
  CHECK(half.input_p == Approx(0.2));
  CHECK(half.embed_p == Approx(0.025));
  CHECK(half.weight_p == Approx(0.25));
}

TEST_CASE("texts of several lengths in one batch, as fastai reads them") {
  TextClassifier model = golden_classifier();
  const NoGrad no_grad;
  const Tensor scores = model(golden_words());
  CHECK(difference({3, 3}, kScores, scores, 1e-5) == "");
  CHECK(difference({3, 8}, kStates, model->encoder()->dropped.select(2, 0), 1e-5) == "");
  CHECK(difference(scores.slice(0, 1, 2), model(golden_words().slice(0, 1, 2).slice(1, 4, 12)), 1e-5) == "");
  CHECK(difference(scores.slice(0, 2, 3), model(tensor({{5, 6, 7}})), 1e-5) == "");
}

TEST_CASE("RnnRegularizer adds alpha times the activation and beta times the change of all kept windows") {
  TextClassifier model = golden_classifier();
  Learner learn(two_classes(), model);
  const auto added = [&](double alpha, double beta) {
    model(golden_words());
    learn.loss_grad = zeros({});
    RnnRegularizer(alpha, beta).after_loss(learn);
    return learn.loss_grad.item();
  };
  CHECK(added(2, 1) == 0);  // not in validation
  learn.training = true;
  CHECK(added(2, 0) == Approx(2 * kActivation).epsilon(1e-4));
  CHECK(added(0, 1) == Approx(kChange).epsilon(1e-4));
  CHECK(added(2, 1) == Approx(2 * kActivation + kChange).epsilon(1e-4));
}

TEST_CASE("RnnRegularizer weighs the output after dropout and the change before it") {
  manual_seed(4);
  AwdLstmConfig config = bare(1);
  config.output_p = 0.5;
  const AwdLstm encoder(20, config);
  Learner learn(two_classes(), encoder);
  learn.training = true;
  learn.loss_grad = zeros({});
  (*learn.model)(randint(2, 20, {3, 6}));
  RnnRegularizer(3, 5).after_loss(learn);
  const Tensor change = encoder->raw.slice(1, 1, 6) - encoder->raw.slice(1, 0, 5);
  const double activation = square(encoder->dropped).mean().item();
  CHECK(activation > 1.2 * square(encoder->raw).mean().item());
  CHECK(learn.loss_grad.item() == Approx(3 * activation + 5 * square(change).mean().item()).epsilon(1e-5));
}
