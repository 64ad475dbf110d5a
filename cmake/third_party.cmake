# Third-party libraries, all from Debian 12 except DuckDB. Each is one target; who may include what is in
# tests/tidy_test.cc.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(tl-expected REQUIRED CONFIG)
find_package(PostgreSQL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)

# The package's own target silently builds header-only, three times slower a unit.
find_library(AMONT_TOML_LIBRARY tomlplusplus REQUIRED)
add_library(tomlplusplus INTERFACE)
target_compile_definitions(tomlplusplus INTERFACE TOML_HEADER_ONLY=0 TOML_SHARED_LIB=1)
target_link_libraries(tomlplusplus INTERFACE "${AMONT_TOML_LIBRARY}")

find_library(AMONT_CCTZ_LIBRARY cctz REQUIRED)
add_library(cctz INTERFACE)
target_link_libraries(cctz INTERFACE "${AMONT_CCTZ_LIBRARY}")

# SQLite has no regular expressions of its own; PCRE2's are the common ones and can be bounded (core/sql/sqlite_functions).
pkg_check_modules(AMONT_PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
add_library(pcre2 INTERFACE)
target_link_libraries(pcre2 INTERFACE PkgConfig::AMONT_PCRE2)

# PostgreSQL's own parser, as a library.
find_library(AMONT_PG_QUERY_LIBRARY pg_query REQUIRED)
add_library(pg_query INTERFACE)
target_link_libraries(pg_query INTERFACE "${AMONT_PG_QUERY_LIBRARY}")

pkg_check_modules(AMONT_PQXX REQUIRED IMPORTED_TARGET libpqxx)
add_library(pqxx INTERFACE)
target_link_libraries(pqxx INTERFACE PkgConfig::AMONT_PQXX)

# Only the core: the package's own CMake files also want the web servers and clients that the rest of it uses.
pkg_check_modules(AMONT_PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
add_library(prometheus INTERFACE)
target_link_libraries(prometheus INTERFACE PkgConfig::AMONT_PROMETHEUS)

pkg_check_modules(AMONT_MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
add_library(microhttpd INTERFACE)
target_link_libraries(microhttpd INTERFACE PkgConfig::AMONT_MICROHTTPD)

# DuckDB is opened with dlopen at first use, so building needs its C header only, and the place of the library as a
# default. A system installation wins; otherwise .ci/setup unpacks pinned files into .deps/duckdb.
find_path(AMONT_DUCKDB_INCLUDE_DIR duckdb.h HINTS "${PROJECT_SOURCE_DIR}/.deps/duckdb")
find_library(AMONT_DUCKDB_LIBRARY duckdb HINTS "${PROJECT_SOURCE_DIR}/.deps/duckdb")
if(NOT AMONT_DUCKDB_INCLUDE_DIR OR NOT AMONT_DUCKDB_LIBRARY)
  message(FATAL_ERROR "DuckDB is neither installed nor in .deps/duckdb: run .ci/setup first.")
endif()
add_library(duckdb_header INTERFACE)
target_include_directories(duckdb_header SYSTEM INTERFACE "${AMONT_DUCKDB_INCLUDE_DIR}")

# Only the adapter's own files are told the path: anywhere else it would spoil the compiler cache between clones.
file(GLOB AMONT_DUCKDB_SOURCES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/core/sql/duckdb*.cc")
set_source_files_properties(${AMONT_DUCKDB_SOURCES} PROPERTIES
  COMPILE_DEFINITIONS "AMONT_DUCKDB_LIBRARY=\"${AMONT_DUCKDB_LIBRARY}\"")

# `cmake --install` puts the library where the program looks beside itself: ../lib/amont/libduckdb.so.
function(amont_install_duckdb)
  install(FILES "${AMONT_DUCKDB_LIBRARY}" DESTINATION lib/amont RENAME libduckdb.so)
endfunction()
