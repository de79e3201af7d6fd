// SPDX-License-Identifier: MIT
#include "fastcore/data/blocks.h"

namespace fastcore {

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
