// What moves or blurs values in space: smoothing, resampling.
#pragma once

#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/spatial/target_grid.hpp>
