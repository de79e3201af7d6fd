// SPDX-License-Identifier: MIT
#include "fastcore/data/blocks.h"

namespace fastcore {

BeforeBatch::BeforeBatch(Function function) : function_(std::move(function)) {}
BeforeBatch::BeforeBatch(std::string name, Settings settings, Function function)
    : name_(std::move(name)), settings_(std::move(settings)), function_(std::move(function)) {}
BeforeBatch::BeforeBatch(const BeforeBatch&) = default;
BeforeBatch::BeforeBatch(BeforeBatch&&) noexcept = default;
BeforeBatch& BeforeBatch::operator=(const BeforeBatch&) = default;
BeforeBatch& BeforeBatch::operator=(BeforeBatch&&) noexcept = default;
BeforeBatch::~BeforeBatch() = default;

ImageBlock::operator TransformBlock() const {
  return {{OpenImage{mode}}, {ToTensor{}}, {IntToFloatTensor{}}};
}
CategoryBlock::operator TransformBlock() const { return {{Categorize{vocab, sort, add_na}}}; }
MultiCategoryBlock::operator TransformBlock() const {
  if (encoded) return {{EncodedMultiCategorize{vocab}}};
  return {{MultiCategorize{vocab, add_na}, OneHotEncode{}}};
}
RegressionBlock::operator TransformBlock() const { return {{RegressionSetup{n_out}}}; }
MaskBlock::operator TransformBlock() const { return {{OpenMask{codes}}, {ToTensor{}}, {IntToFloatTensor{}}}; }
PointBlock::operator TransformBlock() const {
  return {{MakePoints{}}, {PlacePoints{}, PointScaler{}, ToTensor{}}};
}

}  // namespace fastcore
