# SPDX-License-Identifier: MIT
# Everything that is built on the library: one target per folder, found by its place.

# GCC 12 sees overlapping copies and overruns in std::string's operator+ (GCC bugs 105651 and 105329), in whatever a learner
# may write.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()

set(PATIENCE 300)  # seconds for a test
if(MT_SANITIZE)
  set(PATIENCE 1500)
endif()

# --- datasets: files from the network or the bundle; fastcore: everything that a lesson includes ---
# A cross build tests minitorch alone, which needs no library but zlib.
if(NOT CMAKE_CROSSCOMPILING)
  find_package(CURL REQUIRED)
  find_package(LibArchive REQUIRED)
  file(GLOB_RECURSE DATASETS_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/datasets/*.cpp)
  add_library(datasets STATIC ${DATASETS_SOURCES})
  standard_headers(libraries datasets)
  in_batches(datasets)
  target_link_libraries(datasets PUBLIC minitorch PRIVATE CURL::libcurl LibArchive::LibArchive ZLIB::ZLIB)
  target_compile_definitions(datasets PRIVATE MT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

  # A library for each part, so that the tests of one build only what it stands on. "frame basics": fastcore_frame uses
  # that one, and what it uses.
  add_library(fastcore INTERFACE)
  foreach(PART "basics" "image basics" "plot image" "frame basics" "report plot frame" "data plot frame"
               "learn report data" "tabular learn" "vision tabular" "collab tabular" "text tabular")
    separate_arguments(PART)
    list(POP_FRONT PART NAME)
    list(TRANSFORM PART PREPEND fastcore_)
    file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fastcore/${NAME}/*.cpp)
    file(GLOB_RECURSE KERNELS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fastcore/${NAME}/*_cpu.cpp)
    set_source_files_properties(${KERNELS} PROPERTIES COMPILE_OPTIONS "${MT_KERNEL_FLAGS}" SKIP_PRECOMPILE_HEADERS ON)
    add_library(fastcore_${NAME} STATIC ${SOURCES})
    standard_headers(libraries fastcore_${NAME})
    in_batches(fastcore_${NAME})
    target_link_libraries(fastcore_${NAME} PUBLIC ${PART} datasets minitorch PRIVATE ZLIB::ZLIB)
    target_link_libraries(fastcore INTERFACE fastcore_${NAME})
  endforeach()
  set_source_files_properties(${CMAKE_SOURCE_DIR}/fastcore/report/run_facts.cpp
                              PROPERTIES COMPILE_DEFINITIONS MT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # What load_learner calls to make the models of all parts known: an object, for learn stands below them, and its
  # archive is searched when theirs have been.
  add_library(fastcore_register OBJECT ${CMAKE_SOURCE_DIR}/fastcore/library.cpp)
  target_link_libraries(fastcore_register PRIVATE minitorch)
  target_sources(fastcore INTERFACE $<TARGET_OBJECTS:fastcore_register>)

  # Links what the sources include of fastcore, so that lesson 3 does not wait for the parts of lesson 10. From learn on
  # that is the whole: load_learner asks for all parts.
  function(link_included PROGRAM)
    set(LIBRARIES minitorch datasets)
    foreach(SOURCE ${ARGN})
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${SOURCE})  # another include links another part
      file(STRINGS ${SOURCE} INCLUDES REGEX "^#include \"fastcore/")
      foreach(LINE ${INCLUDES})
        string(REGEX REPLACE "^#include \"fastcore/([a-z]+).*" "\\1" PART ${LINE})
        if(PART MATCHES "^(basics|image|plot|frame|report|data)$")
          list(APPEND LIBRARIES fastcore_${PART})
        else()
          list(APPEND LIBRARIES fastcore)
        endif()
      endforeach()
    endforeach()
    list(REMOVE_DUPLICATES LIBRARIES)
    target_link_libraries(${PROGRAM} ${LIBRARIES})
  endfunction()

  # --- tools: tools/data/main.cpp becomes tool_data; tool_watch serves pages, which asks for cpp-httplib ---
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    # Its classes differ by the options it was packaged with, which pkg-config knows.
    pkg_check_modules(HTTPLIB QUIET IMPORTED_TARGET cpp-httplib)
  endif()
  file(GLOB TOOLS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/*/main.cpp)
  foreach(MAIN ${TOOLS})
    get_filename_component(FOLDER ${MAIN} DIRECTORY)
    get_filename_component(NAME ${FOLDER} NAME)
    if(NAME STREQUAL watch AND NOT HTTPLIB_FOUND)
      continue()
    endif()
    file(GLOB SOURCES CONFIGURE_DEPENDS ${FOLDER}/*.cpp)
    add_executable(tool_${NAME} ${SOURCES})
    target_compile_options(tool_${NAME} PRIVATE ${MT_PROGRAM_FLAGS})
    standard_headers(programs tool_${NAME})
    link_included(tool_${NAME} ${SOURCES})
    target_link_options(tool_${NAME} PRIVATE -Wl,--strip-debug)  # a tool's own lines tell its user nothing: no `where:`
    if(NAME STREQUAL watch)
      target_link_libraries(tool_watch PkgConfig::HTTPLIB)
    endif()
  endforeach()

  find_package(Python3 COMPONENTS Interpreter)
  if(MT_TESTS AND Python3_Interpreter_FOUND)
    enable_testing()
    add_test(NAME "lessons: texts quote their programs and stored runs"
             COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/lesson_text.py check)
    set_tests_properties("lessons: texts quote their programs and stored runs" PROPERTIES LABELS lessons)
  endif()

  # By default a class with virtual functions is described to gdb only where its table is, in the library.
  set(MT_DEBUG_FLAGS -O0 -g $<IF:$<CXX_COMPILER_ID:GNU>,-femit-class-debug-always,-fstandalone-debug>)

  # --- lessons: lessons/03_quadratic/main.cpp becomes lesson_03_quadratic ---
  file(GLOB LESSONS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lessons/*/main.cpp)
  foreach(MAIN ${LESSONS})
    get_filename_component(FOLDER ${MAIN} DIRECTORY)
    get_filename_component(NAME ${FOLDER} NAME)
    add_executable(lesson_${NAME} ${MAIN})
    target_compile_options(lesson_${NAME} PRIVATE ${MT_PROGRAM_FLAGS})
    standard_headers(programs lesson_${NAME})
    add_executable(lesson_${NAME}_debug EXCLUDE_FROM_ALL ${MAIN})  # ./course debug: its own lines for gdb
    target_compile_options(lesson_${NAME}_debug PRIVATE ${MT_DEBUG_FLAGS})
    file(GLOB HEADERS CONFIGURE_DEPENDS ${FOLDER}/*.h)
    foreach(PROGRAM lesson_${NAME} lesson_${NAME}_debug)
      link_included(${PROGRAM} ${MAIN} ${HEADERS})
      if(TARGET watched_${NAME} AND (MT_SANITIZE OR MT_FUZZ))  # a lesson with kernels of its own: the simulator watches those
        target_sources(${PROGRAM} PRIVATE $<TARGET_OBJECTS:kernels_${NAME}>)
      elseif(TARGET watched_${NAME})
        target_sources(${PROGRAM} PRIVATE $<TARGET_OBJECTS:watched_${NAME}>)
        target_link_libraries(${PROGRAM} minitorch_watching)
      endif()
      if(TARGET gpu_${NAME})
        target_sources(${PROGRAM} PRIVATE $<TARGET_OBJECTS:gpu_${NAME}>)
        target_compile_definitions(${PROGRAM} PRIVATE MT_WITH_CUDA)
      endif()
    endforeach()
    file(GLOB FURTHER CONFIGURE_DEPENDS ${FOLDER}/*.cpp)  # name_pictures.cpp becomes lesson_02_production_name_pictures
    list(REMOVE_ITEM FURTHER ${MAIN})
    foreach(SOURCE ${FURTHER})
      get_filename_component(PROGRAM ${SOURCE} NAME_WE)
      add_executable(lesson_${NAME}_${PROGRAM} ${SOURCE})
      target_compile_options(lesson_${NAME}_${PROGRAM} PRIVATE ${MT_PROGRAM_FLAGS})
      standard_headers(programs lesson_${NAME}_${PROGRAM})
      link_included(lesson_${NAME}_${PROGRAM} ${SOURCE})
    endforeach()
    # The stored run of --quick; one of watched kernels is another without the checker.
    if(MT_TESTS AND EXISTS ${FOLDER}/quick.txt AND Python3_Interpreter_FOUND AND NOT (TARGET watched_${NAME} AND MT_SANITIZE))
      enable_testing()
      add_test(NAME "lessons:${NAME} --quick prints what is stored"
               COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/lesson_text.py compare ${FOLDER}/quick.txt ${MT_BUILT_FOR}
                       $<TARGET_FILE:lesson_${NAME}> --quick --data bundled --out ${CMAKE_BINARY_DIR}/lessons/${NAME})
      set_tests_properties("lessons:${NAME} --quick prints what is stored"
                           PROPERTIES LABELS lessons TIMEOUT ${PATIENCE} PROCESSORS 2 ENVIRONMENT COURSE_OFFLINE=1)
    endif()
  endforeach()
endif()

# --- tests: one program per folder of tests/, every Catch2 case a ctest test of its own ---
# A label says what a test shows; a folder that is not named here shows the CPU side.
set(LABEL_simt sim)
set(LABEL_checker checker)
set(LABEL_cuda cuda)
set(LABEL_distributed distributed)
set(LABEL_lessons lessons)
set(LABEL_exercises exercises)

# The op table runs on one device at a time: as "ops:", "ops:sim:" and, where there is a GPU, "ops:cuda:"; on the simulator
# in three orders of threads. --name makes the lists of tests different: Catch.cmake names its files by the arguments.
function(discover_op_table PROGRAM NAME LABEL DEVICE ORDER)
  catch_discover_tests(${PROGRAM} TEST_SPEC "op table: *" EXTRA_ARGS --name ${NAME} TEST_PREFIX "ops:${NAME}: "
                       TEST_LIST OPS_ON_${NAME}
                       PROPERTIES LABELS ${LABEL} TIMEOUT 600 ENVIRONMENT MT_TEST_DEVICE=${DEVICE}
                       ENVIRONMENT_MODIFICATION MT_SIM_ORDER=set:${ORDER})
endfunction()

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
    if(FOLDER STREQUAL checker)
      continue()  # below
    endif()
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/minitorch/${FOLDER} AND NOT TARGET fastcore)
      continue()  # a cross build has minitorch alone
    endif()
    add_executable(test_${FOLDER} ${SOURCES})
    # A test links the layers it uses: it then builds without those above.
    if(EXISTS ${CMAKE_SOURCE_DIR}/minitorch/${FOLDER})
      target_link_libraries(test_${FOLDER} minitorch)
    else()
      link_included(test_${FOLDER} ${SOURCES})
    endif()
    target_link_libraries(test_${FOLDER} Catch2::Catch2WithMain)
    target_compile_options(test_${FOLDER} PRIVATE ${MT_PROGRAM_FLAGS})
    standard_headers(tests test_${FOLDER})
    if(NOT FOLDER MATCHES "^(simt|snippets)$")  # which define the same things again and again
      in_batches(test_${FOLDER})
    endif()
    if(TARGET kernels_${FOLDER})
      target_sources(test_${FOLDER} PRIVATE $<TARGET_OBJECTS:kernels_${FOLDER}>)
    endif()
    if(FOLDER STREQUAL ops)  # a listener: by itself, for it asks Catch2 for more than others do
      target_sources(test_ops PRIVATE ${CMAKE_SOURCE_DIR}/tests/ops/each_case.cpp)
      set_source_files_properties(${CMAKE_SOURCE_DIR}/tests/ops/each_case.cpp
                                  PROPERTIES SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
    set(LABEL cpu)
    if(DEFINED LABEL_${FOLDER})
      set(LABEL ${LABEL_${FOLDER}})
    endif()
    set(ALONE OFF)
    if(FOLDER STREQUAL simt)  # tests of watchdogs and faults keep time: nothing else runs beside them
      set(ALONE ON)
    endif()
    catch_discover_tests(test_${FOLDER} TEST_PREFIX "${FOLDER}: " PROPERTIES LABELS ${LABEL} TIMEOUT ${PATIENCE}
                         ENVIRONMENT MT_TEST_DEVICE=cpu RUN_SERIAL ${ALONE})
  endforeach()
  if(TARGET test_ops)
    discover_op_table(test_ops sim sim sim forward)
    discover_op_table(test_ops sim-reverse sim sim reverse)
    discover_op_table(test_ops sim-random sim sim random:7)
    # An older GPU: less shared memory, no bfloat16 and no TF32 on its tensor cores. The kernels then take other ways.
    catch_discover_tests(test_ops TEST_SPEC "op table: products*,op table: conv*,op table: TF32*,op table: attention*"
                         EXTRA_ARGS --name sim-sm75 TEST_PREFIX "ops:sim-sm75: " TEST_LIST OPS_ON_sim-sm75
                         PROPERTIES LABELS sim TIMEOUT 600 ENVIRONMENT MT_TEST_DEVICE=sim
                         ENVIRONMENT_MODIFICATION MT_SIM_CAPABILITY=set:75)
    if(MT_CUDA AND MT_GPU)
      discover_op_table(test_ops cuda cuda cuda forward)
    endif()
  endif()

  # --- the checker: its own tests, the simulator's, and the op table, with kernels whose every access is watched ---
  if(NOT MT_SANITIZE)
    file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/checker/*_test.cpp)
    add_executable(test_checker ${SOURCES} $<TARGET_OBJECTS:test_simt>)
    target_sources(test_checker PRIVATE $<TARGET_OBJECTS:watched_checker> $<TARGET_OBJECTS:watched_simt>)
    add_executable(test_ops_checked $<TARGET_OBJECTS:test_ops>)
    foreach(PROGRAM test_checker test_ops_checked)
      target_link_libraries(${PROGRAM} minitorch_checked Catch2::Catch2WithMain)
      target_compile_options(${PROGRAM} PRIVATE -O1)
      standard_headers(tests ${PROGRAM})
    endforeach()
    catch_discover_tests(test_checker TEST_SPEC "~[fast]" TEST_PREFIX "checker: " PROPERTIES LABELS checker TIMEOUT 300 RUN_SERIAL ON)
    discover_op_table(test_ops_checked checker checker sim forward)
  endif()

  if(TARGET test_datasets)
    add_dependencies(test_datasets tool_data)  # which it runs
  endif()
  if(TARGET test_report)
    add_dependencies(test_report tool_runs)
  endif()

  # --- tests of what stands around the programs: tests/tools/watch.py becomes "tools: watch"; 77 is "skipped" ---
  if(TARGET fastcore AND Python3_Interpreter_FOUND AND NOT MT_SANITIZE)
    file(GLOB SCRIPTS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/tools/*.py)
    add_executable(gdb_probe tests/tools/gdb_probe.cpp)
    target_link_libraries(gdb_probe fastcore)
    target_compile_options(gdb_probe PRIVATE ${MT_DEBUG_FLAGS})
    foreach(SCRIPT ${SCRIPTS})
      get_filename_component(NAME ${SCRIPT} NAME_WE)
      add_test(NAME "tools: ${NAME}" COMMAND Python3::Interpreter ${SCRIPT} ${CMAKE_BINARY_DIR})
      set_tests_properties("tools: ${NAME}" PROPERTIES LABELS cpu TIMEOUT 300 SKIP_RETURN_CODE 77 COST 100)  # first: the longest
    endforeach()
  endif()
  find_program(DOXYGEN doxygen)
  if(DOXYGEN AND NOT CMAKE_CROSSCOMPILING AND NOT MT_SANITIZE)
    add_test(NAME "docs:the API reference builds without a warning"
             COMMAND ${CMAKE_SOURCE_DIR}/tools/course/docs.sh ${CMAKE_BINARY_DIR}/docs)
    set_tests_properties("docs:the API reference builds without a warning" PROPERTIES LABELS docs)
  endif()
  include(cmake/fuzz.cmake)
endif()

# --- fuzz targets: tests/fuzz/npy.cpp becomes fuzz_npy ---
if(MT_FUZZ)
  file(GLOB FUZZ_TARGETS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*.cpp)
  foreach(SOURCE ${FUZZ_TARGETS})
    get_filename_component(NAME ${SOURCE} NAME_WE)
    add_executable(fuzz_${NAME} EXCLUDE_FROM_ALL ${SOURCE})
    target_link_libraries(fuzz_${NAME} fastcore)
    target_link_options(fuzz_${NAME} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()

# --- benchmarks: benchmarks/kernels_abi.cpp is loaded by kernels.py; not part of the default build ---
file(GLOB ABIS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/benchmarks/*_abi.cpp)
foreach(SOURCE ${ABIS})
  get_filename_component(NAME ${SOURCE} NAME_WE)
  add_library(${NAME} SHARED EXCLUDE_FROM_ALL ${SOURCE})
  target_link_libraries(${NAME} PRIVATE minitorch)
  if(NOT NAME MATCHES "^(kernels|steps)_abi$" AND TARGET fastcore)  # those measure minitorch alone
    target_link_libraries(${NAME} PRIVATE fastcore)
  endif()
endforeach()
