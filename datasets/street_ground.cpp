// SPDX-License-Identifier: MIT
// Sky, road, pavements and the houses beside them.
#include "datasets/street.h"

namespace datasets::street {
namespace {

float hash(int x, int y, uint32_t seed) {
  uint32_t h =
      static_cast<uint32_t>(x) * 0x9e3779b1u ^ static_cast<uint32_t>(y) * 0x85ebca77u ^ seed * 0xc2b2ae3du;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  return static_cast<float>((h ^ (h >> 15)) >> 8) / 16777216.f;
}

Color sky_color(const Scene& scene, float u, float up, uint32_t seed) {
  const Color high = scene.overcast ? Color{.70f, .73f, .77f} : Color{.36f, .56f, .86f};
  const Color low = scene.overcast ? Color{.82f, .83f, .84f} : Color{.78f, .86f, .95f};
  const float cloud = noise3(u * 3 + 7, up * 9 + 3, seed);
  const float cover = scene.overcast ? .6f * cloud : smooth(.52f, .75f, cloud);
  return mix(mix(low, high, std::sqrt(std::min(up, 1.f))), Color{.95f, .95f, .96f}, cover * .85f);
}

struct Ground {
  Code code;
  Color color;
};

// What lies on the ground at (x, z), x counted from the road's middle.
Ground ground_at(const Scene& scene, float x, float z, uint32_t seed) {
  const float grain = .88f + .24f * noise3(x * 6, z * 6, seed),
              patch = .9f + .2f * noise(x * .4f, z * .15f, seed + 1);
  const float side = std::abs(x) - scene.half_road;
  if (side < 0) {
    const Color asphalt = Color{.33f, .33f, .35f} * (grain * patch);
    const float worn = noise(x * 3, z * 1.5f, seed + 2);
    const bool dash = std::abs(x) < .07f && fract(z / 7) < .5f;
    const bool edge = side > -.35f && side < -.22f;
    if ((dash || edge) && worn > .18f) return {kLaneMkgsDriv, Color{.82f, .82f, .78f} * (.8f + .2f * worn)};
    if (side > -1.9f && side < -1.75f && fract(z / 6) < .12f && (seed & 3) == 0)
      return {kParkingBlock, Color{.75f, .75f, .72f} * grain};
    return {kRoad, asphalt};
  }
  if (side < .18f) return {kSidewalk, Color{.60f, .59f, .57f} * grain};  // the kerb's top
  if (side < scene.walk) {
    const float slab = fract(x / .9f) < .04f || fract(z / .9f) < .04f ? .8f : 1.f;
    return {kSidewalk, Color{.52f, .50f, .48f} * (grain * slab * patch)};
  }
  if (scene.verge)
    return {kVegetationMisc, Color{.27f, .36f, .16f} * (.7f + .6f * noise3(x * 4, z * 4, seed + 3))};
  return {kSidewalk, Color{.47f, .44f, .41f} * (grain * patch)};
}

Color facade(const House& house, float z, float y, float light) {
  const float storey = 2.9f + .5f * hash(1, 1, house.seed), bay = 1.9f + 1.2f * hash(2, 2, house.seed);
  Color color = house.color * (.86f + .28f * noise3(z * 1.3f, y * 1.3f, house.seed));
  if (fract(y / .22f) < .12f) color = color * .93f;  // courses of brick
  const float row = std::floor(y / storey), column = std::floor(z / bay), fy = fract(y / storey),
              fz = fract(z / bay);
  const bool shop = row < 1 && hash(3, 3, house.seed) < .4f;
  const float wide = shop ? .42f : .22f;
  if (std::abs(fz - .5f) < wide && fy > (shop ? .12f : .3f) && fy < .8f) {
    const float glint = hash(static_cast<int>(column), static_cast<int>(row), house.seed);
    const bool frame =
        std::abs(fz - .5f) > wide - .03f || fy < (shop ? .16f : .34f) || std::abs(fz - .5f) < .015f;
    return frame ? Color{.8f, .8f, .78f} * light
                 : mix({.10f, .12f, .15f}, {.55f, .62f, .70f}, glint * glint * light);
  }
  if (fy > .94f) color = color * 1.15f;  // a cornice
  return color * (light * smooth(-1.f, 1.5f, y));
}

}  // namespace

float noise(float x, float y, uint32_t seed) {
  const float fx = std::floor(x), fy = std::floor(y), tx = smooth(0, 1, x - fx), ty = smooth(0, 1, y - fy);
  const int ix = static_cast<int>(fx), iy = static_cast<int>(fy);
  const float top = hash(ix, iy, seed) * (1 - tx) + hash(ix + 1, iy, seed) * tx;
  const float low = hash(ix, iy + 1, seed) * (1 - tx) + hash(ix + 1, iy + 1, seed) * tx;
  return top * (1 - ty) + low * ty;
}

float noise3(float x, float y, uint32_t seed) {
  return (4 * noise(x, y, seed) + 2 * noise(2 * x, 2 * y, seed + 17) + noise(4 * x, 4 * y, seed + 31)) / 7;
}

float Scene::sunlight(float x, float z) const {
  if (overcast) return 1;
  float light = 1;
  // A house shades the ground as far as its shadow reaches away from its front.
  for (const auto& house : houses) {
    const float away = x - house.x;
    if (z < house.z0 || z > house.z1 || away * sun <= 0) continue;
    light = std::min(light, 1 - .45f * smooth(0, .4f, house.height - away / sun));
  }
  for (const auto& shadow : shadows) {
    const float dx = (x - shadow.x) / shadow.rx, dz = (z - shadow.z) / shadow.rz;
    light = std::min(light, 1 - shadow.strength * smooth(1.1f, .7f, dx * dx + dz * dz));
  }
  return light;
}

void draw_sky_and_ground(Canvas& canvas, const Scene& scene, uint32_t seed) {
  const auto& camera = scene.camera;
  for (int v = 0; v < canvas.height(); ++v)
    for (int u = 0; u < canvas.width(); ++u) {
      const float down = (static_cast<float>(v) + .5f - camera.horizon) / camera.focal;
      const float right = (static_cast<float>(u) + .5f - camera.center) / camera.focal;
      const float z = down > 1e-3f ? camera.height / down : 1e6f;
      if (z > 400) {
        canvas.put(u, v, 5e5f, kSky, sky_color(scene, right, std::max(0.f, -down) * 1.6f, seed));
        continue;
      }
      const float x = right * z - camera.middle(z);
      const auto ground = ground_at(scene, x, z, seed);
      canvas.put(u, v, z, ground.code, ground.color * scene.sunlight(right * z, z));
    }
}

void draw_houses(Canvas& canvas, const Scene& scene) {
  for (const auto& house : scene.houses) {
    // The front towards the road is lit when the sun stands on the other side of the street.
    const float front = scene.overcast ? .85f : house.x * scene.sun > 0 ? 1.05f : .6f;
    canvas.along(
        scene.camera, house.x, house.z0, house.z1, 0, house.height,
        [&](float z, float y, int u, int v) { canvas.put(u, v, z, kBuilding, facade(house, z, y, front)); });
    const float far_x = house.x + (house.x > 0 ? 12.f : -12.f);
    canvas.facing(scene.camera, house.z0, std::min(house.x, far_x), std::max(house.x, far_x), 0, house.height,
                  [&](float x, float y, int u, int v) {
                    const bool gable = y > house.height - 1.2f && hash(5, 5, house.seed) < .5f;
                    const Color color = facade(house, x + 100, y, .72f);
                    canvas.put(u, v, house.z0, kBuilding, gable ? Color{.35f, .22f, .18f} : color);
                  });
  }
}

}  // namespace datasets::street
