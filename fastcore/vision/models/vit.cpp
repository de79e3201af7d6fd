// SPDX-License-Identifier: MIT
#include "fastcore/vision/models/vit.h"

#include "fastcore/vision/layers.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/factories.h"

namespace fastcore::models {
namespace nn = minitorch::nn;
using minitorch::Tensor;

namespace {

/// (N, channels, H, W) -> (N, patches, dim).
class PatchEmbed : public nn::Module {
 public:
  explicit PatchEmbed(const ViTOptions& o) : proj_(o.channels, o.dim, o.patch, {.stride = o.patch}) {
    add("proj", proj_);
  }
  Tensor forward(const Tensor& x) override { return proj_(x).flatten(2).transpose(1, 2); }

 private:
  nn::Conv2d proj_;
};

/// Self-attention whose query, key and value come from one matrix: (N, L, dim) -> (N, L, dim).
class Attention : public nn::Module {
 public:
  Attention(int64_t dim, int64_t heads) : heads_(heads), qkv_(dim, 3 * dim), proj_(dim, dim) {
    add("qkv", qkv_);
    add("proj", proj_);
  }
  Tensor forward(const Tensor& x) override {
    const int64_t n = x.size(0), length = x.size(1), dim = x.size(2);
    const Tensor qkv = qkv_(x).reshape({n, length, 3, heads_, dim / heads_}).permute({2, 0, 3, 1, 4});
    const Tensor y =
        minitorch::scaled_dot_product_attention(qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2));
    return proj_(y.transpose(1, 2).reshape({n, length, dim}));  // y: (N, heads, L, dim / heads)
  }

 private:
  int64_t heads_;
  nn::Linear qkv_, proj_;
};

class Mlp : public nn::Module {
 public:
  explicit Mlp(int64_t dim) : fc1_(dim, 4 * dim), fc2_(4 * dim, dim) {
    add("fc1", fc1_);
    add("fc2", fc2_);
  }
  Tensor forward(const Tensor& x) override { return fc2_(minitorch::gelu(fc1_(x))); }

 private:
  nn::Linear fc1_, fc2_;
};

/// x + attn(norm1(x)), then x + mlp(norm2(x)).
class TransformerBlock : public nn::Module {
 public:
  explicit TransformerBlock(const ViTOptions& o)
      : norm1_(o.dim, 1e-6), norm2_(o.dim, 1e-6), attn_(o.dim, o.heads), mlp_(o.dim) {
    add("norm1", norm1_);
    add("attn", attn_);
    add("norm2", norm2_);
    add("mlp", mlp_);
  }
  Tensor forward(const Tensor& x) override {
    const Tensor y = x + attn_(norm1_(x));
    return y + mlp_(norm2_(y));
  }

 private:
  nn::LayerNorm norm1_, norm2_;
  nn::Handle<Attention> attn_;
  nn::Handle<Mlp> mlp_;
};

}  // namespace

VisionTransformer::VisionTransformer(const ViTOptions& o) : size_(o.size) {
  if (o.heads < 1 || o.dim % o.heads || o.size % o.patch)
    throw minitorch::ValueError(
        minitorch::format("[ViT] %lld features in %lld heads, %lld px in patches of %lld: must divide",
                          static_cast<long long>(o.dim), static_cast<long long>(o.heads),
                          static_cast<long long>(o.size), static_cast<long long>(o.patch)));
  const int64_t side = o.size / o.patch;
  cls_token_ = add_parameter("cls_token", minitorch::randn({1, 1, o.dim}) * 1e-6);
  pos_embed_ = add_parameter("pos_embed", minitorch::empty({1, side * side + 1, o.dim}));
  nn::init::trunc_normal_(pos_embed_, 0, 0.02);
  patch_embed_ = add("patch_embed", nn::ModulePtr(nn::make<PatchEmbed>(o)));
  nn::Sequential blocks;
  for (int64_t b = 0; b < o.depth; ++b) blocks->append(nn::make<TransformerBlock>(o));
  blocks_ = add("blocks", nn::ModulePtr(blocks));
  norm_ = add("norm", nn::ModulePtr(nn::LayerNorm(o.dim, 1e-6)));
  add("head", classifier(o.dim, o.classes));
  apply([](nn::Module& m) {
    if (!dynamic_cast<nn::LinearModule*>(&m)) return;
    nn::init::trunc_normal_(m.own_parameter("weight"), 0, 0.02);
    nn::init::constant_(m.own_parameter("bias"), 0);
  });
}

Tensor VisionTransformer::forward(const Tensor& x) {
  if (x.dims() != 4 || x.size(2) != size_ || x.size(3) != size_)
    throw minitorch::ShapeError(
        minitorch::format("[ViT] pictures of shape %s: this net takes %lld x %lld pixels",
                          to_string(x.shape()).c_str(), static_cast<long long>(size_),
                          static_cast<long long>(size_)),
        "Resize{" + std::to_string(size_) + "} in item_tfms");
  const Tensor token = cls_token_.expand({x.size(0), 1, cls_token_.size(2)});
  const Tensor words = minitorch::cat({token, (*patch_embed_)(x)}, 1) + pos_embed_;  // (N, 1 + patches, dim)
  const Tensor seen = (*norm_)((*blocks_)(words)).select(1, 0);
  return (*get_submodule("head"))(seen);
}

}  // namespace fastcore::models
