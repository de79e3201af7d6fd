// SPDX-License-Identifier: MIT
// aug_transforms: the usual augmentation, merged, and how a merged transform is written down and read back.
#include "fastcore/basics/helpers.h"
#include "fastcore/data/augment.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

// "Rotate(max_deg=10.0, p=0.75, batch=False)"
template <class Step>
std::string text_of(Step step) {
  Fields fields;
  step.fields(fields);
  std::string text;
  for (const auto& [name, setting] : fields.collected())
    text += (text.empty() ? "" : ", ") + name + "=" +
            std::visit([](const auto& value) { return repr(value); }, setting);
  return detail::type_name(typeid(Step)) + "(" + text + ")";
}

Setting setting_of(const std::string& text) {
  if (text == "True" || text == "False") return text == "True";
  std::size_t used = 0;
  const double value = [&] {
    try {
      return std::stod(text, &used);
    } catch (const std::exception&) { return 0.0; }
  }();
  if (used == 0 || used != text.size()) throw ValueError("[augment] " + repr(text) + " is not a number");
  return value;
}

// The step of `variants` whose name the text begins with, with the settings in its brackets.
template <class Steps>
Steps step_of(const std::string& text) {
  const auto open = text.find('(');
  if (open == std::string::npos || text.back() != ')')
    throw ValueError("[augment] " + repr(text) + ": expected a name and its settings in brackets");
  const std::string name = text.substr(0, open);
  Settings settings;
  std::string rest = text.substr(open + 1, text.size() - open - 2);
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(", "), rest.size()), equals = rest.find('=');
    if (equals >= comma) throw ValueError("[augment] " + repr(text) + ": a setting is written name=value");
    settings[rest.substr(0, equals)] = setting_of(rest.substr(equals + 1, comma - equals - 1));
    rest = comma == rest.size() ? "" : rest.substr(comma + 2);
  }
  std::optional<Steps> found;
  [&]<class... Step>(const std::variant<Step...>*) {
    const auto consider = [&](auto step) {
      if (detail::type_name(typeid(step)) != name) return;
      Fields fields(settings);
      step.fields(fields);
      found = step;
    };
    (consider(Step{}), ...);
  }(static_cast<const Steps*>(nullptr));
  if (!found) throw ValueError("[augment] there is no transform called " + repr(name));
  return *found;
}

// Writes the steps as texts, or makes them from texts.
template <class Steps>
void visit_steps(Fields& f, std::vector<Steps>& steps) {
  std::vector<std::string> texts;
  for (const Steps& step : steps) texts.push_back(std::visit([](const auto& s) { return text_of(s); }, step));
  const auto before = texts;
  f("steps", texts);
  if (texts == before) return;
  steps.clear();
  for (const std::string& text : texts) steps.push_back(step_of<Steps>(text));
}

// Takes a transform into a list of steps when it is one of them.
template <class... Step, class Take>
bool take_step(const Transform& transform, const std::variant<Step...>*, Take&& take) {
  const auto consider = [&](const auto* step) { return step ? (take(*step), true) : false; };
  return (consider(transform.get_if<Step>()) || ...);
}

}  // namespace

void AffineCoordTfm::fields(Fields& f) {
  visit_steps(f, steps);
  f("size", how.size)("mode", how.mode, {"bilinear", "nearest"});
  f("pad_mode", how.pad_mode, {"zeros", "border", "reflection"})("align_corners", how.align_corners);
}
void LightingTfm::fields(Fields& f) { visit_steps(f, steps); }

std::vector<Transform> setup_aug_tfms(const std::vector<Transform>& transforms) {
  AffineCoordTfm affine;
  LightingTfm light;
  std::vector<Transform> others;
  bool placed = false;
  const auto place = [&](const Resampling& how) {
    if (!placed) affine.how = how;
    placed = true;
  };
  for (const Transform& transform : transforms) {
    if (!transform) continue;
    if (const auto* merged = transform.get_if<AffineCoordTfm>()) {
      place(merged->how);
      affine.steps.insert(affine.steps.end(), merged->steps.begin(), merged->steps.end());
    } else if (const auto* lit = transform.get_if<LightingTfm>()) {
      light.steps.insert(light.steps.end(), lit->steps.begin(), lit->steps.end());
    } else if (!take_step(transform, static_cast<const AffineStep*>(nullptr),
                          [&](const auto& step) { place(step.how), affine.steps.push_back(step); }) &&
               !take_step(transform, static_cast<const LightStep*>(nullptr),
                          [&](const auto& step) { light.steps.push_back(step); })) {
      others.push_back(transform);
    }
  }
  std::vector<Transform> all;
  if (placed) all.push_back(affine);
  if (!light.steps.empty()) all.push_back(light);
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::vector<Transform> aug_transforms(const AugTransforms& o) {
  const bool cropped = o.min_scale != 1, sized = o.size.height > 0 && o.size.width > 0;
  if (cropped && !sized)
    throw ValueError("[aug_transforms] min_scale cuts pictures to one size, and none is given",
                     "aug_transforms({.size = 128, .min_scale = 0.75})");
  const Resampling how = {.size = cropped ? TargetSize() : o.size,
                          .mode = o.mode,
                          .pad_mode = o.pad_mode,
                          .align_corners = o.align_corners};
  const double rotate = o.max_rotate * o.mult, light = o.max_lighting * o.mult, warp = o.max_warp * o.mult;
  std::vector<Transform> list;
  if (o.do_flip && o.flip_vert) list.push_back(Dihedral{.p = 0.5, .batch = o.batch, .how = how});
  else if (o.do_flip) list.push_back(Flip{.p = 0.5, .batch = o.batch, .how = how});
  if (warp != 0) list.push_back(Warp{.magnitude = warp, .p = o.p_affine, .batch = o.batch, .how = how});
  if (rotate != 0) list.push_back(Rotate{.max_deg = rotate, .p = o.p_affine, .batch = o.batch, .how = how});
  if (o.min_zoom < 1 || o.max_zoom > 1)
    list.push_back(
        Zoom{.min_zoom = o.min_zoom, .max_zoom = o.max_zoom, .p = o.p_affine, .batch = o.batch, .how = how});
  if (list.empty() && sized && !cropped) list.push_back(AffineCoordTfm{.how = how});
  if (light != 0) {
    list.push_back(Brightness{.max_lighting = light, .p = o.p_lighting, .batch = o.batch});
    list.push_back(Contrast{.max_lighting = light, .p = o.p_lighting, .batch = o.batch});
  }
  if (cropped)
    list.push_back(
        RandomResizedCropGPU{.size = o.size, .min_scale = o.min_scale, .min_ratio = 1, .max_ratio = 1});
  list.insert(list.end(), o.xtra_tfms.begin(), o.xtra_tfms.end());
  return setup_aug_tfms(list);
}

}  // namespace fastcore
