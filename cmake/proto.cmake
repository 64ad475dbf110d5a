# The library `proto`: what protoc and its gRPC plugin make of proto/**/*.proto, in the build tree. A generated file is
# included in <>, by its path below proto/: <amont/v1/check_service.grpc.pb.h>.
find_package(Protobuf REQUIRED)  # Debian ships no configuration of its own
find_package(gRPC REQUIRED CONFIG)
find_package(OpenSSL REQUIRED)

set(AMONT_PROTO_OUT "${PROJECT_BINARY_DIR}/proto")
file(MAKE_DIRECTORY "${AMONT_PROTO_OUT}")
file(GLOB_RECURSE AMONT_PROTOS CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/proto" "${PROJECT_SOURCE_DIR}/proto/*.proto")
set(AMONT_PROTO_SOURCES "")
foreach(file IN LISTS AMONT_PROTOS)
  string(REGEX REPLACE "\\.proto$" "" stem "${file}")
  set(made "${AMONT_PROTO_OUT}/${stem}.pb.cc" "${AMONT_PROTO_OUT}/${stem}.pb.h")
  set(grpc "")
  if(file MATCHES "_service\\.proto$|/health\\.proto$")
    list(APPEND made "${AMONT_PROTO_OUT}/${stem}.grpc.pb.cc" "${AMONT_PROTO_OUT}/${stem}.grpc.pb.h")
    set(grpc "--plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>" "--grpc_out=${AMONT_PROTO_OUT}")
  endif()
  # Everything waits for every .proto: they import one another, and there are few.
  list(TRANSFORM AMONT_PROTOS PREPEND "${PROJECT_SOURCE_DIR}/proto/" OUTPUT_VARIABLE all)
  add_custom_command(OUTPUT ${made}
    COMMAND protobuf::protoc -I "${PROJECT_SOURCE_DIR}/proto" "--cpp_out=${AMONT_PROTO_OUT}" ${grpc} "${file}"
    DEPENDS ${all} COMMENT "protoc ${file}" VERBATIM)
  list(APPEND AMONT_PROTO_SOURCES ${made})
endforeach()

add_library(proto STATIC ${AMONT_PROTO_SOURCES})
target_include_directories(proto SYSTEM PUBLIC "${AMONT_PROTO_OUT}")
target_link_libraries(proto PUBLIC gRPC::grpc++ gRPC::grpc++_reflection protobuf::libprotobuf OpenSSL::SSL OpenSSL::Crypto)
target_compile_options(proto PRIVATE -w)
