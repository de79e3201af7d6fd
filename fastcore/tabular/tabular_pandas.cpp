// SPDX-License-Identifier: MIT
#include "fastcore/tabular/tabular_pandas.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fastcore/basics/helpers.h"
#include "minitorch/core/errors.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::IndexError;
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

std::vector<int64_t> range_of_rows(int64_t begin, int64_t end) {
  std::vector<int64_t> rows(static_cast<std::size_t>(end - begin));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

void refuse_texts(const DataFrame& frame, const std::string& name, const char* hint) {
  if (frame[name].is_text())
    throw ValueError("[TabularPandas] column '" + name + "' is among the numbers, but holds texts", hint);
}

void check_columns(const DataFrame& frame, const TabularOptions& options) {
  std::vector<std::string> seen;
  for (const ColumnNames* names : {&options.cat_names, &options.cont_names, &options.y_names})
    for (const std::string& name : *names) {
      frame[name].data();
      if (std::find(seen.begin(), seen.end(), name) != seen.end())
        throw ValueError("[TabularPandas] column '" + name + "' is named twice",
                         "a column is a category, a number or a target");
      seen.push_back(name);
    }
  for (const std::string& name : options.cont_names) refuse_texts(frame, name, "name it in cat_names");
}

// Training rows, then validation rows, and how many train.
std::pair<std::vector<int64_t>, int64_t> ordered_rows(int64_t rows, const std::optional<Splits>& splits) {
  if (!splits) return {range_of_rows(0, rows), rows};
  std::vector<int64_t> order;
  std::vector<char> used(static_cast<std::size_t>(rows));
  for (std::size_t part = 0; part < std::min<std::size_t>(2, splits->size()); ++part)
    for (const int64_t row : (*splits)[part]) {
      if (row < 0 || row >= rows)
        throw IndexError("[TabularPandas] the split names row " + std::to_string(row) + " of " +
                         std::to_string(rows));
      if (used[static_cast<std::size_t>(row)])
        throw ValueError("[TabularPandas] the split names row " + std::to_string(row) + " twice",
                         "a row trains or validates, not both");
      used[static_cast<std::size_t>(row)] = true;
      order.push_back(row);
    }
  return {order, static_cast<int64_t>(splits->at(0).size())};
}

DataFrame first_rows(const DataFrame& rows, int64_t n) {
  return n == rows.rows() ? rows : rows.take(range_of_rows(0, n));
}

}  // namespace

TabularPrep::TabularPrep(DataFrame& rows, int64_t n_train, const TabularOptions& options)
    : columns_{options.cat_names, options.cont_names, options.y_names} {
  for (const auto& proc : options.procs.list()) procs_.push_back(proc->clone());
  std::stable_sort(procs_.begin(), procs_.end(),
                   [](const auto& a, const auto& b) { return a->order() < b->order(); });
  set_up_target(first_rows(rows, n_train), options.y_block);
  encode_target(rows);
  for (const auto& proc : procs_) {
    proc->setup(first_rows(rows, n_train), columns_);
    proc->encode(rows);
  }
  keep_classes();
}

TabularPrep::TabularPrep(std::vector<std::shared_ptr<TabularProc>> procs, TabularColumns columns,
                         Targets targets)
    : procs_(std::move(procs)), columns_(std::move(columns)), targets_(std::move(targets)) {
  keep_classes();
}

void TabularPrep::keep_classes() {
  for (const auto& proc : procs_)
    if (const auto* categorify = dynamic_cast<const Categorify*>(proc.get())) classes_ = categorify->classes;
}

void TabularPrep::set_up_target(const DataFrame& train, const TabularTarget& block) {
  if (columns_.y_names.empty()) return;
  bool numbers = true;
  for (const std::string& name : columns_.y_names) numbers = numbers && train[name].is_numeric();
  targets_.kind = block.kind.value_or(numbers ? TargetKind::number : TargetKind::category);
  targets_.c = columns_.y_names.size();
  if (targets_.kind == TargetKind::number) return;
  if (columns_.y_names.size() != 1)
    throw ValueError(
        "[TabularPandas] " + std::to_string(columns_.y_names.size()) + " columns of categories as targets",
        "name one; several targets are numbers: {.y_block = RegressionBlock{}}");
  targets_.vocab = block.vocab.empty() ? train[columns_.y_names.list()[0]].categories() : block.vocab;
  targets_.c = static_cast<int64_t>(targets_.vocab.size());
}

void TabularPrep::encode_target(DataFrame& rows) const {
  for (const std::string& name : columns_.y_names) {
    const Series y = rows[name];
    for (int64_t row = 0; row < y.size(); ++row)
      if (y.is_missing(row))
        throw ValueError("[TabularPandas] target '" + name + "' is missing in row " + y.index()[row].text(),
                         "leave such rows out: df.dropna({\"" + name + "\"})");
    if (targets_.kind == TargetKind::number) {
      if (y.is_text())
        throw ValueError("[TabularPandas] target '" + name + "' is a number, but the column holds texts",
                         "turn them into numbers, or let it be a category: {.y_block = CategoryBlock{}}");
      continue;
    }
    Dict<Cell, Cell> place;
    for (std::size_t i = 0; i < targets_.vocab.size(); ++i)
      place[targets_.vocab[i]] = static_cast<int64_t>(i);
    const Series codes = y.astype(ColumnType::text).map(place);
    for (int64_t row = 0; row < y.size(); ++row)
      if (codes.is_missing(row))
        throw ValueError("[TabularPandas] target " + y[row].repr() + " of row " + y.index()[row].text() +
                             " is not among the classes",
                         "there are " + join(L<std::string>(targets_.vocab), ", "));
    rows[name] = codes;
  }
}

DataFrame TabularPrep::encode(const DataFrame& rows, bool with_y) const {
  DataFrame encoded = rows;
  for (const std::string& name : columns_.cont_names)
    if (rows.has(name)) refuse_texts(rows, name, "give numbers, as in training");
  if (with_y) encode_target(encoded);
  for (const auto& proc : procs_) proc->encode(encoded);
  for (const ColumnNames* names : {&columns_.cat_names, &columns_.cont_names})
    for (const std::string& name : *names) static_cast<const DataFrame&>(encoded)[name].data();
  return encoded;
}

DataFrame TabularPrep::decode(const DataFrame& rows) const {
  DataFrame decoded = rows;
  for (auto proc = procs_.rbegin(); proc != procs_.rend(); ++proc) (*proc)->decode(decoded);
  if (targets_.kind == TargetKind::category)
    for (const std::string& name : columns_.y_names) {
      if (!rows.has(name)) continue;
      std::vector<Cell> labels;
      for (const double code : rows[name].numbers())
        labels.push_back(code >= 0 && code < static_cast<double>(targets_.vocab.size())
                             ? Cell(targets_.vocab[static_cast<std::size_t>(code)])
                             : Cell());
      decoded[name] = Series(labels);
    }
  return decoded;
}

Tensor TabularPrep::cats(const DataFrame& rows) const {
  const int64_t n = rows.rows(), columns = columns_.cat_names.size();
  Tensor out = minitorch::empty({n, columns}, {.dtype = minitorch::kInt64});
  int64_t* to = out.data<int64_t>();
  for (int64_t j = 0; j < columns; ++j) {
    const Series codes = rows[columns_.cat_names.list()[static_cast<std::size_t>(j)]];
    if (codes.is_text())
      throw ValueError("[TabularPandas] column '" + codes.name() + "' holds texts",
                       "turn them into numbers: {.procs = {Categorify{}}}");
    const std::vector<double> values = codes.numbers();
    for (int64_t i = 0; i < n; ++i)
      to[i * columns + j] = static_cast<int64_t>(values[static_cast<std::size_t>(i)]);
  }
  return out;
}

Tensor TabularPrep::conts(const DataFrame& rows) const {
  for (const std::string& name : columns_.cont_names)
    if (rows[name].isna().any())
      throw ValueError(
          "[TabularPandas] column '" + name + "' has missing numbers: a net makes nan of them",
          "fill them: {.procs = {FillMissing{}, ...}}, or leave '" + name + "' out of cont_names");
  return rows[columns_.cont_names.list()].tensor();
}

Tensor TabularPrep::ys(const DataFrame& rows) const {
  if (targets_.kind == TargetKind::category)
    return rows[columns_.y_names.list()[0]].long_tensor().unsqueeze(1);
  return rows[columns_.y_names.list()].tensor();
}

TabularPandas::TabularPandas(const DataFrame& frame, const TabularOptions& options) {
  check_columns(frame, options);
  const auto [order, n_train] = ordered_rows(frame.rows(), options.splits);
  if (n_train == 0) throw ValueError("[TabularPandas] no row trains", "look at the splits, or at the table");
  items_ = frame.take(order);
  n_train_ = n_train;
  prep_ = std::make_shared<TabularPrep>(items_, n_train_, options);
}

TabularPandas::TabularPandas(std::shared_ptr<const TabularPrep> prep) : prep_(std::move(prep)), n_train_(0) {
  for (const ColumnNames* names : {&cat_names(), &cont_names()})
    for (const std::string& name : *names) items_.set(name, Series(std::vector<double>()));
}

TabularPandas TabularPandas::part(int64_t begin, int64_t end) const {
  return TabularPandas(prep_, items_.take(range_of_rows(begin, end)),
                       std::clamp<int64_t>(n_train_ - begin, 0, end - begin));
}

DataFrame TabularPandas::xs() const {
  std::vector<std::string> names = cat_names().list();
  names.insert(names.end(), cont_names().begin(), cont_names().end());
  return items_[names];
}

Series TabularPandas::y() const {
  if (y_names().size() != 1)
    throw ValueError("[TabularPandas] there are " + std::to_string(y_names().size()) + " targets",
                     "use ys()");
  return items_[y_names().list()[0]];
}

TabularPandas TabularPandas::create_new(const DataFrame& rows, bool with_y) const {
  return TabularPandas(prep_, prep_->encode(rows, with_y), 0);
}

DataFrame TabularPandas::decode() const {
  std::vector<std::string> names = xs().columns().items();
  for (const std::string& name : y_names())
    if (items_.has(name)) names.push_back(name);
  return prep_->decode(items_[names]);
}

void TabularPandas::show(int64_t max_n) const {
  print(TabularPandas(prep_, items_.head(max_n), 0).decode().to_string({.max_columns = 30}));
}

}  // namespace fastcore
