# Finds libdocsift, and defines the imported target Docsift::Docsift.
#
#   list(APPEND CMAKE_MODULE_PATH <folder of this file>)
#   find_package(Docsift REQUIRED)
#   target_link_libraries(program PRIVATE Docsift::Docsift)
#
# Where it is installed elsewhere: -DCMAKE_PREFIX_PATH=<prefix>. For the static library:
# -DDocsift_STATIC=ON.

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_Docsift QUIET docsift)
endif()

find_path(Docsift_INCLUDE_DIR NAMES docsift.h HINTS ${PC_Docsift_INCLUDE_DIRS})
if(Docsift_STATIC)
  set(Docsift_NAMES libdocsift.a)
else()
  set(Docsift_NAMES docsift)
endif()
# Another answer for static and shared, so that switching between them searches again.
if(NOT "${Docsift_NAMES}" STREQUAL "${Docsift_SEARCHED}")
  unset(Docsift_LIBRARY CACHE)
endif()
set(Docsift_SEARCHED "${Docsift_NAMES}" CACHE INTERNAL "")
find_library(Docsift_LIBRARY NAMES ${Docsift_NAMES} HINTS ${PC_Docsift_LIBRARY_DIRS})

if(Docsift_INCLUDE_DIR)
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS "${Docsift_INCLUDE_DIR}/docsift.h" line REGEX "^#define DOCSIFT_VERSION_${part} ")
    string(REGEX REPLACE "^.* " "" Docsift_VERSION_${part} "${line}")
  endforeach()
  set(Docsift_VERSION "${Docsift_VERSION_MAJOR}.${Docsift_VERSION_MINOR}.${Docsift_VERSION_PATCH}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Docsift
  REQUIRED_VARS Docsift_LIBRARY Docsift_INCLUDE_DIR
  VERSION_VAR Docsift_VERSION)

if(Docsift_FOUND AND NOT TARGET Docsift::Docsift)
  add_library(Docsift::Docsift UNKNOWN IMPORTED)
  set_target_properties(Docsift::Docsift PROPERTIES
    IMPORTED_LOCATION "${Docsift_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Docsift_INCLUDE_DIR}")
  if(Docsift_STATIC)
    find_package(Threads REQUIRED)
    set_property(TARGET Docsift::Docsift PROPERTY
      INTERFACE_LINK_LIBRARIES gcc_s m ${CMAKE_DL_LIBS} Threads::Threads)
  endif()
endif()
mark_as_advanced(Docsift_INCLUDE_DIR Docsift_LIBRARY)
