// The run whose results nilearn, scipy and scikit-learn were asked for: noise from a hash, three active
// blobs.
#pragma once

#include <roi/image/column.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace test {

inline roi::Grid golden_grid() {
    return {roi::Shape(22, 12, 20), roi::scaling({-3.5, 3.75, 3.75}, {68.25, -118.125, -118.125})};
}

/// Condition of each of the 40 volumes.
inline roi::Column golden_conditions() {
    std::vector<std::string> out;
    for (int block = 0; block < 4; ++block) {
        for (const char* condition :
             {"rest", "rest", "face", "face", "face", "rest", "rest", "house", "house", "house"}) {
            out.emplace_back(condition);
        }
    }
    return roi::Column(out);
}

/// 22 x 12 x 20 voxels, 40 volumes, values around 520.
inline roi::Volume4D<std::int16_t> golden_run() {
    const auto conditions = golden_conditions();
    roi::Volume4D<std::int16_t> run(golden_grid(), conditions.size());
    run.metadata().time_step = 2.5;
    const auto near = [](std::int64_t a, std::int64_t b) { return std::abs(a - b) <= 1; };
    std::uint32_t k = 0;
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        const bool face = conditions[t] == "face";
        const bool house = conditions[t] == "house";
        for (std::int64_t z = 0; z < 20; ++z) {
            for (std::int64_t y = 0; y < 12; ++y) {
                for (std::int64_t x = 0; x < 22; ++x) {
                    std::uint32_t hash = k++ * 2654435761u;
                    hash = ((hash >> 13) ^ hash) * 2246822519u;
                    auto value = static_cast<int>(500 + (hash >> 16) % 41);
                    if (face && x == 18 && near(y, 3) && z == 4) value += 40;
                    if (house && x == 3 && near(y, 8) && z == 15) value += 45;
                    if (face && x == 18 && near(y, 8) && near(z, 15)) value += 40;
                    run(x, y, z, t) = static_cast<std::int16_t>(value);
                }
            }
        }
    }
    return run;
}

/// Where the notebook's p values are looked at: z up to 15.
inline roi::Mask golden_mask() {
    roi::Mask mask(golden_grid());
    for (std::int64_t i = 0; i < mask.size(); ++i) mask[i] = mask.shape().voxel(i)[2] <= 15;
    return mask;
}

}  // namespace test
