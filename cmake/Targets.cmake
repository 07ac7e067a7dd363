# The functions that every directory builds its targets with.

# Sets the warnings that all of our own code is clean under.
function(socketserver_set_warnings target)
  target_compile_options(
    ${target}
    PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
            $<$<BOOL:${SOCKETSERVER_WERROR}>:-Werror>
            $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
            # GCC 12 sees overlapping copies in every `"literal" + std::string` (GCC bug 105651).
            $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
endfunction()

# socketserver_add_library(<name> SOURCES <file>... LINKS <library>...)
#
# Defines the target socketserver_<name> and its alias socketserver::<name>. A component that has no
# source yet is an INTERFACE target: a link edge inside this build, never installed.
function(socketserver_add_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  set(target socketserver_${name})

  if(NOT arg_SOURCES)
    add_library(${target} INTERFACE)
    target_include_directories(
      ${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    target_link_libraries(${target} INTERFACE ${arg_LINKS})
    target_compile_features(${target} INTERFACE cxx_std_20)
    add_library(socketserver::${name} ALIAS ${target})
    return()
  endif()

  add_library(${target} ${arg_SOURCES})
  add_library(socketserver::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_definitions(${target} PRIVATE SOCKETSERVER_VERSION="${PROJECT_VERSION}")
  target_include_directories(
    ${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PUBLIC ${arg_LINKS})
  set_target_properties(
    ${target}
    PROPERTIES CXX_EXTENSIONS OFF
               EXPORT_NAME ${name}
               VERSION ${PROJECT_VERSION}
               # Before 1.0 every minor version may break the ABI.
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
               INSTALL_RPATH "$ORIGIN")
  socketserver_set_warnings(${target})
  set_property(GLOBAL APPEND PROPERTY SOCKETSERVER_COMPONENTS ${name})
endfunction()

# socketserver_add_program(<target> SOURCES <file>... LINKS <library>... [OUTPUT_NAME <name>])
#
# Defines a program of this repository: tool, test, example, fuzzer or benchmark.
function(socketserver_add_program target)
  cmake_parse_arguments(arg "" "OUTPUT_NAME" "SOURCES;LINKS" ${ARGN})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LINKS})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_definitions(${target} PRIVATE SOCKETSERVER_VERSION="${PROJECT_VERSION}")
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  # Symbols are bound at the start, not in every forked child anew; then nothing can rebind them.
  target_link_options(${target} PRIVATE -Wl,-z,relro -Wl,-z,now)
  if(arg_OUTPUT_NAME)
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${arg_OUTPUT_NAME})
  endif()
  socketserver_set_warnings(${target})
endfunction()
