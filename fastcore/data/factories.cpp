// SPDX-License-Identifier: MIT
#include "fastcore/data/factories.h"

#include "fastcore/frame/csv.h"
#include "fastcore/frame/data_frame.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

// A label function that wants the file's name alone.
struct OfName {
  Transform label_func;
  static constexpr const char* name = "of_name";
  Value operator()(const Path& path) const {
    const Value file = path.name();
    if (!label_func.takes(file))
      throw ValueError("[from_name_func] the label function does not take a file's name (text)",
                       "[](const std::string& name) { ... }; from_path_func gives it the whole path");
    return label_func(file);
  }
};

DataLoadersOptions loading(const Path& path, const ImageOptions& o) {
  return {.bs = o.bs,
          .val_bs = o.val_bs,
          .shuffle = o.shuffle,
          .drop_last = o.drop_last,
          .device = o.device,
          .num_workers = o.num_workers,
          .path = path};
}

ItemSplitter at_random(const ImageOptions& options) {
  return RandomSplitter{.valid_pct = options.valid_pct.value_or(0.2), .seed = options.seed};
}

DataBlock image_block(const TransformBlock& y_block, const ImageOptions& options) {
  return {.blocks = {ImageBlock{options.mode}, y_block},
          .splitter = at_random(options),
          .item_tfms = options.item_tfms,
          .batch_tfms = options.batch_tfms};
}

TransformBlock categories(const ImageOptions& options) { return CategoryBlock{.vocab = options.vocab}; }

// What the labels in these columns are.
TransformBlock block_of(const DataFrame& df, const TableOptions& table, const ImageOptions& options) {
  if (table.y_block) return *table.y_block;
  if (table.label_col.size() > 1 || !table.label_delim.empty())
    return MultiCategoryBlock{.vocab = options.vocab};
  const Column& column = table.label_col.at(0);
  const Series* series = column.name.empty() ? nullptr : df.find(column.name);
  if (column.name.empty() && column.place < static_cast<int64_t>(df.series().size()))
    series = &df.series()[static_cast<std::size_t>(column.place)];
  if (series && series->is_categorical() && options.vocab.empty())
    return CategoryBlock{.vocab = series->categories(), .sort = false};  // in their declared order
  return categories(options);
}

}  // namespace

DataLoaders ImageDataLoaders::from_folder(const Path& path, const ImageOptions& options,
                                          const FolderNames& names) {
  DataBlock block = image_block(categories(options), options);
  block.get_y = parent_label;
  if (options.valid_pct.value_or(0) != 0) {
    block.get_items = [](const Path& folder) { return get_image_files(folder); };
  } else {
    block.get_items = [names](const Path& folder) {
      L<Path> found = get_image_files(folder, {.folders = {names.train, names.valid}});
      const int64_t elsewhere = found.empty() ? get_image_files(folder).size() : 0;
      if (elsewhere > 0)
        throw ValueError("[from_folder] no pictures below " + (folder / names.train).str() + " and " +
                             (folder / names.valid).str() + ", but " + std::to_string(elsewhere) +
                             " elsewhere in " + folder.str(),
                         "set some of all aside: from_folder(path, {.valid_pct = 0.2, .seed = 42}), or say "
                         "what the two folders are called: from_folder(path, {}, {.train = \"training\"})");
      return found;
    };
  }
  if (!options.valid_pct) {  // 0 is a share, too: none of them
    block.splitter = GrandparentSplitter{.train_name = {names.train}, .valid_name = {names.valid}};
  }
  return block.dataloaders(path, loading(path, options));
}

DataLoaders ImageDataLoaders::from_path_func(const Path& path, const L<Path>& fnames,
                                             const Transform& label_func, const ImageOptions& options) {
  DataBlock block = image_block(categories(options), options);
  block.get_y = label_func;
  return block.dataloaders(fnames, loading(path, options));
}

DataLoaders ImageDataLoaders::from_name_func(const Path& path, const L<Path>& fnames,
                                             const Transform& label_func, const ImageOptions& options) {
  return from_path_func(path, fnames, OfName{label_func}, options);
}

DataLoaders ImageDataLoaders::from_path_re(const Path& path, const L<Path>& fnames, const std::string& pat,
                                           const ImageOptions& options) {
  return from_path_func(path, fnames, RegexLabeller(pat), options);
}

DataLoaders ImageDataLoaders::from_name_re(const Path& path, const L<Path>& fnames, const std::string& pat,
                                           const ImageOptions& options) {
  return from_path_func(path, fnames, using_attr(RegexLabeller(pat), &Path::name), options);
}

DataLoaders ImageDataLoaders::from_df(const DataFrame& df, const TableOptions& table,
                                      const ImageOptions& options) {
  if (table.label_col.empty())
    throw ValueError("[from_df] label_col names no column", ".label_col = \"label\"");
  DataBlock block = image_block(block_of(df, table, options), options);
  const Path folder = table.folder.empty() ? table.path : table.path / table.folder;
  block.get_x = ColReader{.cols = {table.fn_col}, .pref = folder, .suff = table.suff};
  block.get_y = ColReader{.cols = table.label_col, .label_delim = table.label_delim};
  if (table.valid_col) block.splitter = ColSplitter{*table.valid_col};
  return block.dataloaders(df, loading(table.path, options));
}

DataLoaders ImageDataLoaders::from_csv(const Path& path, const TableOptions& table,
                                       const ImageOptions& options, const CsvFile& file) {
  TableOptions here = table;
  here.path = path;
  return from_df(read_csv(path / file.csv_fname, {.separator = file.delimiter, .header = file.header}), here,
                 options);
}

DataLoaders ImageDataLoaders::from_values(const Path& path, const L<Path>& fnames, const Items& labels,
                                          TargetKind kind, const ImageOptions& options) {
  if (labels.size() != fnames.size())
    throw minitorch::ShapeError("[from_lists] " + std::to_string(fnames.size()) + " files and " +
                                std::to_string(labels.size()) + " labels: give one for each");
  TransformBlock y_block = categories(options);
  if (kind == TargetKind::multi_category) y_block = MultiCategoryBlock{.vocab = options.vocab};
  if (kind == TargetKind::number) y_block = RegressionBlock{};
  DataBlock block = image_block(y_block, options);
  block.get_x = ItemGetter{0};
  block.get_y = ItemGetter{1};
  Items items;
  for (int64_t i = 0; i < fnames.size(); ++i) items.append(Tuple({fnames[i], labels[i]}));
  return block.dataloaders(items, loading(path, options));
}

DataLoaders SegmentationDataLoaders::from_label_func(const Path& path, const L<Path>& fnames,
                                                     const Transform& label_func,
                                                     const std::vector<std::string>& codes,
                                                     const ImageOptions& options) {
  DataBlock block = image_block(MaskBlock{codes}, options);
  block.get_y = label_func;
  return block.dataloaders(fnames, loading(path, options));
}

}  // namespace fastcore
