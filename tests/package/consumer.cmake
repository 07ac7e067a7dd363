# The part that both CMake consumers share: a program for each component, run as a test.

enable_testing()
foreach(component IN ITEMS core http xmlrpc)
  set(name tcp_server)
  if(component STREQUAL http)
    set(name http_server)
  elseif(component STREQUAL xmlrpc)
    set(name xmlrpc_values)
  endif()
  add_executable(${name} ../${name}.cpp)
  target_link_libraries(${name} PRIVATE socketserver::${component})
  add_test(NAME ${name} COMMAND ${name})
endforeach()
