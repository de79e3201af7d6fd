// SPDX-License-Identifier: MIT
// What stands and moves in a street: trees, vehicles, people, posts, fences.
#include "datasets/street.h"

namespace datasets::street {
namespace {

constexpr Color kDark{.07f, .07f, .08f}, kGlass{.16f, .19f, .23f}, kMetal{.40f, .41f, .42f};

Color paint_of(Random& random) {
  static constexpr Color kPaints[] = {{.75f, .76f, .78f}, {.12f, .12f, .13f}, {.55f, .08f, .07f},
                                      {.10f, .17f, .40f}, {.90f, .90f, .88f}, {.35f, .37f, .39f},
                                      {.13f, .30f, .20f}, {.72f, .60f, .20f}};
  const float light = random.uniform(.85f, 1.1f);
  return kPaints[random.below(8)] * light;
}

Color cloth_of(Random& random) {
  return {random.uniform(.08f, .75f), random.uniform(.08f, .65f), random.uniform(.08f, .7f)};
}

bool in_disc(float x, float y, float cx, float cy, float r) {
  return (x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r;
}

// A body's measures in metres; the silhouette of its side is hood, cabin, trunk (or one box).
struct Body {
  float width, length, height, belt, hood, wheel;
};

Body body_of(Code kind, Random& random) {
  if (kind == kTruckBus) return {2.5f, random.uniform(6, 11), random.uniform(2.8f, 3.4f), 1.2f, 0, .5f};
  if (kind == kSUVPickupTruck) return {1.95f, 4.7f, random.uniform(1.75f, 1.95f), 1.05f, 1.f, .38f};
  return {1.75f, random.uniform(3.8f, 4.6f), random.uniform(1.38f, 1.5f),
          .82f,  random.uniform(.9f, 1.2f),  .31f};
}

}  // namespace

void draw_tree(Canvas& canvas, Scene& scene, float x, float z) {
  auto& random = scene.random;
  const float height = random.uniform(5, 10), rx = height * random.uniform(.26f, .36f),
              ry = height * random.uniform(.3f, .38f);
  const float crown = height - ry, trunk = .12f + height * .015f;
  const auto seed = static_cast<uint32_t>(random.next());
  const float autumn = random.chance(.2f) ? random.uniform(.3f, 1) : 0;
  const Color leaf = mix({.18f, .30f, .10f}, {.50f, .34f, .08f}, autumn) * random.uniform(.8f, 1.2f);
  canvas.facing(
      scene.camera, z, x - rx * 1.3f, x + rx * 1.3f, 0, height + ry * .3f,
      [&](float px, float py, int u, int v) {
        const float dx = (px - x) / rx, dy = (py - crown) / ry, rough = noise3(px * 1.4f, py * 1.4f, seed);
        const float fine = noise3(px * 6, py * 6, seed + 5);
        if (dx * dx + dy * dy + 1.3f * (rough - .5f) + .5f * (fine - .5f) < .8f) {
          const float lit = .62f + .3f * dy - (scene.overcast ? 0 : .22f * dx * (scene.sun > 0 ? 1.f : -1.f));
          canvas.put(u, v, z, kTree, leaf * ((lit + .25f) * (.45f + 1.1f * fine)));
        } else if (std::abs(px - x) < trunk * (1.3f - .5f * py / crown) && py < crown) {
          canvas.put(u, v, z + .01f, kTree,
                     Color{.26f, .20f, .15f} * (.7f + .6f * noise3(px * 9, py * 2, seed + 9)));
        }
      });
  scene.shadows.push_back({x + scene.sun * crown, z, rx + .3f * std::abs(scene.sun) * ry, rx, .38f});
}

void draw_vehicle(Canvas& canvas, Scene& scene, float x, float z, Code kind, bool oncoming) {
  auto& random = scene.random;
  const Body body = body_of(kind, random);
  const Color paint = kind == kTruckBus && random.chance(.4f) ? Color{.62f, .10f, .09f} : paint_of(random);
  const float half = body.width / 2, far_z = z + body.length;
  const bool boxy = kind == kTruckBus;
  canvas.facing(scene.camera, z, x - half, x + half, 0, body.height, [&](float px, float py, int u, int v) {
    const float dx = std::abs(px - x), up = (py - body.belt) / (body.height - body.belt);
    if (py < body.wheel) {
      if (dx > half * .62f) canvas.put(u, v, z, kind, kDark);
      else if (py > body.wheel * .6f) canvas.put(u, v, z, kind, kDark * 1.6f);
      return;
    }
    if (up > 0 && dx > half * (boxy ? 1.f : 1 - .28f * up)) return;
    const float shade = .8f + .35f * py / body.height;
    if (up > .12f && up < .85f && dx < half * (boxy ? .88f : .84f - .26f * up))
      return canvas.put(u, v, z, kind, mix(kGlass, {.6f, .66f, .72f}, .5f * up));
    if (py > body.belt * .62f && py < body.belt * .9f && dx > half * .66f)
      return canvas.put(u, v, z, kind, oncoming ? Color{.95f, .95f, .88f} : Color{.65f, .05f, .04f});
    if (py < body.belt * .6f && py > body.belt * .48f && dx < .26f)
      return canvas.put(u, v, z, kind, {.85f, .82f, .5f});
    canvas.put(u, v, z, kind, paint * (py < body.belt * .45f ? .6f * shade : shade));
  });
  // The side that we see: the right one of a vehicle on our left, and the other way round.
  const float side = x > 0 ? x - half : x + half;
  canvas.along(scene.camera, side, z, far_z, 0, body.height, [&](float pz, float py, int u, int v) {
    const float at = pz - z, up = (py - body.belt) / (body.height - body.belt), back = body.length - at;
    for (float axle : {body.length * .2f, body.length * .8f})
      if (in_disc(at, py, axle, body.wheel, body.wheel))
        return canvas.put(u, v, pz, kind,
                          in_disc(at, py, axle, body.wheel, body.wheel * .55f) ? kMetal * .8f : kDark);
    if (py < body.wheel * .8f) return;
    const float front = oncoming ? at : back, slope = boxy ? 0 : body.hood * (.75f + .5f * up);
    if (up > 0 && (front < slope || (!boxy && (oncoming ? back : at) < .35f + .5f * up))) return;
    const float shade = scene.overcast ? .9f : (side * scene.sun > 0 ? 1.05f : .65f);
    const bool pillar = fract(at / (boxy ? 1.4f : 1.25f)) < .08f;
    if (up > .12f && up < .85f && !pillar) return canvas.put(u, v, pz, kind, kGlass);
    canvas.put(u, v, pz, kind, paint * (shade * (.8f + .2f * py / body.height)));
  });
  scene.shadows.push_back(
      {x + scene.sun * body.height * .4f, z + body.length / 2, half * 1.15f, body.length * .55f, .55f});
}

void draw_person(Canvas& canvas, Scene& scene, float x, float z, Code kind) {
  auto& random = scene.random;
  const bool cycling = kind == kBicyclist || kind == kMotorcycleScooter;
  const float tall = kind == kChild ? random.uniform(1.f, 1.3f) : random.uniform(1.6f, 1.9f),
              lift = cycling ? .35f : 0;
  const Color coat = cloth_of(random), legs = cloth_of(random) * .6f,
              skin = Color{.72f, .54f, .43f} * random.uniform(.5f, 1.1f);
  const float stride = random.uniform(.04f, .2f), wide = tall * .13f;
  canvas.facing(scene.camera, z, x - .75f, x + .75f, 0, tall + lift, [&](float px, float py, int u, int v) {
    const float dx = px - x, y = (py - lift) / tall;
    if (in_disc(dx, y * tall, 0, tall * .93f, tall * .07f))
      return canvas.put(u, v, z, kind, y > .95f ? kDark * 2 : skin);
    if (y > .48f && y < .86f && std::abs(dx) < wide * (y > .8f ? 1.15f : .9f + .4f * (.86f - y)))
      return canvas.put(u, v, z, kind, coat * (.75f + .5f * noise(px * 8, py * 8, 3)));
    const float leg = stride * (.5f - y);
    if (y > (cycling ? .15f : 0.f) && y <= .48f &&
        (std::abs(dx - leg) < wide * .42f || std::abs(dx + leg) < wide * .42f))
      return canvas.put(u, v, z, kind, legs);
    if (!cycling) return;
    for (float wheel : {-.5f, .5f})
      if (in_disc(dx, py, wheel, .34f, .34f) &&
          (kind == kMotorcycleScooter || !in_disc(dx, py, wheel, .34f, .26f)))
        return canvas.put(u, v, z, kind, kDark);
    if (py > .3f && py < (kind == kMotorcycleScooter ? .8f : .42f) && std::abs(dx) < .5f)
      canvas.put(u, v, z, kind, kMetal);
  });
  scene.shadows.push_back({x + scene.sun * tall * .5f, z, .3f + .4f * std::abs(scene.sun) * tall, .3f, .4f});
}

void draw_post(Canvas& canvas, Scene& scene, float x, float z, Code kind) {
  auto& random = scene.random;
  const float tall = kind == kColumnPole ? random.uniform(5, 8) : random.uniform(2.4f, 3.4f),
              thick = kind == kColumnPole ? .09f : .05f;
  const Color post = kMetal * random.uniform(.6f, 1.2f);
  const bool round = random.chance(.5f);
  const int lamp = random.below(3);
  const float arm = kind == kColumnPole ? (x > 0 ? -1.4f : 1.4f) : 0;
  canvas.facing(scene.camera, z, x - 1.5f, x + 1.5f, 0, tall + .5f, [&](float px, float py, int u, int v) {
    const float dx = px - x;
    if (kind == kSignSymbol) {
      const float d = round ? std::hypot(dx, py - tall) : std::max(std::abs(dx) * 1.1f, std::abs(py - tall));
      if (d < .38f)
        return canvas.put(u, v, z - .02f, kSignSymbol,
                          d > .28f ? Color{.75f, .08f, .07f}
                          : round  ? Color{.93f, .93f, .92f}
                                   : Color{.15f, .25f, .65f});
    }
    if (kind == kTrafficLight && std::abs(dx) < .19f && py > tall - .5f && py < tall + .5f) {
      static constexpr Color kLamps[] = {{.2f, .9f, .4f}, {.95f, .7f, .1f}, {.95f, .12f, .08f}};
      for (int i = 0; i < 3; ++i)
        if (in_disc(dx, py, 0, tall - .32f + .32f * static_cast<float>(i), .12f))
          return canvas.put(u, v, z - .02f, kTrafficLight, i == lamp ? kLamps[i] : kLamps[i] * .2f);
      return canvas.put(u, v, z - .02f, kTrafficLight, kDark);
    }
    const bool on_arm =
        arm != 0 && py > tall - .16f && py < tall && dx * arm > 0 && std::abs(dx) < std::abs(arm);
    if ((std::abs(dx) < thick && py < tall) || on_arm) canvas.put(u, v, z, kColumnPole, post);
  });
  scene.shadows.push_back({x + scene.sun * tall / 2, z, std::abs(scene.sun) * tall / 2 + .1f, .12f, .3f});
}

void draw_barrier(Canvas& canvas, Scene& scene, float x, float z0, float z1, Code kind) {
  auto& random = scene.random;
  const auto seed = static_cast<uint32_t>(random.next());
  const float tall = kind == kFence  ? 1.1f
                     : kind == kWall ? random.uniform(1.4f, 2.4f)
                                     : random.uniform(.9f, 1.8f);
  const Color brick = mix({.48f, .27f, .21f}, {.55f, .53f, .48f}, random.uniform(0, 1));
  canvas.along(scene.camera, x, z0, z1, 0, tall * 1.15f, [&](float z, float y, int u, int v) {
    const float rough = noise3(z * 3, y * 3, seed);
    if (kind == kFence) {
      if (y < tall && (fract(z / .28f) < .3f || std::abs(y - tall * .9f) < .05f || std::abs(y - .2f) < .05f))
        canvas.put(u, v, z, kFence, Color{.16f, .17f, .17f} * (.7f + .6f * rough));
    } else if (kind == kWall) {
      const bool joint = fract(y / .2f) < .14f || fract(z / .5f + (fract(y / .4f) < .5f ? .5f : 0)) < .06f;
      if (y < tall) canvas.put(u, v, z, kWall, brick * ((joint ? .75f : 1.f) * (.75f + .45f * rough)));
    } else if (y < tall * (.8f + .5f * (rough - .3f))) {
      canvas.put(u, v, z, kVegetationMisc,
                 Color{.17f, .27f, .10f} * (.5f + .9f * noise3(z * 8, y * 8, seed + 3)));
    }
  });
}

}  // namespace datasets::street
