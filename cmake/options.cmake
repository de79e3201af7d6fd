# SPDX-License-Identifier: MIT
# Compiler flags and what the build depends on.
find_package(Threads REQUIRED)
if(NOT MT_BARE)
  find_package(ZLIB REQUIRED)
endif()

add_compile_options(-Wall -Wextra -Wno-unknown-pragmas -fno-math-errno)
if(MT_WERROR)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Werror>
                      "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Werror=all-warnings -Xcompiler=-Werror>")
endif()

# The instruction set: a course is built where it runs, so the best set found here is used throughout.
set(MT_CPU_FOUND ${CMAKE_SYSTEM_PROCESSOR})
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
  if(NOT MT_CPU)
    file(STRINGS /proc/cpuinfo CPU_FLAGS REGEX "^flags" LIMIT_COUNT 1)
    if(CPU_FLAGS MATCHES "avx512f" AND CPU_FLAGS MATCHES "avx512vl" AND CPU_FLAGS MATCHES "avx512dq")
      set(MT_CPU_FOUND x86-64-v4)
    elseif(CPU_FLAGS MATCHES "avx2" AND CPU_FLAGS MATCHES "fma")
      set(MT_CPU_FOUND x86-64-v3)
    else()
      set(MT_CPU_FOUND x86-64-v2)
    endif()
  else()
    set(MT_CPU_FOUND ${MT_CPU})
  endif()
  set(MT_MARCH -march=${MT_CPU_FOUND})
  if(MT_CPU_FOUND STREQUAL x86-64-v4)
    # GCC 12's own avx512fintrin.h starts registers from themselves, which it then warns of (GCC bug 105593).
    list(APPEND MT_MARCH -mprefer-vector-width=512 -Wno-maybe-uninitialized -Wno-uninitialized)
  endif()
  message(STATUS "CPU kernels for ${MT_CPU_FOUND}")
endif()
set(MT_BUILT_FOR ${MT_CPU_FOUND} CACHE INTERNAL "What ./course refresh says a stored run was made for")
set(MT_KERNEL_FLAGS -O3 ${MT_MARCH} -fno-trapping-math)
# -O1 for what is compiled far more than it is run: lessons, tools and tests, whose time goes into the library they call, and
# kernels for the simulator, which compile in two thirds of the time.
set(MT_SIMULATOR_FLAGS -O1)
set(MT_PROGRAM_FLAGS -O1)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT MT_SANITIZE)
  # The compiler's garbage is left until there are 400 MB: a twentieth of its time for 100 MB more at most.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=400000>")
endif()

# Some fifty programs are linked, and one of them on every save of a lesson: gold needs half the time of ld.
find_program(GOLD ld.gold)
if(GOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_CROSSCOMPILING)
  add_link_options(-fuse-ld=gold)
endif()

if(MT_SANITIZE)
  # -O1 takes twice as long to compile what the sanitizers add, -O2 ten times, and both hide from them what they remove.
  set(CMAKE_CXX_FLAGS_RELEASE "-Og -g1")
  set(MT_KERNEL_FLAGS ${MT_MARCH} -fno-trapping-math)
  set(MT_SIMULATOR_FLAGS "")
  set(MT_PROGRAM_FLAGS "")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_compile_options(-Wno-maybe-uninitialized)  # with sanitizers GCC sees paths that are not there
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(MT_SANITIZE)
endif()

# ./course test fuzz: everything is built by clang with coverage for libFuzzer, and each reader has a program.
option(MT_FUZZ "Build the fuzz targets of tests/fuzz with clang's libFuzzer" OFF)
if(MT_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "MT_FUZZ needs clang++: ./course test fuzz chooses it")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(MT_SANITIZE)
endif()

# CUDA is used when its compiler is found, unless -DMT_CUDA=OFF.
if(NOT DEFINED CMAKE_CUDA_COMPILER AND EXISTS /usr/local/cuda/bin/nvcc)
  set(CMAKE_CUDA_COMPILER /usr/local/cuda/bin/nvcc)
endif()
include(CheckLanguage)
check_language(CUDA)
if(CMAKE_CUDA_COMPILER)
  set(CUDA_FOUND ON)
else()
  set(CUDA_FOUND OFF)
endif()
option(MT_CUDA "Build the CUDA kernels for a GPU with nvcc" ${CUDA_FOUND})
option(MT_GPU "There is a GPU that the tests labelled cuda can run on" OFF)
