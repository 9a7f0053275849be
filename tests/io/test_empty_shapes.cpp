#include <roi/io.hpp>

#include "catch.hpp"
#include "empty_shapes.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <filesystem>
#include <string>

using roi::Grid;

TEST_CASE("images without voxels are refused by files at once, however long their axes") {
    const test::TemporaryFolder folder;
    test::for_each_empty_shape([&](const Grid& grid) {
        for (const char* const name : {"empty.nii", "empty.nii.gz", "empty.hdr"}) {
            const std::string path = folder / name;
            CHECK_THROWS_AS(roi::save(roi::Volume<float>(grid), path), roi::InvalidArgument);
            CHECK_THROWS_AS(roi::save(roi::Volume4D<float>(grid, 6), path), roi::InvalidArgument);
            CHECK_THROWS_AS(roi::save(test::PlainSource<float>(roi::Volume4D<float>(grid, 6)), path),
                            roi::InvalidArgument);
            // A file holds at least one voxel along each axis, and nothing is left of what it cannot hold.
            CHECK_FALSE(std::filesystem::exists(path));
        }
    });
}
