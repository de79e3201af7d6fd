// SPDX-License-Identifier: MIT
#include "fastcore/learn/training_view.h"

#include <algorithm>
#include <cmath>

#include "fastcore/data/show_batch.h"
#include "fastcore/learn/item_table.h"
#include "fastcore/learn/layer_view.h"
#include "fastcore/learn/visualize.h"
#include "fastcore/report/lesson.h"
#include "fastcore/report/report.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/profile.h"
#include "minitorch/ops/ops.h"
#include "minitorch/optim/optimizer.h"

namespace fastcore {
using minitorch::format;

namespace {

constexpr int64_t kProfiled = 10;  // batches
constexpr int64_t kShown = 6;      // items

double norm(const std::vector<Tensor>& tensors) {
  double sum = 0;
  for (const Tensor& t : tensors) sum += minitorch::square(t).sum().item();
  return std::sqrt(sum);
}

}  // namespace

TrainingView::TrainingView() = default;
TrainingView::TrainingView(TrainingView&&) noexcept = default;
TrainingView::~TrainingView() = default;

void TrainingView::start(Learner& learn) {
  const minitorch::NoGrad no_grad;
  weights_.clear(), layers_.clear(), times_.clear();
  batch_ = {};
  batches_ = 0;
  for (const auto& group : learn.opt->groups()) {
    weights_.emplace_back();
    for (const Tensor& p : group.params) weights_.back().push_back(p.detach().clone());
  }
  filters_ = pixel_filters(*learn.model);
  if (filters_.defined()) filters_ = filters_.cpu().clone();
}

void TrainingView::before_batch(Learner& learn) {
  if (batches_ == 0) notes_ = std::make_unique<LayerNotes>(*learn.model);
  if (batches_ != 1) return;  // the first batch takes memory that later ones find
  try {
    profile_ = std::make_unique<minitorch::Profile>(
        minitorch::ProfileOptions{.trace = "", .print = false, .machine = false});
  } catch (const minitorch::ValueError&) {}  // --profile, or the lesson, has one of its own
}

void TrainingView::after_batch(Learner& learn) {
  ++batches_;
  if (notes_) {
    batch_ = {learn.xb, learn.yb};
    layers_ = std::move(notes_->layers);
    notes_.reset();
  }
  if (!profile_ || (batches_ <= kProfiled && learn.iter + 1 < learn.n_iter)) return;
  times_ = format("%lld batches of training, from the second on:\n\n", static_cast<long long>(batches_ - 1)) +
           profile_->stop().text(12);
  profile_.reset();
}

void TrainingView::clean_up() noexcept {
  profile_.reset();
  notes_.reset();
}

void TrainingView::report_batch(Lesson& lesson, Learner& learn) const {
  if (batch_.x.empty()) return;
  const Batch shown = batch_.to(minitorch::Device::cpu());
  const DataLoader& loader = learn.dls.train();
  const std::string caption = "Training set: what the model was given, augmented where that was asked for.";
  if (is_picture(loader.decode_x(shown, 0).at(0))) {
    lesson.training_figure("batch", batch_grid(loader, shown, {.max_n = kShown}), caption);
    return;
  }
  const ItemTable table = batch_table(loader, shown, kShown);
  lesson.report().text(caption).table(table.header, table.rows);
}

void TrainingView::report_groups(Lesson& lesson, const Learner& learn) const {
  const minitorch::NoGrad no_grad;
  std::vector<std::vector<std::string>> rows;
  const auto& groups = learn.opt->groups();
  for (std::size_t g = 0; g < groups.size() && g < weights_.size(); ++g) {
    std::vector<Tensor> moved;
    int64_t count = 0, training = 0;
    for (std::size_t i = 0; i < weights_[g].size(); ++i) {
      moved.push_back(groups[g].params[i].detach() - weights_[g][i]);
      count += weights_[g][i].numel();
      if (groups[g].params[i].requires_grad()) training += weights_[g][i].numel();
    }
    const double before = norm(weights_[g]);
    rows.push_back({std::to_string(g), std::to_string(count), std::to_string(training),
                    before > 0 ? format("%.2f %%", 100 * norm(moved) / before) : "-"});
  }
  lesson.report().table({"group of layers", "parameters", "of them training", "moved by"}, rows);
}

void TrainingView::report_filters(Lesson& lesson, Learner& learn) const {
  if (!filters_.defined()) return;
  ImageGrid before = filter_grid(filters_, 32), after = filter_grid(pixel_filters(*learn.model), 32);
  before.title = "Before training";
  after.title = "After training";
  for (ImageGrid* grid : {&before, &after})
    grid->columns = std::min<int>(16, static_cast<int>(grid->items.size()));
  lesson.training_figure("filters_before", before, "");
  lesson.training_figure("filters_after", after,
                         "The filters of the first convolution, each from its smallest weight (black) to its "
                         "largest (white): what the net looks for in pixels.");
}

void TrainingView::report_model(Lesson& lesson, const Learner& learn) const {
  if (!layers_.empty())
    lesson.report().folded_code(format("the model: %zu layers, %lld parameters", layers_.size(),
                                       static_cast<long long>(learn.model->parameter_count())),
                                summary_text(learn, batch_.x[0].shape(), layers_));
  if (!times_.empty()) lesson.report().folded_code("time and memory by operation", times_);
}

}  // namespace fastcore
