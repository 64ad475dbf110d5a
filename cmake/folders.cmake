# Targets made from folders. checks/plan becomes the library checks_plan; tests/checks/plan the program
# checks_plan_test.

function(amont_target_name folder result)
  string(REPLACE "/" "_" name "${folder}")
  set(${result} "${name}" PARENT_SCOPE)
endfunction()

# amont_library(FOLDER DEPENDENCY...): a static library of the folder's own .cc files (not of its subfolders). A
# folder without any is an interface library, so that its dependants need not care.
function(amont_library folder)
  amont_target_name(${folder} name)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cc")
  if(folder STREQUAL "server")
    list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  endif()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PUBLIC ${ARGN} PRIVATE warnings)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} INTERFACE ${ARGN})
  endif()
endfunction()

# What the tests of a folder need beyond the library they mirror: declarations are the easiest way to write down a
# check, so the tests of the planner and the judge read them.
set(AMONT_TEST_ALSO_checks_plan checks_declare)
set(AMONT_TEST_ALSO_checks_judge checks_declare)
set(AMONT_TEST_ALSO_checks_kinds checks_declare)
set(AMONT_TEST_ALSO_checks checks_declare)
set(AMONT_TEST_ALSO_server_lineage checks_declare)
set(AMONT_TEST_ALSO_lineage_catalog core_sql)  # its statements are tried on a real server

# amont_test(NAME SOURCES LIBRARY...): one test program, run from the project's root.
function(amont_test name sources)
  list(TRANSFORM sources PREPEND "${PROJECT_SOURCE_DIR}/tests/")
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} testing GTest::gmock_main warnings)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES
    TIMEOUT 2400  # ends a hang; a busy machine takes minutes
    ENVIRONMENT "GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-results/${name}.xml")
endfunction()

# One test program per folder below tests/, of all its .cc files. The files right in tests/ are amont_test, but for
# tidy_test.cc, a program of its own that needs nothing built. Fixtures shared by all live in tests/testing.
function(amont_tests)
  find_package(GTest REQUIRED)
  file(GLOB fixtures CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/testing/*.cc")
  list(FILTER fixtures EXCLUDE REGEX "_test\\.cc$")
  add_library(testing STATIC ${fixtures})
  target_include_directories(testing PUBLIC "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(testing PRIVATE
    AMONT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" AMONT_PROGRAM="${PROJECT_BINARY_DIR}/amont")
  target_link_libraries(testing PUBLIC GTest::gmock GTest::gtest PRIVATE pqxx PostgreSQL::PostgreSQL ZLIB::ZLIB warnings)

  file(GLOB_RECURSE all RELATIVE "${PROJECT_SOURCE_DIR}/tests" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/*.cc")
  list(FILTER all EXCLUDE REGEX "^(fuzz|cases)/")
  list(TRANSFORM fixtures REPLACE "^.*/tests/" "" OUTPUT_VARIABLE not_tests)
  list(REMOVE_ITEM all ${not_tests})
  set(folders "")
  foreach(file IN LISTS all)
    cmake_path(GET file PARENT_PATH folder)
    list(APPEND folders "/${folder}")
  endforeach()
  list(REMOVE_DUPLICATES folders)
  list(REMOVE_ITEM all tidy_test.cc)
  amont_test(tidy_test tidy_test.cc)

  foreach(folder IN LISTS folders)
    string(SUBSTRING "${folder}" 1 -1 folder)
    set(sources ${all})
    if(folder STREQUAL "")
      set(name amont_test)
      set(tested server_app server_cli)
      list(FILTER sources INCLUDE REGEX "^[^/]+$")
    else()
      amont_target_name(${folder} tested)
      set(name "${tested}_test")
      if(NOT TARGET ${tested})
        set(tested "")
      endif()
      list(FILTER sources INCLUDE REGEX "^${folder}/[^/]+$")
    endif()
    if(NOT sources)
      continue()
    endif()
    amont_test(${name} "${sources}" ${tested} ${AMONT_TEST_ALSO_${tested}})
    if(TARGET amont AND (folder STREQUAL "" OR folder MATCHES "^server"))
      add_dependencies(${name} amont)  # their tests start the program itself
    endif()
  endforeach()
endfunction()

# tests/fuzz/NAME_fuzz.cc becomes NAME_fuzz; `fuzzers` builds them all. Everything is instrumented, so this is a build
# tree of its own.
function(amont_fuzzers)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cc")
  add_custom_target(fuzzers)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_executable(${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(${name} PRIVATE checks_declare lineage_sql lineage_dbt lineage_openlineage lineage_catalog warnings)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
  endforeach()
endfunction()

# bench/NAME.cc becomes bench_NAME; `bench` builds them all, `all` none.
function(amont_benches)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.cc")
  add_custom_target(bench)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_executable(bench_${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(bench_${name} PRIVATE server_app server_cli lineage_dbt lineage_openlineage testing warnings)
    add_dependencies(bench bench_${name})
  endforeach()
  if(TARGET amont)
    add_dependencies(bench amont)
  endif()
endfunction()
