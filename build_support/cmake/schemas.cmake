# Turns schemas/ into C++ at build time. The list of files is taken at configure time (again when a schema comes or
# goes); the compiler itself writes only files whose text changed, so one edited schema rebuilds what depends on it.
# Sets in the caller, and as global properties for other folders: SCHEMA_MESSAGE_SOURCES, SCHEMA_API_SOURCES,
# SCHEMA_GOLDEN_SOURCES. The target `generated` makes all of them.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(highwater_schemas)
  set(compiler ${CMAKE_SOURCE_DIR}/build_support/schema_compiler)
  set(output ${CMAKE_BINARY_DIR}/generated)
  set(stamp ${output}/schemas.stamp)
  set(command ${Python3_EXECUTABLE} -B ${compiler} --schemas ${CMAKE_SOURCE_DIR}/schemas --output ${output})
  file(GLOB schemas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schemas/*/*.schema)
  file(GLOB scripts CONFIGURE_DEPENDS ${compiler}/*.py)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${scripts})

  execute_process(COMMAND ${command} --list OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" listed "${listed}")
  list(TRANSFORM listed PREPEND ${output}/)
  add_custom_command(
    OUTPUT ${stamp}
    BYPRODUCTS ${listed}
    COMMAND ${command}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${schemas} ${scripts}
    COMMENT "Compiling schemas"
    VERBATIM)
  add_custom_target(generated DEPENDS ${stamp})

  foreach(part protocol/messages:MESSAGE protocol/api:API golden:GOLDEN)
    string(REPLACE ":" ";" part ${part})
    list(GET part 0 folder)
    list(GET part 1 name)
    set(sources ${listed})
    list(FILTER sources INCLUDE REGEX "/generated/${folder}/.*\\.cc$")
    set_source_files_properties(${sources} TARGET_DIRECTORY generated PROPERTIES GENERATED TRUE)
    set(SCHEMA_${name}_SOURCES ${sources} PARENT_SCOPE)
    set_property(GLOBAL PROPERTY SCHEMA_${name}_SOURCES ${sources})
  endforeach()
endfunction()
