# SPDX-License-Identifier: MIT
# Everything that is built on the library: one target per folder, found by its place.

# --- fastcore: pictures, data, learners, reports ---
file(GLOB_RECURSE FASTCORE_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fastcore/*.cpp)
file(GLOB_RECURSE FASTCORE_KERNELS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fastcore/*_cpu.cpp)
set_source_files_properties(${FASTCORE_KERNELS} PROPERTIES COMPILE_OPTIONS "${MT_KERNEL_FLAGS}")
add_library(fastcore STATIC ${FASTCORE_SOURCES})
target_link_libraries(fastcore PUBLIC minitorch PRIVATE ZLIB::ZLIB)

# --- tests: one program per folder of tests/, every Catch2 case a ctest test of its own ---
if(MT_TESTS)
  find_package(Catch2 2 REQUIRED)
  include(Catch)
  enable_testing()
  file(GLOB TEST_FOLDERS CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR}/tests/*)
  foreach(FOLDER ${TEST_FOLDERS})
    file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${FOLDER}/*_test.cpp)
    if(NOT SOURCES)
      continue()
    endif()
    add_executable(test_${FOLDER} ${SOURCES})
    if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/fastcore/${FOLDER})
      target_link_libraries(test_${FOLDER} fastcore)
    endif()
    target_link_libraries(test_${FOLDER} minitorch Catch2::Catch2WithMain)
    target_compile_options(test_${FOLDER} PRIVATE -O1)
    catch_discover_tests(test_${FOLDER} TEST_PREFIX "${FOLDER}: " PROPERTIES LABELS cpu TIMEOUT 300)
  endforeach()
endif()

# --- fuzzers: tests/fuzz/image_fuzz.cpp becomes fuzz_image ---
if(MT_FUZZ)
  file(GLOB FUZZERS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp)
  foreach(SOURCE ${FUZZERS})
    get_filename_component(NAME ${SOURCE} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" NAME ${NAME})
    add_executable(fuzz_${NAME} ${SOURCE})
    target_link_libraries(fuzz_${NAME} fastcore)
    target_link_options(fuzz_${NAME} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()

# --- lessons: lessons/03_quadratic/main.cpp becomes lesson_03_quadratic ---
file(GLOB LESSONS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lessons/*/main.cpp)
foreach(MAIN ${LESSONS})
  get_filename_component(FOLDER ${MAIN} DIRECTORY)
  get_filename_component(NAME ${FOLDER} NAME)
  add_executable(lesson_${NAME} ${MAIN})
  target_link_libraries(lesson_${NAME} fastcore)
endforeach()
