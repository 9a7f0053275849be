# The same program for every way of getting roi::roi, with the warnings a strict project would ask for.
add_executable(consumer ../a.cpp ../b.cpp)
target_link_libraries(consumer PRIVATE roi::roi)
target_compile_definitions(consumer PRIVATE "ROI_PACKAGE_VERSION=\"${ROI_PACKAGE_VERSION}\"")
if(NOT MSVC)
  target_compile_options(consumer PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
endif()

enable_testing()
add_test(NAME consumer COMMAND consumer)
