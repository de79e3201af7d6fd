// SPDX-License-Identifier: MIT
#include "fastcore/tabular/dataloaders.h"

#include "fastcore/data/show_batch.h"
#include "fastcore/frame/csv.h"
#include "fastcore/frame/reshape.h"
#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::Tensor;
using minitorch::ValueError;

TabularLoader::TabularLoader(TabularPandas rows, const TensorLoaderOptions& options, bool with_cont)
    : rows_(std::move(rows)), with_cont_(with_cont) {
  const TabularPrep& prep = *rows_.prep();
  std::vector<Tensor> x{prep.cats(rows_.items())}, y;
  if (with_cont) x.push_back(prep.conts(rows_.items()));
  bool labelled = !rows_.y_names().empty();
  for (const std::string& name : rows_.y_names()) labelled = labelled && rows_.items().has(name);
  if (labelled) y.push_back(prep.ys(rows_.items()));
  TensorLoaderOptions with_targets = options;
  with_targets.targets = rows_.targets();
  loader_ = std::make_shared<TensorLoader>(std::move(x), std::move(y), with_targets);
}

std::shared_ptr<DataLoader> TabularLoader::with(const LoaderChanges& changes) const {
  return std::shared_ptr<DataLoader>(new TabularLoader(rows_, loader_->with(changes), with_cont_));
}

std::shared_ptr<DataLoader> TabularLoader::test_dl(const std::vector<Value>& items, bool with_labels) const {
  std::vector<DataFrame> parts;
  for (std::size_t i = 0; i < items.size();) {
    const Row* first = std::get_if<Row>(&items[i]);
    if (!first || !first->table)
      throw ValueError(
          "[test_dl] an item is " + type_of(items[i]) + ", and this loader holds rows of a table",
          "give rows: dls.test_dl(rows(df))");
    std::vector<int64_t> places;  // neighbours from one table
    for (const Row* row = first; row && row->table == first->table;) {
      places.push_back(row->index);
      row = ++i < items.size() ? std::get_if<Row>(&items[i]) : nullptr;
    }
    parts.push_back(first->table->take(places));
  }
  if (parts.empty()) throw ValueError("[test_dl] there is no row", "give rows: dls.test_dl(rows(df))");
  DataFrame all = parts.size() == 1 ? parts.front() : concat(parts);
  if (!with_labels)
    for (const std::string& name : rows_.y_names())
      if (all.has(name)) all = all.drop({name});
  return std::make_shared<TabularLoader>(rows_.create_new(all, with_labels),
                                         TensorLoaderOptions{.bs = batch_size()}, with_cont_);
}

DataFrame TabularLoader::decode(const Batch& batch) const {
  std::vector<Series> columns;
  const auto add = [&](const Tensor& values, const ColumnNames& names) {
    const Tensor on_cpu = values.detach().cpu();
    for (int64_t j = 0; j < names.size(); ++j)
      columns.emplace_back(on_cpu.select(1, j), names.list()[static_cast<std::size_t>(j)]);
  };
  add(batch.x.at(0), rows_.cat_names());
  if (with_cont_) add(batch.x.at(1), rows_.cont_names());
  if (!batch.y.empty()) add(batch.y[0].reshape({batch.y[0].size(0), -1}), rows_.y_names());
  return rows_.prep()->decode(DataFrame(std::move(columns)));
}

std::vector<Value> TabularLoader::decode_x(const Batch& batch, int64_t i) const {
  Batch one;
  for (const Tensor& t : batch.x) one.x.push_back(t.slice(0, i, i + 1));
  return {Row{std::make_shared<DataFrame>(decode(one)), 0}};
}

void TabularLoader::show_batch(const ShowOptions& options) {
  const DataFrame shown = decode(one_batch());
  print(shown.head(options.max_n).to_string({.max_columns = 30}));
}

TabularDataLoaders TabularPandas::dataloaders(const TabularLoaderOptions& options) const {
  if (n_train_ == 0) throw ValueError("[dataloaders] no row trains");
  const TensorLoaderOptions training{
      .bs = options.bs, .shuffle = options.shuffle, .drop_last = options.shuffle};
  std::vector<DataLoaders::LoaderPtr> loaders;
  loaders.push_back(std::make_shared<TabularLoader>(train(), training, options.with_cont));
  const TensorLoaderOptions validation{.bs = options.val_bs ? options.val_bs : options.bs};
  loaders.push_back(std::make_shared<TabularLoader>(valid(), validation, options.with_cont));
  return TabularDataLoaders(std::move(loaders), options.path);
}

TabularDataLoaders TabularDataLoaders::from_df(const DataFrame& frame, const TabularDataOptions& options) {
  TabularOptions prepare{.procs = options.procs,
                         .cat_names = options.cat_names,
                         .cont_names = options.cont_names,
                         .y_names = options.y_names,
                         .y_block = options.y_block};
  if (options.cat_names.empty() && options.cont_names.empty())
    std::tie(prepare.cont_names, prepare.cat_names) = cont_cat_split(frame, 20, options.y_names);
  else if (options.cont_names.empty())
    for (const Series& column : frame.series())
      if (!column.is_text() && !options.cat_names.contains(column.name()) &&
          !options.y_names.contains(column.name()))
        prepare.cont_names.append(column.name());
  const Items items(std::vector<Value>(static_cast<std::size_t>(frame.rows())));
  prepare.splits = options.valid_idx.empty() ? options.splitter(items)
                                             : IndexSplitter{.valid_idx = options.valid_idx}(items);
  return TabularPandas(frame, prepare)
      .dataloaders({.bs = options.bs, .val_bs = options.val_bs, .path = options.path});
}

TabularDataLoaders TabularDataLoaders::from_csv(const Path& csv, const TabularDataOptions& options) {
  return from_df(read_csv(csv, {.skipinitialspace = true}), options);
}

DataLoaders::LoaderPtr TabularDataLoaders::test_dl(const DataFrame& frame, bool with_labels) const {
  return valid().test_dl(rows(frame), with_labels);
}

const TabularPrep& TabularDataLoaders::prep() const { return tabular_prep(train()); }

std::vector<Value> rows(const DataFrame& frame) {
  const auto table = std::make_shared<const DataFrame>(frame);
  std::vector<Value> items;
  for (int64_t i = 0; i < frame.rows(); ++i) items.push_back(Row{table, i});
  return items;
}

Row row(const DataFrame& frame, int64_t place) {
  if (place < -frame.rows() || place >= frame.rows())
    throw minitorch::IndexError("[row] row " + std::to_string(place) + " of " + std::to_string(frame.rows()),
                                "rows are counted from 0, or from -1, the last, backwards");
  return {std::make_shared<const DataFrame>(frame.take({place < 0 ? place + frame.rows() : place})), 0};
}

const TabularPandas& tabular_rows(const DataLoader& loader) {
  if (const auto* tabular = dynamic_cast<const TabularLoader*>(&loader)) return tabular->rows();
  throw ValueError("[tabular] the data are no table", "make them with TabularDataLoaders or TabularPandas");
}
const TabularPrep& tabular_prep(const DataLoader& loader) { return *tabular_rows(loader).prep(); }

}  // namespace fastcore
