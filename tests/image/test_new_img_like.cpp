// Raw values become an image like another one: grid and header kept, display range from the new values.
#include <roi/image/new_img_like.hpp>
#include <roi/image/volume.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

roi::Volume4D<std::int16_t> reference() {
    roi::Volume4D<std::int16_t> run(roi::Grid({3, 2, 1}, roi::scaling({-3.5, 3.75, 3.75}, {1, 2, 3})), 4);
    run.metadata().description = "bold";
    run.metadata().intent = {5, "zscore", {}};
    run.metadata().time_step = 2.5;
    run.metadata().time_offset = 1.0;
    run.metadata().sform_code = roi::xform::scanner;
    run.metadata().display_max = 1234.0;
    run.metadata().storage.datatype = roi::Datatype::int16;
    return run;
}

}  // namespace

TEST_CASE("new_img_like: a volume like a run has its grid and header, but no time axis") {
    const std::vector<float> values{1.5f, -2.0f, 0.0f, 7.25f, 3.0f, 0.5f};
    const auto image = roi::new_img_like(reference(), values);
    static_assert(std::is_same_v<decltype(image), const roi::Volume<float>>);
    CHECK(image.grid() == reference().grid());
    CHECK(std::vector<float>(image.begin(), image.end()) == values);
    CHECK(image.metadata().description == "bold");
    CHECK(image.metadata().intent.code == 5);
    // What is made of a map of z is such a map, but for masks and labels.
    auto run = reference();
    const roi::Mask mask(run.grid(), true);
    const roi::Labels labels(run.grid(), 1);
    CHECK(roi::new_img_like(run, mask.values()).metadata().intent.code == 0);
    CHECK(roi::new_img_like(run, labels.values()).metadata().intent == roi::Intent{});
    run.metadata().intent = {roi::label_intent, {}, {}};
    CHECK(roi::new_img_like(run, labels.values()).metadata().intent.code == 1002);
    CHECK(image.metadata().sform_code == roi::xform::scanner);
    CHECK(image.metadata().storage == reference().metadata().storage);
    CHECK(image.metadata().time_step == 0.0);
    CHECK(image.metadata().time_offset == 0.0);
    CHECK(image.metadata().display_min == -2.0);
    CHECK(image.metadata().display_max == 7.25);
}

TEST_CASE("new_img_like: a run like a run keeps its time axis") {
    std::vector<double> values(12, 1.0);
    values[7] = 3.0;
    const auto run = roi::new_img_like(reference(), 2, values);
    static_assert(std::is_same_v<decltype(run), const roi::Volume4D<double>>);
    CHECK(run.frames() == 2);
    CHECK(run(1, 0, 0, 1) == 3.0);
    CHECK(run.metadata().time_step == 2.5);
    CHECK(run.metadata().time_offset == 1.0);
    CHECK(run.metadata().display_min == 1.0);
    CHECK(run.metadata().display_max == 3.0);
}

TEST_CASE("new_img_like: the display range leaves NaN out") {
    const auto range = [](std::vector<float> values) {
        const auto image = roi::new_img_like(reference(), values);
        return std::array<double, 2>{image.metadata().display_min, image.metadata().display_max};
    };
    CHECK(range({missing, 2, missing, -1, 0, missing}) == std::array<double, 2>{-1, 2});
    CHECK(range({missing, missing, missing, missing, missing, -4}) == std::array<double, 2>{-4, -4});
    CHECK(range({missing, missing, missing, missing, missing, missing}) == std::array<double, 2>{0, 0});
    CHECK(range({5, 6, 7, 8, 9, 10}) == std::array<double, 2>{5, 10});
    const roi::Volume<float> empty(roi::Shape(0, 2, 2));
    const auto none = roi::new_img_like(empty, std::vector<float>{});
    CHECK(none.size() == 0);
    CHECK(none.metadata().display_min == 0.0);
    CHECK(none.metadata().display_max == 0.0);
}

TEST_CASE("new_img_like: every voxel type and every kind of contiguous memory") {
    const std::array<bool, 6> flags{true, false, true, false, false, true};
    const auto mask = roi::new_img_like(reference(), flags);
    static_assert(std::is_same_v<decltype(mask), const roi::Mask>);
    CHECK(mask(2, 0, 0));
    CHECK(mask.metadata().display_max == 1.0);

    std::vector<std::int64_t> wide{0, 1, 2, 3, 4, std::int64_t{1} << 40};
    const auto labels = roi::new_img_like(reference(), std::span(wide));
    static_assert(std::is_same_v<decltype(labels), const roi::Volume<std::int64_t>>);
    CHECK(labels[5] == std::int64_t{1} << 40);

    const auto again = roi::new_img_like(reference(), labels.values());
    CHECK(test::same_bytes(again, labels));
    CHECK(test::same_bytes(roi::new_img_like(reference(), labels), labels));
}

TEST_CASE("new_img_like: as many values as voxels") {
    const std::vector<float> five(5);
    const auto message =
        test::message_of<roi::InvalidArgument>([&] { (void)roi::new_img_like(reference(), five); });
    CHECK(test::contains(message, "3 x 2 x 1"));
    CHECK(test::contains(message, "needs 6"));
    CHECK(test::contains(message, "found 5"));
    CHECK_THROWS_AS(roi::new_img_like(reference(), 2, five), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::new_img_like(reference(), -1, five), roi::InvalidArgument);
}
