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

// Applies a pipeline step by step; a step that fails is named and its error goes on.
Sample told(const Pipeline& pipeline, Sample sample, Context& context, const Write& write) {
  write("  " + named(pipeline));
  write("    starting from");
  write("      " + shown(sample));
  for (const Transform& transform : pipeline.transforms()) {
    if (!transform.runs_in(context.split())) continue;
    try {
      transform.encode(sample, context);
    } catch (...) {
      write("    applying " + transform.repr() + " failed.");
      throw;
    }
    write("    applying " + transform.repr() + " gives");
    write("      " + shown(sample));
  }
  return sample;
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
  if (const auto* image = std::get_if<TensorImage>(&value)) return image->tensor.shape();
  if (const auto* mask = std::get_if<TensorMask>(&value)) return mask->tensor.shape();
  if (const auto* points = std::get_if<Points>(&value)) return points->xy.shape();
  if (const auto* tensor = std::get_if<minitorch::Tensor>(&value)) return tensor->shape();
  return {};
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

}  // namespace

void DataBlock::summary(const ItemSource& source, const SummaryOptions& options) const {
  summary(source, options, [](const std::string& line) { print_line(line); });
}

void DataBlock::summary(const ItemSource& source, const SummaryOptions& options, const Write& write) const {
  write("Setting-up type transforms pipelines");
  const Datasets data = collected(*this, source, write);
  Context context(0);
  write("");
  write("Building one sample");
  const Value& item = data.items()[data.split(0).front()];
  for (const Pipeline& pipeline : data.pipelines()) told(pipeline, {item}, context, write);
  const auto sample = [&](int64_t i) { return data.sample(data.split(0).at(i), data.members(), context); };
  write("");
  write("Final sample: " + shown(sample(0)));
  write("");
  write("");

  const Datasets again = collected(*this, source, write);
  const Pipeline items = after_item(), batches = after_batch();
  std::vector<BeforeBatch> before;
  for (const TransformBlock& block : blocks)
    before.insert(before.end(), block.before_batch.begin(), block.before_batch.end());
  write("Setting up after_item: " + named(items));
  write("Setting up before_batch: Pipeline: " +
        (before.empty() ? "" : std::to_string(before.size()) + " functions"));
  write("Setting up after_batch: " + named(batches));
  write("");
  write("Building one batch");
  const int64_t n = std::min<int64_t>(options.bs, data.train().size());
  std::vector<Sample> samples;
  if (items.empty()) {
    write("No item_tfms to apply");
    samples.push_back(sample(0));
  } else {
    write("Applying item_tfms to the first sample:");
    samples.push_back(told(items, sample(0), context, write));
    write("");
    write("Adding the next " + std::to_string(n - 1) + " samples");
  }
  for (int64_t i = 1; i < n; ++i) try {
      samples.push_back(sample(i));
      items.encode(samples.back(), context);
    } catch (...) {  // once more, step by step
      const Value& failing = data.items()[data.split(0).at(i)];
      for (const Pipeline& pipeline : data.pipelines()) told(pipeline, {failing}, context, write);
      told(items, sample(i), context, write);
      throw;
    }
  Sample batch = put_together(samples, before, write);
  write("");
  if (batches.empty()) {
    write("No batch_tfms to apply");
  } else {
    write("Applying batch_tfms to the batch built");
    told(batches, std::move(batch), context, write);
  }
  if (options.show_batch) dataloaders(source, {.bs = n}).show_batch();
}

}  // namespace fastcore
