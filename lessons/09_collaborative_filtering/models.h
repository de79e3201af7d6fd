// SPDX-License-Identifier: MIT
// The models of lesson 9, each a little more than the one before.
#pragma once
#include "fastcore/learn/layers.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using fastcore::Embedding;
using fastcore::sigmoid_range;
using fastcore::YRange;

//! [dot]
struct DotProduct : nn::Module {
  Embedding user_factors, movie_factors;
  DotProduct(int64_t n_users, int64_t n_movies, int64_t n_factors)
      : user_factors(add("user_factors", Embedding(n_users, n_factors))),
        movie_factors(add("movie_factors", Embedding(n_movies, n_factors))) {}

  Tensor forward(const Tensor& x) override {
    const Tensor users = user_factors(x(all, 0));
    const Tensor movies = movie_factors(x(all, 1));
    return (users * movies).sum({1});
  }
};
//! [dot]

//! [range]
struct DotProductRange : DotProduct {
  YRange y_range;
  DotProductRange(int64_t n_users, int64_t n_movies, int64_t n_factors, YRange y_range)
      : DotProduct(n_users, n_movies, n_factors), y_range(y_range) {}

  Tensor forward(const Tensor& x) override {
    return sigmoid_range(DotProduct::forward(x), y_range.low, y_range.high);
  }
};
//! [range]

//! [bias]
struct DotProductBias : DotProduct {
  Embedding user_bias, movie_bias;
  YRange y_range;
  DotProductBias(int64_t n_users, int64_t n_movies, int64_t n_factors, YRange y_range)
      : DotProduct(n_users, n_movies, n_factors),
        user_bias(add("user_bias", Embedding(n_users, int64_t{1}))),
        movie_bias(add("movie_bias", Embedding(n_movies, int64_t{1}))),
        y_range(y_range) {}

  Tensor forward(const Tensor& x) override {
    Tensor res = DotProduct::forward(x);
    res = res + user_bias(x(all, 0)).squeeze(1) + movie_bias(x(all, 1)).squeeze(1);
    return sigmoid_range(res, y_range.low, y_range.high);
  }
};
//! [bias]

//! [own]
inline Tensor create_params(const Shape& size) { return randn(size) * 0.01; }

struct OwnParameters : nn::Module {
  Tensor user_factors, user_bias, movie_factors, movie_bias;
  YRange y_range;
  OwnParameters(int64_t n_users, int64_t n_movies, int64_t n_factors, YRange y_range)
      : user_factors(add_parameter("user_factors", create_params({n_users, n_factors}))),
        user_bias(add_parameter("user_bias", create_params({n_users}))),
        movie_factors(add_parameter("movie_factors", create_params({n_movies, n_factors}))),
        movie_bias(add_parameter("movie_bias", create_params({n_movies}))),
        y_range(y_range) {}

  Tensor forward(const Tensor& x) override {
    const Tensor users = x(all, 0), movies = x(all, 1);
    Tensor res = (user_factors(users) * movie_factors(movies)).sum({1});
    res = res + user_bias(users) + movie_bias(movies);
    return sigmoid_range(res, y_range.low, y_range.high);
  }
};
//! [own]

//! [net]
struct CollabNN : nn::Module {
  Embedding user_factors, item_factors;
  nn::Sequential layers;
  YRange y_range;
  CollabNN(std::pair<int64_t, int64_t> user_sz, std::pair<int64_t, int64_t> item_sz, YRange y_range,
           int64_t n_act = 100)
      : user_factors(add("user_factors", Embedding(user_sz.first, user_sz.second))),
        item_factors(add("item_factors", Embedding(item_sz.first, item_sz.second))),
        layers(add("layers", nn::Sequential{nn::Linear(user_sz.second + item_sz.second, n_act), nn::ReLU(),
                                            nn::Linear(n_act, 1)})),
        y_range(y_range) {}

  Tensor forward(const Tensor& x) override {
    const Tensor embs = cat({user_factors(x(all, 0)), item_factors(x(all, 1))}, 1);
    return sigmoid_range(layers(embs), y_range.low, y_range.high);
  }
};
//! [net]
