// SPDX-License-Identifier: MIT
// Tables that the tests share: a few shops with gaps, and Adult as the course has it.
#pragma once
#include "fastcore/tabular/tabular.h"
#include "tests/bundled.h"

namespace fastcore::testing {

inline DataFrame shops() {
  return {{"town", {"B", "A", {}, "C", "A", "B"}},
          {"area", {10, 20, 30, 40, 50, 60}},
          {"age", {1.0, {}, 3.0, 4.0, {}, 9.0}},
          {"sold", {"no", "yes", "yes", "no", "yes", "no"}}};
}

inline TabularPandas prepared() {
  return TabularPandas(shops(), {.procs = {Categorify{}, FillMissing{}, Normalize{}},
                                 .cat_names = "town",
                                 .cont_names = {"area", "age"},
                                 .y_names = "sold",
                                 .splits = Splits{{4, 0, 1, 2}, {3, 5}}});
}

inline const std::vector<std::string> kCats = {"workclass",  "education",    "marital-status",
                                               "occupation", "relationship", "race"};

inline TabularDataLoaders adult() {
  return TabularDataLoaders::from_csv(bundled(urls::ADULT_SAMPLE) / "adult.csv",
                                      {.y_names = "salary",
                                       .cat_names = kCats,
                                       .cont_names = {"age", "fnlwgt", "education-num"},
                                       .procs = {Categorify{}, FillMissing{}, Normalize{}}});
}

}  // namespace fastcore::testing
