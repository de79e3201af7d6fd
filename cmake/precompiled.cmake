# SPDX-License-Identifier: MIT
# Parsing the standard library's headers is half of what compiling a file takes. Here they are parsed once for all files.
# Every file still includes what it uses: the builds with sanitizers, for fuzzing, for ARM and by clang go without this.
option(MT_PCH "Parse the standard library's headers once" ON)
if(MT_SANITIZE OR MT_FUZZ OR MT_BARE OR CMAKE_CROSSCOMPILING OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(MT_PCH OFF)
endif()

set(STANDARD_HEADERS <algorithm> <array> <atomic> <cmath> <condition_variable> <cstdint> <cstring> <filesystem> <functional>
    <map> <memory> <mutex> <numeric> <optional> <random> <set> <sstream> <stdexcept> <string> <string_view> <thread> <tuple>
    <unordered_map> <utility> <variant> <vector>)

# Whose parsing the others use: libraries are compiled with -fPIC, programs with -fPIE, tests with Catch2 beside.
if(MT_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/standard_headers.cpp "int main() {}\n")
  add_library(standard_in_libraries OBJECT ${CMAKE_BINARY_DIR}/standard_headers.cpp)
  add_executable(standard_in_programs ${CMAKE_BINARY_DIR}/standard_headers.cpp)
  add_executable(standard_in_tests ${CMAKE_BINARY_DIR}/standard_headers.cpp)
  foreach(PROGRAM standard_in_programs standard_in_tests)
    target_compile_options(${PROGRAM} PRIVATE ${MT_PROGRAM_FLAGS})
  endforeach()
  target_precompile_headers(standard_in_libraries PRIVATE ${STANDARD_HEADERS})
  target_precompile_headers(standard_in_programs PRIVATE ${STANDARD_HEADERS})
  target_precompile_headers(standard_in_tests PRIVATE ${STANDARD_HEADERS} <catch2/catch.hpp>)
  set_target_properties(standard_in_libraries standard_in_programs standard_in_tests PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

# standard_headers(libraries|programs|tests TARGET...): their files find the headers parsed.
function(standard_headers KIND)
  if(MT_PCH)
    foreach(TARGET ${ARGN})
      target_precompile_headers(${TARGET} REUSE_FROM standard_in_${KIND})
    endforeach()
  endif()
endfunction()
