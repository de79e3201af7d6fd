// SPDX-License-Identifier: MIT
#include "fastcore/tabular/tabular_block.h"

#include "fastcore/tabular/specs.h"

namespace fastcore {
using minitorch::Tensor;
using minitorch::ValueError;

Tensor ReadRow::encode(const Row& row) const {
  if (!prep)
    throw ValueError("[TabularBlock] nothing is known of the columns yet",
                     "a DataBlock's dataloaders(df) learns it from the training rows");
  const DataFrame one = prep->encode(row.table->take({row.index}), false);
  return (columns.cat_names.empty() ? prep->conts(one) : prep->cats(one)).select(0, 0);
}

void ReadRow::setup(const Sample& values) {
  std::vector<int64_t> places;
  for (const Value& value : values) {
    if (!std::holds_alternative<Row>(value))
      throw ValueError(
          "[TabularBlock] the items are no rows of a table: " + describe(value) + " (" + type_of(value) + ")",
          "give the table itself: block.dataloaders(df)");
    places.push_back(std::get<Row>(value).index);
  }
  DataFrame training = std::get<Row>(values.front()).table->take(places);
  prep = std::make_shared<const TabularPrep>(training, training.rows(), columns);
}

// What was learned, as one text: columns and procs are in it.
void ReadRow::fields(Fields& f) {
  std::string learned = prep ? prep_json(*prep) : "";
  bool numbers = columns.cat_names.empty();  // FillMissing adds categories, which this block may not be for
  f("prep", learned)("numbers", numbers);
  if (prep || learned.empty()) return;
  prep = prep_from_json(learned);
  if (numbers) columns.cont_names = prep->columns().cont_names;
  else columns.cat_names = prep->columns().cat_names;
}

TabularBlock::operator TransformBlock() const {
  if (cat_names.empty() == cont_names.empty())
    throw ValueError(std::string("[TabularBlock] ") +
                         (cat_names.empty() ? "no columns" : "categories and numbers") +
                         ": expected either cat_names or cont_names",
                     "categories and numbers are two inputs: two blocks");
  return {{ReadRow{{.procs = procs, .cat_names = cat_names, .cont_names = cont_names}}}, {}, {}};
}

FC_COMPILE_TRANSFORM(ReadRow)

}  // namespace fastcore
