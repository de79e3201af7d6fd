// SPDX-License-Identifier: MIT
// Files of pretrained weights: found, or fetched and checked.
#pragma once
#include <string>

#include "datasets/fetch.h"

namespace datasets {

/// A file of weights and where it is published. Its SHA-256, or the beginning of it, is known from one of
/// three places: `sha256`; the name, as PyTorch's "resnet18-f37072fd.pth"; or, on huggingface.co, the small
/// text that the repository keeps in the file's place, which is asked for there even where COURSE_MIRROR
/// delivers the file.
struct ModelFile {
  std::string file;          ///< its name in the data folder's models/
  std::string url = "";      ///< where it is published; "" when it is only bundled
  std::string sha256 = "";   ///< hexadecimal digits, or the first of them
  std::string bundled = "";  ///< a file of datasets/bundled that holds the same weights
};

/// The path of the file: in the folder models of the working directory, else in the data folder's models/,
/// else bundled, else downloaded there, where it appears only when it is whole and right. A file that was put
/// there by hand is compared once with the SHA-256 that `sha256` or the name says; where neither does, a note
/// tells its own. COURSE_MIRROR and COURSE_OFFLINE count as for data sets.
/// @throws NetworkError when it is nowhere and cannot be fetched, or nobody says what its SHA-256 is;
/// WrongFile when what came has another; FileError for a damaged bundled file or one in the data folder with
/// another SHA-256
std::string fetch_model(const ModelFile& model, const FetchOptions& options);

/// The beginning of a SHA-256 that a file's name ends in: "f37072fd"; "" when there is none.
std::string hash_in_name(const std::string& file);

/// The SHA-256 in the text that git-lfs keeps in the place of a large file; "" when it is no such text.
std::string hash_in_pointer(const std::string& text);

}  // namespace datasets
