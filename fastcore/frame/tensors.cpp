// SPDX-License-Identifier: MIT
// Between tables and tensors. Apart from the rest, which works without a tensor.
#include "fastcore/frame/column.h"
#include "fastcore/frame/data_frame.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::DtypeError;
using minitorch::ShapeError;
using minitorch::Tensor;

Series::Series(const Tensor& values, std::string name) : name_(std::move(name)) {
  if (values.dims() != 1)
    throw ShapeError("[Series] a tensor " + to_string(values.shape()) + " is not a column",
                     "take one of its columns: x(all, 0), or flatten it");
  ColumnData data;
  switch (values.dtype()) {
    case minitorch::kInt64:
    case minitorch::kUint8:
      data = {.type = ColumnType::integer, .integers = values.to_vector<int64_t>()};
      break;
    case minitorch::kBool:
      data = {.type = ColumnType::boolean, .booleans = values.to_vector<uint8_t>()};
      break;
    default: data = {.type = ColumnType::number, .numbers = values.to_vector<double>()};
  }
  data_ = std::make_shared<ColumnData>(std::move(data));
}

Tensor Series::tensor() const {
  Tensor out = minitorch::empty({size()});
  float* to = out.data<float>();
  detail::with_numbers(data(), "Series.tensor", [&](const auto& values) {
    for (const auto value : values) *to++ = static_cast<float>(value);
  });
  return out;
}

Tensor Series::long_tensor() const {
  Tensor out = minitorch::empty({size()}, {.dtype = minitorch::kInt64});
  int64_t* to = out.data<int64_t>();
  for (int64_t row = 0; row < size(); ++row) to[row] = (*this)[row].integer();
  return out;
}

DataFrame::DataFrame(const Tensor& values, const std::vector<std::string>& names) {
  if (values.dims() != 2 || values.size(1) != static_cast<int64_t>(names.size()))
    throw ShapeError("[DataFrame] a tensor " + minitorch::to_string(values.shape()) + " with " +
                         std::to_string(names.size()) + " names",
                     "give a matrix (rows, columns) and a name for each column");
  for (std::size_t i = 0; i < names.size(); ++i)
    set(names[i], Series(values.select(1, static_cast<int64_t>(i)), names[i]));
}

Tensor DataFrame::tensor() const {
  const auto columns = static_cast<int64_t>(columns_.size());
  Tensor out = minitorch::empty({rows_, columns});
  float* to = out.data<float>();
  for (int64_t j = 0; j < columns; ++j) {
    const Series& c = columns_[static_cast<std::size_t>(j)];
    if (c.is_text())
      throw DtypeError("[DataFrame.tensor] column '" + c.name() + "' holds texts, not numbers",
                       "choose columns of numbers: df[{\"Age\", \"Fare\"}], or encode it: get_dummies(df)");
    detail::with_numbers(c.data(), "DataFrame.tensor", [&](const auto& values) {
      for (int64_t row = 0; row < rows_; ++row)
        to[row * columns + j] = static_cast<float>(values[static_cast<std::size_t>(row)]);
    });
  }
  return out;
}

}  // namespace fastcore
