// SPDX-License-Identifier: MIT
#include "fastcore/learn/layers.h"
#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace minitorch;

TEST_CASE("sigmoid_range stays between its bounds") {
  CHECK_VALUES(fastcore::sigmoid_range(tensor(0., 100., -100.), 0.5, 5.5), ({3}), 1e-6, 3, 5.5, 0.5);
  fastcore::SigmoidRange layer(0, 5);
  CHECK_VALUES(layer(tensor(0., 1.)), ({2}), 1e-6, 2.5, 5 * 0.7310585786);
  CHECK(to_string(*layer) == "SigmoidRange(low=0, high=5)");
  CHECK_THROWS_WITH(fastcore::SigmoidRange(5, 5), "[SigmoidRange] from 5 to 5: expected low < high");
}

TEST_CASE("an embedding starts as fastai's: normal, folded at 2, times 0.01") {
  manual_seed(42);
  const fastcore::Embedding table(3, 2);
  // fastai.layers.Embedding(3, 2): its draws follow those of the plain embedding beneath.
  CHECK_VALUES(table->weight, ({3, 2}), 1e-7, 0.0020820140, -0.0063799703, 0.0046165721, 0.0026735088,
               0.0053490466, 0.0080935722);
  CHECK(table->weight.requires_grad());
  CHECK(to_string(*table) == "Embedding(3, 2)");
}

TEST_CASE("norms start with bias 0.001") {
  const fastcore::BatchNorm1d norm(2);
  CHECK_VALUES(norm->weight, ({2}), 0, 1, 1);
  CHECK_VALUES(norm->bias, ({2}), 1e-9, 0.001, 0.001);
  const fastcore::BatchNorm2d zero(2, {}, fastcore::NormStart::zero);
  CHECK_VALUES(zero->weight, ({2}), 0, 0, 0);
}

TEST_CASE("LinBnDrop orders its layers both ways") {
  fastcore::LinBnDrop after(4, 3, {.p = 0.5, .act = fastcore::Act::relu, .lin_first = true});
  CHECK(to_string(*after) ==
        "LinBnDrop(\n"
        "  (0): Linear(in_features=4, out_features=3, bias=False)\n"
        "  (1): ReLU()\n"
        "  (2): BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)\n"
        "  (3): Dropout(p=0.5, inplace=False)\n"
        ")");
  fastcore::LinBnDrop before(4, 3);
  CHECK(to_string(*before) ==
        "LinBnDrop(\n"
        "  (0): BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)\n"
        "  (1): Linear(in_features=4, out_features=3, bias=False)\n"
        ")");
  CHECK(fastcore::LinBnDrop(4, 3, {.bn = false})->parameter_count() == 15);
  CHECK(before(ones({2, 4})).shape() == Shape{2, 3});
}

TEST_CASE("apply_init leaves norms and frozen layers alone") {
  manual_seed(1);
  nn::Sequential net(nn::Linear(200, 300), fastcore::BatchNorm1d(300), nn::Linear(300, 2));
  (*net)[0]->requires_grad_(false);
  const Tensor frozen = (*net)[0]->own_parameter("weight").clone();
  fastcore::apply_init(*net);
  CHECK_TENSOR((*net)[0]->own_parameter("weight"), frozen, 0);
  CHECK_VALUES((*net)[2]->own_parameter("bias"), ({2}), 0, 0, 0);
  CHECK((*net)[2]->own_parameter("weight").std().item() == Approx(std::sqrt(2. / 300)).epsilon(0.1));
  CHECK((*net)[1]->own_parameter("bias").max().item() == Approx(0.001));
}
