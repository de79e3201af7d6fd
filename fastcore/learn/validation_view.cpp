// SPDX-License-Identifier: MIT
#include "fastcore/learn/validation_view.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fastcore/learn/interpret.h"
#include "fastcore/report/lesson.h"
#include "fastcore/report/report.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/ops.h"

namespace fastcore {
using minitorch::format;
using minitorch::slice;

namespace {

constexpr std::size_t kTop = 6, kMostClasses = 40;
constexpr int64_t kResults = 6, kStretches = 2;

// Whether there is a number for each of several classes: (n, c), for masks (n, c, h, w).
bool for_classes(const Learner& learn, const Tensor& outputs) {
  const TargetKind kind = learn.dl->targets().kind;
  const int64_t dims = kind == TargetKind::category ? 2 : kind == TargetKind::mask ? 4 : 0;
  return outputs.dims() == dims && outputs.size(1) > 1;
}
// Of outputs for classes a loss of one's own says nothing: they are scores, as cross entropy takes them.
Tensor activated(const Learner& learn, const Tensor& outputs) {
  return for_classes(learn, outputs) && !learn.loss_func.has_answers() ? minitorch::softmax(outputs, 1)
                                                                       : learn.loss_func.activation(outputs);
}
// Where a loss has no decodes, the answer is the largest.
Tensor answers(const Learner& learn, const Tensor& outputs) {
  const Tensor said = learn.loss_func.decodes(learn.loss_func.activation(outputs));
  return for_classes(learn, said) ? said.argmax(1) : said;
}

}  // namespace

void ValidationView::start() { *this = {}; }

void ValidationView::add(Learner& learn) {
  if (learn.yb.empty() || !learn.dl) return;
  const minitorch::NoGrad no_grad;
  const TargetKind kind = learn.dl->targets().kind;
  const int64_t n = learn.y().size(0);
  const int64_t before = std::exchange(items_, items_ + n);
  if (kind == TargetKind::none || learn.pred.dims() == 0 || learn.pred.size(0) != n) return;
  const bool running_text = kind == TargetKind::text;  // whose stretches are no items
  if (running_text && before) return;
  const Batch batch = Batch{learn.xb, learn.yb}.to(minitorch::Device::cpu());
  if (running_text) return add_results(learn, batch, 0, std::min(kStretches, n));
  if (kind == TargetKind::mask && answers(learn, slice(learn.pred.detach(), 0, 0, 1)).dims() != 3) {
    no_classes_ = learn.loss_func.name();
    return;
  }
  const int64_t all = learn.dl->items(), shown = std::min(kResults, all);
  for (int64_t k = 0; k < shown; ++k)  // spread over the set: its first items are often all of one class
    if (const int64_t at = k * all / shown - before; at >= 0 && at < n) add_results(learn, batch, at, 1);
  if (kind == TargetKind::category && learn.pred.dims() == 2) add_classes(learn);
  add_top_losses(learn, batch);
}

// n items of the batch, from the one at `begin` on.
void ValidationView::add_results(Learner& learn, const Batch& batch, int64_t begin, int64_t n) {
  const auto part = [&](const Tensor& t) { return slice(t, 0, begin, begin + n); };
  Batch some;
  for (const Tensor& x : batch.x) some.x.push_back(part(x));
  for (const Tensor& y : batch.y) some.y.push_back(part(y));
  const Tensor decoded = answers(learn, part(learn.pred.detach()).cpu());
  if (is_picture(learn.dl->decode_x(some, 0).at(0))) {
    std::vector<GridItem> items = std::move(results_.items);
    results_ = results_grid(*learn.dl, some, decoded, n);
    results_.items.insert(results_.items.begin(), items.begin(), items.end());
  } else {
    const ItemTable more = results_table(*learn.dl, some, decoded, n);
    result_rows_.header = more.header;
    result_rows_.rows.insert(result_rows_.rows.end(), more.rows.begin(), more.rows.end());
  }
}

void ValidationView::add_classes(Learner& learn) {
  if (counts_.empty()) {
    vocab_ = learn.dl->targets().vocab;
    for (int64_t c = static_cast<int64_t>(vocab_.size()); c < learn.pred.size(1); ++c)
      vocab_.push_back(std::to_string(c));
    counts_.assign(vocab_.size() * vocab_.size(), 0);
  }
  const Tensor decoded = answers(learn, learn.pred.detach().cpu());
  const auto truth = learn.y().cpu().flatten().to_vector<int64_t>(), said = decoded.to_vector<int64_t>();
  const auto as_told = decoded.to_vector<double>();
  if (said.size() != truth.size() || !std::equal(said.begin(), said.end(), as_told.begin()))
    no_classes_ = learn.loss_func.name();
  if (!no_classes_.empty()) return counts_.clear();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row = static_cast<std::size_t>(truth[i]), column = static_cast<std::size_t>(said.at(i));
    if (row < vocab_.size() && column < vocab_.size())  // no class: the loss leaves it out, too
      ++counts_[row * vocab_.size() + column];
  }
}

// Only what is among the largest so far is turned into a picture, or into words.
void ValidationView::add_top_losses(Learner& learn, const Batch& batch) {
  std::vector<double> losses;
  try {
    losses = learn.loss_func.each(learn.pred, learn.yb).cpu().to_vector<double>();
  } catch (const minitorch::OutOfMemory&) { throw; } catch (const std::exception&) {
    if (learn.loss_func.has_answers()) throw;
    return;  // a function of one's own, which has no loss of a single item
  }
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (top_.size() == kTop && !smaller_loss(top_.back().loss, losses[i])) continue;
    Top one = top_of(learn, batch, static_cast<int64_t>(i), losses[i]);
    top_.insert(std::upper_bound(top_.begin(), top_.end(), one,
                                 [](const Top& a, const Top& b) { return smaller_loss(b.loss, a.loss); }),
                std::move(one));
    if (top_.size() > kTop) top_.pop_back();
  }
}

ValidationView::Top ValidationView::top_of(Learner& learn, const Batch& batch, int64_t i, double loss) {
  const std::vector<Value> x = learn.dl->decode_x(batch, i);
  const Tensor outputs = slice(learn.pred.detach(), 0, i, i + 1).cpu();
  const TopLoss item{.target = batch.y[0].select(0, i),
                     .decoded = answers(learn, outputs).select(0, 0),
                     .probs = activated(learn, outputs).select(0, 0),
                     .loss = loss};
  if (is_picture(x.at(0))) return {loss, top_loss_items(*learn.dl, x, item), {}};
  const ItemTable row = top_loss_cells(*learn.dl, x, item);
  top_header_ = row.header;
  return {loss, {}, row.rows.at(0)};
}

void ValidationView::report_classes(Lesson& lesson, const std::string& which) const {
  if (vocab_.size() <= kMostClasses)
    lesson.training_figure("confusion", confusion_plot(vocab_, counts_, false),
                           which + ": rows are what was, columns what was said.");
  else
    lesson.report().text(
        which +
        format(": of %zu classes, too many for a picture of what was taken for what.", vocab_.size()));
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
}

void ValidationView::report_top_losses(Lesson& lesson, const std::string& which) const {
  const std::string caption = which + ": those with the largest losses.";
  if (!top_.front().cells.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const Top& one : top_) rows.push_back(one.cells);
    lesson.report().text(caption).table(top_header_, rows);
    return;
  }
  const bool three = top_.front().pictures.size() == 3;
  ImageGrid grid{.items = {}, .columns = three ? 3 : 0, .title = top_losses_title(three)};
  for (const Top& one : top_) grid.items.insert(grid.items.end(), one.pictures.begin(), one.pictures.end());
  lesson.training_figure("top_losses", grid, caption);
}

void ValidationView::report(Lesson& lesson) const {
  const std::string which = format("Validation set, %lld items", static_cast<long long>(items_));
  const std::string caption = which + ": some of them, with truth and answer.";
  if (!results_.items.empty()) lesson.training_figure("results", results_, caption);
  if (!result_rows_.empty()) lesson.report().text(caption).table(result_rows_.header, result_rows_.rows);
  if (!counts_.empty()) report_classes(lesson, which);
  if (!no_classes_.empty())
    lesson.report().text(which + ": the loss (" + no_classes_ +
                         ") does not say which class an output stands for, so that it cannot be shown what "
                         "was taken for what. Losses with activation and decodes do, such as "
                         "CrossEntropyLossFlat.");
  if (!top_.empty()) report_top_losses(lesson, which);
}

}  // namespace fastcore
