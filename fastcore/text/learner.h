// SPDX-License-Identifier: MIT
// Learners for text: a language model, and a classifier that starts from its encoder.
//
//     auto lm = language_model_learner(dls_lm, AWD_LSTM, {.metrics = {accuracy, Perplexity{}}});
//     lm.fit_one_cycle(1, 2e-2);
//     save_encoder(lm, "encoder.safetensors");
//     auto learn = text_classifier_learner(dls, AWD_LSTM, {.metrics = accuracy});
//     load_encoder(learn, "encoder.safetensors");
//     auto [label, index, probs] = learn.predict("I really liked that film!");
#pragma once
#include <optional>

#include "fastcore/learn/learner.h"
#include "fastcore/text/classifier.h"
#include "fastcore/text/loaders.h"

namespace fastcore {

/// The architecture's name, as the course writes it.
struct AwdLstmArch {};
inline constexpr AwdLstmArch AWD_LSTM;

/// The net, then what every Learner may be told.
struct TextLearnerOptions {
  std::optional<AwdLstmConfig> config = {};  ///< else that of the course
  std::optional<double> drop_mult = {};      ///< of all dropouts; else 1, of a classifier 0.5
  double alpha = 2, beta = 1;                ///< of RnnRegularizer
  std::optional<int64_t> seq_len = {};  ///< a classifier's window; else that to which the data are padded
  int64_t max_len = 1440;               ///< of a classifier's SentenceEncoder
  std::optional<int64_t> n_out = {};    ///< of a classifier; else what the targets need
  LossFunc loss_func = {};              ///< else from the kind of the data's targets
  OptFunc opt_func = Adam;
  double lr = 1e-3;
  Splitter splitter = {};  ///< else the groups of the learner's own
  Callbacks cbs = {};
  Metrics metrics = {};
  Path path = {};
  Path model_dir = "models";
  std::optional<double> wd = {};
  bool wd_bn_bias = false;
  bool train_bn = true;
  Moms moms = {0.8, 0.7, 0.8};
  minitorch::Device device = default_device();
};

/// Groups: each LSTM layer, then the embedding with the decoder.
/// @throws ValueError for data that are not those of a language model
Learner language_model_learner(const DataLoaders& dls, AwdLstmArch, const TextLearnerOptions& options = {});

/// Groups: embedding, each LSTM layer, head.
/// @throws ValueError for data that are no texts, or whose targets say nothing of the head's outputs
Learner text_classifier_learner(const DataLoaders& dls, AwdLstmArch, const TextLearnerOptions& options = {});

/// The encoder of a language model's learner, with its vocabulary. @throws ValueError for another model
void save_encoder(const Learner& learn, const Path& file);
/// Into the encoder of either learner, which is then frozen but for its last group, as in fastai; words are
/// matched by name, those that are new get the mean of all.
/// @throws FileError for another file, ShapeError for an encoder of other sizes
void load_encoder(Learner& learn, const Path& file);

struct GenerateOptions {
  int64_t n_words = 40;
  double temperature = 1;  ///< below 1 keeps to the likely words, 0 always takes the likeliest
  bool no_unk = true;
  double min_p = 0;  ///< words less likely than this (at temperature 1) are left out, unless all are
};
/// Text that goes on after `text`, drawn word by word from the model's own predictions. A model that keeps a
/// state (Resettable) is given each word once, any other all words so far, a Transformer as many as it can
/// look back over. @throws ValueError for a temperature below 0 or not finite and for n_words below 0,
/// ShapeError for a model whose outputs are not a score for each word at each place
std::string generate(Learner& learn, const std::string& text, const GenerateOptions& options = {});

}  // namespace fastcore
