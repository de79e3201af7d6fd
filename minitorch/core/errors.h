// SPDX-License-Identifier: MIT
// Every way the library can refuse. All errors are exceptions; nothing in the library calls abort or exit.
#pragma once
#include <stdexcept>
#include <string>

namespace minitorch {

/// What went wrong, where the caller stood, and what to try next.
///
/// `what()` is one line: "[matmul] (2, 4) x (3, 5): inner sizes 4 and 3 differ".
/// `where()` is the nearest source line outside the library, found when it is asked for.
/// `hint()` is one command or change to try, possibly empty.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, std::string hint = "");
  const std::string& hint() const { return hint_; }
  std::string where() const;
  /// The exit code that a program ends with when this error reaches main.
  virtual int exit_code() const { return 1; }

 private:
  static constexpr int kFrames = 32;
  void* frames_[kFrames];
  int frame_count_;
  std::string hint_;
};

#define MT_ERROR(Name, code)                        \
  class Name : public Error {                       \
   public:                                          \
    using Error::Error;                             \
    int exit_code() const override { return code; } \
  }

MT_ERROR(ShapeError, 1);      ///< sizes that do not fit together
MT_ERROR(DtypeError, 1);      ///< an element type that an operation does not take
MT_ERROR(IndexError, 1);      ///< an index, axis or label out of range
MT_ERROR(ValueError, 2);      ///< an argument outside its range
MT_ERROR(GradError, 1);       ///< backward asked for what the graph cannot give
MT_ERROR(DeviceError, 3);     ///< devices mixed, absent, or failing
MT_ERROR(FileError, 4);       ///< a file that is missing, damaged or hostile
MT_ERROR(OutOfMemory, 5);     ///< no memory left on the device
MT_ERROR(NotImplemented, 1);  ///< an exercise that is still to be written
#undef MT_ERROR

/// Prints an error in the form every program uses, and returns the exit code it asks for:
///
///     error: [matmul] (64, 784) x (50, 784): inner sizes 784 and 50 differ
///     where: lessons/05_sgd/main.cpp:88
///     try:   the weight is stored (out, in): multiply by weight.t()
int report_error(const std::exception& error);

/// printf into a string.
std::string format(const char* pattern, ...) __attribute__((format(printf, 1, 2)));

}  // namespace minitorch
