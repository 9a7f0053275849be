// Images for the benchmarks: the same on every machine and run.
#pragma once

#include <roi/core/units.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/spatial/smooth.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace data {

/// The grid of the Haxby runs.
inline roi::Grid haxby_grid() {
    roi::Affine affine = roi::Affine::Identity();
    affine.diagonal() << 3.5, 3.75, 3.75, 1.0;
    return {roi::Shape(40, 64, 64), affine};
}

/// A run of noise around 1000.
inline roi::Volume4D<float> run(std::int64_t frames) {
    roi::Volume4D<float> out(haxby_grid(), frames);
    std::minstd_rand random(1);
    for (float& value : out.values()) value = 900.0f + static_cast<float>(random() % 2000) * 0.1f;
    return out;
}

/// Noise where 30 % of the voxels are true.
inline roi::Mask noise(std::int64_t n) {
    roi::Mask out(roi::Grid(roi::Shape(n, n, n)), false);
    std::minstd_rand random(2);
    for (bool& voxel : out) voxel = random() % 10 < 3;
    return out;
}

/// Round shapes of some ten voxels in a fifth of the volume.
inline roi::Mask blobs(std::int64_t n) {
    roi::Volume<float> field(roi::Grid(roi::Shape(n, n, n)));
    std::minstd_rand random(3);
    for (float& voxel : field) voxel = static_cast<float>(random() % 2001) - 1000.0f;
    field = roi::smooth(field, roi::Fwhm{9.4});
    std::vector<float> sorted(field.begin(), field.end());
    const auto fifth = sorted.end() - static_cast<std::ptrdiff_t>(sorted.size() / 5);
    std::nth_element(sorted.begin(), fifth, sorted.end());
    roi::Mask out(field.grid(), false);
    std::transform(field.begin(), field.end(), out.begin(), [&](float value) { return value > *fifth; });
    return out;
}

}  // namespace data
