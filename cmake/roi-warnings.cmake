# roi_warnings: the warnings our own tests and programs are built with.
add_library(roi_warnings INTERFACE)
if(MSVC)
  target_compile_options(roi_warnings INTERFACE /W4 /permissive- $<$<BOOL:${ROI_WERROR}>:/WX>)
else()
  target_compile_options(roi_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow $<$<BOOL:${ROI_WERROR}>:-Werror>)
  # Optimised, GCC 12 finds an overlap in `"text" + std::string()` that is not there (its bug 105651).
  target_compile_options(roi_warnings INTERFACE
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
endif()
