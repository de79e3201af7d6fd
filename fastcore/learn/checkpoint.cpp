// SPDX-License-Identifier: MIT
#include "fastcore/learn/checkpoint.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/core/python_random.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"

namespace fastcore {
using namespace minitorch;

namespace {

using Named = std::vector<std::pair<std::string, Tensor>>;

constexpr const char* kTrainAnew = "delete the file and train anew, or give another checkpoint";

Tensor int64s(const std::vector<int64_t>& values) {
  const Tensor t = empty({static_cast<int64_t>(values.size())}, {kInt64});
  std::copy(values.begin(), values.end(), t.data<int64_t>());
  return t;
}
// Doubles as the bits of whole numbers: tensors have no float64.
Tensor bits(const std::vector<double>& values) {
  std::vector<int64_t> whole;
  for (double value : values) whole.push_back(std::bit_cast<int64_t>(value));
  return int64s(whole);
}
std::vector<double> doubles(const Tensor& t) {
  std::vector<double> values;
  for (int64_t bits : t.to_vector<int64_t>()) values.push_back(std::bit_cast<double>(bits));
  return values;
}

Named copied(const Named& all, const std::string& prefix) {
  Named copy;
  for (const auto& [name, tensor] : all) copy.emplace_back(prefix + name, tensor.detach().clone());
  return copy;
}
void append(Named& to, const Named& more) { to.insert(to.end(), more.begin(), more.end()); }

const Tensor& find(const Named& all, const std::string& name) {
  for (const auto& [own, tensor] : all)
    if (own == name) return tensor;
  throw FileError("[resume] the checkpoint lacks '" + name + "'", "it is from another version: train anew");
}

std::string callback_key(const Learner& learn, std::size_t i) {
  std::size_t same = 0;
  for (std::size_t k = 0; k < i; ++k) same += learn.cbs()[k]->name() == learn.cbs()[i]->name();
  return "callback." + learn.cbs()[i]->name() + "." + std::to_string(same);
}

std::vector<double> hypers_of(Learner& learn) {
  std::vector<double> all;
  for (const auto& group : learn.opt->groups())
    for (double h :
         {group.hypers.lr, group.hypers.mom, group.hypers.sqr_mom, group.hypers.eps, group.hypers.wd})
      all.push_back(h);
  return all;
}
void set_hypers(Learner& learn, const std::vector<double>& all) {
  std::size_t at = 0;
  if (all.size() != learn.opt->groups().size() * 5)
    throw ShapeError(format("[resume] the checkpoint has %zu groups of parameters, the optimiser has %zu",
                            all.size() / 5, learn.opt->groups().size()),
                     "resume with the splitter that training began with");
  for (auto& group : learn.opt->groups())
    for (double* h :
         {&group.hypers.lr, &group.hypers.mom, &group.hypers.sqr_mom, &group.hypers.eps, &group.hypers.wd})
      *h = all[at++];
}

// What the recorder has seen, as tensors.
Named history(const Recorder& r) {
  Named out{{"recorder.losses", bits(r.losses)},
            {"recorder.lrs", bits(r.lrs)},
            {"recorder.iters", int64s(r.iters)},
            {"recorder.seconds", bits(r.seconds)},
            {"recorder.first_epoch", int64s({r.first_epoch})},
            {"recorder.smooth", bits({r.smooth_loss.state(), static_cast<double>(r.smooth_loss.count())})}};
  std::vector<double> values;
  std::vector<int64_t> there;  // for no value is not NaN
  for (const LogValues& row : r.values)
    for (const auto& value : row) values.push_back(value.value_or(0)), there.push_back(value.has_value());
  out.emplace_back("recorder.values", bits(values));
  out.emplace_back("recorder.values_there", int64s(there));
  for (const auto& [name, course] : r.hps) out.emplace_back("recorder.hps." + name, bits(course));
  return out;
}
void set_history(Recorder& r, const Named& all) {
  r.losses = doubles(find(all, "recorder.losses"));
  r.lrs = doubles(find(all, "recorder.lrs"));
  r.iters = find(all, "recorder.iters").to_vector<int64_t>();
  r.seconds = doubles(find(all, "recorder.seconds"));
  const auto smooth = doubles(find(all, "recorder.smooth")), values = doubles(find(all, "recorder.values"));
  const auto first = find(all, "recorder.first_epoch").to_vector<int64_t>(),
             there = find(all, "recorder.values_there").to_vector<int64_t>();
  const std::size_t columns = r.metric_names.size() - 1 - r.add_time;
  if (smooth.size() != 2 || first.size() != 1 || r.seconds.size() != r.iters.size() ||
      values.size() != r.iters.size() * columns || there.size() != values.size())
    throw FileError("[resume] the checkpoint's history of the training is damaged", kTrainAnew);
  r.smooth_loss.set_state(smooth[0], static_cast<int64_t>(smooth[1]));
  r.first_epoch = first[0];
  r.values.clear();
  for (std::size_t row = 0; row < r.iters.size(); ++row) {
    r.values.emplace_back();
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t at = row * columns + c;
      r.values.back().push_back(there[at] ? std::optional(values[at]) : std::nullopt);
    }
  }
  r.hps.clear();
  for (const auto& [name, course] : part(all, "recorder.hps.")) r.hps[name] = doubles(course);
}

// "epoch, train_loss, valid_loss, accuracy, time"
std::string columns_of(const Learner& learn) {
  std::string all;
  for (const std::string& name : learn.recorder->metric_names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

Tensor packed(const RandomState& state) {  // each generator after its length
  std::vector<int64_t> all;
  for (const auto& one : state.generators) {
    all.push_back(static_cast<int64_t>(one.size()));
    all.insert(all.end(), one.begin(), one.end());
  }
  return int64s(all);
}
RandomState unpacked(const Tensor& t) {
  RandomState state;
  const auto all = t.to_vector<int64_t>();
  for (std::size_t at = 0; at < all.size();) {
    const auto n = static_cast<std::size_t>(all[at++]);
    if (n > all.size() - at)
      throw FileError("[resume] the checkpoint's random numbers are damaged", kTrainAnew);
    state.generators.emplace_back(all.begin() + static_cast<int64_t>(at),
                                  all.begin() + static_cast<int64_t>(at + n));
    at += n;
  }
  return state;
}

}  // namespace

Named part(const Named& all, const std::string& prefix) {
  Named found;
  for (const auto& [name, tensor] : all)
    if (name.rfind(prefix, 0) == 0) found.emplace_back(name.substr(prefix.size()), tensor);
  return found;
}

RandomState RandomState::now(Learner& learn) {
  RandomState state{{default_generator().state(), numpy::global().state(), python::global().state()}};
  for (int64_t i = 0; i < learn.dls.size(); ++i) state.generators.push_back(learn.dls[i].state());
  return state;
}

void RandomState::restore(Learner& learn) const {
  if (static_cast<int64_t>(generators.size()) != 3 + learn.dls.size())
    throw FileError(format("[resume] the checkpoint knows %d loaders, and there are %d",
                           static_cast<int>(generators.size()) - 3, static_cast<int>(learn.dls.size())),
                    "resume with the data that training began with");
  default_generator().set_state(generators[0]);
  numpy::global().set_state(generators[1]);
  python::global().set_state(generators[2]);
  for (int64_t i = 0; i < learn.dls.size(); ++i)
    if (const auto& own = generators[static_cast<std::size_t>(3 + i)]; !own.empty())
      learn.dls[i].set_state(own);
}

Scope random_kept_in_fit(Learner& learn) {
  if (!learn.fitting) return Scope({});
  return Scope([&learn, state = RandomState::now(learn)] { state.restore(learn); });
}

Checkpoint Checkpoint::take(Learner& learn, const RandomState& now, const RandomState& pass_start,
                            int64_t epoch, int64_t batch) {
  Checkpoint c{.fit = learn.fit_count() - 1,
               .epoch = epoch,
               .batch = batch,
               .n_epoch = learn.n_epoch,
               .train_iter = learn.train_iter,
               .pct_train = learn.pct_train,
               .now = now,
               .pass_start = pass_start,
               .tensors = copied(learn.model->state_dict(), "model."),
               .notes = {}};
  append(c.tensors, copied(learn.opt->state_dict(), "opt."));
  c.tensors.emplace_back("hypers", bits(hypers_of(learn)));
  for (const auto& [name, p] : learn.model->named_parameters())
    if (p.grad().defined()) c.tensors.emplace_back("grad." + name, p.grad().detach().clone());
  append(c.tensors, history(*learn.recorder));
  for (std::size_t i = 0; i < learn.cbs().size(); ++i)
    if (const auto state = learn.cbs()[i]->state(); !state.empty())
      c.tensors.emplace_back(callback_key(learn, i), bits(state));
  c.notes = {{"model", learn.model->type_name()}, {"columns", columns_of(learn)}};
  return c;
}

void Checkpoint::restore(Learner& learn) const {
  const auto columns = notes.find("columns");
  if (const std::string now = columns_of(learn); columns != notes.end() && columns->second != now)
    throw ValueError(
        "[resume] the table of the training had the columns " + columns->second + ", and has " + now + " now",
        "resume with the metrics that training began with");
  learn.model->load_state_dict(part(tensors, "model."));
  learn.opt->load_state_dict(part(tensors, "opt."));
  set_hypers(learn, doubles(find(tensors, "hypers")));
  const Named grads = part(tensors, "grad.");
  for (const auto& [name, p] : learn.model->named_parameters()) {
    p.zero_grad();
    for (const auto& [own, g] : grads)
      if (own == name && p.requires_grad()) p.set_grad(g.to(p.device()).clone());
  }
  set_history(*learn.recorder, tensors);
  for (std::size_t i = 0; i < learn.cbs().size(); ++i)
    for (const auto& [name, state] : tensors) {
      if (name != callback_key(learn, i)) continue;
      try {
        learn.cbs()[i]->set_state(doubles(state));
      } catch (const std::out_of_range&) {
        throw FileError("[resume] what the checkpoint holds of " + learn.cbs()[i]->name() + " is damaged",
                        kTrainAnew);
      }
    }
}

void Checkpoint::save(const std::string& path) const {
  Path(path).parent().mkdir({.parents = true, .exist_ok = true});
  Named all = tensors;
  all.emplace_back("place", int64s({fit, epoch, batch, n_epoch, train_iter}));
  all.emplace_back("pct_train", bits({pct_train}));
  all.emplace_back("random.now", packed(now));
  all.emplace_back("random.pass_start", packed(pass_start));
  io::Metadata metadata = notes;
  metadata["format"] = "fastcore checkpoint 1";
  io::save_safetensors(path, all, metadata);
}

Checkpoint Checkpoint::load(const std::string& path) {
  auto file = io::load_safetensors(path);
  if (file.metadata["format"] != "fastcore checkpoint 1")
    throw FileError("[resume] " + path + " is no checkpoint of a training",
                    "weights alone are loaded by learn.load");
  const auto place = find(file.tensors, "place").to_vector<int64_t>();
  const auto pct = doubles(find(file.tensors, "pct_train"));
  const bool makes_sense =
      place.size() == 5 && pct.size() == 1 &&
      std::all_of(place.begin(), place.end(), [](int64_t number) { return number >= 0; });
  if (!makes_sense) throw FileError("[resume] " + path + " is damaged", kTrainAnew);
  return {.fit = place[0],
          .epoch = place[1],
          .batch = place[2],
          .n_epoch = place[3],
          .train_iter = place[4],
          .pct_train = pct[0],
          .now = unpacked(find(file.tensors, "random.now")),
          .pass_start = unpacked(find(file.tensors, "random.pass_start")),
          .tensors = std::move(file.tensors),
          .notes = std::move(file.metadata)};
}

}  // namespace fastcore
