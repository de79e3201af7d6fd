# SPDX-License-Identifier: MIT
# Most of what compiling a file takes goes into what it includes and what it instantiates of the standard library, which is
# much the same for its neighbours. So the files of a target are compiled eight at a time: half the time for the whole.
# What that asks of them: a name in a file's unnamed namespace is not that of a neighbour's. Kernels are compiled one by one,
# for those have flags of their own, or take their time.
# As with the headers parsed once, some builds go without, so that every file includes what it uses.
option(MT_BATCHES "Compile the files of a target eight at a time" ON)
if(MT_FUZZ OR MT_BARE OR CMAKE_CROSSCOMPILING)
  set(MT_BATCHES OFF)
endif()

# in_batches(TARGET...), once their sources are known.
function(in_batches)
  if(NOT MT_BATCHES)
    return()
  endif()
  foreach(TARGET ${ARGN})
    set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # Editors look in compile_commands.json how a file is compiled by itself: as in this twin, which nobody builds.
    get_target_property(SOURCES ${TARGET} SOURCES)
    list(FILTER SOURCES EXCLUDE REGEX "\\.cu$")  # is by itself already
    add_library(${TARGET}_by_file OBJECT EXCLUDE_FROM_ALL ${SOURCES})
    foreach(PROPERTY INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS)
      set_property(TARGET ${TARGET}_by_file PROPERTY ${PROPERTY} $<TARGET_PROPERTY:${TARGET},${PROPERTY}>)
    endforeach()
  endforeach()
endfunction()
