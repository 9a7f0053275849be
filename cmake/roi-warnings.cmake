# roi_warnings: the warnings our own tests and programs are built with.
add_library(roi_warnings INTERFACE)
if(MSVC)
  target_compile_options(roi_warnings INTERFACE /W4 /permissive- $<$<BOOL:${ROI_WERROR}>:/WX>)
else()
  target_compile_options(roi_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow $<$<BOOL:${ROI_WERROR}>:-Werror>)
endif()
