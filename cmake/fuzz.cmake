# SPDX-License-Identifier: MIT
# The fuzz targets for five seconds each, as tests. libFuzzer needs clang, whatever compiler builds the rest; and what
# a reader needs is little, so that is built beside the library by clang, sanitizers included.
# The seed is fixed, so that a change is judged by what it changes; ./course test fuzz, a minute for every target of
# tests/fuzz, draws another each time.
find_program(FUZZ_CLANG NAMES clang++-14 clang++)
if(CMAKE_CROSSCOMPILING OR MT_FUZZ OR MT_SANITIZE)
  return()
endif()
if(FUZZ_CLANG)
  execute_process(COMMAND ${FUZZ_CLANG} -print-runtime-dir OUTPUT_VARIABLE RUNTIME OUTPUT_STRIP_TRAILING_WHITESPACE)
  file(GLOB LIBFUZZER ${RUNTIME}/libclang_rt.fuzzer*)
endif()
if(NOT LIBFUZZER)
  message(STATUS "No clang with libFuzzer: the readers of files are not fuzzed (./course setup fuzz installs it)")
  return()
endif()

# Unoptimised and without the checks of every pointer, which the address sanitizer makes too: half the time to compile.
set(FUZZ_FLAGS -std=c++20 -O0 -g1 -fsanitize=address,undefined -fno-sanitize=null,alignment,vptr,object-size
    -fno-sanitize-recover=undefined -I${CMAKE_SOURCE_DIR})
set(FUZZ_FOLDER ${CMAKE_BINARY_DIR}/fuzz)
file(MAKE_DIRECTORY ${FUZZ_FOLDER})

function(fuzz_object SOURCE RESULT)
  string(REPLACE / _ NAME ${SOURCE})
  set(OBJECT ${FUZZ_FOLDER}/${NAME}.o)
  get_property(KNOWN GLOBAL PROPERTY FUZZ_OBJECTS)
  if(NOT OBJECT IN_LIST KNOWN)
    set_property(GLOBAL APPEND PROPERTY FUZZ_OBJECTS ${OBJECT})
    add_custom_command(OUTPUT ${OBJECT} DEPENDS ${CMAKE_SOURCE_DIR}/${SOURCE} DEPFILE ${OBJECT}.d
                       COMMENT "Building ${SOURCE} for fuzzing"
                       COMMAND ${CCACHE} ${FUZZ_CLANG} ${FUZZ_FLAGS} -fsanitize=fuzzer-no-link -MD -MF ${OBJECT}.d
                               -c ${CMAKE_SOURCE_DIR}/${SOURCE} -o ${OBJECT})
  endif()
  set(${RESULT} ${OBJECT} PARENT_SCOPE)
endfunction()

# fuzz_test(NAME LIBRARIES -l... SOURCES ...): tests/fuzz/NAME.cpp with these sources, paths or patterns of them.
function(fuzz_test NAME)
  cmake_parse_arguments(FUZZ "" "" "LIBRARIES;SOURCES" ${ARGN})
  foreach(PATTERN ${FUZZ_SOURCES} minitorch/core/errors.cpp minitorch/core/printable.cpp tests/fuzz/${NAME}.cpp)
    file(GLOB FOUND CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${PATTERN})
    foreach(SOURCE ${FOUND})
      fuzz_object(${SOURCE} OBJECT)
      list(APPEND OBJECTS ${OBJECT})
    endforeach()
  endforeach()
  add_custom_command(OUTPUT ${FUZZ_FOLDER}/${NAME} DEPENDS ${OBJECTS}
                     COMMAND ${FUZZ_CLANG} ${FUZZ_FLAGS} -fsanitize=fuzzer ${OBJECTS}
                             ${FUZZ_LIBRARIES} -o ${FUZZ_FOLDER}/${NAME})
  set_property(GLOBAL APPEND PROPERTY FUZZ_PROGRAMS ${FUZZ_FOLDER}/${NAME})
  fuzz_run(${NAME})
endfunction()

# The program of that name in FUZZ_FOLDER as a test.
function(fuzz_run NAME)
  file(MAKE_DIRECTORY ${FUZZ_FOLDER}/corpus/${NAME})
  add_test(NAME "fuzz: ${NAME} for five seconds"
           COMMAND ${FUZZ_FOLDER}/${NAME} -seed=1 -max_total_time=5 -rss_limit_mb=1500 -timeout=10 -verbosity=0
                   -print_final_stats=1 -artifact_prefix=${FUZZ_FOLDER}/crash-${NAME}-
                   ${FUZZ_FOLDER}/corpus/${NAME} ${CMAKE_SOURCE_DIR}/tests/fuzz/seeds/${NAME})
  set_tests_properties("fuzz: ${NAME} for five seconds" PROPERTIES LABELS cpu TIMEOUT 60)
endfunction()

set(IO minitorch/io/[!i]*.cpp)  # not io.cpp: the readers do not need the tensor
foreach(NAME npy pth safetensors)
  fuzz_test(${NAME} SOURCES ${IO} minitorch/core/atomic_file.cpp LIBRARIES -lz)
endforeach()
fuzz_test(wav SOURCES fastcore/data/wav.cpp minitorch/io/source.cpp minitorch/core/atomic_file.cpp)
fuzz_test(image LIBRARIES -lz
          SOURCES fastcore/image/decode.cpp fastcore/image/formats.cpp fastcore/image/geometry.cpp
                  fastcore/image/image.cpp fastcore/image/jpeg_check.cpp fastcore/image/png_*.cpp
                  fastcore/image/resample*.cpp fastcore/image/stb_cpu.cpp minitorch/core/atomic_file.cpp)
fuzz_test(archive LIBRARIES -larchive -lz
          SOURCES datasets/files.cpp datasets/gunzip.cpp datasets/record.cpp datasets/unpack.cpp
                  datasets/watcher.cpp datasets/words.cpp minitorch/core/atomic_file.cpp)
# Not tensors.cpp: tables work without tensors.
fuzz_test(csv SOURCES fastcore/frame/[!t]*.cpp fastcore/basics/helpers.cpp fastcore/basics/l.cpp fastcore/basics/path*.cpp
                      fastcore/basics/columns.cpp fastcore/basics/repr.cpp fastcore/basics/terminal.cpp minitorch/core/parallel.cpp
                      minitorch/core/numpy_random.cpp minitorch/core/mersenne.cpp minitorch/core/utf8.cpp
                      minitorch/io/source.cpp minitorch/core/atomic_file.cpp datasets/words.cpp)

get_property(FUZZ_PROGRAMS GLOBAL PROPERTY FUZZ_PROGRAMS)
add_custom_target(fuzz_readers ALL DEPENDS ${FUZZ_PROGRAMS})
add_subdirectory(${CMAKE_SOURCE_DIR}/cmake/fuzz)
