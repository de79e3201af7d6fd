// SPDX-License-Identifier: MIT
// What street scenes are drawn with: a pinhole camera above a road, a picture with depth, random numbers and
// noise. Metres: x to the right of the road's middle, y up from the ground, z ahead. Used by the street_*.cpp
// files only.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace datasets::street {

/// CamVid's 32 kinds, in the order of its codes.txt: a label's pixel is one of these.
enum Code : uint8_t {
  kAnimal,
  kArchway,
  kBicyclist,
  kBridge,
  kBuilding,
  kCar,
  kCartLuggagePram,
  kChild,
  kColumnPole,
  kFence,
  kLaneMkgsDriv,
  kLaneMkgsNonDriv,
  kMiscText,
  kMotorcycleScooter,
  kOtherMoving,
  kParkingBlock,
  kPedestrian,
  kRoad,
  kRoadShoulder,
  kSidewalk,
  kSignSymbol,
  kSky,
  kSUVPickupTruck,
  kTrafficCone,
  kTrafficLight,
  kTrain,
  kTree,
  kTruckBus,
  kTunnel,
  kVegetationMisc,
  kVoid,
  kWall
};

struct Color {
  float r, g, b;
  Color operator*(float k) const { return {r * k, g * k, b * k}; }
  Color operator+(Color o) const { return {r + o.r, g + o.g, b + o.b}; }
};
inline Color mix(Color a, Color b, float t) { return a * (1 - t) + b * t; }
inline float fract(float x) { return x - std::floor(x); }
/// 0 below a, 1 above b, smooth between.
inline float smooth(float a, float b, float x) {
  const float t = std::clamp((x - a) / (b - a), 0.f, 1.f);
  return t * t * (3 - 2 * t);
}

/// @brief SplitMix64: the same numbers on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  float uniform(float a, float b) { return a + (b - a) * static_cast<float>(next() >> 40) / 16777216.f; }
  bool chance(float p) { return uniform(0, 1) < p; }
  int below(int n) { return static_cast<int>(next() % static_cast<uint64_t>(n)); }

 private:
  uint64_t state_;
};

/// Smooth noise in [0, 1] with features of size 1; and the sum of three octaves of it.
float noise(float x, float y, uint32_t seed);
float noise3(float x, float y, uint32_t seed);

struct Camera {
  float focal, center, horizon;  ///< in pixels
  float height;                  ///< metres above the ground
  float curve;                   ///< the road's middle at z lies at curve * z * z
  float middle(float z) const { return curve * z * z; }
};

/// @brief The picture being drawn: color, kind and depth of each sample; the nearer thing wins.
class Canvas {
 public:
  struct Sample {
    float depth;
    Code code;
    Color color;
  };
  Canvas(int width, int height)
      : width_(width),
        height_(height),
        samples_(static_cast<std::size_t>(width) * height, {1e9f, kVoid, {0, 0, 0}}) {}
  int width() const { return width_; }
  int height() const { return height_; }
  Sample& at(int u, int v) { return samples_[static_cast<std::size_t>(v) * width_ + u]; }
  void put(int u, int v, float depth, Code code, Color color) {
    auto& sample = at(u, v);
    if (depth < sample.depth) sample = {depth, code, color};
  }

  /// Calls paint(x, y, u, v) for every sample that sees the upright rectangle [x0, x1] x [y0, y1] at depth z.
  template <class Paint>
  void facing(const Camera& camera, float z, float x0, float x1, float y0, float y1, Paint paint) {
    const float scale = camera.focal / z;
    const int u0 = clamp_u(camera.center + x0 * scale), u1 = clamp_u(camera.center + x1 * scale + 1);
    const int v0 = clamp_v(camera.horizon + (camera.height - y1) * scale);
    const int v1 = clamp_v(camera.horizon + (camera.height - y0) * scale + 1);
    for (int v = v0; v < v1; ++v)
      for (int u = u0; u < u1; ++u) {
        const float x = (static_cast<float>(u) + .5f - camera.center) / scale;
        const float y = camera.height - (static_cast<float>(v) + .5f - camera.horizon) / scale;
        if (x >= x0 && x <= x1 && y >= y0 && y <= y1) paint(x, y, u, v);
      }
  }
  /// The same for the rectangle [z0, z1] x [y0, y1] in the plane at x, seen from its side.
  template <class Paint>
  void along(const Camera& camera, float x, float z0, float z1, float y0, float y1, Paint paint) {
    const float ends[] = {camera.center + x * camera.focal / z0, camera.center + x * camera.focal / z1};
    const int u0 = clamp_u(std::min(ends[0], ends[1])), u1 = clamp_u(std::max(ends[0], ends[1]) + 1);
    for (int u = u0; u < u1; ++u) {
      const float z = x * camera.focal / (static_cast<float>(u) + .5f - camera.center);
      if (!(z >= z0 && z <= z1)) continue;
      const int v0 = clamp_v(camera.horizon + (camera.height - y1) * camera.focal / z);
      const int v1 = clamp_v(camera.horizon + (camera.height - y0) * camera.focal / z + 1);
      for (int v = v0; v < v1; ++v) {
        const float y = camera.height - (static_cast<float>(v) + .5f - camera.horizon) * z / camera.focal;
        if (y >= y0 && y <= y1) paint(z, y, u, v);
      }
    }
  }

 private:
  int clamp_u(float u) const { return static_cast<int>(std::clamp(u, 0.f, static_cast<float>(width_))); }
  int clamp_v(float v) const { return static_cast<int>(std::clamp(v, 0.f, static_cast<float>(height_))); }
  int width_, height_;
  std::vector<Sample> samples_;
};

/// A house beside the road: its front lies along the road at x from z0 to z1.
struct House {
  float x, z0, z1, height;
  Color color;
  uint32_t seed;
};
/// A soft shadow on the ground.
struct Shadow {
  float x, z, rx, rz, strength;
};

/// @brief One scene: what is decided before drawing.
struct Scene {
  Camera camera;
  Random random;
  float half_road, walk;  ///< metres: half the road's width, the pavement's width
  float sun;            ///< metres of shadow to the right per metre of height; the sign says where the sun is
  float light, warmth;  ///< exposure; > 0 is a low sun
  bool overcast, verge;  ///< no hard shadows; grass between pavement and houses
  std::vector<House> houses;
  std::vector<Shadow> shadows;
  /// Light that reaches the ground at (x, z): 1 in the sun, less in a shadow.
  float sunlight(float x, float z) const;
};

void draw_sky_and_ground(Canvas& canvas, const Scene& scene, uint32_t seed);
void draw_houses(Canvas& canvas, const Scene& scene);
/// Each draws one thing that stands at (x, z), x counted from the camera's line of sight, and may add its
/// shadow.
void draw_tree(Canvas& canvas, Scene& scene, float x, float z);
void draw_vehicle(Canvas& canvas, Scene& scene, float x, float z, Code kind, bool oncoming);
void draw_person(Canvas& canvas, Scene& scene, float x, float z, Code kind);
void draw_post(Canvas& canvas, Scene& scene, float x, float z, Code kind);
void draw_barrier(Canvas& canvas, Scene& scene, float x, float z0, float z1, Code kind);

}  // namespace datasets::street
