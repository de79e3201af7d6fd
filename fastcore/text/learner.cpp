// SPDX-License-Identifier: MIT
#include "fastcore/text/learner.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "fastcore/text/transformer.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

namespace {

template <class M>
M* find_module(nn::Module& model) {
  for (auto& [name, module] : model.named_modules())
    if (auto* found = dynamic_cast<M*>(module)) return found;
  return nullptr;
}

AwdLstmModule& encoder_of(const Learner& learn) {
  auto* encoder = find_module<AwdLstmModule>(*learn.model);
  if (!encoder)
    throw ValueError("this learner's model has no AWD_LSTM in it", "language_model_learner makes one");
  return *encoder;
}

std::vector<std::vector<Tensor>> layer_groups(const AwdLstmModule& encoder) {
  std::vector<std::vector<Tensor>> groups;
  for (const WeightDropLstm& layer : encoder.layers()) groups.push_back(layer->parameters());
  return groups;
}

optim::Groups language_model_groups(nn::Module& model) {
  auto& encoder = *find_module<AwdLstmModule>(model);
  auto groups = layer_groups(encoder);
  std::vector<Tensor> rest{encoder.embedding()};
  for (const Tensor& p : find_module<LinearDecoderModule>(model)->parameters())
    if (!p.same(rest.front())) rest.push_back(p);
  groups.push_back(rest);
  return groups;
}

optim::Groups classifier_groups(nn::Module& model) {
  auto& encoder = *find_module<AwdLstmModule>(model);
  auto groups = layer_groups(encoder);
  groups.insert(groups.begin(), {encoder.embedding()});
  groups.push_back(dynamic_cast<TextClassifierModule&>(model).head()->parameters());
  return groups;
}

// The state of a language model ends with each pass through the data.
class ForgetBetweenPasses : public Callback {
 public:
  void before_train(Learner& learn) override { reset_model(*learn.model); }
  void before_validate(Learner& learn) override { reset_model(*learn.model); }
  void after_fit(Learner& learn) override { reset_model(*learn.model); }
  std::string name() const override { return "ModelResetter"; }
};

LearnerOptions with_groups(const TextLearnerOptions& o, const Splitter& groups) {
  LearnerOptions options = learner_options(o);
  if (!options.splitter) options.splitter = groups;
  return options;
}

}  // namespace

Learner language_model_learner(const DataLoaders& dls, AwdLstmArch, const TextLearnerOptions& options) {
  const WordVocab& words = word_vocab(dls);
  if (dls.targets().kind != TargetKind::text)
    throw ValueError("[language_model_learner] the targets of these texts are no words",
                     "make the loaders for a language model: {.is_lm = true}");
  const AwdLstmConfig config =
      options.config.value_or(AwdLstmConfig{}).dropped(options.drop_mult.value_or(1));
  LearnerOptions learner = with_groups(options, language_model_groups);
  learner.cbs.append(ForgetBetweenPasses{});
  learner.cbs.append(RnnRegularizer(options.alpha, options.beta));
  return Learner(dls, language_model(words.size(), config), std::move(learner));
}

Learner text_classifier_learner(const DataLoaders& dls, AwdLstmArch, const TextLearnerOptions& options) {
  const WordVocab& words = word_vocab(dls);
  const int64_t n_out = options.n_out.value_or(dls.c());
  if (dls.targets().kind == TargetKind::text || n_out < 1)
    throw ValueError("[text_classifier_learner] the targets of these texts are no classes",
                     "give a label for each text, without .is_lm; or say {.n_out = 2, .loss_func = ...}");
  AwdLstmConfig config =
      options.config.value_or(AwdLstmConfig::classifier()).dropped(options.drop_mult.value_or(0.5));
  const double head_p = config.output_p;
  config.output_p = 0;  // the head drops its input itself
  const AwdLstm encoder(words.size(), config);
  const SentenceEncoder reader(encoder, options.seq_len.value_or(padded_to(dls)), options.max_len);
  LearnerOptions learner = with_groups(options, classifier_groups);
  if (options.alpha != 0 || options.beta != 0)
    learner.cbs.append(RnnRegularizer(options.alpha, options.beta));
  return Learner(dls, TextClassifier(reader, config.emb_sz, n_out, head_p), std::move(learner));
}

// --- the encoder in a file ---

// Words are kept in one text, a tab between them: no word holds a tab.
void save_encoder(const Learner& learn, const Path& file) {
  const Targets targets = learn.dls.targets();
  if (targets.kind != TargetKind::text)
    throw ValueError("[save_encoder] this learner predicts no words",
                     "save the encoder of the language model");
  std::string words;
  for (const std::string& word : targets.vocab) words += word + '\t';
  io::save_safetensors(file.str(), encoder_of(learn).state_dict(), {{"words", words}});
}

void load_encoder(Learner& learn, const Path& file) {
  const WordVocab& words = word_vocab(learn.dls);
  const io::Safetensors saved = io::load_safetensors(file.str());
  const auto known = saved.metadata.find("words");
  if (known == saved.metadata.end())
    throw FileError("[load_encoder] " + file.str() + " holds no vocabulary", "write it with save_encoder");
  std::unordered_map<std::string, int64_t> place;
  int64_t count = 0;
  for (std::size_t at = 0, end; (end = known->second.find('\t', at)) != std::string::npos; at = end + 1)
    place.emplace(known->second.substr(at, end - at), count++);
  AwdLstmModule& encoder = encoder_of(learn);
  nn::StateDict state;
  for (const auto& [name, tensor] : saved.tensors) {
    if (name != "encoder.weight") {
      state.emplace_back(name, tensor);
      continue;
    }
    Tensor rows = empty({words.size(), tensor.size(1)});
    const Tensor mean = tensor.mean({0});
    for (int64_t i = 0; i < words.size(); ++i) {
      const auto at = place.find(words.word(i));
      rows.select(0, i).copy_(at == place.end() ? mean : tensor.select(0, at->second));
    }
    state.emplace_back(name, rows);
  }
  const NoGrad no_grad;
  try {
    encoder.load_state_dict(state);
  } catch (const ShapeError& e) {
    throw ShapeError(
        "[load_encoder] the encoder in " + file.str() + " is not made as this learner's: " + e.what(),
        "give this learner the sizes of the one that was saved: {.config = ...}");
  }
  learn.freeze();
}

// --- using them ---

namespace {

// How the next word is drawn: its weights, from the scores of all words.
std::vector<double> word_weights(const Tensor& scores, const GenerateOptions& options) {
  const auto all = scores.to_vector<double>(), p = softmax(scores, 0).to_vector<double>();
  const auto forbidden = [&](std::size_t w) { return options.no_unk && w == 0; };
  bool some_reach = false;
  for (std::size_t w = 0; w < p.size(); ++w) some_reach |= !forbidden(w) && p[w] >= options.min_p;
  const auto allowed = [&](std::size_t w) { return !forbidden(w) && (!some_reach || p[w] >= options.min_p); };
  double best = -HUGE_VAL;
  for (std::size_t w = 0; w < p.size(); ++w)
    if (allowed(w)) best = std::max(best, all[w]);
  std::vector<double> weights(p.size());
  for (std::size_t w = 0; w < p.size(); ++w)
    if (allowed(w))
      weights[w] = options.temperature > 0 ? std::exp((all[w] - best) / options.temperature) : all[w] == best;
  return weights;
}

int64_t draw_word(const std::vector<double>& weights) {
  double total = 0, reached = 0;
  for (double w : weights) total += w;
  const double draw = rand({1}).item() * total;
  for (std::size_t w = 0; w < weights.size(); ++w)
    if ((reached += weights[w]) > draw) return static_cast<int64_t>(w);
  return std::max_element(weights.begin(), weights.end()) - weights.begin();
}

}  // namespace

std::string generate(Learner& learn, const std::string& text, const GenerateOptions& options) {
  if (!std::isfinite(options.temperature) || options.temperature < 0)
    throw ValueError(format("[generate] temperature %g: expected a number from 0 on", options.temperature),
                     "0 takes the likeliest word each time, 1 draws as the model says");
  if (options.n_words < 0)
    throw ValueError(
        "[generate] n_words " + std::to_string(options.n_words) + ": expected a number from 0 on",
        "so many words are put behind the text: generate(learn, text, {.n_words = 40})");
  const NoGrad no_grad;
  const WordVocab& words = word_vocab(learn.dls);
  nn::Module& model = *learn.model;
  const bool remembers = find_module<Resettable>(model) != nullptr;
  const auto* transformer = find_module<TransformerModule>(model);
  const auto most = transformer ? static_cast<std::size_t>(transformer->config().max_len) : SIZE_MAX;
  const Scope as_before([&model, training = model.is_training()] {
    reset_model(model);
    model.train(training);
  });
  model.eval();
  reset_model(model);
  Tokens tokens = tokenize(text);
  std::vector<int64_t> given = words.encode(tokens);  // from which the next word follows
  for (int64_t i = 0; i < options.n_words; ++i) {
    if (given.size() > most) given.erase(given.begin(), given.end() - static_cast<int64_t>(most));
    const Tensor scores = model(tensor(given).unsqueeze(0).to(learn.device)).cpu();  // (1, steps, words)
    if (scores.dims() != 3 || scores.size(2) != words.size())
      throw ShapeError("[generate] the model's outputs are " + to_string(scores.shape()) +
                           ", not a score for each of the " + std::to_string(words.size()) + " words",
                       "take the learner of a language model");
    const int64_t chosen = draw_word(word_weights(scores.select(1, -1).flatten(), options));
    tokens.push_back(words.word(chosen));
    if (remembers) given.clear();
    given.push_back(chosen);
  }
  return detokenize(tokens);
}

}  // namespace fastcore
