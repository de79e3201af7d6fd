// SPDX-License-Identifier: MIT
#include "fastcore/tabular/procs.h"

#include <algorithm>
#include <cmath>

#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::ValueError;

bool ColumnNames::contains(const std::string& name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

// A column of whole numbers becomes one of numbers where some are missing.
std::string category_name(const Cell& value) {
  const bool whole = !value.is_text() && !value.is_missing() && !value.is_boolean() &&
                     std::trunc(value.number()) == value.number() && std::fabs(value.number()) < 1e15;
  return whole ? Cell(value.integer()).text() : value.text();
}

namespace {
std::vector<std::string> category_names(const Series& values) {
  std::vector<std::string> names;
  for (const Cell& value : values.cells()) names.push_back(category_name(value));
  return names;
}

// Whether a column that the table has already says the same as `missing`: as truths, 0 and 1, or texts.
bool says_the_same(const Series& own, const Series& missing) {
  return own.is_text() ? own.texts() == missing.texts() : own.numbers() == missing.numbers();
}
}  // namespace

void Categorify::setup(const DataFrame& train, TabularColumns& columns) {
  classes = {};
  for (const std::string& name : columns.cat_names) {
    std::vector<std::string> known{"#na#"};
    for (const std::string& value : category_names(factorize(train[name]).values)) known.push_back(value);
    classes[name] = std::move(known);
  }
}

void Categorify::encode(DataFrame& rows) const {
  for (const auto& [name, known] : classes) {
    const Factors factors = factorize(rows[name], false);
    Dict<std::string, int64_t> place;
    for (std::size_t i = 1; i < known.size(); ++i) place[known[i]] = static_cast<int64_t>(i);
    std::vector<int64_t> of_value, codes;
    for (const std::string& value : category_names(factors.values)) {
      const int64_t* found = place.find(value);
      of_value.push_back(found ? *found : 0);
    }
    for (const int32_t code : factors.codes) codes.push_back(code < 0 ? 0 : of_value[code]);
    rows[name] = Series(std::move(codes));
  }
}

void Categorify::decode(DataFrame& rows) const {
  for (const auto& [name, known] : classes) {
    std::vector<std::string> texts;
    for (const double code : rows[name].numbers())
      texts.push_back(known[std::min(known.size() - 1, static_cast<std::size_t>(std::max(0.0, code)))]);
    rows[name] = Series(texts);
  }
}

void FillMissing::setup(const DataFrame& train, TabularColumns& columns) {
  na_dict = {};
  cont_names = columns.cont_names.list();
  for (const std::string& name : cont_names) {
    const Series column = train[name];
    if (column.count() == column.size()) continue;
    const double* constant = fill_vals.find(name);
    double fill = constant ? *constant : 0;
    if (fill_strategy == FillStrategy::median) fill = column.median();
    if (fill_strategy == FillStrategy::mode && column.count() > 0) fill = column.mode()[0].number();
    if (std::isnan(fill))
      throw ValueError("[FillMissing] column '" + name + "' has no value in the training rows",
                       "leave it out of cont_names, or fill it with a constant");
    na_dict[name] = fill;
    if (!add_col) continue;
    const std::string marks = name + "_na";
    if (columns.cont_names.contains(marks) || columns.y_names.contains(marks) ||
        (train.has(marks) && !says_the_same(train[marks], column.isna())))
      throw ValueError("[FillMissing] the table has a column '" + marks +
                           "' of its own, which would be lost: it is to say where '" + name + "' is missing",
                       "rename it, or leave such columns out: FillMissing(FillStrategy::median, false)");
    if (!columns.cat_names.contains(marks)) columns.cat_names.append(marks);
  }
}

void FillMissing::encode(DataFrame& rows) const {
  for (const std::string& name : cont_names)
    if (!na_dict.contains(name) && rows[name].isna().any())
      throw ValueError("[FillMissing] column '" + name + "' has missing values, but had none in training",
                       "fill it before: df[\"" + name + "\"] = df[\"" + name + "\"].fillna(...)");
  for (const auto& [name, fill] : na_dict) {
    const Series column = rows[name];
    if (add_col) rows[name + "_na"] = column.isna();
    rows[name] = column.fillna(fill);
  }
}

void NormalizeColumns::setup(const DataFrame& train, TabularColumns& columns) {
  means = stds = {};
  for (const std::string& name : columns.cont_names) {
    means[name] = train[name].mean();
    stds[name] = train[name].std(0) + 1e-7;
  }
}

void NormalizeColumns::encode(DataFrame& rows) const {
  for (const auto& [name, mean] : means) rows[name] = (rows[name] - mean) / stds.at(name);
}

void NormalizeColumns::decode(DataFrame& rows) const {
  for (const auto& [name, mean] : means) rows[name] = rows[name] * stds.at(name) + mean;
}

std::pair<ColumnNames, ColumnNames> cont_cat_split(const DataFrame& frame, int64_t max_card,
                                                   const ColumnNames& dep_var) {
  ColumnNames conts, cats;
  for (const Series& column : frame.series()) {
    if (dep_var.contains(column.name())) continue;
    const bool number = column.type() == ColumnType::number ||
                        (column.type() == ColumnType::integer && column.nunique() > max_card);
    (number ? conts : cats).append(column.name());
  }
  return {conts, cats};
}

std::shared_ptr<TabularProc> Categorify::clone() const { return std::make_shared<Categorify>(*this); }
std::shared_ptr<TabularProc> FillMissing::clone() const { return std::make_shared<FillMissing>(*this); }
std::shared_ptr<TabularProc> NormalizeColumns::clone() const {
  return std::make_shared<NormalizeColumns>(*this);
}

Procs::Procs(const Procs&) = default;
Procs::Procs(Procs&&) noexcept = default;
Procs& Procs::operator=(const Procs&) = default;
Procs& Procs::operator=(Procs&&) noexcept = default;
Procs::~Procs() = default;
Procs::Procs(std::shared_ptr<TabularProc> proc) : list_{std::move(proc)} {}
Procs::Procs(const Categorify& proc) : list_{proc.clone()} {}
Procs::Procs(const FillMissing& proc) : list_{proc.clone()} {}
Procs::Procs(const Normalize&) : list_{std::make_shared<NormalizeColumns>()} {}
Procs::Procs(std::initializer_list<Procs> several) {
  for (const Procs& one : several) list_.insert(list_.end(), one.list_.begin(), one.list_.end());
}

}  // namespace fastcore
