# SPDX-License-Identifier: MIT
# For benchmarks/gpu.sh: the op table and the GPU benchmark, on a machine with a compiler and CMake alone.
# With the op table go the tests of streams, memory, graphs, optimisers and loss scaling.
file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/ops/*_test.cpp ${CMAKE_SOURCE_DIR}/tests/optim/*_test.cpp)
add_executable(gpu_ops EXCLUDE_FROM_ALL ${SOURCES} tests/core/gpu_test.cpp benchmarks/gpu/op_table_main.cpp)
target_include_directories(gpu_ops BEFORE PRIVATE benchmarks/gpu)  # its catch2/catch.hpp stands in for Catch2
target_compile_options(gpu_ops PRIVATE -O1)
add_executable(gpu_bench EXCLUDE_FROM_ALL benchmarks/gpu/bench.cpp benchmarks/gpu/cublas.cpp)
foreach(PROGRAM gpu_ops gpu_bench)
  target_link_libraries(${PROGRAM} minitorch)
endforeach()
