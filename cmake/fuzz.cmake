# SPDX-License-Identifier: MIT
# The fuzz targets of minitorch/io for five seconds each, as tests. libFuzzer needs clang, whatever compiler builds
# the rest; and all that these targets need is small, so it is built beside the library by clang, sanitizers included.
# (./course test fuzz runs every target of tests/fuzz for a minute.)
find_program(FUZZ_CLANG NAMES clang++-14 clang++)
if(NOT FUZZ_CLANG OR CMAKE_CROSSCOMPILING OR MT_FUZZ OR MT_SANITIZE)
  return()
endif()
execute_process(COMMAND ${FUZZ_CLANG} -print-runtime-dir OUTPUT_VARIABLE RUNTIME OUTPUT_STRIP_TRAILING_WHITESPACE)
file(GLOB LIBFUZZER ${RUNTIME}/libclang_rt.fuzzer*)
if(NOT LIBFUZZER)
  return()
endif()

file(GLOB FUZZED CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/minitorch/io/*.cpp)
list(REMOVE_ITEM FUZZED ${CMAKE_SOURCE_DIR}/minitorch/io/io.cpp)  # the readers do not need the tensor
list(APPEND FUZZED ${CMAKE_SOURCE_DIR}/minitorch/core/errors.cpp)
set(FUZZ_FLAGS -std=c++20 -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -I${CMAKE_SOURCE_DIR})
set(FUZZ_FOLDER ${CMAKE_BINARY_DIR}/fuzz)
file(MAKE_DIRECTORY ${FUZZ_FOLDER})

function(fuzz_object SOURCE RESULT)
  get_filename_component(NAME ${SOURCE} NAME_WE)
  get_filename_component(FOLDER ${SOURCE} DIRECTORY)
  get_filename_component(FOLDER ${FOLDER} NAME)
  set(OBJECT ${FUZZ_FOLDER}/${FOLDER}_${NAME}.o)
  add_custom_command(OUTPUT ${OBJECT} DEPENDS ${SOURCE} DEPFILE ${OBJECT}.d COMMENT "Building ${NAME} for fuzzing"
                     COMMAND ${CCACHE} ${FUZZ_CLANG} ${FUZZ_FLAGS} -fsanitize=fuzzer-no-link -MD -MF ${OBJECT}.d
                             -c ${SOURCE} -o ${OBJECT})
  set(${RESULT} ${OBJECT} PARENT_SCOPE)
endfunction()

foreach(SOURCE ${FUZZED})
  fuzz_object(${SOURCE} OBJECT)
  list(APPEND FUZZ_OBJECTS ${OBJECT})
endforeach()
foreach(NAME npy pth safetensors)
  fuzz_object(${CMAKE_SOURCE_DIR}/tests/fuzz/${NAME}.cpp OBJECT)
  add_custom_command(OUTPUT ${FUZZ_FOLDER}/${NAME} DEPENDS ${OBJECT} ${FUZZ_OBJECTS}
                     COMMAND ${FUZZ_CLANG} ${FUZZ_FLAGS} -fsanitize=fuzzer ${OBJECT} ${FUZZ_OBJECTS} -lz
                             -o ${FUZZ_FOLDER}/${NAME})
  list(APPEND FUZZ_PROGRAMS ${FUZZ_FOLDER}/${NAME})
  file(MAKE_DIRECTORY ${FUZZ_FOLDER}/corpus/${NAME})
  add_test(NAME "fuzz: ${NAME} for five seconds"
           COMMAND ${FUZZ_FOLDER}/${NAME} -max_total_time=5 -rss_limit_mb=1500 -timeout=10 -verbosity=0
                   -print_final_stats=1 -artifact_prefix=${FUZZ_FOLDER}/crash-${NAME}-
                   ${FUZZ_FOLDER}/corpus/${NAME} ${CMAKE_SOURCE_DIR}/tests/fuzz/seeds/${NAME})
  set_tests_properties("fuzz: ${NAME} for five seconds" PROPERTIES LABELS cpu TIMEOUT 60)
endforeach()
add_custom_target(fuzz_readers ALL DEPENDS ${FUZZ_PROGRAMS})
