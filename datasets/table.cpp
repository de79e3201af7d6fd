// SPDX-License-Identifier: MIT
// The course's table: sizes and MD5 sums of the first MiB as fast.ai publishes them.
#include "datasets/table.h"

#include <deque>

#include "datasets/generate.h"

namespace datasets {
namespace {

const std::string kSample = "sample", kImage = "imageclas", kLocal = "imagelocal", kNlp = "nlp",
                  kCoco = "coco", kModels = "modelzoo",
                  kSounds = "https://storage.googleapis.com/ml-animal-sounds-datasets/";

std::deque<Dataset>& rows() {
  static std::deque<Dataset> all;  // a deque, so that references to its rows stay good
  return all;
}

// What a row may have beside its address and checks.
struct More {
  std::string bundled = "";
  void (*generate)(const std::string&) = nullptr;
  std::string stand_in = "";
  int64_t max_entries = 100'000;
};

const Dataset& add(Dataset row) { return rows().emplace_back(std::move(row)); }

// fast.ai's buckets answer under two addresses, and its own server has the same archives.
const Dataset& fast_ai(const char* name, const std::string& bucket, const std::string& file, int64_t bytes,
                       const char* md5, const More& more = {}) {
  std::vector<std::string> mirrors{"https://fast-ai-" + bucket + ".s3.amazonaws.com/" + file};
  if (bucket != "modelzoo") mirrors.push_back("https://files.fast.ai/data/examples/" + file);
  return add({.name = name,
              .url = "https://s3.amazonaws.com/fast-ai-" + bucket + "/" + file,
              .mirrors = std::move(mirrors),
              .bytes = bytes,
              .md5 = md5,
              .max_entries = more.max_entries,
              .bundled = more.bundled,
              .generate = more.generate,
              .stand_in = more.stand_in});
}

}  // namespace

namespace urls {

const Dataset& ADULT_SAMPLE =
    fast_ai("ADULT_SAMPLE", kSample, "adult_sample.tgz", 968'212, "64eb9d7e23732de0b138f7372d15492f",
            {.bundled = "adult_sample.tgz", .stand_in = "all 32,561 rows; its blanked values are elsewhere"});
const Dataset& BIWI_SAMPLE =
    fast_ai("BIWI_SAMPLE", kSample, "biwi_sample.tgz", 593'774, "9179f4c1435f4b291f0d5b072d60c2c9");
const Dataset& CAMVID_TINY = fast_ai(
    "CAMVID_TINY", kSample, "camvid_tiny.tgz", 2'314'212, "2cf6daf91b7a2083ecfa3e9968e9d915",
    {.generate = street_scenes, .stand_in = "drawn street scenes with its 32 codes, not photographs"});
const Dataset& CIFAR =
    fast_ai("CIFAR", kSample, "cifar10.tgz", 168'168'549, "a5f8c31371b63a406b23368042812d3c");
const Dataset& DOGS =
    fast_ai("DOGS", kSample, "dogscats.tgz", 839'285'364, "3e483c8d6ef2175e9d395a6027eb92b7");
const Dataset& HUMAN_NUMBERS =
    fast_ai("HUMAN_NUMBERS", kSample, "human_numbers.tgz", 30'252, "8a19c3bfa2bcb08cd787e741261f3ea2",
            {.generate = human_numbers, .stand_in = "the same numbers, written here"});
const Dataset& IMDB_SAMPLE =
    fast_ai("IMDB_SAMPLE", kSample, "imdb_sample.tgz", 571'827, "0842e61a9867caa2e6fbdb14fa703d61");
const Dataset& ML_SAMPLE =
    fast_ai("ML_SAMPLE", kSample, "movie_lens_sample.tgz", 51'790, "10961384dfe7c5181460390a460c1f77",
            {.bundled = "movie_lens_sample.tgz",
             .stand_in = "the same 6,031 ratings in another order, and the titles"});
const Dataset& MNIST_SAMPLE =
    fast_ai("MNIST_SAMPLE", kSample, "mnist_sample.tgz", 3'214'948, "2dbc7ec6f9259b583af0072c55816a88",
            {.bundled = "mnist_sample.tgz", .stand_in = "a sample of 2,102 of its 14,434 digits"});
const Dataset& MNIST_TINY =
    fast_ai("MNIST_TINY", kSample, "mnist_tiny.tgz", 342'207, "56143e8f24db90d925d82a5a74141875");
const Dataset& PLANET_SAMPLE =
    fast_ai("PLANET_SAMPLE", kSample, "planet_sample.tgz", 15'523'994, "8bfb174b3162f07fbde09b54555bdb00");
const Dataset& PLANET_TINY =
    fast_ai("PLANET_TINY", kSample, "planet_tiny.tgz", 997'569, "490873c5683454d4b2611fb1f00a68a9");
const Dataset& MNIST_VAR_SIZE_TINY = fast_ai("MNIST_VAR_SIZE_TINY", kImage, "mnist_var_size_tiny.tgz",
                                             565'372, "b71a930f4eb744a4a143a6c7ff7ed67f");
const Dataset& MNIST =
    fast_ai("MNIST", kImage, "mnist_png.tgz", 15'683'414, "03639f83c4e3d19e0a3a53a8a997c487",
            {.bundled = "mnist_png.tgz", .stand_in = "a sample of 10,000 of its 70,000 digits"});
const Dataset& IMAGENETTE =
    fast_ai("IMAGENETTE", kImage, "imagenette2.tgz", 1'557'161'267, "2c774ecb40005b35d7937d50f5d42336");
const Dataset& IMAGENETTE_160 =
    fast_ai("IMAGENETTE_160", kImage, "imagenette2-160.tgz", 99'003'388, "c475f8f7617a200ba35b9facc48443c3");
const Dataset& IMAGENETTE_320 =
    fast_ai("IMAGENETTE_320", kImage, "imagenette2-320.tgz", 341'663'724, "1f1f74f133caff120e575856659b87a2");
const Dataset& IMAGEWOOF =
    fast_ai("IMAGEWOOF", kImage, "imagewoof2.tgz", 1'343'715'595, "2cc1c1e36e20cb6fd24ffb978edcb487");
const Dataset& IMAGEWOOF_160 =
    fast_ai("IMAGEWOOF_160", kImage, "imagewoof2-160.tgz", 92'612'825, "3559b194123981a540b87132dbda412f");
const Dataset& IMAGEWOOF_320 =
    fast_ai("IMAGEWOOF_320", kImage, "imagewoof2-320.tgz", 328'387'740, "7a1fd92672a559a85de76e4810a20c21");
const Dataset& IMAGEWANG =
    fast_ai("IMAGEWANG", kImage, "imagewang.tgz", 2'900'347'689, "2b7776bac0fc95db72ac8a3b091a3e30");
const Dataset& IMAGEWANG_160 =
    fast_ai("IMAGEWANG_160", kImage, "imagewang-160.tgz", 191'498'213, "dab9b1d97b95574ac64122a19bc74ca1");
const Dataset& IMAGEWANG_320 =
    fast_ai("IMAGEWANG_320", kImage, "imagewang-320.tgz", 669'826'647, "fff8ac034d60e14fcf7789845e625263");
const Dataset& PETS =
    fast_ai("PETS", kImage, "oxford-iiit-pet.tgz", 811'706'944, "e4db5c768afd933bb91f5f594d7417a4");
const Dataset& CALTECH_101 =
    fast_ai("CALTECH_101", kImage, "caltech_101.tgz", 131'740'031, "d673425306e98ee4619fcdeef8a0e876");
const Dataset& CARS =
    fast_ai("CARS", kImage, "stanford-cars.tgz", 1'957'803'273, "9045d6673c9ced0889f41816f6bf2f9f");
const Dataset& CIFAR_100 =
    fast_ai("CIFAR_100", kImage, "cifar100.tgz", 169'168'619, "e5e65dcb54b9d3913f7b8a9ad6607e62");
const Dataset& CUB_200_2011 =
    fast_ai("CUB_200_2011", kImage, "CUB_200_2011.tgz", 1'150'585'339, "d2acaa99439dff0483c7bbac1bfe2a92");
const Dataset& FLOWERS =
    fast_ai("FLOWERS", kImage, "oxford-102-flowers.tgz", 345'236'087, "5666e01c1311b4c67fcf20d2b3850a88");
const Dataset& FOOD = fast_ai("FOOD", kImage, "food-101.tgz", 5'686'607'260,
                              "1a540ebf1fb40b2bf3f2294234ba7907", {.max_entries = 200'000});
const Dataset& LSUN_BEDROOMS = fast_ai("LSUN_BEDROOMS", kImage, "bedroom.tgz", 4'579'163'978,
                                       "35d84f38f8a15fe47e66e460c8800d68", {.max_entries = 2'000'000});
const Dataset& CAMVID = fast_ai(
    "CAMVID", kLocal, "camvid.tgz", 598'913'237, "648371e4f3a833682afb39b08a3ce2aa",
    {.generate = street_scenes, .stand_in = "drawn street scenes with its 32 codes, not photographs"});
const Dataset& BIWI_HEAD_POSE =
    fast_ai("BIWI_HEAD_POSE", kLocal, "biwi_head_pose.tgz", 452'316'199, "00f4ccf66e8cba184bc292fdc08fb237");
const Dataset& PASCAL_2007 =
    fast_ai("PASCAL_2007", kLocal, "pascal_2007.tgz", 1'637'796'771, "433b4706eb7c42bd74e7f784e3fdf244");
const Dataset& PASCAL_2012 =
    fast_ai("PASCAL_2012", kLocal, "pascal_2012.tgz", 2'618'908'000, "d90e29e54a4c76c0c6fba8355dcbaca5");
const Dataset& SIIM_SMALL =
    fast_ai("SIIM_SMALL", kLocal, "siim_small.tgz", 33'276'453, "2f88ac350dce1d971ecbb5ec722da75f");
const Dataset& TCGA_SMALL =
    fast_ai("TCGA_SMALL", kLocal, "tcga_small.tgz", 14'744'474, "3ceffe7cf522cb1c60e93dc555d8817f");
const Dataset& COCO_TINY =
    fast_ai("COCO_TINY", kCoco, "coco_tiny.tgz", 801'038, "367467451ac4fba79a647753c2c66d3a");
const Dataset& COCO_SAMPLE = fast_ai("COCO_SAMPLE", kCoco, "coco_sample.tgz", 3'245'877'008,
                                     "006cd55d633d94b36ecaf661467830ec", {.max_entries = 200'000});
const Dataset& IMDB = fast_ai("IMDB", kNlp, "imdb.tgz", 144'440'600, "90f9b1c4ff43a90d67553c9240dc0249",
                              {.max_entries = 200'000});
const Dataset& WIKITEXT =
    fast_ai("WIKITEXT", kNlp, "wikitext-103.tgz", 190'200'704, "2dd8cf8693b3d27e9c8f0a7df054b2c7");
const Dataset& WIKITEXT_TINY =
    fast_ai("WIKITEXT_TINY", kNlp, "wikitext-2.tgz", 4'070'055, "2a82d47a7b85c8b6a8e068dc4c1d37e7");
const Dataset& AG_NEWS =
    fast_ai("AG_NEWS", kNlp, "ag_news_csv.tgz", 11'784'419, "b86f328f4dbd072486591cb7a5644dcd");
const Dataset& AMAZON_REVIEWS = fast_ai("AMAZON_REVIEWS", kNlp, "amazon_review_full_csv.tgz", 71'606'272,
                                        "4a1196cf0adaea22f4bc3f592cddde90");
const Dataset& AMAZON_REVIEWS_POLARITY =
    fast_ai("AMAZON_REVIEWS_POLARITY", kNlp, "amazon_review_polarity_csv.tgz", 688'339'454,
            "676f7e5208ec343c8274b4bb085bc938");
const Dataset& DBPEDIA =
    fast_ai("DBPEDIA", kNlp, "dbpedia_csv.tgz", 68'341'743, "239c7837b9e79db34486f3de6a00e38e");
const Dataset& MT_ENG_FRA =
    fast_ai("MT_ENG_FRA", kNlp, "giga-fren.tgz", 2'598'183'296, "69573f58e2c850b90f2f954077041d8c");
const Dataset& SOGOU_NEWS =
    fast_ai("SOGOU_NEWS", kNlp, "sogou_news_csv.tgz", 384'269'937, "950f1366d33be52f5b944f8a8b680902");
const Dataset& YAHOO_ANSWERS =
    fast_ai("YAHOO_ANSWERS", kNlp, "yahoo_answers_csv.tgz", 319'476'345, "0632a0d236ef3a529c0fa4429b339f68");
const Dataset& YELP_REVIEWS = fast_ai("YELP_REVIEWS", kNlp, "yelp_review_full_csv.tgz", 196'146'755,
                                      "1efd84215ea3e30d90e4c33764b889db");
const Dataset& YELP_REVIEWS_POLARITY = fast_ai("YELP_REVIEWS_POLARITY", kNlp, "yelp_review_polarity_csv.tgz",
                                               166'373'201, "48c8451c1ad30472334d856b5d294807");
const Dataset& OPENAI_TRANSFORMER = fast_ai("OPENAI_TRANSFORMER", kModels, "transformer.tgz", 432'848'315,
                                            "024b0d2203ebb0cd1fc64b27cf8af18e");
const Dataset& WT103_FWD = fast_ai("WT103_FWD", kModels, "wt103-fwd.tgz", -1, "");
const Dataset& WT103_BWD = fast_ai("WT103_BWD", kModels, "wt103-bwd.tgz", -1, "");
const Dataset& ML_100k =
    add({.name = "ML_100k", .url = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"});
const Dataset& MACAQUES = add({.name = "MACAQUES",
                               .url = kSounds + "macaques.zip",
                               .bytes = 131'604'586,
                               .md5 = "44fec3950e61d6a898f16fe30bc9c88d"});
const Dataset& ZEBRA_FINCH = add({.name = "ZEBRA_FINCH",
                                  .url = kSounds + "zebra_finch.zip",
                                  .bytes = 186'624'896,
                                  .md5 = "91fa9c4ebfc986b9babc2a805a10e281"});

// The course's own, which come with it and have no address.
const Dataset& PICTURES_SAMPLE = add({.name = "PICTURES_SAMPLE",
                                      .bundled = "pictures_sample.tgz",
                                      .stand_in = "876 composed pictures of six kinds, with masks"});
const Dataset& TITANIC =
    add({.name = "TITANIC", .bundled = "titanic.tgz", .stand_in = "train.csv and test.csv"});
const Dataset& AUSTEN_SAMPLE = add(
    {.name = "AUSTEN_SAMPLE", .bundled = "austen_sample.tgz", .stand_in = "six novels in 3,144 passages"});
const Dataset& VOICES_SAMPLE = add({.name = "VOICES_SAMPLE",
                                    .bundled = "voices_sample.tgz",
                                    .stand_in = "140 spoken prompts, English and French"});
const Dataset& PHOTOS = add({.name = "PHOTOS", .bundled = "photos.tgz", .stand_in = "four photographs"});
const Dataset& STREET_SCENES = add({.name = "STREET_SCENES",
                                    .folder_name = "street_scenes",
                                    .generate = street_scenes,
                                    .stand_in = "drawn street scenes in CamVid's layout"});

}  // namespace urls

const std::vector<const Dataset*>& all() {
  static const auto pointers = [] {
    std::vector<const Dataset*> list;
    for (const auto& row : rows()) list.push_back(&row);
    return list;
  }();
  return pointers;
}

}  // namespace datasets
