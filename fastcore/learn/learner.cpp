// SPDX-License-Identifier: MIT
// The loop: epochs, batches, and the events around them. How rates change on the way is training.cpp.
#include "fastcore/learn/learner.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/default_callbacks.h"
#include "fastcore/learn/recorder.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/stream.h"
#include "minitorch/tensor/transfer.h"

namespace fastcore {
using namespace minitorch;

namespace {

constexpr CallbackEvent event_of(void (Callback::*call)(Learner&), const char* name, bool in_batch = false) {
  return {call, name, in_batch};
}
#define FC_EVENT(name, in_batch) event_of(&Callback::name, #name, in_batch)
#define FC_SECTION(name, in_batch)                                              \
  {                                                                             \
    FC_EVENT(before_##name, in_batch), FC_EVENT(after_cancel_##name, in_batch), \
        FC_EVENT(after_##name, in_batch)                                        \
  }

constexpr Section<CancelFit> kFit = FC_SECTION(fit, false);
constexpr Section<CancelEpoch> kEpoch = FC_SECTION(epoch, false);
constexpr Section<CancelTrain> kTrain = FC_SECTION(train, false);
constexpr Section<CancelValid> kValidate = FC_SECTION(validate, false);
constexpr Section<CancelBatch> kBatch = FC_SECTION(batch, true);
constexpr Section<CancelBackward> kBackward = FC_SECTION(backward, true);
constexpr Section<CancelStep> kStep = FC_SECTION(step, true);
constexpr CallbackEvent kAfterCreate = FC_EVENT(after_create, false);
constexpr CallbackEvent kAfterPred = FC_EVENT(after_pred, true), kAfterLoss = FC_EVENT(after_loss, true);

LossFunc loss_of(TargetKind kind) {
  switch (kind) {
    case TargetKind::category:
    case TargetKind::text: return CrossEntropyLossFlat{};
    case TargetKind::mask: return CrossEntropyLossFlat{.axis = 1};
    case TargetKind::multi_category: return BCEWithLogitsLossFlat{};
    case TargetKind::number:
    case TargetKind::points: return MSELossFlat{};
    case TargetKind::none: break;
  }
  throw ValueError("[Learner] no loss was given, and the data have no targets that suggest one",
                   "give one: Learner(dls, model, {.loss_func = MSELossFlat{}})");
}

// Puts back, when the result goes, all that a pass inside of another one changes: random generators, too, as
// each pass draws a seed.
Scope standing_kept(Learner& learn) {
  std::vector<std::pair<Tensor*, Tensor>> memory;  // of recurrent parts
  for (auto& [name, module] : learn.model->named_modules())
    if (auto* resettable = dynamic_cast<Resettable*>(module))
      for (Tensor* tensor : resettable->memory()) memory.emplace_back(tensor, *tensor);
  const std::vector<MetricPtr> counting = learn.metrics;
  for (MetricPtr& metric : learn.metrics)
    if (MetricPtr another = metric->fresh()) metric = another;
  return Scope([&learn, memory, counting, random = RandomState::now(learn),
                modes = std::make_shared<Scope>(modes_kept(*learn.model)), recorder = *learn.recorder,
                fitting = learn.fitting, training = learn.training, iter = learn.iter, n_iter = learn.n_iter,
                dl = learn.dl, xb = learn.xb, yb = learn.yb, pred = learn.pred, loss_grad = learn.loss_grad,
                loss = learn.loss] {
    random.restore(learn);
    for (auto& [place, tensor] : memory) *place = tensor;
    learn.metrics = counting;
    const LogValues latest = learn.recorder->final_record;  // what validate() returns
    *learn.recorder = recorder;
    learn.recorder->final_record = latest;
    learn.fitting = fitting, learn.training = training;
    learn.iter = iter, learn.n_iter = n_iter;
    learn.dl = dl;
    learn.xb = xb, learn.yb = yb;
    learn.pred = pred, learn.loss_grad = loss_grad, learn.loss = loss;
  });
}

}  // namespace

Learner::Learner(DataLoaders data, nn::ModulePtr net, LearnerOptions options)
    : dls(std::move(data)),
      model(std::move(net)),
      loss_func(options.loss_func ? options.loss_func : loss_of(dls.targets().kind)),
      opt_func(std::move(options.opt_func)),
      splitter(std::move(options.splitter)),
      metrics(options.metrics.list()),
      lr(options.lr),
      wd(options.wd),
      moms(options.moms),
      wd_bn_bias(options.wd_bn_bias),
      train_bn(options.train_bn),
      device(options.device),
      path(options.path.str().empty() ? dls.path() : options.path),
      model_dir(options.model_dir),
      recorder(std::make_shared<Recorder>()),
      logger([](const LogRow& row) { Terminal::current().write_line(row.list()); }),
      cbs_(std::make_shared<std::vector<CallbackPtr>>()) {
  if (options.default_cbs) add_cbs({TrainEvalCallback{}, recorder, ProgressCallback{}});
  add_cbs(options.cbs);
  event(kAfterCreate);
}
Learner::Learner(Learner&&) = default;
Learner& Learner::operator=(Learner&&) = default;
Learner::~Learner() = default;

// --- the loop ---

template <class CancelType, class Body>
void Learner::with_events(const Section<CancelType>& section, Body&& body) {
  try {
    event(section.before);
    body();
  } catch (const CancelType&) { event(section.after_cancel); }
  event(section.after);
}

void Learner::fit(int64_t epochs, const FitOptions& options) {
  if (fitting || dl)  // two loops would share one place, and the outer never see its last epoch
    throw ValueError("[fit] the learner is at work already: a callback cannot train, nor look for a rate",
                     "train when fit has returned; validate() and get_preds() are fine inside");
  stop_if_interrupted();          // before: a checkpoint of an earlier fit is to stand
  if (is_done_already()) return;  // before training was interrupted
  if (epochs > 0) dls.train().require_batches();
  if (epochs > 0 && !finding_lr) static_cast<void>(dls.valid());  // missing, that is told before any epoch
  const Scope cbs = added_cbs(options.cbs), at_work([this] { end_pass(); });
  if (options.reset_opt || !opt) create_opt();
  opt->zero_grad();  // of a training before, which ended between two steps
  if (const auto decay = options.wd ? options.wd : wd) set_hyper("wd", *decay);
  set_hyper("lr", options.lr.value_or(lr));
  n_epoch = epochs;
  fitting = true;
  try {
    with_events(kFit, [&] {
      for (epoch = first_epoch(options.start_epoch); epoch < n_epoch; ++epoch)
        with_events(kEpoch, [&] {
          epoch_train();
          epoch_validate(dls.valid());
        });
    });
    if (!finding_lr) stop_if_interrupted();  // what follows builds on a training that has ended
  } catch (...) {
    opt->zero_grad();  // those of the batch that failed are not to reach the next fit
    throw;
  }
}

void Learner::epoch_train() {
  dl = &dls.train();
  with_events(kTrain, [&] { all_batches(); });
}

void Learner::epoch_validate(DataLoader& loader) {
  NoGrad no_grad;
  dl = &loader;
  with_events(kValidate, [&] { all_batches(); });
}

void Learner::all_batches() {
  const std::unique_ptr<Pass> pass = start_pass();
  while (std::optional<Batch> batch = pass->next()) {
    if (!device.is_cpu()) batch = batch->to(device);
    xb = std::move(batch->x);
    yb = std::move(batch->y);
    pred = loss = loss_grad = Tensor();  // those of the batch before are no answer to this one
    try {
      with_events(kBatch, [&] { one_batch(); });
    } catch (const OutOfMemory& error) { rethrow(error); } catch (const std::bad_alloc&) {
      rethrow(OutOfMemory("[fit] no memory is left on this machine"));
    }
    ++iter;
    if (fitting && interrupted()) throw CancelFit{};
    if (alone_) stop_if_interrupted();
  }
  if (iter == 0 && fitting && training) dl->throw_all_left_out();
}

void Learner::one_batch() {
  pred = (*model)(xb);
  event(kAfterPred);
  if (!yb.empty()) {
    loss_grad = loss_func(pred, yb);
    loss = loss_grad.detach();
  }
  event(kAfterLoss);
  if (!training || yb.empty()) return;
  // A GPU goes on with the gradients while the host waits for the loss, the only wait of a batch, and looks
  // at it before it lets the weights be changed.
  const Tensor fetched = to_async(loss, Device::cpu());
  Event arrived(loss.device());
  arrived.record(Stream::current(loss.device()));
  with_events(kBackward, [&] { loss_grad.backward(); });
  arrived.synchronize();
  loss = fetched;
  if (!std::isfinite(loss.item())) throw_bad_loss();
  with_events(kStep, [&] { take_step ? take_step(*opt) : opt->step(); });
  opt->zero_grad();
}

// However the loop has ended: callbacks leave nothing behind, batches and graphs are not kept in memory.
void Learner::end_pass() {
  for (const CallbackPtr& cb : *cbs_) cb->clean_up(*this);
  fitting = training = alone_ = false;
  dl = nullptr;
  xb.clear(), yb.clear();
  pred = loss_grad = Tensor();
}

// A pass of validation by itself, with the events of a fit around it. When a callback asks for one in the
// middle of another pass, only the events of validation come, and that pass goes on as if nothing had been.
void Learner::one_pass(DataLoader& loader) {
  require_weights("validate");
  if (fitting || dl) {
    const Scope as_before = standing_kept(*this), silent = no_bar();
    fitting = false;
    reset_model(*model);
    recorder->before_epoch(*this);
    epoch_validate(loader);
    recorder->after_epoch(*this);
    return;
  }
  const Scope quiet = no_logging(), at_work([this] { end_pass(); });
  alone_ = true;
  event(kFit.before);
  event(kEpoch.before);
  epoch_validate(loader);
  event(kEpoch.after);
  event(kFit.after);
}

std::vector<double> Learner::validate(DataLoader& loader) {
  one_pass(loader);
  std::vector<double> row;
  for (const auto& value : recorder->final_record) row.push_back(value.value_or(NAN));
  return row;
}
std::vector<double> Learner::validate(int64_t ds_idx) { return validate(dls[ds_idx]); }

// --- callbacks ---

void Learner::event(const CallbackEvent& what) {
  const auto all = cbs_;  // callbacks may come and go meanwhile
  for (const CallbackPtr& cb : *all) {
    if (!cb->run || (what.in_batch && !(training ? cb->run_train : cb->run_valid))) continue;
    const auto told = [&](const std::exception& error) {
      return std::runtime_error("in callback " + cb->name() + " at " + what.name + ": " + error.what());
    };
    try {
      ((*cb).*what.call)(*this);
    } catch (std::runtime_error& error) {  // the same error, of the same type, tells where it came from
      error = told(error);
      throw;
    } catch (const Cancel&) { throw; } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) { throw told(error); }  // as of a vector's at()
  }
  if (what.call == kFit.after.call)
    for (const CallbackPtr& cb : *all) cb->run = true;
}

void Learner::add_cbs(const Callbacks& cbs) {
  auto all = std::make_shared<std::vector<CallbackPtr>>(*cbs_);
  all->insert(all->end(), cbs.begin(), cbs.end());
  std::stable_sort(all->begin(), all->end(),
                   [](const CallbackPtr& a, const CallbackPtr& b) { return a->order < b->order; });
  cbs_ = all;
}

void Learner::remove_cbs(const Callbacks& cbs) {
  auto all = std::make_shared<std::vector<CallbackPtr>>(*cbs_);
  for (const CallbackPtr& cb : cbs) std::erase(*all, cb);
  cbs_ = all;
}

Scope Learner::added_cbs(const Callbacks& cbs) {
  add_cbs(cbs);
  return Scope([this, cbs] { remove_cbs(cbs); });
}
Scope Learner::removed_cbs(const Callbacks& cbs) {
  remove_cbs(cbs);
  return Scope([this, cbs] { add_cbs(cbs); });
}
Scope Learner::no_bar() {
  const auto bar = find_cb<ProgressCallback>();
  return bar ? removed_cbs(bar) : Scope({});
}
Scope Learner::no_logging() {
  return Scope([this, before = std::exchange(logger, Logger())] { logger = before; });
}

}  // namespace fastcore
