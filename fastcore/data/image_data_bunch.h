// SPDX-License-Identifier: MIT
// The names of 2018 and 2019: ImageDataBunch and get_transforms. Each stands for one of today's
// (factories.h).
//
//     auto data = ImageDataBunch::from_name_re(path_img, fnames, pat,
//                                              {.ds_tfms = get_transforms(), .size = 224})
//                     .normalize(imagenet_stats);
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/factories.h"

namespace fastcore {

/// Transforms for training and for validation.
struct TransformPair {
  std::vector<Transform> train = {}, valid = {};
};

/// What get_transforms takes; the names of aug_transforms differ a little.
struct GetTransforms {
  bool do_flip = true, flip_vert = false;
  double max_rotate = 10, max_zoom = 1.1, max_lighting = 0.2, max_warp = 0.2;
  double p_affine = 0.75, p_lighting = 0.75;
  std::vector<Transform> xtra_tfms = {};
};

/// aug_transforms for training, none for validation.
TransformPair get_transforms(const GetTransforms& options = {});

/// What the methods of ImageDataBunch take beside their own arguments.
struct BunchOptions {
  std::string train = "train", valid = "valid";  ///< of from_folder
  std::string test = {};                         ///< of from_folder: pictures without labels, as test_dl()
  std::optional<double> valid_pct = {};          ///< else by these folders (from_folder), or a fifth
  std::optional<uint64_t> seed = {};
  std::vector<std::string> classes = {};
  TransformPair ds_tfms = {};
  int size = 0;  ///< pictures are cropped and scaled to this square; 0: they stay as they are
  int64_t bs = 64;
  std::optional<int64_t> val_bs = {};
  int num_workers = -1;
};

/// The columns of a table, for from_df and from_csv.
struct BunchTable {
  std::string folder = {};
  std::string label_delim = {};
  std::string csv_labels = "labels.csv";
  Column fn_col = 0;
  ColumnList label_col = {1};
  std::string suffix = {};
  char delimiter = ',';
  bool header = true;
};

/// DataLoaders under its first name.
class DataBunch : public DataLoaders {
 public:
  DataBunch(DataLoaders dls) : DataLoaders(std::move(dls)) {}
  DataLoader& train_dl() const { return train(); }
  DataLoader& valid_dl() const { return valid(); }
  /// The pictures of the test folder, in their order and without labels. @throws IndexError when none was
  /// given
  DataLoader& test_dl() const { return (*this)[2]; }
  using DataLoaders::test_dl;
  std::vector<std::string> classes() const { return vocab(); }
  /// A square of `rows` by `rows` training pictures.
  void show_batch(int rows = 5) const;
  /// Normalises the batches of all loaders, by the statistics of a training batch where none are given.
  DataBunch& normalize(const Stats& stats = {});
  /// Adds pictures without labels as the third loader: test_dl().
  void add_test(const L<Path>& files) { loaders_.push_back(test_dl(files)); }
};

/// Loaders of pictures with their labels.
struct ImageDataBunch {
  /// Labels are the folders' names. @throws FileError for a `test` that is no folder, else as
  /// ImageDataLoaders::from_folder
  static DataBunch from_folder(const Path& path, const BunchOptions& options = {});
  static DataBunch from_csv(const Path& path, const BunchTable& table = {}, const BunchOptions& options = {});
  static DataBunch from_df(const Path& path, const DataFrame& df, const BunchTable& table = {},
                           const BunchOptions& options = {});
  template <class Label>
  static DataBunch from_lists(const Path& path, const L<Path>& fnames, const L<Label>& labels,
                              const BunchOptions& options = {}) {
    return ImageDataLoaders::from_lists(path, fnames, labels, image_options(options));
  }
  /// label_func gets the whole path.
  static DataBunch from_name_func(const Path& path, const L<Path>& fnames, const Transform& label_func,
                                  const BunchOptions& options = {});
  /// The expression is looked for in the whole path: `/([^/]+)_\d+.jpg$`.
  static DataBunch from_name_re(const Path& path, const L<Path>& fnames, const std::string& pat,
                                const BunchOptions& options = {});

  /// Today's options for these.
  static ImageOptions image_options(const BunchOptions& options);
};

}  // namespace fastcore
