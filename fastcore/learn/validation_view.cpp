// SPDX-License-Identifier: MIT
#include "fastcore/learn/validation_view.h"

#include <algorithm>

#include "fastcore/learn/interpret.h"
#include "fastcore/report/lesson.h"
#include "fastcore/report/report.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/ops.h"

namespace fastcore {
using minitorch::format;

namespace {

constexpr std::size_t kTop = 6, kMostClasses = 40;
constexpr int64_t kResults = 6;

}  // namespace

void ValidationView::start() { *this = {}; }

void ValidationView::add(Learner& learn) {
  if (learn.yb.empty() || !learn.dl) return;
  const minitorch::NoGrad no_grad;
  const TargetKind kind = learn.dl->targets().kind;
  const bool first = items_ == 0;
  items_ += learn.y().size(0);
  if (kind == TargetKind::none || kind == TargetKind::text || (kind != TargetKind::category && !first))
    return;
  const Batch batch = Batch{learn.xb, learn.yb}.to(minitorch::Device::cpu());
  const Tensor probs = learn.loss_func.activation(learn.pred.detach().cpu());
  const Tensor decoded = learn.loss_func.decodes(probs);
  if (first) results_ = results_grid(*learn.dl, batch, decoded, kResults);
  if (kind != TargetKind::category || decoded.dims() != 1) return;
  add_classes(learn, decoded);
  if (!results_.items.empty()) add_top_losses(learn, batch, probs, decoded);
}

void ValidationView::add_classes(const Learner& learn, const Tensor& decoded) {
  if (counts_.empty()) {
    vocab_ = learn.dl->targets().vocab;
    for (int64_t c = static_cast<int64_t>(vocab_.size()); c < learn.pred.size(1); ++c)
      vocab_.push_back(std::to_string(c));
    counts_.assign(vocab_.size() * vocab_.size(), 0);
  }
  const auto truth = learn.y().cpu().flatten().to_vector<int64_t>(), said = decoded.to_vector<int64_t>();
  for (std::size_t i = 0; i < truth.size(); ++i)
    ++counts_.at(static_cast<std::size_t>(truth[i]) * vocab_.size() + static_cast<std::size_t>(said[i]));
}

// Only what is among the largest so far is turned into a picture.
void ValidationView::add_top_losses(Learner& learn, const Batch& batch, const Tensor& probs,
                                    const Tensor& decoded) {
  const auto losses = learn.loss_func.each(learn.pred, learn.yb).cpu().to_vector<double>();
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (top_.size() == kTop && losses[i] <= top_.back().loss) continue;
    const auto at = static_cast<int64_t>(i);
    const Top one{losses[i], top_loss_item(*learn.dl, learn.dl->decode_x(batch, at), batch.y[0].select(0, at),
                                           decoded.select(0, at), probs.select(0, at), losses[i])};
    top_.insert(std::upper_bound(top_.begin(), top_.end(), one,
                                 [](const Top& a, const Top& b) { return a.loss > b.loss; }),
                one);
    if (top_.size() > kTop) top_.pop_back();
  }
}

void ValidationView::report(Lesson& lesson) const {
  const std::string which = format("Validation set, %lld items", static_cast<long long>(items_));
  if (!results_.items.empty())
    lesson.training_figure("results", results_, which + ": the first of them, with truth and answer.");
  if (counts_.empty() || vocab_.size() > kMostClasses) return;
  lesson.training_figure("confusion", confusion_plot(vocab_, counts_, false),
                         which + ": rows are what was, columns what was said.");
  std::vector<Confused> pairs;
  for (std::size_t i = 0; i < vocab_.size(); ++i)
    for (std::size_t j = 0; j < vocab_.size(); ++j)
      if (const int64_t n = counts_[i * vocab_.size() + j]; i != j && n)
        pairs.push_back({vocab_[i], vocab_[j], n});
  std::stable_sort(pairs.begin(), pairs.end(), [](auto& a, auto& b) { return a.count > b.count; });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(5, pairs.size()); ++i)
    text += (i ? ", " : "Taken for another most often: ") + pairs[i].actual + " for " + pairs[i].predicted +
            format(" (%lld)", static_cast<long long>(pairs[i].count));
  if (!text.empty()) lesson.report().text(text + ".");
  if (top_.empty()) return;
  ImageGrid grid;
  grid.title = "Prediction/Actual/Loss/Probability";
  for (const Top& one : top_) grid.items.push_back(one.item);
  lesson.training_figure("top_losses", grid, which + ": those with the largest losses.");
}

}  // namespace fastcore
