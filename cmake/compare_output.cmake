# SPDX-License-Identifier: MIT
# Runs PROGRAM and fails unless it prints what EXPECTED holds: the output that a lesson's text quotes.
execute_process(COMMAND ${PROGRAM} RESULT_VARIABLE CODE OUTPUT_VARIABLE GOT ERROR_VARIABLE ERRORS)
file(READ ${EXPECTED} WANTED)
if(NOT CODE EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${CODE}\n${ERRORS}")
elseif(NOT GOT STREQUAL WANTED)
  message(FATAL_ERROR "the output differs from ${EXPECTED}\n--- expected\n${WANTED}\n--- got\n${GOT}")
endif()
