// SPDX-License-Identifier: MIT
#include "fastcore/data/datasets.h"

#include <algorithm>
#include <new>

namespace fastcore {
using minitorch::IndexError;
using minitorch::ValueError;

std::string name_of(const Value& item, int64_t i) {
  const auto* tuple = std::get_if<Tuple>(&item);
  const Value& first = tuple && !tuple->parts().empty() ? tuple->parts().front() : item;
  if (const auto* path = std::get_if<Path>(&first)) return path->str();
  if (const auto* text = std::get_if<std::string>(&first)) return *text;
  return std::to_string(i);
}

void rethrow_with_item(const std::string& name) {
  try {
    throw;
  } catch (const ValueError& error) {  // a label that is missing, say: of which item?
    throw ValueError(error.what() + std::string(" (item ") + name + ")", error.hint());
  } catch (const minitorch::Error&) { throw; } catch (const std::bad_alloc&) {
    throw minitorch::OutOfMemory("[DataBlock] no memory is left for the item " + name,
                                 "smaller pictures (Resize) or a smaller batch: {.bs = 16}");
  } catch (const std::exception& error) {
    throw ValueError("[DataBlock] a function failed for the item " + name + ": " + error.what(),
                     "see at which step: block.summary(source)");
  }
}

namespace {

// The values of items on their way through a pipeline's setup.
class Learning {
 public:
  explicit Learning(const Items& items) : items_(items) {
    for (int64_t i = 0; i < items.size(); ++i) places_.push_back(i);
    values_.assign(items.begin(), items.end());
  }
  const Sample& values() const { return values_; }

  // An item that a transform leaves out is left out here as when it is loaded.
  void go_through(const std::vector<Transform>& transforms) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) try {
        for (const Transform& transform : transforms) values_[i] = transform(std::move(values_[i]));
        if (kept != i) values_[kept] = std::move(values_[i]);
        places_[kept++] = places_[i];
      } catch (const SkipItem&) {
      } catch (...) { rethrow_with_item(name_of(items_[places_[i]], places_[i])); }
    values_.resize(kept);
    places_.resize(kept);
  }

 private:
  const Items& items_;
  std::vector<int64_t> places_;
  Sample values_;
};

}  // namespace

Pipeline set_up(const Pipeline& pipeline, const Items& items) {
  std::vector<Transform> done;
  std::vector<Transform> pending;  // done, but the values have not been through them
  std::optional<Learning> learning;
  for (const Transform& transform : pipeline.transforms()) {
    Transform next = transform;
    if (transform.needs_setup()) {
      if (!learning) learning.emplace(items);
      learning->go_through(pending);
      pending.clear();
      next = transform.set_up(learning->values());
    }
    pending.push_back(next);
    done.push_back(next);
  }
  return Pipeline(std::move(done));
}

// What each target is: of its transforms the last one that says so.
static std::vector<Targets> targets_of(const std::vector<Pipeline>& pipelines, int64_t n_inp) {
  std::vector<Targets> all;
  for (auto member = static_cast<std::size_t>(n_inp); member < pipelines.size(); ++member) {
    all.emplace_back();
    const auto& transforms = pipelines[member].transforms();
    for (auto at = transforms.rbegin(); at != transforms.rend(); ++at)
      if (auto found = at->targets()) {
        all.back() = std::move(*found);
        break;
      }
  }
  return all;
}

// The first that says what it is; all.end() where none does.
static auto first_known(const std::vector<Targets>& all) {
  return std::find_if(all.begin(), all.end(), [](const Targets& t) { return t.kind != TargetKind::none; });
}

Datasets::Datasets(Items items, Splits splits, const std::vector<Pipeline>& pipelines, int64_t n_inp)
    : items_(std::move(items)), splits_(std::move(splits)), n_inp_(n_inp) {
  const Items training = items_[split(0)];
  for (const Pipeline& pipeline : pipelines) pipelines_.push_back(set_up(pipeline, training));
  all_targets_ = targets_of(pipelines_, n_inp_);
  if (const auto first = first_known(all_targets_); first != all_targets_.end()) targets_ = *first;
}

Datasets Datasets::prepared(std::vector<Pipeline> pipelines, int64_t n_inp, Targets targets) {
  Datasets data;
  data.pipelines_ = std::move(pipelines);
  data.n_inp_ = n_inp;
  data.targets_ = std::move(targets);
  data.all_targets_ = targets_of(data.pipelines_, n_inp);
  auto& all = data.all_targets_;  // a transform of the learner's own may be left out of an export
  if (!all.empty() && first_known(all) == all.end()) all.front() = data.targets_;
  data.splits_.resize(1);
  return data;
}

Datasets Datasets::with_items(Items items) const {
  Datasets other = prepared(pipelines_, n_inp_, targets_);
  other.items_ = std::move(items);
  for (int64_t i = 0; i < other.items_.size(); ++i) other.splits_[0].push_back(i);
  return other;
}

const std::vector<int64_t>& Datasets::split(int64_t i) const {
  if (i < 0 || i >= n_splits())
    throw IndexError("[Datasets] split " + std::to_string(i) + " of " + std::to_string(n_splits()),
                     "0 trains, 1 validates");
  return splits_[static_cast<std::size_t>(i)];
}

Sample Datasets::sample(int64_t i, int64_t members, Context& context) const {
  Sample sample;
  try {
    for (int64_t member = 0; member < members; ++member) {
      Sample one{items_[i]};
      pipelines_[static_cast<std::size_t>(member)].encode(one, context);
      sample.push_back(std::move(one.front()));
    }
  } catch (...) { rethrow_with_item(item_name(i)); }
  return sample;
}

Sample Datasets::operator[](int64_t i) const {
  Context context(1);
  return sample(i, members(), context);
}

std::string Datasets::item_name(int64_t i) const { return name_of(items_[i], i); }

Sample Subset::operator[](int64_t i) const {
  if (i < 0 || i >= size())
    throw IndexError("[Datasets] sample " + std::to_string(i) + " of " + std::to_string(size()));
  return all[places[static_cast<std::size_t>(i)]];
}

}  // namespace fastcore
