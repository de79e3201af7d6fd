// SPDX-License-Identifier: MIT
// DataBlock::summary: one sample and one batch made step by step, each step said before the next.
#include <algorithm>

#include "fastcore/basics/helpers.h"
#include "fastcore/data/collate.h"
#include "fastcore/data/data_block.h"

namespace fastcore {
namespace {

using Write = std::function<void(const std::string&)>;

std::string shown(const Sample& sample) {
  if (sample.size() == 1) return describe(sample.front());
  L<std::string> parts;
  for (const Value& value : sample) parts.append(describe(value));
  return "(" + join(parts, ", ") + ")";
}

std::string named(const Pipeline& pipeline) { return "Pipeline: " + pipeline.repr(); }

void tell_start(const Pipeline& pipeline, const Sample& sample, const Write& write) {
  write("  " + named(pipeline));
  write("    starting from");
  write("      " + shown(sample));
}

// One step; when it fails, or leaves the item out, it is named and its error goes on.
void tell_step(const Transform& transform, Sample& sample, Context& context, const Write& write) {
  if (!transform.runs_in(context.split())) return;
  const bool idle =
      std::none_of(sample.begin(), sample.end(), [&](const Value& value) { return transform.takes(value); });
  try {
    transform.encode(sample, context);
  } catch (const SkipItem&) {
    write("    applying " + transform.repr() + " leaves the item out.");
    throw;
  } catch (...) {
    write("    applying " + transform.repr() + " failed.");
    throw;
  }
  if (idle) return write("    " + transform.repr() + " takes none of these: nothing done");
  write("    applying " + transform.repr() + " gives");
  write("      " + shown(sample));
}

// Applies a pipeline step by step.
Sample told(const Pipeline& pipeline, Sample sample, Context& context, const Write& write) {
  tell_start(pipeline, sample, write);
  for (const Transform& transform : pipeline.transforms()) tell_step(transform, sample, context, write);
  return sample;
}

// The same with batch transforms: what has yet to learn does so first, as in training from the first batch.
void tell_batch(const Pipeline& pipeline, Sample batch, Context& context, const Write& write) {
  tell_start(pipeline, batch, write);
  for (Transform transform : pipeline.transforms()) {
    if (transform.needs_setup()) {
      write("    setting up " + transform.name() + " from this batch");
      transform = transform.set_up(batch);
    }
    tell_step(transform, batch, context, write);
  }
}

// The steps that need not learn first, as far as they go.
Pipeline before_setup(const Pipeline& pipeline) {
  std::vector<Transform> steps;
  for (const Transform& step : pipeline.transforms()) {
    if (step.needs_setup()) break;
    steps.push_back(step);
  }
  return Pipeline(std::move(steps));
}

// Goes the steps of the first training item that does not get through them, and throws what the step throws.
void tell_failure(const std::vector<Pipeline>& pipelines, const Items& training, const Write& write) {
  for (const Pipeline& pipeline : pipelines)
    for (const Value& item : training) {
      const Pipeline steps = before_setup(pipeline);
      Context context(1);
      Sample sample{item};
      try {
        steps.encode(sample, context);
      } catch (...) { told(steps, {item}, context, write); }
    }
}

// What DataBlock::datasets does, said.
Datasets collected(const DataBlock& block, const ItemSource& source, const Write& write) {
  write("Collecting items from " + source.repr());
  const std::vector<Pipeline> pipelines = block.pipelines();
  const Items items = block.find_items(source);
  write("Found " + std::to_string(items.size()) + " items");
  const Splits splits = block.split(items);
  L<std::string> sizes;
  for (const auto& split : splits) sizes.append(std::to_string(split.size()));
  write(std::to_string(splits.size()) + " datasets of sizes " + join(sizes, ","));
  for (const Pipeline& pipeline : pipelines) write("Setting up " + named(pipeline));
  try {
    return block.datasets(items, splits);
  } catch (...) {
    tell_failure(pipelines, items[splits[0]], write);
    throw;
  }
}

minitorch::Shape shape_of(const Value& value) {
  const minitorch::Tensor* tensor = tensor_of(value);
  return tensor ? tensor->shape() : minitorch::Shape{};
}

// Which members do not fit together.
void tell_misfit(const std::vector<Sample>& samples, const Write& write) {
  write("Error! It's not possible to collate your items in a batch");
  for (std::size_t member = 0; member < samples.front().size(); ++member) {
    L<std::string> shapes;
    for (const Sample& sample : samples) shapes.append(to_string(shape_of(sample[member])));
    if (shapes.unique().size() < 2) continue;
    write("Could not collate the " + std::to_string(member) +
          "-th members of your tuples because got the following shapes");
    write(join(shapes, ","));
    return;
  }
  write("Make sure all parts of your samples are tensors of the same size");
}

Sample put_together(std::vector<Sample>& samples, const std::vector<BeforeBatch>& before,
                    const Write& write) {
  write("");
  write(before.empty() ? "No before_batch transform to apply"
                       : "Applying before_batch to the list of samples");
  for (const BeforeBatch& change : before) change(samples);
  write("");
  write("Collating items in a batch");
  try {
    return collate(samples);
  } catch (...) {
    tell_misfit(samples, write);
    throw;
  }
}

// The training items in turn; those that a transform leaves out are said and passed over, as in a loader.
class Training {
 public:
  Training(const Datasets& data, const Write& write) : data_(data), write_(write) {}

  /// `make` of the place of the next item that is not left out; nothing when there is none.
  template <class Make>
  std::optional<Sample> next(const Make& make) {
    while (at_ < data_.split(0).size()) {
      const int64_t place = data_.split(0)[at_++];
      try {
        return make(place);
      } catch (const SkipItem& reason) {
        write_("  Left out: " + data_.item_name(place) + ": " + reason.what());
      }
    }
    return {};
  }
  template <class Make>
  Sample first(const Make& make) {
    if (auto sample = next(make)) return std::move(*sample);
    throw minitorch::ValueError("[DataBlock] every training item is left out",
                                "see above which transform throws SkipItem, and why");
  }

 private:
  const Datasets& data_;
  const Write& write_;
  std::size_t at_ = 0;
};

}  // namespace

void DataBlock::summary(const ItemSource& source, const SummaryOptions& options) const {
  summary(source, options, [](const std::string& line) { print_line(line); });
}

void DataBlock::summary(const ItemSource& source, const SummaryOptions& options, const Write& write) const {
  write("Setting-up type transforms pipelines");
  const Datasets data = collected(*this, source, write);
  Context context(0);
  const auto sample = [&](int64_t place) { return data.sample(place, data.members(), context); };
  const auto told_sample = [&](int64_t place) {
    for (const Pipeline& pipeline : data.pipelines()) told(pipeline, {data.items()[place]}, context, write);
    return sample(place);
  };
  write("");
  write("Building one sample");
  const Sample one = Training(data, write).first(told_sample);
  write("");
  write("Final sample: " + shown(one));
  write("");
  write("");

  const Datasets again = collected(*this, source, write);
  const Pipeline items = after_item(), batches = after_batch();
  std::vector<BeforeBatch> before;
  for (const TransformBlock& block : blocks)
    before.insert(before.end(), block.before_batch.begin(), block.before_batch.end());
  write("Setting up after_item: " + named(items));
  L<std::string> names;
  for (const BeforeBatch& change : before) names.append(change.name().empty() ? "a function" : change.name());
  write("Setting up before_batch: Pipeline: " + join(names, " -> "));
  write("Setting up after_batch: " + named(batches));
  write("");
  write("Building one batch");
  const int64_t n = std::min<int64_t>(options.bs, data.train().size());
  std::vector<Sample> samples;
  Training training(data, write);
  if (items.empty()) {
    write("No item_tfms to apply");
    samples.push_back(training.first(sample));
  } else {
    write("Applying item_tfms to the first sample:");
    samples.push_back(
        training.first([&](int64_t place) { return told(items, sample(place), context, write); }));
    write("");
    write("Adding the next " + std::to_string(n - 1) + " samples");
  }
  const auto whole = [&](int64_t place) {
    try {
      Sample made = sample(place);
      items.encode(made, context);
      return made;
    } catch (const SkipItem&) { throw; } catch (...) {  // once more, step by step
      told(items, told_sample(place), context, write);
      throw;
    }
  };
  while (static_cast<int64_t>(samples.size()) < n) {
    auto made = training.next(whole);
    if (!made) break;
    samples.push_back(std::move(*made));
  }
  Sample batch = put_together(samples, before, write);
  write("");
  if (batches.empty()) {
    write("No batch_tfms to apply");
  } else {
    write("Applying batch_tfms to the batch built");
    tell_batch(batches, std::move(batch), context, write);
  }
  if (options.show_batch) dataloaders(source, {.bs = n}).show_batch();
}

}  // namespace fastcore
