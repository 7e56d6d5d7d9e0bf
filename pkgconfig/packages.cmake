# Debian packages by `cpack -G DEB`, one for each component of the installation: libkam0.1 (runtime), libkam-sqlite0.1
# (sqlite), libkam-dev (dev) and kam (program). tests/packages.sh makes them, has lintian look, and tries them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kam)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "libkam contributors <libkam@example.org>" CACHE STRING "Maintainer: who publishes them")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)

find_program(KAM_GZIP gzip REQUIRED)
function(kam_gzip source name)                          # the same bytes each time: without name and time
    execute_process(COMMAND ${KAM_GZIP} -9nc ${source} OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/${name}
                    COMMAND_ERROR_IS_FATAL ANY)
endfunction()
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # of SOURCE_DATE_EPOCH, if that is set
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/changelog "kam (${PROJECT_VERSION}) unstable; urgency=medium

  * Release ${PROJECT_VERSION}; CHANGELOG.md of the sources tells what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
kam_gzip(${CMAKE_CURRENT_BINARY_DIR}/changelog changelog.gz)
kam_gzip(${PROJECT_SOURCE_DIR}/examples/cli/kam.1 kam.1.gz)

# kam_package(COMPONENT PACKAGE SECTION SUMMARY TEXT [DEPENDS])
macro(kam_package component package section summary text)
    string(TOUPPER ${component} upper)
    list(APPEND CPACK_COMPONENTS_ALL ${component})
    set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
    set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
    set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${text}")
    set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${ARGN}")
    install(FILES LICENSE DESTINATION share/doc/${package} RENAME copyright COMPONENT ${component})
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz DESTINATION share/doc/${package} COMPONENT ${component})
endmacro()
set(what "Key account management for programs that have their own data: account\ndossiers, grades, scorecards, customer value, visit plans and reports,\nin C, on memory, a file or the host's own tables.\n")
set(CPACK_COMPONENTS_ALL "")
kam_package(runtime libkam${soversion} libs "key account management as an embeddable library"
            "${what}This is the shared library.")
set(dev "libkam${soversion} (= ${PROJECT_VERSION})")
if(installed_sqlite)
    kam_package(sqlite libkam-sqlite${soversion} libs "key account management on a SQLite connection"
                "${what}This is the store on a SQLite connection of the host." "libkam${soversion} (= ${PROJECT_VERSION})")
    string(APPEND dev ", libkam-sqlite${soversion} (= ${PROJECT_VERSION}), libsqlite3-dev")
endif()
kam_package(dev libkam-dev libdevel "key account management as an embeddable library (development)"
            "${what}These are headers, static libraries, pkg-config and CMake files." "${dev}, libc6-dev")
if(TARGET kam-program AND KAM_INSTALL_PROGRAMS)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/kam.1.gz DESTINATION share/man/man1 COMPONENT program)
    kam_package(program kam utils "key account management at the command line"
                "${what}This is the command line, for people who try the library and for\nscripts.")
endif()
# A shared library's package has the linker's cache renewed.
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_BINARY_DIR}/triggers)
set(CPACK_DEBIAN_SQLITE_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_BINARY_DIR}/triggers)
include(CPack)
