// SPDX-License-Identifier: MIT
// A folder for a test.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

/// A new, empty folder that goes away with this object.
struct TempFolder {
  TempFolder() : path((std::filesystem::temp_directory_path() / "course_test_XXXXXX").string()) {
    if (!mkdtemp(path.data())) std::abort();
  }
  ~TempFolder() {
    std::error_code stays;
    std::filesystem::remove_all(path, stays);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};
