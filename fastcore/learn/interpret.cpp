// SPDX-License-Identifier: MIT
#include "fastcore/learn/interpret.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "fastcore/basics/columns.h"
#include "fastcore/data/show_batch.h"
#include "fastcore/learn/item_table.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"

namespace fastcore {
using namespace minitorch;

Interpretation::Interpretation(Learner& learn, const InterpretOptions& o)
    : loader_((o.dl ? *o.dl : learn.dls[o.ds_idx]).with({.shuffle = false, .drop_last = false})),
      targets_(loader_->targets()),
      vocab_(targets_.vocab) {
  p_ = learn.get_preds(*loader_, {.with_decoded = true, .with_loss = true, .act = o.act});
  if (!p_.losses.defined())
    throw ValueError("[Interpretation] the items have no targets", "interpret a loader with labels");
  losses_ = p_.losses.to_vector<double>();
}
Interpretation Interpretation::from_learner(Learner& learn, const InterpretOptions& o) {
  return Interpretation(learn, o);
}

bool smaller_loss(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

std::vector<int64_t> loss_order(const std::vector<double>& losses, bool largest) {
  std::vector<int64_t> order(losses.size());
  std::iota(order.begin(), order.end(), 0);
  const auto loss = [&](int64_t i) { return losses[static_cast<std::size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return largest ? smaller_loss(loss(b), loss(a)) : smaller_loss(loss(a), loss(b));
  });
  return order;
}

TopLosses Interpretation::top_losses(int64_t k, bool largest) const {
  std::vector<int64_t> order = loss_order(losses_, largest);
  if (k > 0 && k < static_cast<int64_t>(order.size())) order.resize(static_cast<std::size_t>(k));
  TopLosses top;
  for (int64_t i : order) {
    top.losses.push_back(losses_[static_cast<std::size_t>(i)]);
    top.items.push_back(loader_->item_name(i));
  }
  top.indices = std::move(order);
  return top;
}

std::string sureness(bool right, double probability) {
  if (right) return probability < 0.6 ? "right but unsure" : "right";
  return probability >= 0.8 ? "sure and wrong" : "wrong";
}

std::vector<GridItem> top_loss_items(const DataLoader& loader, const std::vector<Value>& x,
                                     const TopLoss& top) {
  const Targets targets = loader.targets();
  const Value said = loader.decode_y(top.decoded), truth = loader.decode_y(top.target);
  GridItem item = grid_item(x, {}, targets);
  if (targets.kind == TargetKind::mask || targets.kind == TargetKind::points) {
    GridItem answer = grid_item(x, {said}, targets);
    answer.title = "pred; loss = " + number_cell(top.loss, 4);
    return {item, grid_item(x, {truth}, targets), answer};
  }
  const std::string label = short_text(said), actual = short_text(truth);
  item.title =
      label + "/" + actual + "\n" + number_cell(top.loss, 2);  // a line of its own: names may be long
  if (!std::holds_alternative<Category>(said)) return {item};
  const double sure = amax(top.probs).item();
  item.title += format(" / %.2f\n", sure) + sureness(label == actual, sure);
  item.ink = label == actual ? Ink::good : Ink::bad;
  return {item};
}

ItemTable top_loss_cells(const DataLoader& loader, const std::vector<Value>& x, const TopLoss& top) {
  ItemTable row = input_cells(x);
  const auto add = [&](const char* name, const std::string& cell) {
    row.header.emplace_back(name);
    row.rows[0].push_back(cell);
  };
  const Value answer = loader.decode_y(top.decoded);
  const std::string said = short_text(answer), truth = short_text(loader.decode_y(top.target));
  add("prediction", said);
  add("actual", truth);
  add("loss", number_cell(top.loss, 2));
  if (loader.targets().kind != TargetKind::category) return row;
  const bool judged = std::holds_alternative<Category>(answer);  // else the loss does not say what is meant
  const double sure = judged ? amax(top.probs).item() : 0;
  add("probability", judged ? format("%.2f", sure) : "");
  add("the model was", judged ? sureness(said == truth, sure) : "");
  return row;
}

std::string top_losses_title(bool three) {
  return three ? "Input / Target / Prediction" : "Prediction/Actual/Loss/Probability";
}

ImageGrid Interpretation::plot_top_losses(int64_t k, const TopLossesOptions& o) const {
  return pictures_of(top_losses(k, o.largest), o);
}

ImageGrid Interpretation::plot_top_losses(const L<int64_t>& ranks, const TopLossesOptions& o) const {
  const TopLosses all = top_losses(0, o.largest);
  TopLosses some;
  for (const int64_t rank : ranks) {
    if (rank < 0 || rank >= static_cast<int64_t>(all.indices.size()))
      throw IndexError(format("[plot_top_losses] rank %lld of %zu items", static_cast<long long>(rank),
                              all.indices.size()),
                       format("ranks go from 0, the largest loss, to %zu", all.indices.size() - 1));
    const auto at = static_cast<std::size_t>(rank);
    some.losses.push_back(all.losses[at]);
    some.indices.push_back(all.indices[at]);
    some.items.push_back(all.items[at]);
  }
  return pictures_of(some, o);
}

ImageGrid Interpretation::pictures_of(const TopLosses& top, const TopLossesOptions& o) const {
  std::map<int64_t, std::vector<Value>> inputs;  // a second pass finds the pictures of those items alone
  for (int64_t i : top.indices) inputs[i] = {};
  auto order = loader_->idxs();
  int64_t at = 0;
  for (Batch& batch : *loader_)
    for (int64_t i = 0; i < batch.size(); ++i, ++at) {
      const int64_t item = order.empty() ? at : order[static_cast<std::size_t>(at)];
      if (inputs.count(item)) inputs[item] = loader_->decode_x(batch, i);
    }

  for (const auto& [item, x] : inputs)
    if (std::none_of(x.begin(), x.end(), is_picture))
      throw ValueError("[plot_top_losses] there is no picture among the inputs: " +
                           (x.empty() ? "none" : describe(x.front())),
                       "top_losses(k) names the items, and dls.valid().samples() has them");
  const bool three = targets_.kind == TargetKind::mask || targets_.kind == TargetKind::points;
  ImageGrid grid{.items = {}, .rows = three ? 0 : o.nrows, .columns = three ? 3 : o.ncols};
  grid.title = top_losses_title(three);
  for (std::size_t n = 0; n < top.indices.size(); ++n) {
    const int64_t i = top.indices[n];
    const TopLoss item{.target = select(p_.targs, 0, i),
                       .decoded = select(p_.decoded, 0, i),
                       .probs = select(p_.preds, 0, i),
                       .loss = top.losses[n]};
    for (GridItem& picture : top_loss_items(*loader_, inputs[i], item))
      grid.items.push_back(std::move(picture));
  }
  return grid;
}

void check_class_answers(const std::string& who, const Learner& learn, const Predictions& p) {
  if (p.decoded.dims() == 1 && p.preds.dims() == 2) return;
  throw ValueError("[" + who + "] the loss (" + learn.loss_func.name() +
                       ") does not say which class an output stands for: its answers are " +
                       to_string(p.decoded.shape()),
                   "a loss with activation and decodes, such as CrossEntropyLossFlat{}; one of your own is a "
                   "struct that has them beside operator()");
}

ClassificationInterpretation ClassificationInterpretation::from_learner(Learner& learn,
                                                                        const InterpretOptions& o) {
  ClassificationInterpretation interp(learn, o);
  if (interp.targets_.kind != TargetKind::category)
    throw ValueError("[ClassificationInterpretation] the targets are no classes, one for each item",
                     "Interpretation::from_learner works for all targets");
  check_class_answers("ClassificationInterpretation", learn, interp.p_);
  for (auto n = static_cast<int64_t>(interp.vocab_.size()); n < interp.p_.preds.size(1); ++n)
    interp.vocab_.push_back(std::to_string(n));
  return interp;
}

std::vector<std::vector<int64_t>> ClassificationInterpretation::confusion_matrix() const {
  const std::size_t c = vocab_.size();
  std::vector<std::vector<int64_t>> counts(c, std::vector<int64_t>(c));
  const auto truth = p_.targs.to_vector<int64_t>(), said = p_.decoded.to_vector<int64_t>();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row = static_cast<std::size_t>(truth[i]);
    if (row < c)
      ++counts[row].at(static_cast<std::size_t>(said[i]));  // no class: the loss leaves it out, too
  }
  return counts;
}

std::string ClassificationInterpretation::confusion_text() const {
  const auto counts = confusion_matrix();
  int first = 6, width = 5;
  for (const std::string& name : vocab_)
    first = std::max(first, text_width(name)), width = std::max(width, text_width(name));
  std::string text = pad_right("actual", first);
  for (const std::string& name : vocab_) text += "  " + pad_left(name, width);
  for (std::size_t row = 0; row < counts.size(); ++row) {
    text += "\n" + pad_right(vocab_[row], first);
    for (int64_t count : counts[row]) text += format("  %*lld", width, static_cast<long long>(count));
  }
  return text + "\n";
}

Plot ClassificationInterpretation::plot_confusion_matrix(const ConfusionOptions& o) const {
  std::vector<int64_t> flat;
  for (const auto& row : confusion_matrix()) flat.insert(flat.end(), row.begin(), row.end());
  Plot plot = confusion_plot(vocab_, flat, o.normalize);
  plot.title = o.title;
  auto [rows, columns, values, options] = *plot.heat();
  options.map = o.cmap;
  options.numbers = options.numbers && o.plot_txt;
  if (o.normalize) options.decimals = o.norm_dec;
  return plot.heat_map(rows, columns, std::move(values), std::move(options));
}

std::vector<Confused> ClassificationInterpretation::most_confused(int64_t min_val) const {
  const auto counts = confusion_matrix();
  std::vector<Confused> pairs;
  for (std::size_t i = 0; i < counts.size(); ++i)
    for (std::size_t j = 0; j < counts.size(); ++j)
      if (i != j && counts[i][j] >= min_val) pairs.push_back({vocab_[i], vocab_[j], counts[i][j]});
  std::stable_sort(pairs.begin(), pairs.end(), [](auto& a, auto& b) { return a.count > b.count; });
  return pairs;
}

std::string ClassificationInterpretation::classification_report() const {
  const auto counts = confusion_matrix();
  const std::size_t c = counts.size();
  const auto over = [](double a, double b) { return b == 0 ? 0 : a / b; };
  int width = text_width("weighted avg");
  for (const std::string& name : vocab_) width = std::max(width, text_width(name));
  const auto line = [&](const std::string& name, const std::array<double, 3>& scores, int64_t support) {
    return pad_left(name, width) + format("  %9.2f %9.2f %9.2f %9lld\n", scores[0], scores[1], scores[2],
                                          static_cast<long long>(support));
  };

  std::string text =
      format("%*s  %9s %9s %9s %9s\n\n", width, "", "precision", "recall", "f1-score", "support");
  std::array<double, 3> macro{}, weighted{};
  int64_t right = 0, all = 0;
  const std::size_t named = targets_.vocab.size();  // as fastai: they are listed whether they occur or not
  std::size_t shown = 0;
  for (std::size_t i = 0; i < c; ++i) {
    int64_t said = 0, there = 0;
    for (std::size_t j = 0; j < c; ++j) said += counts[j][i], there += counts[i][j];
    if (said + there == 0 && i >= named) continue;
    const auto hits = static_cast<double>(counts[i][i]), p = over(hits, static_cast<double>(said)),
               r = over(hits, static_cast<double>(there));
    const std::array<double, 3> scores{p, r, over(2 * p * r, p + r)};
    text += line(vocab_[i], scores, there);
    for (int s = 0; s < 3; ++s) macro[s] += scores[s], weighted[s] += scores[s] * static_cast<double>(there);
    right += counts[i][i], all += there, ++shown;
  }
  for (int s = 0; s < 3; ++s) macro[s] /= static_cast<double>(shown), weighted[s] /= static_cast<double>(all);
  text += format("\n%*s  %9s %9s %9.2f %9lld\n", width, "accuracy", "", "",
                 static_cast<double>(right) / static_cast<double>(all), static_cast<long long>(all));
  return text + line("macro avg", macro, all) + line("weighted avg", weighted, all);
}

}  // namespace fastcore
