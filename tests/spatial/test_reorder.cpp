// Axes in another order: nilearn's numbers, every orientation there and back, runs and sources as volumes.
#include <roi/io/load.hpp>
#include <roi/io/read_header.hpp>
#include <roi/io/save.hpp>
#include <roi/spatial/crop.hpp>
#include <roi/spatial/reorder.hpp>
#include <roi/stream/collect.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

using roi::Grid;
using roi::Orientation;
using roi::Point;
using roi::Shape;

namespace {

roi::Affine affine_of(const std::array<double, 12>& rows) {
    roi::Affine out = roi::Affine::Identity();
    for (std::size_t i = 0; i < 12; ++i) out(static_cast<int>(i / 4), static_cast<int>(i % 4)) = rows[i];
    return out;
}

std::vector<std::string> all_orientations() {
    std::vector<std::string> out;
    const std::string pairs = "RLAPSI";
    for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t b = 0; b < 6; ++b) {
            for (std::size_t c = 0; c < 6; ++c) {
                if (a / 2 == b / 2 || a / 2 == c / 2 || b / 2 == c / 2) continue;
                out.push_back({pairs[a], pairs[b], pairs[c]});
            }
        }
    }
    return out;
}

}  // namespace

TEST_CASE("reorder: nilearn's example") {
    roi::Volume<std::int16_t> volume(
        Grid(Shape(2, 3, 4), affine_of({0, -2, 0, 10, 3, 0, 0, 20, 0, 0, -4, 30})));
    std::int16_t next = 0;
    for (std::int64_t x = 0; x < 2; ++x) {
        for (std::int64_t y = 0; y < 3; ++y) {
            for (std::int64_t z = 0; z < 4; ++z) volume(x, y, z) = next++;
        }
    }
    CHECK(roi::orientation_of(volume.grid()).to_string() == "ALI");
    const auto out = roi::reorder(volume);
    CHECK(out.grid() == Grid(Shape(3, 2, 4), roi::scaling(Point(2, 3, 4), Point(6, 20, 18))));
    std::vector<int> slice;
    for (std::int64_t x = 0; x < 3; ++x) {
        for (std::int64_t y = 0; y < 2; ++y) slice.push_back(out(x, y, 0));
    }
    CHECK(slice == std::vector<int>{11, 23, 7, 19, 3, 15});
}

TEST_CASE("reorder: there and back is the same image from every orientation to every other") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto orientations = all_orientations();
    REQUIRE(orientations.size() == 48);
    // Oblique, with numbers that single precision holds, as in files.
    auto volume = test::random_volume<float>(
        Grid(Shape(4, 3, 5), affine_of({1.5, 0.25, 0, -3, -0.25, 2, 0.125, 4, 0, 0.5, 3, 8})), random);
    volume.metadata().description = "oblique";
    volume.metadata().display_max = 7;
    volume.metadata().unused = {'x', 7, 8, {2, 3, 0, 5}};
    volume.metadata().slices = {0x39, 0, 4, 3, 0.08};
    for (const auto& name : orientations) {
        INFO(name);
        const auto there = roi::reorder(volume, Orientation(name));
        CHECK(roi::orientation_of(there.grid()).to_string() == name);
        // Zeros have no sign, which people would see in the header.
        for (int i = 0; i < 16; ++i) {
            const double entry = there.grid().affine()(i / 4, i % 4);
            CHECK_FALSE((entry == 0.0 && std::signbit(entry)));
        }
        const auto back = roi::reorder(there, roi::orientation_of(volume.grid()));
        CHECK(back.grid() == volume.grid());
        CHECK(back.metadata() == volume.metadata());
        CHECK(test::same_bytes(back, volume));
        // Every voxel is still at its place.
        const auto world = volume.grid().world(Point(1, 2, 4));
        const auto at = there.grid().voxel(world);
        CHECK(there(std::lround(at[0]), std::lround(at[1]), std::lround(at[2])) == volume(1, 2, 4));
    }
}

TEST_CASE("reorder, crop: files keep which of the two transforms they have, there and back") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const test::TemporaryFolder folder;
    const auto path = [&](const char* name) { return folder / name; };
    auto volume = test::random_volume<std::int16_t>(
        Grid(Shape(4, 3, 5), affine_of({-2, 0, 0, 60, 0, 3, 0, -50, 0, 0, 4, -40})), random);
    volume.metadata().sform_code = roi::xform::mni;
    volume.metadata().qform_code = roi::xform::scanner;
    roi::save(volume, path("made.nii"));
    auto both = test::read_file(path("made.nii"));
    both[252] = 1;  // qform_code, which is that of the sform in what is made
    const float aside = 17.5F;
    auto differ = both, qform = both, sform = both;
    std::memcpy(differ.data() + 268, &aside, sizeof aside);  // qoffset_x
    qform[254] = 0;
    std::fill(qform.begin() + 280, qform.begin() + 328, 0);  // the rows of the sform
    sform[252] = 0;
    const std::array cases{std::pair{both, std::pair{4, 1}}, std::pair{differ, std::pair{4, 1}},
                           std::pair{qform, std::pair{0, 1}}, std::pair{sform, std::pair{4, 0}}};
    for (const auto& [bytes, codes] : cases) {
        test::write_file(path("a.nii"), bytes);
        const auto before = roi::load<std::int16_t>(path("a.nii"));
        CHECK(std::pair{before.metadata().sform_code, before.metadata().qform_code} == codes);
        for (const char* axes : {"PIR", "LPI", "SAL", "RAS"}) {
            INFO(axes << ", codes " << codes.first << " and " << codes.second);
            roi::save(roi::reorder(before, Orientation(axes)), path("there.nii"));
            const auto there = roi::load<std::int16_t>(path("there.nii"));
            CHECK(std::pair{there.metadata().sform_code, there.metadata().qform_code} == codes);
            CHECK(roi::orientation_of(there.grid()).to_string() == axes);
            roi::save(roi::reorder(there, roi::orientation_of(before.grid())), path("back.nii"));
            CHECK(test::read_file(path("back.nii")) == bytes);
        }
        const roi::Box box{{1, 0, 2}, {4, 2, 5}};
        roi::save(roi::crop(before, box), path("cut.nii"));
        const auto cut = roi::load<std::int16_t>(path("cut.nii"));
        CHECK(std::pair{cut.metadata().sform_code, cut.metadata().qform_code} == codes);
        CHECK((cut.grid().world(Point::Zero()) - before.grid().world(Point(1, 0, 2))).norm() < 1e-5);
    }
    // The other transform moves along with the first.
    test::write_file(path("a.nii"), differ);
    roi::save(roi::reorder(roi::load<std::int16_t>(path("a.nii")), Orientation("PIR")), path("there.nii"));
    auto alone = test::read_file(path("there.nii"));
    alone[254] = 0;
    test::write_file(path("there.nii"), alone);
    auto differ_alone = differ;
    differ_alone[254] = 0;
    test::write_file(path("a.nii"), differ_alone);
    const auto moved = roi::read_header(path("there.nii")).grid;
    const auto expected = roi::reorder(roi::load<std::int16_t>(path("a.nii")), Orientation("PIR")).grid();
    CHECK((moved.affine() - expected.affine()).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("reorder: slice times follow their axis") {
    roi::Volume<float> volume(Shape(4, 3, 6));
    volume.metadata().slices = {0x39, 1, 4, 1,
                                0.08};  // frequency along x, phase along y, slices along z, ascending
    const auto turned = roi::reorder(volume, Orientation("IRA"));
    CHECK(turned.metadata().slices == roi::SliceTiming{0x1e, 1, 4, 2, 0.08});
    const auto upright = roi::reorder(volume, Orientation("SRA"));
    CHECK(upright.metadata().slices == roi::SliceTiming{0x1e, 1, 4, 1, 0.08});
    volume.metadata().slices = {0x39, 0, 3, 5, 0.08};
    CHECK(roi::reorder(volume, Orientation("RAI")).metadata().slices ==
          roi::SliceTiming{0x39, 2, 5, 6, 0.08});
}

TEST_CASE("reorder: runs and sources as their volumes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = test::random_run<float>(
        Grid(Shape(4, 3, 5), affine_of({0, -2, 0, 10, 3, 0, 0, 20, 0, 0, -4, 30})), 3, random);
    run.metadata().time_step = 2;
    const auto out = roi::reorder(run);
    CHECK(out.metadata().time_step == 2);
    for (std::int64_t t = 0; t < 3; ++t) {
        const auto alone = roi::reorder(run.frame(t));
        CHECK(alone.metadata().time_step == 0);
        CHECK(test::same_bytes(alone, roi::Volume<float>(out.frame(t))));
    }
    roi::Collect<float> kept;
    roi::scan(roi::reorder(test::PlainSource<float>(run)), kept);
    CHECK(test::same_bytes(kept.result(), out));
    CHECK(kept.result().grid() == out.grid());
    CHECK(roi::reorder(roi::Mask(Shape(2, 3, 4), true), Orientation("SRA")).shape() == Shape(4, 2, 3));
}

TEST_CASE("reorder: orientations that are none") {
    for (const auto* text : {"", "RA", "RRA", "RLS", "XYZ", "r-s", "RASS"}) {
        const auto message = test::message_of<roi::InvalidArgument>([&] { (void)Orientation(text); });
        CHECK(test::contains(message, "three letters"));
    }
    roi::Affine flat = roi::Affine::Identity();
    flat(2, 2) = 0;
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::orientation_of(Grid(Shape(1, 1, 1), flat)); }),
                         "inverted"));
    CHECK(Orientation().to_string() == "RAS");
    CHECK(Orientation("lPs").to_string() == "LPS");
}
