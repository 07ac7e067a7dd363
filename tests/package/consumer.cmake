# The part that both CMake consumers share: two programs, each run as a test.

enable_testing()
foreach(component IN ITEMS core http)
  set(name tcp_server)
  if(component STREQUAL http)
    set(name http_server)
  endif()
  add_executable(${name} ../${name}.cpp)
  target_link_libraries(${name} PRIVATE socketserver::${component})
  add_test(NAME ${name} COMMAND ${name})
endforeach()
