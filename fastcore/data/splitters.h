// SPDX-License-Identifier: MIT
// Splitters: which items train and which validate. A splitter is any function of the items that returns
// Splits; these are fastai's. Each can set a test set aside too.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/transform.h"

namespace fastcore {

/// Places of items: [0] for training, [1] for validation, [2], if there, for the final test.
using Splits = std::vector<std::vector<int64_t>>;

/// Any way to split.
using ItemSplitter = std::function<Splits(const Items&)>;

/// valid_pct of the items at random: with a seed the same as in fastai, given the same order of items.
///
/// The seed goes to the default generator; p = randperm(n); the first int(valid_pct n) of p validate, then
/// int(test_pct n) are set aside, the rest train, all in p's order.
struct RandomSplitter {
  double valid_pct = 0.2;
  std::optional<uint64_t> seed = {};
  double test_pct = 0;
  /// @throws ValueError unless the shares are in [0, 1] together
  Splits operator()(const Items& items) const;
};

/// scikit-learn's train_test_split: numpy's permutation, the first ceil(test_size n) validate. With `shuffle`
/// off those behind the ones that train do. With `stratify`, a label for each item (.stratify =
/// items.map(parent_label)), every label has its share in both.
struct TrainTestSplitter {
  double test_size = 0.2;
  std::optional<uint64_t> random_state = {};  ///< none: numpy's global generator
  L<std::string> stratify = {};
  std::optional<double> train_size = {};  ///< only int(train_size n) of the others train; none: all
  bool shuffle = true;
  /// @throws ValueError unless the shares are in [0, 1] together; with stratify, unless each label has two
  /// items and each split room for every label
  Splits operator()(const Items& items) const;
};

/// The given items validate (in that order), the others train.
struct IndexSplitter {
  std::vector<int64_t> valid_idx = {};
  std::vector<int64_t> test_idx = {};
  /// @throws IndexError for a place that is not there or given twice
  Splits operator()(const Items& items) const;
};

/// The last (or first) int(valid_pct n) items validate. @throws ValueError unless that is a share, 0 to 1
struct EndSplitter {
  double valid_pct = 0.2;
  bool valid_last = true;
  Splits operator()(const Items& items) const;
};

/// By the folder above the folder of a file: images/train/cat/1.png trains.
struct GrandparentSplitter {
  std::vector<std::string> train_name = {"train"};
  std::vector<std::string> valid_name = {"valid"};
  std::vector<std::string> test_name = {};
  /// @throws ValueError for items that are not paths
  Splits operator()(const Items& items) const;
};

/// Items for which the function is true validate: FuncSplitter{[](const Path& p) { return p.name() < "m"; }}.
struct FuncSplitter {
  Transform f;
  /// @throws ValueError when f does not take the items
  Splits operator()(const Items& items) const;
};

/// Items where the mask is true validate.
struct MaskSplitter {
  std::vector<bool> mask;
  /// @throws ShapeError for a mask of another length
  Splits operator()(const Items& items) const;
};

/// Files whose names are listed, one a line, validate. @throws FileError when the list cannot be read
struct FileSplitter {
  Path fname;
  Splits operator()(const Items& items) const;
};

/// A permutation's first int(train_sz n) train, its next int(valid_sz n) validate; the rest is left out.
struct RandomSubsetSplitter {
  double train_sz = 0.5, valid_sz = 0.2;
  std::optional<uint64_t> seed = {};
  Splits operator()(const Items& items) const;
};

/// Everything trains. @throws ValueError from DataBlock, which wants a validation set
Splits no_split(const Items& items);

}  // namespace fastcore
