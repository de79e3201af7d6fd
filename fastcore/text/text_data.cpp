// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "fastcore/basics/parallel.h"
#include "fastcore/frame/csv.h"
#include "fastcore/text/loaders.h"
#include "minitorch/core/random.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

std::vector<std::string> sorted_classes(const std::vector<std::string>& labels) {
  const std::set<std::string> unique(labels.begin(), labels.end());
  return {unique.begin(), unique.end()};
}

// A random share of n items, chosen as RandomSplitter does.
std::vector<bool> random_share(int64_t n, const TextDataOptions& options) {
  if (options.seed >= 0) minitorch::manual_seed(static_cast<uint64_t>(options.seed));
  const auto order = minitorch::randperm(n).to_vector<int64_t>();
  std::vector<bool> chosen(static_cast<std::size_t>(n));
  for (int64_t i = 0; i < static_cast<int64_t>(options.valid_pct * double(n)); ++i)
    chosen[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = true;
  return chosen;
}

struct Half {
  std::vector<Numbered> texts;
  std::vector<int64_t> labels;
};

}  // namespace

TextDataLoaders TextDataLoaders::from_texts(const std::vector<std::string>& texts,
                                            const std::vector<std::string>& labels,
                                            const std::vector<bool>& is_valid,
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
  const std::vector<std::string> classes = sorted_classes(labels);
  Half halves[2];
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Half& half = halves[is_valid[i] ? 1 : 0];
    half.texts.push_back(vocab.encode(tokens[static_cast<int64_t>(i)]));
    if (options.is_lm) continue;
    const auto at = std::lower_bound(classes.begin(), classes.end(), labels[i]);
    half.labels.push_back(at - classes.begin());
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
          TextLoaderOptions{options.bs, options.seq_len, train, train}));
  }
  return TextDataLoaders(std::move(loaders), vocab);
}

TextDataLoaders TextDataLoaders::from_folder(const Path& path, const TextDataOptions& options) {
  const auto files_of = [](const Path& folder) { return get_files(folder, {.extensions = {".txt"}}); };
  L<Path> files;
  std::vector<bool> is_valid;
  if (options.valid_pct > 0) {
    files = files_of(path);
    is_valid = random_share(files.size(), options);
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
  std::vector<std::string> texts, labels;
  for (const Path& file : files) {
    texts.push_back(file.read_text());
    labels.push_back(file.parent().name());
  }
  TextDataLoaders loaders =
      from_texts(texts, options.is_lm ? std::vector<std::string>{} : labels, is_valid, options);
  loaders.path_ = path;
  return loaders;
}

TextDataLoaders TextDataLoaders::from_df(const DataFrame& df, const TextColumns& columns,
                                         const TextDataOptions& options) {
  const auto texts_of = [&](const std::string& column) {
    const Series series = df[column];
    std::vector<std::string> texts;
    for (int64_t row = 0; row < df.rows(); ++row) texts.push_back(series[row].str());
    return texts;
  };
  std::vector<bool> is_valid;
  if (columns.valid.empty()) {
    TextDataOptions share = options;
    if (share.valid_pct <= 0) share.valid_pct = 0.2;
    is_valid = random_share(df.rows(), share);
  } else {
    const Series valid = df[columns.valid];
    for (int64_t row = 0; row < df.rows(); ++row) is_valid.push_back(valid[row].number() != 0);
  }
  return from_texts(texts_of(columns.text),
                    options.is_lm ? std::vector<std::string>{} : texts_of(columns.label), is_valid, options);
}

TextDataLoaders TextDataLoaders::from_csv(const Path& csv, const TextColumns& columns,
                                          const TextDataOptions& options) {
  TextDataLoaders loaders = from_df(read_csv(csv), columns, options);
  loaders.path_ = csv.parent();
  return loaders;
}

std::string TextDataLoaders::show_batch(int64_t max_n) const {
  const Batch batch = train().one_batch();
  std::string lines;
  for (int64_t i = 0; i < std::min(max_n, batch.size()); ++i) {
    const Text text = std::get<Text>(train().decode_x(batch, i).front());
    std::string start;
    for (std::size_t t = 0; t < std::min<std::size_t>(12, text.tokens.size()); ++t)
      start += (t ? " " : "") + (text.tokens[t][0] == '\n' ? std::string("\\n") : text.tokens[t]);
    if (train().targets().kind == TargetKind::category) {
      const Value label = train().decode_y(batch.y.front().select(0, i));
      start = std::get<Category>(label).label + ": " + start;
    }
    lines += start + (text.tokens.size() > 12 ? " ...\n" : "\n");
  }
  return lines;
}

}  // namespace fastcore
