// SPDX-License-Identifier: MIT
// Batches of texts: one long stream for a language model, texts of like length together for a classifier.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastcore/data/batch_kinds.h"
#include "fastcore/data/dataloaders.h"
#include "fastcore/frame/data_frame.h"
#include "fastcore/text/vocab.h"
#include "minitorch/core/python_random.h"

namespace fastcore {

/// A text as numbers of words.
using Numbered = std::vector<int64_t>;

/// A text as a row of `width` numbers: xxpad in front as far as whole windows of seq_len go, the rest behind.
void put_padded(const Numbered& text, int64_t width, int64_t seq_len, int64_t* row);

/// How LMLoader cuts its stream.
struct LMLoaderOptions {
  int64_t bs = 64, seq_len = 72;
  bool shuffle = false;  ///< join the texts in a new order in each pass
};

/// Predict the next word: all texts joined to one stream of n words, cut into bs streams of equal length,
/// which are read side by side, seq_len words a batch. x (bs, seq_len), and y, the same one word later.
/// Row i of a batch goes on where row i of the batch before ended, so that a model may keep its state.
class LMLoader : public DataLoader, public Streams {
 public:
  /// @throws ValueError when the texts hold fewer than bs + 1 words
  LMLoader(std::vector<Numbered> texts, WordVocab vocab, LMLoaderOptions options = {});
  /// One without texts, as a loaded export has it: it knows the words, and has no batch.
  static std::shared_ptr<LMLoader> without_texts(WordVocab vocab, LMLoaderOptions options = {});

  int64_t size() const override;
  int64_t items() const override { return static_cast<int64_t>(texts_->size()); }
  int64_t batch_size() const override { return options_.bs; }
  bool in_order() const override { return !options_.shuffle; }
  std::unique_ptr<Pass> start() override;
  std::shared_ptr<DataLoader> with(const LoaderChanges& changes) const override;
  Targets targets() const override { return {TargetKind::text, vocab_.size(), vocab_.words()}; }
  std::vector<Value> decode_x(const Batch& batch, int64_t i) const override;
  Value decode_y(const minitorch::Tensor& target) const override;
  /// @throws ValueError always: one stream has no items that others could take the place of
  std::shared_ptr<DataLoader> test_dl(const std::vector<Value>& items, bool with_labels) const override;
  std::vector<int64_t> state() const override { return order_.state(); }
  void set_state(const std::vector<int64_t>& saved) override { order_.set_state(saved); }
  const WordVocab& vocab() const { return vocab_; }
  int64_t seq_len() const { return options_.seq_len; }
  /// Words in each of the bs streams.
  int64_t stream_length() const { return words_ / options_.bs; }

 private:
  LMLoader(WordVocab vocab, LMLoaderOptions options);

  std::shared_ptr<const std::vector<Numbered>> texts_;
  WordVocab vocab_;
  LMLoaderOptions options_;
  int64_t words_ = 0;  // that are used
  minitorch::python::LoaderOrder order_;
};

/// How TextLoader puts texts together.
struct TextLoaderOptions {
  int64_t bs = 64, seq_len = 72;
  bool shuffle = false;  ///< batches of like length in random order, instead of the longest first
  bool drop_last = false;
};

/// Texts and their classes. x (bs, longest text) with xxpad where a text is shorter: whole multiples of
/// seq_len in front, what is left behind. The first batch holds the longest text, so that memory that does
/// not suffice shows at once.
class TextLoader : public DataLoader, public PadsInputs {
 public:
  /// `names` are what item_name says, such as files; none: numbers.
  /// @throws ShapeError unless there is a label and a name for each text, or none at all
  TextLoader(std::vector<Numbered> texts, std::vector<int64_t> labels, WordVocab vocab,
             std::vector<std::string> classes, TextLoaderOptions options = {},
             std::vector<std::string> names = {});

  int64_t size() const override;
  int64_t items() const override { return static_cast<int64_t>(data_->texts.size()); }
  int64_t batch_size() const override { return options_.bs; }
  bool in_order() const override { return !options_.shuffle && !options_.drop_last; }
  std::unique_ptr<Pass> start() override;
  std::shared_ptr<DataLoader> with(const LoaderChanges& changes) const override;
  Targets targets() const override;
  std::vector<Value> decode_x(const Batch& batch, int64_t i) const override;
  /// @throws IndexError
  std::string item_name(int64_t i) const override;
  /// Items are texts, or files of text; with labels a Tuple of either and its class. They are handed out with
  /// the longest first, which get_preds undoes.
  /// @throws ValueError for other items and unknown classes
  std::shared_ptr<DataLoader> test_dl(const std::vector<Value>& items, bool with_labels) const override;
  /// The longest first; empty where they are shuffled.
  std::vector<int64_t> idxs() const override;
  std::vector<int64_t> state() const override { return order_.state(); }
  void set_state(const std::vector<int64_t>& saved) override { order_.set_state(saved); }
  minitorch::Tensor widened(const minitorch::Tensor& x, int64_t width) const override;
  const WordVocab& vocab() const { return data_->vocab; }
  int64_t seq_len() const { return options_.seq_len; }
  /// The numbers of the texts in the order in which the next pass hands them out.
  std::vector<int64_t> order();

  struct Data {
    std::vector<Numbered> texts;
    std::vector<int64_t> labels;
    WordVocab vocab;
    std::vector<std::string> classes;
    std::vector<std::string> names;
  };

 private:
  bool longer(int64_t a, int64_t b) const;

  std::shared_ptr<const Data> data_;
  TextLoaderOptions options_;
  minitorch::python::LoaderOrder order_;
};

/// What TextDataLoaders are made with.
struct TextDataOptions {
  int64_t bs = 64, seq_len = 72;
  bool is_lm = false;  ///< predict words, not classes
  Path train = "train", valid = "valid";
  int64_t every = 1, valid_every = 1;  ///< only every so-many-th file of `train`, of `valid`
  double valid_pct = 0;  ///< not 0: that share of all texts, at random, instead of the folder `valid`
  int64_t seed = -1;     ///< of that choice; -1: none
  WordVocab vocab =
      {};  ///< that of a language model whose encoder is to be used; empty: found from the texts
  WordVocabOptions words = {};
};

/// Which columns of a table hold what, for TextDataLoaders::from_df and from_csv.
struct TextColumns {
  std::string text = "text";
  std::string label = "label";  ///< not read for a language model
  std::string valid = "";  ///< rows where it is true validate; "": valid_pct of them at random, a fifth if 0
};

/// Loaders of texts, and their vocabulary.
class TextDataLoaders : public DataLoaders {
 public:
  TextDataLoaders(std::vector<LoaderPtr> loaders, WordVocab words, Path path = ".")
      : DataLoaders(std::move(loaders), std::move(path)), words_(std::move(words)) {}
  /// Every .txt below path/train and path/valid; for a classifier the folder's name is the class.
  /// @throws FileError without such files; ValueError when one of the two halves is empty, or valid_pct no
  /// share
  static TextDataLoaders from_folder(const Path& path, const TextDataOptions& options = {});
  /// Texts that are at hand; `labels` empty for a language model. `is_valid` says which ones validate.
  static TextDataLoaders from_texts(const std::vector<std::string>& texts,
                                    const std::vector<std::string>& labels, const std::vector<bool>& is_valid,
                                    const TextDataOptions& options = {});
  /// The rows of a table, each a text and its class. Labels that are numbers are classes in the order of
  /// numbers: 2 before 10. @throws IndexError for a column that is not there; ValueError for a missing text
  /// (fastai reads the word "nan") or label, when one of the two halves is empty, or valid_pct no share
  static TextDataLoaders from_df(const DataFrame& df, const TextColumns& columns = {},
                                 const TextDataOptions& options = {});
  /// The same from a file. @throws also as read_csv
  static TextDataLoaders from_csv(const Path& csv, const TextColumns& columns = {},
                                  const TextDataOptions& options = {});

  /// The words that the model knows (vocab() are the classes).
  const WordVocab& words() const { return words_; }

 private:
  // `names` of the texts, or none.
  static TextDataLoaders from_named(const std::vector<std::string>& texts,
                                    const std::vector<std::string>& labels,
                                    const std::vector<std::string>& classes,
                                    const std::vector<bool>& is_valid, const std::vector<std::string>& names,
                                    const TextDataOptions& options);
  WordVocab words_;
};

/// The words that a model of these data knows: those of TextDataLoaders, or of the TextBlock of a DataBlock.
/// @throws ValueError for data that are no texts
const WordVocab& word_vocab(const DataLoaders& dls);
/// The windows in whole multiples of which these data pad their texts: seq_len. 72 where nobody said.
int64_t padded_to(const DataLoaders& dls);

}  // namespace fastcore
