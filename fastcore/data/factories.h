// SPDX-License-Identifier: MIT
// The factory methods: loaders of pictures from folders, tables and lists in one call, as fastai has them.
//
//     auto dls = ImageDataLoaders::from_name_func(
//         path, get_image_files(path / "images"), is_cat,
//         {.valid_pct = 0.2, .seed = 42, .item_tfms = Resize{.size = 224}});
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/data_block.h"

namespace fastcore {

/// What the factory methods take beside their own arguments.
struct ImageOptions {
  std::optional<double> valid_pct = {};  ///< the share that validates, at random; else as each method says
  std::optional<uint64_t> seed = {};     ///< of that choice
  std::vector<std::string> vocab = {};   ///< the classes; else those of the training items
  Transforms item_tfms = {}, batch_tfms = {};
  PixelMode mode = PixelMode::rgb;  ///< fastai's img_cls: PixelMode::grey for pictures of one channel
  int64_t bs = 64;
  std::optional<int64_t> val_bs = {};
  bool shuffle = true;
  std::optional<bool> drop_last = {};
  minitorch::Device device = minitorch::Device::cpu();
  int num_workers = -1;
};

/// The folders that from_folder looks for.
struct FolderNames {
  std::string train = "train", valid = "valid";
};

/// Which columns of a table hold what, for from_df and from_csv.
struct TableOptions {
  Path path = ".";
  Column fn_col = 0;                           ///< the file's name
  std::string folder = {};                     ///< below `path`, where the files are
  std::string suff = {};                       ///< behind each name: ".jpg"
  ColumnList label_col = {1};                  ///< one column, or several for several labels
  std::string label_delim = {};                ///< cuts a text into several labels: " "
  std::optional<TransformBlock> y_block = {};  ///< what labels are; else found from the columns
  std::optional<Column> valid_col = {};        ///< rows where it is true validate; else valid_pct at random
};

/// The file that from_csv reads.
struct CsvFile {
  std::string csv_fname = "labels.csv";  ///< below the path
  char delimiter = ',';
  bool header = true;
};

/// Loaders of pictures with their labels. Options that are left out: a fifth validates.
struct ImageDataLoaders {
  /// Labels are the names of the files' folders. Without valid_pct, files below path/train train and those
  /// below path/valid validate; with it, all pictures below path are split at random. A share of 0 is
  /// refused, as everywhere: something has to validate.
  static DataLoaders from_folder(const Path& path, const ImageOptions& options = {},
                                 const FolderNames& names = {});
  /// label_func of each file's path.
  static DataLoaders from_path_func(const Path& path, const L<Path>& fnames, const Transform& label_func,
                                    const ImageOptions& options = {});
  /// label_func of each file's name.
  static DataLoaders from_name_func(const Path& path, const L<Path>& fnames, const Transform& label_func,
                                    const ImageOptions& options = {});
  /// Group 1 of a regular expression in the path. @see RegexLabeller
  static DataLoaders from_path_re(const Path& path, const L<Path>& fnames, const std::string& pat,
                                  const ImageOptions& options = {});
  /// Group 1 of a regular expression in the file's name.
  static DataLoaders from_name_re(const Path& path, const L<Path>& fnames, const std::string& pat,
                                  const ImageOptions& options = {});
  /// Files and labels from the columns of a table. Several label columns, or a label_delim, make several
  /// labels of each picture. @throws IndexError for a column that is not there
  static DataLoaders from_df(const DataFrame& df, const TableOptions& table = {},
                             const ImageOptions& options = {});
  /// The same from a file in `path`.
  static DataLoaders from_csv(const Path& path, const TableOptions& table = {},
                              const ImageOptions& options = {}, const CsvFile& file = {});
  /// A label for each file: texts or whole numbers are classes, other numbers are to be predicted, and so are
  /// lists of them; lists of texts or whole numbers are several labels at once.
  /// @throws ShapeError unless there are as many labels as files
  template <class Label>
  static DataLoaders from_lists(const Path& path, const L<Path>& fnames, const L<Label>& labels,
                                const ImageOptions& options = {}) {
    Items values;
    for (const Label& label : labels) values.append(to_value(label));
    return from_values(path, fnames, values, kind_of<Label>(), options);
  }

 private:
  template <class Label>
  static constexpr TargetKind kind_of() {
    if constexpr (std::is_convertible_v<Label, std::string>) {
      return TargetKind::category;
    } else if constexpr (detail::Range<Label>) {
      using Part = std::decay_t<decltype(*std::declval<const Label&>().begin())>;
      return std::is_floating_point_v<Part> ? TargetKind::number : TargetKind::multi_category;
    } else {
      return std::is_floating_point_v<Label> ? TargetKind::number : TargetKind::category;
    }
  }
  static DataLoaders from_values(const Path& path, const L<Path>& fnames, const Items& labels,
                                 TargetKind kind, const ImageOptions& options);
};

/// Loaders of pictures with their masks.
struct SegmentationDataLoaders {
  /// The mask of each picture is the file label_func(path); `codes` names its values, c = their number.
  static DataLoaders from_label_func(const Path& path, const L<Path>& fnames, const Transform& label_func,
                                     const std::vector<std::string>& codes, const ImageOptions& options = {});
  static DataLoaders from_label_func(const Path& path, const L<Path>& fnames, const Transform& label_func,
                                     const L<std::string>& codes, const ImageOptions& options = {}) {
    return from_label_func(path, fnames, label_func, codes.items(), options);
  }
};

}  // namespace fastcore
