// SPDX-License-Identifier: MIT
#include "fastcore/data/image_data_bunch.h"

#include "fastcore/data/augment.h"
#include "fastcore/frame/data_frame.h"

namespace fastcore {

// One list; what is meant for validation alone says so.
static std::vector<Transform> for_both(const TransformPair& pair) {
  std::vector<Transform> all = pair.train;
  for (const Transform& transform : pair.valid) all.push_back(transform.in_split(1));
  return all;
}

TransformPair get_transforms(const GetTransforms& o) {
  return {aug_transforms({.do_flip = o.do_flip,
                          .flip_vert = o.flip_vert,
                          .max_rotate = o.max_rotate,
                          .max_zoom = o.max_zoom,
                          .max_lighting = o.max_lighting,
                          .max_warp = o.max_warp,
                          .p_affine = o.p_affine,
                          .p_lighting = o.p_lighting,
                          .xtra_tfms = o.xtra_tfms}),
          {}};
}

void DataBunch::show_batch(int rows) const {
  DataLoaders::show_batch({.max_n = int64_t{rows} * rows, .nrows = rows, .ncols = rows});
}

DataBunch& DataBunch::normalize(const Stats& stats) {
  Transform normalize = Normalize::from_stats(stats);
  if (stats.mean.empty()) {
    const Batch batch = one_batch();
    normalize = normalize.set_up({TensorImage{batch.x.at(0)}});
  }
  add_batch_tfm(normalize);
  return *this;
}

ImageOptions ImageDataBunch::image_options(const BunchOptions& o) {
  ImageOptions options{.valid_pct = o.valid_pct,
                       .seed = o.seed,
                       .vocab = o.classes,
                       .batch_tfms = for_both(o.ds_tfms),
                       .bs = o.bs,
                       .val_bs = o.val_bs,
                       .num_workers = o.num_workers};
  if (o.size > 0) options.item_tfms = Resize{.size = o.size};
  return options;
}

DataBunch ImageDataBunch::from_folder(const Path& path, const BunchOptions& options) {
  DataBunch data =
      ImageDataLoaders::from_folder(path, image_options(options), {options.train, options.valid});
  if (!options.test.empty()) data.add_test(get_image_files(path / options.test));
  return data;
}

DataBunch ImageDataBunch::from_df(const Path& path, const DataFrame& df, const BunchTable& table,
                                  const BunchOptions& options) {
  const TableOptions columns{.path = path,
                             .fn_col = table.fn_col,
                             .folder = table.folder,
                             .suff = table.suffix,
                             .label_col = table.label_col,
                             .label_delim = table.label_delim};
  return ImageDataLoaders::from_df(df, columns, image_options(options));
}

DataBunch ImageDataBunch::from_csv(const Path& path, const BunchTable& table, const BunchOptions& options) {
  const TableOptions columns{.fn_col = table.fn_col,
                             .folder = table.folder,
                             .suff = table.suffix,
                             .label_col = table.label_col,
                             .label_delim = table.label_delim};
  return ImageDataLoaders::from_csv(
      path, columns, image_options(options),
      {.csv_fname = table.csv_labels, .delimiter = table.delimiter, .header = table.header});
}

DataBunch ImageDataBunch::from_name_func(const Path& path, const L<Path>& fnames, const Transform& label_func,
                                         const BunchOptions& options) {
  return ImageDataLoaders::from_path_func(path, fnames, label_func, image_options(options));
}

DataBunch ImageDataBunch::from_name_re(const Path& path, const L<Path>& fnames, const std::string& pat,
                                       const BunchOptions& options) {
  return ImageDataLoaders::from_path_re(path, fnames, pat, image_options(options));
}

}  // namespace fastcore
