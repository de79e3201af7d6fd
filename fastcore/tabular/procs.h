// SPDX-License-Identifier: MIT
// Procs: what is done to a table before a model sees it. Each learns from the training rows and is then
// applied to all rows, old and new.
#pragma once
#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "fastcore/data/batch_transform.h"
#include "fastcore/frame/data_frame.h"

namespace fastcore {

/// Names of columns: one, or a list in braces.
class ColumnNames {
 public:
  ColumnNames() = default;
  ColumnNames(const char* name) : names_{name} {}
  ColumnNames(std::string name) : names_{std::move(name)} {}
  ColumnNames(std::initializer_list<const char*> names) : names_(names.begin(), names.end()) {}
  ColumnNames(std::vector<std::string> names) : names_(std::move(names)) {}
  ColumnNames(const L<std::string>& names) : names_(names.items()) {}

  const std::vector<std::string>& list() const { return names_; }
  auto begin() const { return names_.begin(); }
  auto end() const { return names_.end(); }
  int64_t size() const { return static_cast<int64_t>(names_.size()); }
  bool empty() const { return names_.empty(); }
  bool contains(const std::string& name) const;
  void append(const std::string& name) { names_.push_back(name); }

 private:
  std::vector<std::string> names_;
};

/// Which columns are categories and which are numbers. A proc may add to them.
struct TabularColumns {
  ColumnNames cat_names = {}, cont_names = {}, y_names = {};
};

/// One step. Derive to write one of your own.
class TabularProc {
 public:
  virtual ~TabularProc() = default;
  virtual std::string name() const = 0;
  /// Steps run in ascending order.
  virtual double order() const { return 0; }
  /// Learns from the training rows, as the steps before have left them.
  virtual void setup(const DataFrame& train, TabularColumns& columns) = 0;
  /// Changes rows, training and others.
  virtual void encode(DataFrame& rows) const = 0;
  /// Undoes what can be undone, for showing.
  virtual void decode(DataFrame&) const {}
  virtual std::shared_ptr<TabularProc> clone() const = 0;
};

/// What Categorify calls a value: 1 and 1.0 are one category, "1".
std::string category_name(const Cell& value);

/// Categories become numbers: 0 for what is missing or was not seen in training, then 1, 2, ... for the
/// values of training in sorted (or declared) order.
class Categorify : public TabularProc {
 public:
  std::string name() const override { return "Categorify"; }
  double order() const override { return 1; }
  void setup(const DataFrame& train, TabularColumns& columns) override;
  void encode(DataFrame& rows) const override;
  void decode(DataFrame& rows) const override;
  std::shared_ptr<TabularProc> clone() const override;

  /// For each column what its numbers stand for; the first is \#na\#.
  Dict<std::string, std::vector<std::string>> classes;
};

enum class FillStrategy { median, constant, mode };

/// Missing numbers are filled with one of the training rows; a further category `name_na` tells where. A
/// column of that name that the table has already has to say the same (fastai overwrites it).
class FillMissing : public TabularProc {
 public:
  FillStrategy fill_strategy = FillStrategy::median;
  bool add_col = true;
  Dict<std::string, double> fill_vals = {};  ///< for FillStrategy::constant; 0 where none is given

  FillMissing() = default;
  explicit FillMissing(FillStrategy strategy, bool add = true, Dict<std::string, double> values = {})
      : fill_strategy(strategy), add_col(add), fill_vals(std::move(values)) {}
  std::string name() const override { return "FillMissing"; }
  /// @throws ValueError for a column without any value, and for a `name_na` that says something else
  void setup(const DataFrame& train, TabularColumns& columns) override;
  /// @throws ValueError for a missing number in a column that missed none in training
  void encode(DataFrame& rows) const override;
  std::shared_ptr<TabularProc> clone() const override;

  Dict<std::string, double> na_dict;  ///< what each column is filled with
  std::vector<std::string> cont_names;
};

/// Numbers to mean 0 and deviation 1: (x - mean) / (std + 1e-7), std over n. Asked for as Normalize{}.
class NormalizeColumns : public TabularProc {
 public:
  std::string name() const override { return "Normalize"; }
  double order() const override { return 99; }
  void setup(const DataFrame& train, TabularColumns& columns) override;
  void encode(DataFrame& rows) const override;
  void decode(DataFrame& rows) const override;
  std::shared_ptr<TabularProc> clone() const override;

  Dict<std::string, double> means, stds;
};

/// Procs in a list: {Categorify{}, FillMissing{}, Normalize{}}, in any order.
class Procs {
 public:
  Procs() = default;
  // Compiled once, in procs.cpp.
  Procs(const Procs&);
  Procs(Procs&&) noexcept;
  Procs& operator=(const Procs&);
  Procs& operator=(Procs&&) noexcept;
  ~Procs();
  template <std::derived_from<TabularProc> P>
  Procs(P proc) : Procs(std::shared_ptr<TabularProc>(std::make_shared<P>(std::move(proc)))) {}
  Procs(const Categorify& proc);
  Procs(const FillMissing& proc);
  Procs(const Normalize&);
  Procs(std::initializer_list<Procs> several);
  const std::vector<std::shared_ptr<TabularProc>>& list() const { return list_; }

 private:
  Procs(std::shared_ptr<TabularProc> proc);
  std::vector<std::shared_ptr<TabularProc>> list_;
};

/// Which columns are numbers and which are categories: fractions, and whole numbers of more than `max_card`
/// values, are numbers. The targets are in neither list.
std::pair<ColumnNames, ColumnNames> cont_cat_split(const DataFrame& frame, int64_t max_card = 20,
                                                   const ColumnNames& dep_var = {});

}  // namespace fastcore
