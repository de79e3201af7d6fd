// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "fastcore/basics/parallel.h"
#include "fastcore/data/item_loader.h"
#include "fastcore/frame/csv.h"
#include "fastcore/text/loaders.h"
#include "fastcore/text/text_block.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

std::vector<std::string> sorted_classes(const std::vector<std::string>& labels) {
  const std::set<std::string> unique(labels.begin(), labels.end());
  return {unique.begin(), unique.end()};
}

// A column as texts. Missing ones would read "NaN".
std::vector<std::string> texts_of(const DataFrame& df, const std::string& column, const std::string& what) {
  const Series series = df[column];
  std::vector<std::string> texts;
  for (int64_t row = 0; row < df.rows(); ++row) {
    if (series.is_missing(row))
      throw ValueError("[TextDataLoaders] the " + what + " of row " + df.label(row).text() + " is missing",
                       "leave such rows out: df.dropna({\"" + column + "\"})");
    texts.push_back(series[row].str());
  }
  return texts;
}

// Which of n items validate: a random share of them.
std::vector<bool> random_share(int64_t n, double valid_pct, int64_t seed) {
  RandomSplitter splitter{.valid_pct = valid_pct};
  if (seed >= 0) splitter.seed = static_cast<uint64_t>(seed);
  std::vector<bool> chosen(static_cast<std::size_t>(n));
  const Splits splits = splitter(Items(std::vector<Value>(chosen.size())));
  for (const int64_t i : splits.at(1)) chosen[static_cast<std::size_t>(i)] = true;
  return chosen;
}

struct Half {
  std::vector<Numbered> texts;
  std::vector<int64_t> labels;
  std::vector<std::string> names;
};

}  // namespace

TextDataLoaders TextDataLoaders::from_texts(const std::vector<std::string>& texts,
                                            const std::vector<std::string>& labels,
                                            const std::vector<bool>& is_valid,
                                            const TextDataOptions& options) {
  return from_named(texts, labels, sorted_classes(labels), is_valid, {}, options);
}

TextDataLoaders TextDataLoaders::from_named(const std::vector<std::string>& texts,
                                            const std::vector<std::string>& labels,
                                            const std::vector<std::string>& classes,
                                            const std::vector<bool>& is_valid,
                                            const std::vector<std::string>& names,
                                            const TextDataOptions& options) {
  if (texts.size() != is_valid.size() || (!options.is_lm && labels.size() != texts.size()))
    throw minitorch::ShapeError("[TextDataLoaders] texts, labels and is_valid must be of one length");
  const auto tokens = parallel([](const std::string& text) { return tokenize(text); }, L<std::string>(texts));
  std::vector<Tokens> training;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!is_valid[i]) training.push_back(tokens[static_cast<int64_t>(i)]);
  if (training.empty() || training.size() == texts.size())
    throw ValueError("[TextDataLoaders] " +
                         std::string(training.empty() ? "no text to train on" : "no text to validate on") +
                         ": without both nothing can be learned or judged",
                     "{.valid_pct = 0.2} chooses a fifth at random");
  const WordVocab vocab = options.vocab.size() ? options.vocab : WordVocab::of(training, options.words);
  Dict<std::string, int64_t> class_number;
  for (std::size_t i = 0; i < classes.size(); ++i) class_number[classes[i]] = static_cast<int64_t>(i);
  Half halves[2];
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Half& half = halves[is_valid[i] ? 1 : 0];
    half.texts.push_back(vocab.encode(tokens[static_cast<int64_t>(i)]));
    if (!names.empty()) half.names.push_back(names[i]);
    if (options.is_lm) continue;
    half.labels.push_back(class_number.at(labels[i]));
  }
  std::vector<LoaderPtr> loaders;
  for (int part = 0; part < 2; ++part) {
    const bool train = part == 0;
    if (options.is_lm)
      loaders.push_back(std::make_shared<LMLoader>(std::move(halves[part].texts), vocab,
                                                   LMLoaderOptions{options.bs, options.seq_len, train}));
    else
      loaders.push_back(std::make_shared<TextLoader>(
          std::move(halves[part].texts), std::move(halves[part].labels), vocab, classes,
          TextLoaderOptions{options.bs, options.seq_len, train, train}, std::move(halves[part].names)));
  }
  return TextDataLoaders(std::move(loaders), vocab);
}

TextDataLoaders TextDataLoaders::from_folder(const Path& path, const TextDataOptions& options) {
  const auto files_of = [](const Path& folder) { return get_files(folder, {.extensions = {".txt"}}); };
  L<Path> files;
  std::vector<bool> is_valid;
  if (options.valid_pct != 0) {
    files = files_of(path);
    is_valid = random_share(files.size(), options.valid_pct, options.seed);
  } else {
    for (bool valid : {false, true})
      for (const Path& file : files_of(path / (valid ? options.valid : options.train))
                                  .slice(0, {}, valid ? options.valid_every : options.every)) {
        files.append(file);
        is_valid.push_back(valid);
      }
  }
  if (files.empty())
    throw minitorch::FileError("[TextDataLoaders] no .txt file below " + path.str(), "look at it: path.ls()");
  std::vector<std::string> texts, labels, names;
  for (const Path& file : files) {
    texts.push_back(file.read_text());
    labels.push_back(file.parent().name());
    names.push_back(file.str());
  }
  if (options.is_lm) labels.clear();
  TextDataLoaders loaders = from_named(texts, labels, sorted_classes(labels), is_valid, names, options);
  loaders.path_ = path;
  return loaders;
}

TextDataLoaders TextDataLoaders::from_df(const DataFrame& df, const TextColumns& columns,
                                         const TextDataOptions& options) {
  std::vector<bool> is_valid;
  if (columns.valid.empty()) {
    is_valid = random_share(df.rows(), options.valid_pct != 0 ? options.valid_pct : 0.2, options.seed);
  } else {
    const Series valid = df[columns.valid];
    for (int64_t row = 0; row < df.rows(); ++row) is_valid.push_back(valid[row].number() != 0);
  }
  std::vector<std::string> names;
  for (int64_t row = 0; row < df.rows(); ++row) names.push_back(df.label(row).text());
  const auto texts = texts_of(df, columns.text, "text");
  if (options.is_lm) return from_named(texts, {}, {}, is_valid, names, options);
  const auto labels = texts_of(df, columns.label, "label");
  return from_named(texts, labels, df[columns.label].categories(), is_valid, names, options);
}

TextDataLoaders TextDataLoaders::from_csv(const Path& csv, const TextColumns& columns,
                                          const TextDataOptions& options) {
  TextDataLoaders loaders = from_df(read_csv(csv), columns, options);
  loaders.path_ = csv.parent();
  return loaders;
}

// --- what all loaders of texts have in common ---

const WordVocab& word_vocab(const DataLoaders& dls) {
  DataLoader& loader = dls.train();
  if (const auto* texts = dynamic_cast<const TextLoader*>(&loader)) return texts->vocab();
  if (const auto* stream = dynamic_cast<const LMLoader*>(&loader)) return stream->vocab();
  if (const auto* items = dynamic_cast<const ItemLoader*>(&loader)) return vocabulary_of(items->dataset());
  throw ValueError("[text] the data are no texts",
                   "make them with TextDataLoaders, or with a DataBlock whose first block is a TextBlock");
}

int64_t padded_to(const DataLoaders& dls) {
  DataLoader& loader = dls.train();
  if (const auto* texts = dynamic_cast<const TextLoader*>(&loader)) return texts->seq_len();
  int64_t seq_len = TextBlock{}.seq_len;
  if (const auto* items = dynamic_cast<const ItemLoader*>(&loader))
    for (const BeforeBatch& change : items->options().before_batch)
      if (change.name() == "pad_input") Fields(change.settings())("seq_len", seq_len);
  return seq_len;
}

}  // namespace fastcore
