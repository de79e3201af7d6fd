// SPDX-License-Identifier: MIT
// Where data lives. COURSE_DATA, or ~/.minitorch_course:
//
//     config.ini      where the folders below are, as in fastai: data, archive, storage, model
//     data/           unpacked data sets, each there whole or not at all
//     archive/        downloaded archives; .part while they come, .bad when a check failed
//     bundled/        what stands in for a data set without a network; never in a download's place
//     models/         pretrained weights
//     records/        what was unpacked from where, with the size and CRC-32 of every file
#pragma once
#include <string>

namespace datasets {

/// @brief The data folder and what is in it; making one makes the folders and, the first time, config.ini.
class Home {
 public:
  /// In `root`; when that is empty, in COURSE_DATA or else ~/.minitorch_course.
  /// @throws FileError when it cannot be made
  explicit Home(const std::string& root) : Home(root, true) {}
  /// For looking only: nothing is made, and the folders need not be there.
  static Home as_it_is(const std::string& root) { return Home(root, false); }

  const std::string& root() const { return root_; }
  std::string data(const std::string& folder) const { return data_ + "/" + folder; }
  std::string archive(const std::string& file) const { return archive_ + "/" + file; }
  std::string bundled(const std::string& folder) const { return root_ + "/bundled/" + folder; }
  std::string model(const std::string& file) const { return models_ + "/" + file; }
  /// A record is named for its place: "data" or "bundled".
  std::string record(const std::string& place, const std::string& folder) const {
    return root_ + "/records/" + place + "-" + folder + ".txt";
  }
  std::string lock(const std::string& folder) const { return root_ + "/records/" + folder + ".lock"; }

 private:
  Home(const std::string& root, bool make);
  std::string folder_of(const std::string& config, const std::string& key) const;
  std::string root_, data_, archive_, models_;
};

/// The data folder's place, without making it. In COURSE_DATA a ~ at the beginning is HOME also where no
/// shell has read it.
std::string home_root();

/// A file of datasets/bundled: in COURSE_BUNDLED, else where the course was built.
/// @throws FileError when it is not there
std::string bundled_file(const std::string& name);

/// The SHA-256 of a bundled file as it was published with the course; "" for an unknown name.
std::string bundled_sha256(const std::string& name);

}  // namespace datasets
