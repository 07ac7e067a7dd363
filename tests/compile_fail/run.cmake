# Compiles SOURCE with COMPILER. KIND `fails`: it must not compile, and the output must hold one error,
# which matches the source's `// expect:` line. KIND `control`: it must compile with CONTROL defined.

set(flags -std=c++20 -fsyntax-only -I${INCLUDE})
if(KIND STREQUAL control)
  list(APPEND flags -DCONTROL)
endif()

set(ENV{LC_ALL} C) # ASCII quotes in the messages, whatever the user's language
execute_process(
  COMMAND ${COMPILER} ${flags} ${SOURCE}
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)

if(KIND STREQUAL control)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "With CONTROL defined this must compile, but does not:\n${output}")
  endif()
  return()
endif()

file(STRINGS ${SOURCE} expect_lines REGEX "^// expect: .")
list(LENGTH expect_lines count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "${SOURCE} needs exactly one line `// expect: <regular expression>`.")
endif()
string(REGEX REPLACE "^// expect: " "" expected "${expect_lines}")

if(status EQUAL 0)
  message(FATAL_ERROR "This compiles, but must not.")
endif()
string(REPLACE ";" "," output "${output}") # it ends an item of a list
string(REGEX MATCHALL "[^\n]* error: [^\n]*" errors "${output}")
list(LENGTH errors count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "One error must say what is wrong, but there are ${count}:\n${output}")
endif()
if(NOT errors MATCHES "${expected}")
  message(FATAL_ERROR "The error does not say \"${expected}\", it says:\n${output}")
endif()
