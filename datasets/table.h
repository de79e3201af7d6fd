// SPDX-License-Identifier: MIT
// Every data set the course knows: name, address, size, checks, and what stands in for it without a network.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace datasets {

/// @brief One row of the table. For a file that is not in it: `Dataset{.name = "MINE", .url =
/// "https://..."}`.
struct Dataset {
  std::string name;                       ///< "MNIST_SAMPLE"
  std::string url = "";                   ///< where it comes from; "" when it is only bundled or generated
  std::vector<std::string> mirrors = {};  ///< other places with the same file, tried in order
  int64_t bytes = -1;                     ///< of the archive; -1: not known
  std::string md5 = "";             ///< of its first MiB, the check that the course publishes; "": not known
  std::string sha256 = "";          ///< of all of it; "": not known until the first verified download
  std::string folder_name = "";     ///< of the unpacked folder; "": the archive's name without .tgz or .zip
  int64_t max_entries = 2'000'000;  ///< files and folders the archive may hold; fewer in the table's rows
  std::string bundled = "";         ///< the archive in datasets/bundled that stands in
  void (*generate)(const std::string& folder) =
      nullptr;                ///< or the function that makes something to stand in
  std::string stand_in = "";  ///< how that differs from the original, in a few words

  /// The archive's file name: the last part of the address without its query.
  std::string file() const;
  /// The unpacked folder's name.
  std::string folder() const;
  /// Every address, the first choice first.
  std::vector<std::string> addresses() const;
};

/// All rows, in the table's order.
const std::vector<const Dataset*>& all();

/// The row of a name (small letters will do), or nullptr.
const Dataset* find(const std::string& name);

/// The row whose archive has this size and this MD5 of its first MiB, or nullptr.
const Dataset* find_archive(int64_t bytes, const std::string& md5);

/// The row of a name, a file name, or, as a new row without checks, of an https address.
/// @throws ValueError for an unknown name, its hint naming the nearest; for an address whose folder would be
/// that of a row
Dataset named(const std::string& name_or_url);

/// The rows by name: `untar_data(urls::MNIST_SAMPLE)`.
namespace urls {
extern const Dataset &ADULT_SAMPLE, &BIWI_SAMPLE, &CAMVID_TINY, &CIFAR, &DOGS, &HUMAN_NUMBERS, &IMDB_SAMPLE,
    &ML_SAMPLE, &MNIST_SAMPLE, &MNIST_TINY, &PLANET_SAMPLE, &PLANET_TINY, &MNIST_VAR_SIZE_TINY, &MNIST,
    &IMAGENETTE, &IMAGENETTE_160, &IMAGENETTE_320, &IMAGEWOOF, &IMAGEWOOF_160, &IMAGEWOOF_320, &IMAGEWANG,
    &IMAGEWANG_160, &IMAGEWANG_320, &PETS, &CALTECH_101, &CARS, &CIFAR_100, &CUB_200_2011, &FLOWERS, &FOOD,
    &LSUN_BEDROOMS, &CAMVID, &BIWI_HEAD_POSE, &PASCAL_2007, &PASCAL_2012, &SIIM_SMALL, &TCGA_SMALL,
    &COCO_TINY, &COCO_SAMPLE, &IMDB, &WIKITEXT, &WIKITEXT_TINY, &AG_NEWS, &AMAZON_REVIEWS,
    &AMAZON_REVIEWS_POLARITY, &DBPEDIA, &MT_ENG_FRA, &SOGOU_NEWS, &YAHOO_ANSWERS, &YELP_REVIEWS,
    &YELP_REVIEWS_POLARITY, &OPENAI_TRANSFORMER, &WT103_FWD, &WT103_BWD, &ML_100k, &MACAQUES, &ZEBRA_FINCH,
    &PICTURES_SAMPLE, &TITANIC, &AUSTEN_SAMPLE, &VOICES_SAMPLE, &PHOTOS, &STREET_SCENES;
}  // namespace urls

}  // namespace datasets
