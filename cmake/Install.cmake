# Install rules: libraries and headers, the CMake package, and one pkg-config file per component.

include(CMakePackageConfigHelpers)

get_property(components GLOBAL PROPERTY SOCKETSERVER_COMPONENTS)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/socketserver)

list(TRANSFORM components PREPEND socketserver_ OUTPUT_VARIABLE libraries)
install(TARGETS ${libraries} EXPORT socketserverTargets)
install(
  DIRECTORY include/socketserver
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN *.hpp)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(TARGET socketserver_tool)
  file(RELATIVE_PATH to_libraries ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(socketserver_tool PROPERTIES INSTALL_RPATH "$ORIGIN/${to_libraries}")
  install(TARGETS socketserver_tool)
endif()

install(
  EXPORT socketserverTargets
  NAMESPACE socketserver::
  DESTINATION ${package_dir})
configure_package_config_file(
  cmake/socketserverConfig.cmake.in ${PROJECT_BINARY_DIR}/socketserverConfig.cmake
  INSTALL_DESTINATION ${package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/socketserverConfigVersion.cmake
  # Before 1.0 every minor version may break the API.
  COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/socketserverConfig.cmake
        ${PROJECT_BINARY_DIR}/socketserverConfigVersion.cmake
        cmake/Compression.cmake
  DESTINATION ${package_dir})

# The prefix is written relative to the .pc file, so that an installed tree may be moved.
file(RELATIVE_PATH to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
cmake_path(APPEND pc_prefix "\${pcfiledir}" ${to_prefix})
cmake_path(APPEND pc_libdir "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND pc_includedir "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})

foreach(pc_component IN LISTS components)
  set(pc_name socketserver-${pc_component})
  set(pc_requires "socketserver = ${PROJECT_VERSION}")
  set(pc_requires_private "")
  set(pc_system_libraries "")
  if(pc_component STREQUAL core)
    set(pc_name socketserver)
    set(pc_requires "")
    set(pc_system_libraries "-pthread")
  elseif(pc_component STREQUAL fiber)
    set(pc_system_libraries "-lboost_context")
  elseif(pc_component STREQUAL http)
    set(pc_requires_private zlib libbrotlienc libzstd)
  elseif(pc_component STREQUAL archive)
    set(pc_requires "socketserver-http = ${PROJECT_VERSION}")
    set(pc_system_libraries "-larchive")
  elseif(pc_component STREQUAL xmlrpc)
    set(pc_requires "socketserver-http = ${PROJECT_VERSION}")
    set(pc_requires_private expat zlib)
  endif()
  if(BUILD_SHARED_LIBS AND NOT pc_component STREQUAL core)
    # Shared libraries bring what they are linked with.
    set(pc_requires_private "")
    set(pc_system_libraries "")
  elseif(pc_requires_private)
    # Nobody asks for --static where there is nothing else.
    string(JOIN ", " pc_requires "${pc_requires}" ${pc_requires_private})
    set(pc_requires_private "")
  endif()
  configure_file(cmake/socketserver.pc.in ${PROJECT_BINARY_DIR}/${pc_name}.pc @ONLY)
  install(
    FILES ${PROJECT_BINARY_DIR}/${pc_name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
