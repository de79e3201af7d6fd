# SPDX-License-Identifier: MIT
# Everything that is built on the library: one target per folder, found by its place.

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
    target_link_libraries(test_${FOLDER} minitorch Catch2::Catch2WithMain)
    target_compile_options(test_${FOLDER} PRIVATE -O1)
    if(TARGET kernels_${FOLDER})
      target_sources(test_${FOLDER} PRIVATE $<TARGET_OBJECTS:kernels_${FOLDER}>)
    endif()
    catch_discover_tests(test_${FOLDER} TEST_PREFIX "${FOLDER}: " PROPERTIES LABELS cpu TIMEOUT 300 ENVIRONMENT MT_TEST_DEVICE=cpu)
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

# --- benchmarks: benchmarks/kernels_abi.cpp is loaded by kernels.py; not part of the default build ---
file(GLOB ABIS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/benchmarks/*_abi.cpp)
foreach(SOURCE ${ABIS})
  get_filename_component(NAME ${SOURCE} NAME_WE)
  add_library(${NAME} SHARED EXCLUDE_FROM_ALL ${SOURCE})
  target_link_libraries(${NAME} PRIVATE minitorch)
endforeach()
