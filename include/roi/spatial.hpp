// What moves or blurs values in space: smoothing, resampling, other axes, less of it.
#pragma once

#include <roi/spatial/concat_on.hpp>
#include <roi/spatial/crop.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/reorder.hpp>
#include <roi/spatial/require_overlap.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/resample_options.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/spatial/target_grid.hpp>
