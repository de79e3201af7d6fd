// SPDX-License-Identifier: MIT
#include "fastcore/data/tensor_loader.h"

#include <catch2/catch.hpp>

#include "fastcore/data/dataloaders.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::arange;
using minitorch::tensor;

std::vector<double> firsts(DataLoader& loader) {
  std::vector<double> all;
  for (Batch& batch : loader)
    for (double value : batch.x[0].to_vector<double>()) all.push_back(value);
  return all;
}

TEST_CASE("TensorLoader: batches in order, the last one short unless it is dropped") {
  auto loader = tensor_loader(arange(10), arange(10) * 2, {.bs = 4});
  CHECK(loader->size() == 3);
  CHECK(loader->items() == 10);
  std::vector<int64_t> sizes;
  for (Batch& batch : *loader) {
    sizes.push_back(batch.size());
    CHECK_TENSOR(batch.y[0], batch.x[0] * 2, 0);
  }
  CHECK(sizes == std::vector<int64_t>{4, 4, 2});
  auto full = loader->with({.drop_last = true});
  CHECK(full->size() == 2);
  CHECK(firsts(*full) == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("TensorLoader shuffles as fastai does: each pass anew, from the seed alone") {
  minitorch::set_seed(42);
  auto loader = tensor_loader(arange(10), arange(10), {.bs = 4, .shuffle = true});
  CHECK(firsts(*loader) == std::vector<double>{3, 8, 2, 5, 4, 7, 9, 1, 0, 6});
  CHECK(firsts(*loader) == std::vector<double>{2, 0, 1, 8, 4, 9, 5, 6, 3, 7});
}

TEST_CASE("TensorLoader: a batch is a copy") {
  const auto x = minitorch::ones({4, 2});
  auto loader = tensor_loader(x, arange(4), {.bs = 4});
  loader->one_batch().x[0].zero_();
  CHECK(x.sum().item() == 8);
}

TEST_CASE("TensorLoader finds what the targets are") {
  auto classes = tensor_loader(minitorch::ones({3, 2}), tensor({0, 4, 1}))->targets();
  CHECK(classes.kind == TargetKind::category);
  CHECK(classes.c == 5);
  CHECK(classes.vocab == std::vector<std::string>{"0", "1", "2", "3", "4"});
  auto numbers = tensor_loader(minitorch::ones({3, 2}), minitorch::ones({3, 2}))->targets();
  CHECK(numbers.kind == TargetKind::number);
  CHECK(numbers.c == 2);
  auto named = tensor_loader(minitorch::ones({2, 2}), tensor({0, 1}),
                             {.targets = {TargetKind::category, 2, {"three", "seven"}}});
  CHECK(std::get<Category>(named->decode_y(tensor({1}))).label == "seven");
  CHECK(std::get<Category>(named->decode_y(tensor({1.}))).label == "seven");
  for (const double none :
       {0.93, double(NAN), double(INFINITY)})  // which nobody has said what class it means
    CHECK(std::holds_alternative<minitorch::Tensor>(named->decode_y(tensor({none}))));
}

TEST_CASE("TensorLoader goes on shuffling where its state was taken") {
  auto loader = tensor_loader(arange(10), arange(10), {.shuffle = true});
  firsts(*loader);
  const auto state = loader->state();
  const auto next = firsts(*loader);
  CHECK(firsts(*loader) != next);
  loader->set_state(state);
  CHECK(firsts(*loader) == next);
}

TEST_CASE("TensorLoader: new items, without targets") {
  const DataLoaders dls({tensor_loader(arange(6).reshape({3, 2}), arange(3), {.bs = 2})});
  CHECK_THROWS_AS(dls.test_dl({}), minitorch::IndexError);  // there is no validation loader to prepare them
  const DataLoaders both({dls.pointer(0), dls.pointer(0)});
  Batch batch = both.test_dl({tensor({7., 8.}), tensor({9., 10.})})->one_batch();
  CHECK_VALUES(batch.x[0], ({2, 2}), 0, 7, 8, 9, 10);
  CHECK(batch.y.empty());
  CHECK_THROWS_WITH(both.test_dl({Value(std::string("cat"))}),
                    "[test_dl] an item is text, and this loader holds tensors");
}

TEST_CASE("TensorLoader refuses what does not fit") {
  CHECK_THROWS_WITH(tensor_loader(minitorch::ones({3, 2}), arange(4)),
                    "[TensorLoader] x (3, 2) and (4): the first axis must count the same items");
  CHECK_THROWS_WITH(tensor_loader(arange(4), arange(4), {.bs = 0}),
                    "[TensorLoader] bs 0: expected 1 or more");
  CHECK_THROWS_WITH(tensor_loader(arange(3), arange(3), {.bs = 4, .drop_last = true})->one_batch(),
                    "This DataLoader does not contain any batches");
}

TEST_CASE("DataLoaders: train, valid and their number") {
  DataLoaders dls({tensor_loader(arange(4), arange(4)), tensor_loader(arange(2), arange(2))}, "here");
  CHECK(dls.train().items() == 4);
  CHECK(dls.valid().items() == 2);
  CHECK(dls[-1].items() == 2);
  CHECK(dls.c() == 4);
  CHECK(dls.path() == Path("here"));
  CHECK_THROWS_WITH(dls[2], "[DataLoaders] loader 2 of 2");
}

}  // namespace
}  // namespace fastcore
