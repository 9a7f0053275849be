// Kept voxels: which they are, and where their values lie.
#include <roi/stream/kept_voxels.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cstdint>
#include <vector>

using roi::Shape;

TEST_CASE("kept_voxels: the voxels of a mask in memory order") {
    roi::Mask mask(roi::Grid({3, 2, 2}, roi::scaling({2, 2, 2})));
    mask(2, 0, 0) = mask(1, 1, 0) = mask(0, 0, 1) = true;
    roi::KeptVoxels<float> kept(mask);
    CHECK(kept.voxels() == std::vector<std::int64_t>{2, 4, 6});
    CHECK(kept.grid() == mask.grid());
    CHECK(kept.frames() == 0);
    CHECK(kept.find(2) == 0);
    CHECK(kept.find(4) == 1);
    CHECK(kept.find(6) == 2);
    for (const std::int64_t other : {0, 1, 3, 5, 7, 11, 100}) CHECK(kept.find(other) == -1);
}

TEST_CASE("kept_voxels: one value per voxel and volume") {
    roi::KeptVoxels<double> kept(roi::Mask(Shape(2, 1, 1), true));
    kept.resize(3);
    CHECK(kept.frames() == 3);
    for (std::int64_t t = 0; t < 3; ++t) {
        REQUIRE(kept.frame(t).size() == 2);
        CHECK(kept.frame(t)[0] == 0.0);
        kept.frame(t)[0] = static_cast<double>(t);
        kept.frame(t)[1] = static_cast<double>(-t);
    }
    const auto& read = kept;
    CHECK(read.frame(2)[0] == 2.0);
    CHECK(read.frame(1)[1] == -1.0);
    kept.resize(2);
    CHECK(read.frame(1)[1] == 0.0);  // room for another run, not a cut one
}

TEST_CASE("kept_voxels: none and all") {
    roi::KeptVoxels<float> none(roi::Mask(Shape(2, 3, 4)));
    none.resize(5);
    CHECK(none.voxels().empty());
    CHECK(none.frame(4).empty());
    CHECK(none.find(0) == -1);
    const roi::KeptVoxels<float> all(roi::Mask(Shape(2, 3, 4), true));
    CHECK(all.voxels().size() == 24);
    for (std::int64_t i = 0; i < 24; ++i) CHECK(all.find(i) == i);
}
