# Finds what the http component compresses with: for the build, and for who links a static http library.

include(CMakeFindDependencyMacro)
find_dependency(ZLIB)
find_dependency(PkgConfig)
if(NOT TARGET PkgConfig::SOCKETSERVER_BROTLI)
  pkg_check_modules(SOCKETSERVER_BROTLI REQUIRED IMPORTED_TARGET libbrotlienc)
endif()
if(NOT TARGET PkgConfig::SOCKETSERVER_ZSTD)
  pkg_check_modules(SOCKETSERVER_ZSTD REQUIRED IMPORTED_TARGET libzstd)
endif()
