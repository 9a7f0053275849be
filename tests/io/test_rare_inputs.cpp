// What readers of images meet seldom: the other way of each of their conditions.
#include <roi/io.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "header_bytes.hpp"
#include "support.hpp"
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using test::HeaderBytes;

namespace {

/// An Analyze 7.5 header: no magic, no offset, no slope.
HeaderBytes analyze() {
    HeaderBytes header;
    header.magic(std::string_view("\0\0\0\0", 4)).put<float>(108, 0.0F).put<float>(112, 0.0F);
    return header;
}

/// The values of a pair with this header.
template <class Number>
std::vector<double> values_of(const HeaderBytes& header, const std::vector<Number>& stored) {
    const test::TemporaryFolder folder;
    test::write_file(folder / "a.hdr", header.bytes().substr(0, 348));
    test::write_file(folder / "a.img", header.voxels(stored));
    const auto image = roi::load4d<double>(folder / "a.hdr");
    return {image.values().begin(), image.values().end()};
}

template <class Action>
std::string refused(Action&& action) {
    return test::message_of<roi::Error>(std::forward<Action>(action));
}

}  // namespace

TEST_CASE("Analyze: types of SPM, and a range of values in place of a slope") {
    auto header = analyze();
    header.dimensions({3, 2, 1, 1, 1, 1, 1, 1});
    CHECK(values_of(header.datatype(130), std::vector<std::int8_t>{-3, 5}) == std::vector<double>{-3, 5});
    CHECK(values_of(header.datatype(132), std::vector<std::uint16_t>{60000, 5}) ==
          std::vector<double>{60000, 5});
    CHECK(values_of(header.datatype(136), std::vector<std::uint32_t>{4000000000U, 5}) ==
          std::vector<double>{4000000000.0, 5});
    // glmax and glmin of what is stored, cal_max and cal_min of what it means.
    const std::vector<std::int16_t> stored{10, 110};
    header.datatype(4).put<std::int32_t>(140, 110).put<std::int32_t>(144, 10);
    CHECK(values_of(header, stored) == std::vector<double>{10, 110});
    header.put<float>(124, 3.0F).put<float>(128, 1.0F);
    CHECK(values_of(header, stored) == std::vector<double>{1, 3});
    header.put<std::int32_t>(140, 10);
    CHECK(values_of(header, stored) == std::vector<double>{10, 110});
    header.put<std::int32_t>(140, 110).put<float>(124, std::numeric_limits<float>::infinity());
    CHECK(values_of(header, stored) == std::vector<double>{10, 110});
}

TEST_CASE("surfaces of FreeSurfer whose length is in another field, and images that only look like them") {
    const test::TemporaryFolder folder;
    const auto shape_of = [&](const std::array<std::int64_t, 8>& dim, std::int64_t voxels) {
        HeaderBytes header;
        header.datatype(2).dimensions(dim);
        test::write_file(folder / "a.nii",
                         header.bytes() + std::string(static_cast<std::size_t>(voxels), '\1'));
        return roi::read_header(folder / "a.nii").grid.shape();
    };
    CHECK(shape_of({3, 27307, 1, 6, 1, 1, 1, 1}, 163842) == roi::Shape(163842, 1, 1));
    CHECK(shape_of({3, 27307, 1, 5, 1, 1, 1, 1}, 136535) == roi::Shape(27307, 1, 5));
    CHECK(shape_of({3, 27307, 2, 3, 1, 1, 1, 1}, 163842) == roi::Shape(27307, 2, 3));
    CHECK(shape_of({2, 27307, 1, 6, 1, 1, 1, 1}, 27307) == roi::Shape(27307, 1, 1));
    HeaderBytes header;
    header.dimensions({3, -1, 2, 1, 1, 1, 1, 1}).put<std::int32_t>(144, 5);
    test::write_file(folder / "b.nii", header.bytes() + std::string(64, '\0'));
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "b.nii"); }), "dim[1]"));
    header.dimensions({3, -1, 1, 2, 1, 1, 1, 1});
    test::write_file(folder / "b.nii", header.bytes() + std::string(64, '\0'));
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "b.nii"); }), "dim[1]"));
    header.dimensions({2, -1, 1, 1, 1, 1, 1, 1});
    test::write_file(folder / "b.nii", header.bytes() + std::string(64, '\0'));
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "b.nii"); }), "dim[1]"));
}

TEST_CASE("NIfTI-2 of many axes is CIFTI-2 when its intent says so, and vectors when not") {
    const test::TemporaryFolder folder;
    for (const auto& [intent, cifti] : {std::pair{3000, true}, {3099, true}, {3100, false}, {2999, false}}) {
        HeaderBytes header(2);
        header.datatype(2).dimensions({5, 2, 1, 1, 1, 3, 1, 1}).put<std::int32_t>(504, intent);
        test::write_file(folder / "a.nii", header.bytes() + "abcdef");
        INFO("intent " << intent);
        if (cifti) {
            CHECK(test::contains(refused([&] { (void)roi::load4d<float>(folder / "a.nii"); }), "CIFTI-2"));
        } else {
            CHECK(roi::load4d<float>(folder / "a.nii").frames() == 3);
        }
    }
}

TEST_CASE("an output folder takes names of files inside it, for what is written and for what is taken away") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "beside.txt", "mine");
    test::write_file(folder / "old.txt", "old");
    roi::OutputFolder out(folder / "results");
    for (const std::string& name :
         {std::string(), folder / "x.nii", std::string("../beside.txt"), std::string("a/../../beside.txt"),
          std::string("a/"), std::string("..")}) {
        INFO(name);
        CHECK(test::contains(refused([&] { (void)(out / name); }), "the name of a file inside it"));
        CHECK(test::contains(refused([&] { out.remove(name); }), "the name of a file inside it"));
    }
    (void)(out / "never written.txt");
    test::write_file(out / "deep/a.txt", "a");
    out.publish();
    CHECK(test::read_file(folder / "results/deep/a.txt") == "a");
    CHECK(test::read_file(folder / "beside.txt") == "mine");
}

TEST_CASE("what no reader knows is told by its first bytes, however few there are") {
    const test::TemporaryFolder folder;
    for (const std::string& start :
         {std::string("\x7f"), std::string("a\x7f"), std::string("abc"), std::string(3, '\0')}) {
        test::write_file(folder / "a.nii", start);
        CHECK(refused([&] { (void)roi::load<float>(folder / "a.nii"); }) != "");
    }
}
