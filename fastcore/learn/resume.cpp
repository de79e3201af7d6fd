// SPDX-License-Identifier: MIT
// Checkpoints in the course of training, and Learner::resume, which goes on from one.
#include <optional>
#include <utility>

#include "fastcore/basics/interrupt.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "minitorch/core/errors.h"
#include "minitorch/ops/ops.h"

namespace fastcore {
using namespace minitorch;

namespace {

// What recurrent parts of the model remember; nothing where one of them does not say.
std::optional<std::vector<Tensor*>> memory_of(nn::Module& model) {
  std::vector<Tensor*> all;
  for (auto& [name, module] : model.named_modules())
    if (auto* resettable = dynamic_cast<Resettable*>(module)) {
      const auto own = resettable->memory();
      if (own.empty()) return std::nullopt;
      all.insert(all.end(), own.begin(), own.end());
    }
  return all;
}

}  // namespace

void CheckpointCallback::before_train(Learner& learn) {
  pass_start_ = RandomState::now(learn);
  ran_ = true, validated_ = false;
  batches_ = learn.dls.train().size();
}
void CheckpointCallback::before_validate(Learner& learn) {
  if (learn.fitting) validation_start_ = RandomState::now(learn);
}
void CheckpointCallback::after_validate(Learner& learn) {
  if (learn.fitting) validated_ = true;
}
void CheckpointCallback::after_epoch(Learner& learn) {
  if (!learn.fitting || options_.every_epoch < 1) return;
  end_ = RandomState::now(learn);
  if ((learn.epoch + 1) % options_.every_epoch != 0) return;
  Checkpoint::take(learn, end_, end_, learn.epoch + 1, 0).save(learn.model_file(options_.fname).str());
}
// The number of epochs stands for "complete", also where training has ended early.
void CheckpointCallback::after_fit(Learner& learn) {
  if (!learn.fitting || options_.every_epoch < 1 || interrupted() || !std::exchange(ran_, false)) return;
  Checkpoint::take(learn, end_, end_, learn.n_epoch, 0).save(learn.model_file(options_.fname).str());
}
// In the middle of an epoch. Where something would be missing, the checkpoint of the epoch before stands.
void CheckpointCallback::after_cancel_fit(Learner& learn) {
  if (!learn.fitting) return;
  end_ = RandomState::now(learn);
  // Validated, another callback has ended the training, which counts this epoch: it must not come twice.
  if (!interrupted() || validated_) return;
  const auto memory = memory_of(*learn.model);
  if (!memory || learn.recorder->train_metrics) return;  // metrics are half counted
  const bool trained = !learn.training;                  // interrupted in validation: that starts again
  Checkpoint place = Checkpoint::take(learn, trained ? validation_start_ : RandomState::now(learn),
                                      pass_start_, learn.epoch, trained ? batches_ : learn.iter);
  for (std::size_t i = 0; i < memory->size() && !trained; ++i)
    if (const Tensor& tensor = *(*memory)[i]; tensor.defined())
      place.tensors.emplace_back("memory." + std::to_string(i), tensor.detach().clone());
  place.save(learn.model_file(options_.fname).str());
}

// --- Learner's side: what was done is passed over, what was begun goes on ---

void Learner::resume(const std::string& file) {
  checkpoint_ = std::make_shared<Checkpoint>(Checkpoint::load(model_file(file).str()));
}

bool Learner::is_done_already() {
  if (finding_lr) return false;
  ++fit_count_;
  passing_over_ = checkpoint_ && checkpoint_->fit >= fit_count_;
  return passing_over_;
}

// Without them everything would run, and write or show what an untrained net says.
void Learner::require_weights(const char* what) const {
  if (passing_over_)
    throw ValueError(
        format("[%s] the weights of fit number %lld are not in the checkpoint, which is of number "
               "%lld",
               what, static_cast<long long>(fit_count_), static_cast<long long>(checkpoint_->fit + 1)),
        "leave this call out when training is resumed: if (!learn.passing_over()) ...; or train "
        "in a lesson, whose --resume has a checkpoint of each fit");
}

int64_t Learner::first_epoch(int64_t asked_for) {
  if (!checkpoint_ || finding_lr) return asked_for;
  const auto place = checkpoint_;
  if (place->n_epoch != n_epoch)
    throw ValueError(format("[resume] training was to take %d epochs, and now %d",
                            static_cast<int>(place->n_epoch), static_cast<int>(n_epoch)),
                     "repeat the calls that training began with");
  place->restore(*this);
  (place->batch ? place->pass_start : place->now).restore(*this);
  train_iter = place->train_iter;
  if (!place->batch) checkpoint_.reset();
  for (std::size_t i = 0; logger && i < recorder->values.size(); ++i) logger(recorder->row(i));
  return place->epoch;
}

// A pass through the loader. One that continues in the middle draws the batches that were done, so that the
// loader's random numbers come out again; then all generators are put where they stood.
std::unique_ptr<Pass> Learner::start_pass() {
  n_iter = dl->size();
  iter = 0;
  std::unique_ptr<Pass> pass = dl->start();
  if (!training || !checkpoint_ || finding_lr) return pass;
  const auto place = std::exchange(checkpoint_, nullptr);
  while (iter < place->batch && pass->next()) ++iter;
  place->now.restore(*this);
  pct_train = place->pct_train;
  const auto memory = memory_of(*model).value_or(std::vector<Tensor*>());
  for (std::size_t i = 0; i < memory.size(); ++i)
    for (const auto& [name, tensor] : place->tensors)
      if (name == "memory." + std::to_string(i)) *memory[i] = tensor.to(device).clone();
  return pass;
}

}  // namespace fastcore
