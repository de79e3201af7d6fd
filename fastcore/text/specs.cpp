// SPDX-License-Identifier: MIT
#include "fastcore/text/specs.h"

#include <algorithm>

#include "fastcore/data/pipeline_spec.h"
#include "fastcore/learn/export.h"
#include "fastcore/learn/model_spec.h"
#include "fastcore/text/classifier.h"
#include "fastcore/text/loaders.h"
#include "fastcore/text/text_block.h"
#include "fastcore/text/transformer.h"
#include "minitorch/nn/containers.h"

namespace fastcore {
namespace {
using namespace minitorch;

// --- models ---

// A net of so many layers, each of rows x columns weights.
void check_layers(int64_t n_layers, int64_t rows, int64_t columns) {
  constexpr int64_t kMostLayers = 256;
  if (n_layers > kMostLayers)
    throw ValueError("[make_model] " + std::to_string(n_layers) + " layers cannot be made",
                     "the file was changed by hand or is damaged: export the learner anew");
  check_weights(n_layers * rows, columns);
}

Settings settings_of(const AwdLstmModule& encoder) {
  const AwdLstmConfig& c = encoder.config();
  return {{"vocab_sz", encoder.embedding().size(0)},
          {"emb_sz", c.emb_sz},
          {"n_hid", c.n_hid},
          {"n_layers", c.n_layers},
          {"output_p", c.output_p},
          {"hidden_p", c.hidden_p},
          {"input_p", c.input_p},
          {"embed_p", c.embed_p},
          {"weight_p", c.weight_p},
          {"tie_weights", c.tie_weights}};
}

AwdLstmConfig config_of(const Settings& args) {
  AwdLstmConfig c{.emb_sz = size_of(args, "emb_sz"),
                  .n_hid = size_of(args, "n_hid"),
                  .n_layers = size_of(args, "n_layers")};
  check_weights(size_of(args, "vocab_sz"), c.emb_sz);
  check_layers(c.n_layers, 4 * c.n_hid, std::max(c.n_hid, c.emb_sz));
  Fields f(args);
  f("output_p", c.output_p)("hidden_p", c.hidden_p)("input_p", c.input_p)("embed_p", c.embed_p);
  f("weight_p", c.weight_p)("tie_weights", c.tie_weights);
  return c;
}

nn::ModulePtr make_language_model(const Settings& args) {
  return language_model(size_of(args, "vocab_sz"), config_of(args));
}
std::optional<Settings> read_language_model(const nn::Module& model) {
  const auto& parts = model.children();
  if (typeid(model) != typeid(nn::SequentialModule) || parts.size() != 2) return {};
  const auto* encoder = dynamic_cast<const AwdLstmModule*>(parts[0].second.get());
  if (!encoder || !dynamic_cast<const LinearDecoderModule*>(parts[1].second.get())) return {};
  return settings_of(*encoder);
}

nn::ModulePtr make_classifier(const Settings& args) {
  const AwdLstmConfig config = config_of(args);
  const SentenceEncoder reader(AwdLstm(size_of(args, "vocab_sz"), config), size_of(args, "seq_len"),
                               size_of(args, "max_len"));
  double head_p = 0;
  Fields f(args);
  f("head_p", head_p);
  const int64_t n_out = size_of(args, "n_out");
  check_weights(n_out, 50);
  return TextClassifier(reader, config.emb_sz, n_out, head_p);
}
std::optional<Settings> read_classifier(const nn::Module& model) {
  const auto* classifier = dynamic_cast<const TextClassifierModule*>(&model);
  if (!classifier) return {};
  const SentenceEncoder& reader = classifier->encoder();
  return merge(settings_of(*reader->encoder()), Settings{{"seq_len", reader->bptt()},
                                                         {"max_len", reader->max_len()},
                                                         {"n_out", classifier->n_out()},
                                                         {"head_p", classifier->output_p()}});
}

nn::ModulePtr make_transformer(const Settings& args) {
  TransformerConfig c{.d_model = size_of(args, "d_model"),
                      .n_heads = size_of(args, "n_heads"),
                      .n_layers = size_of(args, "n_layers"),
                      .max_len = size_of(args, "max_len")};
  const int64_t vocab_sz = size_of(args, "vocab_sz");
  for (const int64_t rows : {vocab_sz, c.max_len}) check_weights(rows, c.d_model);
  check_layers(c.n_layers, 12 * c.d_model, c.d_model);
  Fields f(args);
  f("p", c.p);
  return Transformer(vocab_sz, c);
}
std::optional<Settings> read_transformer(const nn::Module& model) {
  const auto* transformer = dynamic_cast<const TransformerModule*>(&model);
  if (!transformer) return {};
  const TransformerConfig& c = transformer->config();
  return Settings{{"vocab_sz", transformer->vocab_sz()},
                  {"d_model", c.d_model},
                  {"n_heads", c.n_heads},
                  {"n_layers", c.n_layers},
                  {"max_len", c.max_len},
                  {"p", c.p}};
}

// --- loaders: their words, and how new texts are put together ---

struct TextsSpec {
  std::vector<std::string> words = {}, classes = {};
  int64_t bs = 64, seq_len = 72;

  void fields(Fields& f) { f("words", words)("classes", classes)("bs", bs)("seq_len", seq_len); }
  std::string to_json(const char* name) {
    Fields f;
    fields(f);
    return TransformSpec{name, f.collected()}.to_json();
  }
  static TextsSpec from_json(const std::string& text) {
    const TransformSpec spec = TransformSpec::from_json(text);
    Fields f(spec.settings);
    TextsSpec texts;
    texts.fields(f);
    return texts;
  }
};

std::optional<std::string> describe_texts(const DataLoaders& dls) {
  const auto* loader = dynamic_cast<const TextLoader*>(&dls.valid());
  if (!loader) return {};
  return TextsSpec{loader->vocab().words(), loader->targets().vocab, loader->batch_size(), loader->seq_len()}
      .to_json("texts");
}
DataLoaders make_texts(const std::string& text) {
  TextsSpec spec = TextsSpec::from_json(text);
  const auto loader = std::make_shared<TextLoader>(std::vector<Numbered>(), std::vector<int64_t>(),
                                                   WordVocab(std::move(spec.words)), std::move(spec.classes),
                                                   TextLoaderOptions{.bs = spec.bs, .seq_len = spec.seq_len});
  return DataLoaders({loader, loader});
}

std::optional<std::string> describe_stream(const DataLoaders& dls) {
  const auto* loader = dynamic_cast<const LMLoader*>(&dls.valid());
  if (!loader) return {};
  return TextsSpec{loader->vocab().words(), {}, loader->batch_size(), loader->seq_len()}.to_json("stream");
}
DataLoaders make_stream(const std::string& text) {
  TextsSpec spec = TextsSpec::from_json(text);
  const auto loader =
      LMLoader::without_texts(WordVocab(std::move(spec.words)), {.bs = spec.bs, .seq_len = spec.seq_len});
  return DataLoaders({loader, loader});
}

}  // namespace

void register_texts() {
  register_model("awd_lstm_language_model", make_language_model, read_language_model);
  register_model("awd_lstm_classifier", make_classifier, read_classifier);
  register_model("transformer", make_transformer, read_transformer);
  register_data({"texts", describe_texts, make_texts});
  register_data({"stream of words", describe_stream, make_stream});
  add_library_transform(Tokenizer{});
  add_library_transform(Numericalize{});
  register_before_batch("pad_input",
                        [](const Settings& settings) { return pad_input(size_of(settings, "seq_len")); });
}

}  // namespace fastcore
