// The formats of image files, asked in this order. Another format is a header of its own and a line here.
#pragma once

#include <roi/io/detail/image_format.hpp>
#include <roi/io/detail/mgh.hpp>
#include <roi/io/detail/nifti/format.hpp>

namespace roi::detail {

inline constexpr ImageFormat image_formats[] = {
    nifti_format,
    mgh_format,
};

}  // namespace roi::detail
