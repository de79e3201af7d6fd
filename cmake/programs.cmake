# SPDX-License-Identifier: MIT
# Everything that is built on the library: one target per folder, found by its place.

# --- datasets: files from the network or the bundle; fastcore: everything that a lesson includes ---
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
file(GLOB_RECURSE DATASETS_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/datasets/*.cpp)
add_library(datasets STATIC ${DATASETS_SOURCES})
target_link_libraries(datasets PUBLIC minitorch PRIVATE CURL::libcurl LibArchive::LibArchive ZLIB::ZLIB)
target_compile_definitions(datasets PRIVATE MT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
file(GLOB_RECURSE FASTCORE_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fastcore/*.cpp)
add_library(fastcore STATIC ${FASTCORE_SOURCES})
target_link_libraries(fastcore PUBLIC minitorch datasets)

# --- tools: tools/data/main.cpp becomes tool_data ---
file(GLOB TOOLS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/*/main.cpp)
foreach(MAIN ${TOOLS})
  get_filename_component(FOLDER ${MAIN} DIRECTORY)
  get_filename_component(NAME ${FOLDER} NAME)
  file(GLOB SOURCES CONFIGURE_DEPENDS ${FOLDER}/*.cpp)
  add_executable(tool_${NAME} ${SOURCES})
  target_link_libraries(tool_${NAME} fastcore)
endforeach()

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
    # A test of a folder of minitorch/ links that alone: it then builds without the layers above.
    set(LIBRARY fastcore)
    if(EXISTS ${CMAKE_SOURCE_DIR}/minitorch/${FOLDER})
      set(LIBRARY minitorch)
    endif()
    target_link_libraries(test_${FOLDER} ${LIBRARY} Catch2::Catch2WithMain)
    target_compile_options(test_${FOLDER} PRIVATE -O1)
    catch_discover_tests(test_${FOLDER} TEST_PREFIX "${FOLDER}: " PROPERTIES LABELS cpu TIMEOUT 300)
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
