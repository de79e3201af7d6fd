// SPDX-License-Identifier: MIT
// Composes scenes and writes them in CamVid's layout.
#include "datasets/files.h"
#include "datasets/generate.h"
#include "datasets/png.h"
#include "datasets/street.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

using namespace street;

constexpr int kSub = 2;  // samples per pixel and direction: colours are averaged, labels voted

const char kCodes[] =
    "Animal\nArchway\nBicyclist\nBridge\nBuilding\nCar\nCartLuggagePram\nChild\nColumn_"
    "Pole\nFence\nLaneMkgsDriv\n"
    "LaneMkgsNonDriv\nMisc_"
    "Text\nMotorcycleScooter\nOtherMoving\nParkingBlock\nPedestrian\nRoad\nRoadShoulder\n"
    "Sidewalk\nSignSymbol\nSky\nSUVPickupTruck\nTrafficCone\nTrafficLight\nTrain\nTree\nTruck_Bus\nTunnel\n"
    "VegetationMisc\nVoid\nWall\n";

// Numbers are drawn in statements and lists of their own, not in the arguments of one call or on both sides
// of an operator, whose order C++ leaves to the compiler: each would draw other scenes.
float sun_of(Random& random) {
  const float height = random.uniform(.4f, 1.4f);
  return random.chance(.5f) ? height : -height;
}

Scene new_scene(uint64_t seed, int width, int height) {
  Random random(seed * 0x2545f4914f6cdd1d + 1);
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  Scene scene{
      .camera = {w * random.uniform(.75f, .95f), w * random.uniform(.4f, .6f), h * random.uniform(.44f, .53f),
                 random.uniform(1.4f, 1.9f), random.uniform(-.0012f, .0012f)},
      .random = random,
      .half_road = random.uniform(3.3f, 4.9f),
      .walk = random.uniform(2.4f, 4.2f),
      .sun = sun_of(random),
      .light = random.uniform(.85f, 1.15f),
      .warmth = random.uniform(-.06f, .1f),
      .overcast = random.chance(.4f),
      .verge = random.chance(.25f),
      .houses = {},
      .shadows = {}};
  scene.random = Random(random.next());
  return scene;
}

// A row of houses on one side, with gaps that show sky, trees, walls and fences.
void build_side(Canvas& canvas, Scene& scene, float side) {
  auto& random = scene.random;
  static constexpr Color kFronts[] = {{.56f, .33f, .26f}, {.72f, .64f, .50f}, {.62f, .60f, .57f},
                                      {.80f, .77f, .70f}, {.45f, .36f, .32f}, {.66f, .52f, .40f}};
  const float setback = scene.half_road + scene.walk + random.uniform(.2f, scene.verge ? 4.f : 1.2f);
  for (float z = random.uniform(.5f, 1.f); z < 130;) {
    const float length = random.uniform(8, 18);
    const float x = side * setback + scene.camera.middle(z + length / 2);
    if (random.chance(.84f)) {
      const float height = random.uniform(5.5f, 12), light = random.uniform(.8f, 1.1f);
      const Color front = kFronts[random.below(6)] * light;
      scene.houses.push_back({x, z, z + length, height, front, static_cast<uint32_t>(random.next())});
    } else {
      const Code kinds[] = {kWall, kFence, kVegetationMisc};
      draw_barrier(canvas, scene, x, z, z + length, kinds[random.below(3)]);
      for (int i = random.below(3) + 1; i > 0; --i) {
        const float along = random.uniform(0, length), behind = random.uniform(1, 6);
        draw_tree(canvas, scene, x + side * behind, z + along);
      }
    }
    z += length + (random.chance(.3f) ? random.uniform(1, 5) : 0);
  }
}

// What stands on the pavement: trees in a row, posts, people.
void furnish_side(Canvas& canvas, Scene& scene, float side) {
  auto& random = scene.random;
  const auto place = [&](float from_kerb, float z) {
    return side * (scene.half_road + from_kerb) + scene.camera.middle(z);
  };
  if (random.chance(.36f))
    for (float z = random.uniform(9, 16), step = random.uniform(8, 14); z < 70;
         z += step * random.uniform(.8f, 1.3f))
      draw_tree(canvas, scene, place(.7f, z), z);
  for (float z = random.uniform(7, 22); z < 80; z += random.uniform(16, 30))
    draw_post(canvas, scene, place(.4f, z), z, kColumnPole);
  if (random.chance(.5f)) draw_post(canvas, scene, place(.5f, 9), random.uniform(8, 25), kSignSymbol);
  if (random.chance(.35f)) draw_post(canvas, scene, place(.5f, 12), random.uniform(9, 25), kTrafficLight);
  for (int i = random.below(5); i > 0; --i) {
    const float z = random.uniform(6, 32);
    const Code who = random.chance(.12f) ? kChild : kPedestrian;
    draw_person(canvas, scene, place(random.uniform(.5f, scene.walk), z), z, who);
  }
  if (random.chance(.2f)) {
    const float z = random.uniform(6, 20);
    draw_barrier(canvas, scene, place(.25f, z), z, z + random.uniform(6, 14), kFence);
  }
}

// Parked cars along the kerbs, traffic in both lanes (on the left, as in CamVid's Cambridge), a bicycle now
// and then.
void drive(Canvas& canvas, Scene& scene) {
  auto& random = scene.random;
  const auto any = [&] {
    return random.chance(.78f) ? kCar : random.chance(.6f) ? kSUVPickupTruck : kTruckBus;
  };
  for (float side : {-1.f, 1.f})
    if (random.chance(.62f))
      for (float z = random.uniform(4, 12); z < 60; z += random.uniform(5.5f, 11))
        if (random.chance(.7f))
          draw_vehicle(canvas, scene, side * (scene.half_road - 1) + scene.camera.middle(z), z,
                       random.chance(.85f) ? kCar : kSUVPickupTruck, side > 0);
  for (float z = random.uniform(7, 22); z < 90; z += random.uniform(10, 30))
    draw_vehicle(canvas, scene, -scene.half_road * .42f + scene.camera.middle(z), z, any(), false);
  for (float z = random.uniform(5, 22); z < 90; z += random.uniform(9, 30))
    draw_vehicle(canvas, scene, scene.half_road * .42f + scene.camera.middle(z), z, any(), true);
  if (random.chance(.4f)) {
    const float z = random.uniform(6, 22);
    const Code who = random.chance(.8f) ? kBicyclist : kMotorcycleScooter;
    const float side = random.chance(.5f) ? -1.f : 1.f;
    draw_person(canvas, scene, side * (scene.half_road - .7f) + scene.camera.middle(z), z, who);
  }
}

struct Picture {
  std::vector<uint8_t> rgb, codes;
};

// Haze, light, the lens's vignette and the sensor's noise; then samples become pixels.
Picture develop(Canvas& canvas, Scene& scene) {
  auto& random = scene.random;
  const Color haze = scene.overcast ? Color{.78f, .79f, .80f} : Color{.72f, .79f, .88f};
  const float grain = random.uniform(.008f, .03f);
  Picture picture;
  for (int y = 0; y < canvas.height() / kSub; ++y)
    for (int x = 0; x < canvas.width() / kSub; ++x) {
      Color sum{0, 0, 0};
      int votes[32] = {}, winner = 0;
      for (int i = 0; i < kSub * kSub; ++i) {
        const auto& sample = canvas.at(x * kSub + i % kSub, y * kSub + i / kSub);
        const float far =
            sample.code == kSky ? 0 : 1 - std::exp(-sample.depth / (scene.overcast ? 110.f : 180.f));
        sum = sum + mix(sample.color, haze, far);
        if (++votes[sample.code] > votes[winner]) winner = sample.code;
      }
      const float across = 2 * static_cast<float>(x * kSub) / static_cast<float>(canvas.width()) - 1;
      const float down = 2 * static_cast<float>(y * kSub) / static_cast<float>(canvas.height()) - 1;
      const float light = scene.light * (1 - .12f * (across * across + down * down)) / (kSub * kSub);
      for (float value : {sum.r * (1 + scene.warmth), sum.g, sum.b * (1 - scene.warmth)}) {
        const float noisy = value * light + grain * (random.uniform(-1, 1) + random.uniform(-1, 1));
        picture.rgb.push_back(static_cast<uint8_t>(std::clamp(noisy, 0.f, 1.f) * 255 + .5f));
      }
      picture.codes.push_back(static_cast<uint8_t>(winner));
    }
  return picture;
}

}  // namespace

void draw_street_scenes(const std::string& folder, const StreetOptions& options) {
  if (options.count < 1 || options.width < 16 || options.height < 16)
    throw minitorch::ValueError("[street_scenes] expected at least one picture of 16 by 16 pixels");
  make_folders(folder + "/images");
  make_folders(folder + "/labels");
  std::string valid;
  for (int i = 1; i <= options.count; ++i) {
    Canvas canvas(options.width * kSub, options.height * kSub);
    auto scene =
        new_scene(options.seed * 1'000'003 + static_cast<uint64_t>(i), canvas.width(), canvas.height());
    for (float side : {-1.f, 1.f}) build_side(canvas, scene, side);
    draw_houses(canvas, scene);
    for (float side : {-1.f, 1.f}) furnish_side(canvas, scene, side);
    drive(canvas, scene);
    draw_sky_and_ground(canvas, scene,
                        static_cast<uint32_t>(scene.random.next()));  // last: it knows all shadows
    const auto picture = develop(canvas, scene);
    const auto stem = minitorch::format("scene_%05d", i);
    write_png(folder + "/images/" + stem + ".png", options.width, options.height, 3, picture.rgb);
    write_png(folder + "/labels/" + stem + "_P.png", options.width, options.height, 1, picture.codes);
    if (i % 5 == 0) valid += stem + ".png\n";
  }
  write_file(folder + "/codes.txt", kCodes);
  write_file(folder + "/valid.txt", valid);
}

void street_scenes(const std::string& folder) { draw_street_scenes(folder, {}); }

}  // namespace datasets
