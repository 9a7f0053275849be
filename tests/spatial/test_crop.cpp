// Boxes of what is not 0: nilearn's numbers, NaN, runs and sources as volumes.
#include <roi/spatial/crop.hpp>
#include <roi/stream/collect.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cstdint>
#include <limits>

using roi::Box;
using roi::Grid;
using roi::Point;
using roi::Shape;

namespace {

bool same(const Box& a, const Box& b) { return a.first == b.first && a.last == b.last; }

roi::Volume<double> example() {
    roi::Volume<double> out(Grid(Shape(5, 6, 7), roi::scaling(Point(2, 3, -4), Point(10, 20, 30))));
    for (std::int64_t x = 2; x < 4; ++x) {
        for (std::int64_t y = 1; y < 5; ++y) {
            for (std::int64_t z = 3; z < 6; ++z) out(x, y, z) = 1;
        }
    }
    out(1, 2, 4) = 0.49;
    return out;
}

}  // namespace

TEST_CASE("crop: nilearn's boxes") {
    const auto volume = example();
    CHECK(same(roi::content_box(volume), {{1, 1, 3}, {4, 5, 6}}));
    CHECK(same(roi::content_box(volume, {.margin = 1}), {{0, 0, 2}, {5, 6, 7}}));
    CHECK(same(roi::content_box(volume, {.tolerance = 0.49}), {{2, 1, 3}, {4, 5, 6}}));
    CHECK(same(roi::content_box(volume, {.margin = 100}), {{0, 0, 0}, {5, 6, 7}}));
    CHECK(same(roi::content_box(volume, {.margin = INT64_MAX}), {{0, 0, 0}, {5, 6, 7}}));
    const auto part = roi::crop(volume);
    CHECK(part.grid() == Grid(Shape(3, 4, 3), roi::scaling(Point(2, 3, -4), Point(12, 23, 18))));
    CHECK(part(0, 1, 1) == 0.49);
    CHECK(part(1, 0, 0) == 1);
}

TEST_CASE("crop: signs count, NaN and infinity do not") {
    auto volume = example();
    volume(0, 0, 0) = std::numeric_limits<double>::quiet_NaN();
    volume(0, 5, 6) = std::numeric_limits<double>::infinity();
    std::vector<std::string> said;
    const roi::CropOptions tells{.warning = [&](std::string_view line) { said.emplace_back(line); }};
    CHECK(same(roi::content_box(volume, tells), {{1, 1, 3}, {4, 5, 6}}));
    CHECK(said ==
          std::vector<std::string>{"crop: 2 voxels in 1 volume are NaN or infinite: they count as empty"});
    volume(4, 5, 0) = -1e-7;
    CHECK(same(roi::content_box(volume), {{1, 1, 0}, {5, 6, 6}}));
    roi::Labels labels(Shape(3, 3, 3));
    labels(1, 2, 0) = std::numeric_limits<std::int32_t>::min();
    CHECK(same(roi::content_box(labels), {{1, 2, 0}, {2, 3, 1}}));
    roi::Mask mask(Shape(3, 3, 3));
    mask(2, 0, 1) = true;
    CHECK(same(roi::content_box(mask), {{2, 0, 1}, {3, 1, 2}}));
    CHECK(roi::crop(mask)[0]);
}

TEST_CASE("crop: a run keeps what is not 0 in any volume, in memory and streamed") {
    roi::Volume4D<float> run(Shape(5, 4, 3), 3);
    run.metadata().time_step = 2;
    run.metadata().unused = {'x', 7, 8, {1, 3, 0, 5}};
    run(1, 1, 1, 0) = 4;
    run(3, 2, 1, 2) = -9;
    const Box box = roi::content_box(run);
    CHECK(same(box, {{1, 1, 1}, {4, 3, 2}}));
    CHECK(same(roi::content_box(test::PlainSource<float>(run)), box));
    const auto part = roi::crop(run);
    CHECK(part.shape() == Shape(3, 2, 1));
    CHECK(part.metadata().time_step == 2);
    CHECK(part.metadata().unused == run.metadata().unused);
    CHECK(part(2, 1, 0, 2) == -9);
    roi::Collect<float> kept;
    roi::scan(roi::crop(test::PlainSource<float>(run), box), kept);
    CHECK(test::same_bytes(kept.result(), part));
    CHECK(kept.result().grid() == part.grid());
}

TEST_CASE("crop: nothing, and boxes that are none, are refused") {
    const auto refusal = [](const auto& action) { return test::message_of<roi::InvalidArgument>(action); };
    const roi::Volume<float> empty(Shape(3, 3, 3));
    CHECK(same(roi::content_box(empty), Box{}));
    CHECK(test::contains(refusal([&] { (void)roi::crop(empty); }), "every voxel"));
    CHECK(test::contains(refusal([&] { (void)roi::crop(roi::Volume<float>()); }), "every voxel"));
    CHECK(test::contains(refusal([&] { (void)roi::crop(empty, Box{{0, 0, 0}, {1, 4, 1}}); }), "inside"));
    // As a single start in braces: a box from there to (0, 0, 0).
    CHECK(test::contains(refusal([&] {
                             (void)roi::crop(empty, Box{{1, 2, 3}, {}});
                         }),
                         "the box from (1, 2, 3) to (0, 0, 0) does not lie inside"));
    CHECK(test::contains(refusal([&] { (void)roi::crop(empty, {.margin = 1}); }), "nothing to keep"));
    CHECK(test::contains(refusal([&] { (void)roi::crop(empty, Box{{2, 0, 0}, {2, 1, 1}}); }), "inside"));
    CHECK(test::contains(refusal([&] { (void)roi::content_box(empty, {.tolerance = 1}); }), "tolerance"));
    CHECK(test::contains(refusal([&] { (void)roi::content_box(empty, {.margin = -1}); }), "margin"));
}
