// The mean over time: in double, in the order of time, the same for every source and number of threads.
#include <roi/core/detail/instruction_set.hpp>
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

using roi::Shape;

TEST_CASE("mean: of every voxel over time, in double") {
    const std::vector<float> values{1, 2, 5, 10, 3, 6};
    roi::Volume4D<float> run(roi::Grid({2, 1, 1}, roi::scaling({2, 2, 2})), 3, values);
    run.metadata().description = "bold";
    run.metadata().time_step = 2.5;
    const auto mean = roi::mean(run);
    static_assert(std::is_same_v<decltype(mean), const roi::Volume<double>>);
    CHECK(mean[0] == 3.0);
    CHECK(mean[1] == 6.0);
    CHECK(mean.grid() == run.grid());
    CHECK(mean.metadata() == roi::inherited_by_volume(run.metadata()));
    CHECK(mean.metadata().description == "bold");
}

TEST_CASE("mean: a large level does not cost digits") {
    // A float sum of these would stop counting at 2^24.
    const std::int64_t frames = 3000;
    roi::Volume4D<float> run(Shape(1, 1, 1), frames, 16777216.0f);
    run(0, 0, 0, frames - 1) = 16777216.0f + 3000.0f;
    CHECK(roi::mean(run)[0] == 16777217.0);
}

TEST_CASE("mean: of a run that does not change") {
    for (const float value : {503.7f, 0.1f, -1e30f, 0.0f}) {
        const roi::Volume4D<float> run(Shape(3, 3, 3), 108, value);
        for (const double mean : roi::mean(run)) {
            CHECK(mean == Approx(static_cast<double>(value)).epsilon(1e-14).margin(0));
        }
        CHECK(roi::mean(roi::Volume4D<float>(Shape(3, 3, 3), 1, value))[13] == static_cast<double>(value));
    }
}

TEST_CASE("mean: NaN propagates to its voxel only") {
    roi::Volume4D<double> run(Shape(2, 2, 1), 5, 1.0);
    run(1, 0, 0, 3) = std::numeric_limits<double>::quiet_NaN();
    run(0, 1, 0, 2) = std::numeric_limits<double>::infinity();
    const auto mean = roi::mean(run);
    CHECK(mean(0, 0, 0) == 1.0);
    CHECK(std::isnan(mean(1, 0, 0)));
    CHECK(mean(0, 1, 0) == std::numeric_limits<double>::infinity());
    CHECK(mean(1, 1, 0) == 1.0);
}

TEST_CASE("mean: no volumes have none") {
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [] { (void)roi::mean(roi::Volume4D<float>(Shape(2, 2, 2), 0)); }),
                         "no volumes"));
    CHECK_THROWS_AS(roi::Mean().result(), roi::InvalidArgument);
    CHECK(roi::mean(roi::Volume4D<float>(Shape(0, 2, 2), 3)).size() == 0);
}

TEST_CASE("mean: the same bytes in memory, streamed, and for any number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t frames : {1, 15, 16, 17, 50}) {
        roi::Volume4D<std::int16_t> stored(Shape(27, 23, 29), frames);
        for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
        const auto run = test::converted<float>(stored);
        roi::Volume<double> expected(run.grid());
        for (std::int64_t i = 0; i < expected.size(); ++i) {
            for (std::int64_t t = 0; t < frames; ++t)
                expected[i] += static_cast<double>(run.frame(t).values()[static_cast<std::size_t>(i)]);
            expected[i] /= static_cast<double>(frames);
        }
        roi::Mean sink;  // used again: every scan starts anew
        for (const int threads : {1, 2, 5}) {
            INFO(frames << " volumes, " << threads << " threads");
            const test::Threads number(threads);
            CHECK(test::same_bytes(roi::mean(run), expected));
            CHECK(test::same_bytes(roi::mean(test::converted<double>(stored)), expected));
            roi::scan(test::PlainSource<float>(run), sink);
            CHECK(test::same_bytes(sink.result(), expected));
            test::Account account;
            roi::scan(test::StoredSource(stored, account), sink);
            CHECK(test::same_bytes(sink.result(), expected));
            CHECK(test::same_bytes(std::move(sink).result(), expected));
        }
    }
}

TEST_CASE("mean: integers of any width are added up as they are") {
    const std::vector<std::int32_t> wide{2147483647, -2147483647, 2147483646, 5};
    CHECK(roi::mean(roi::Volume4D<std::int32_t>(Shape(2, 1, 1), 2, wide))[0] == 2147483646.5);
    const std::vector<std::uint8_t> small{255, 0, 254, 0};
    CHECK(roi::mean(roi::Volume4D<std::uint8_t>(Shape(2, 1, 1), 2, small))[0] == 254.5);
}

TEST_CASE("mean: of a source, with one scan") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(Shape(4, 3, 2), 5, random);
    test::PlainSource<float> source(run);
    CHECK(test::same_bytes(roi::mean(source), roi::mean(run)));
    CHECK(source.reads() == 5);
    CHECK(test::same_bytes(roi::mean(test::PlainSource<float>(run)), roi::mean(run)));
}

TEST_CASE("mean: every instruction set gives the same bytes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t frames : {1, 3, 4, 5, 23}) {
        const auto run = test::random_run<float>(roi::Shape(13, 7, 5), frames, random);
        roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
        const auto baseline = roi::mean(run);
        roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
        CHECK(test::same_bytes(roi::mean(run), baseline));
    }
}

TEST_CASE("mean: of a smoothed source as of the smoothed run, NaN and infinite voxels included") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = test::random_run<float>(Shape(9, 8, 7), 20, random);
    const roi::Fwhm fwhm(3.0);
    const auto check = [&] {
        auto finite = run;
        for (float& value : finite.values()) value = std::isfinite(value) ? value : 0.0F;
        // The source smooths the mean, the run has the mean of smoothed volumes: one rounding to float apart.
        const auto expected = roi::smooth(roi::mean(finite), fwhm);
        const auto rounded = roi::mean(roi::smooth(run, fwhm));
        for (std::int64_t i = 0; i < expected.size(); ++i)
            CHECK(expected[i] == Approx(rounded[i]).epsilon(1e-7));
        for (const int threads : {1, 3}) {
            INFO(threads << " threads");
            const test::Threads number(threads);
            roi::Mean sink;
            roi::scan(roi::smooth(test::PlainSource<float>(run), fwhm), sink);
            CHECK(test::same_bytes(sink.result(), expected));
            roi::scan(roi::smooth(roi::staged(run), fwhm), sink);
            CHECK(test::same_bytes(sink.result(), expected));
        }
        CHECK(std::all_of(expected.begin(), expected.end(), [](double v) { return std::isfinite(v); }));
        return expected;
    };
    check();
    // Smoothing counts them as 0 in their own volume, the others keep their values.
    run(4, 4, 3, 7) = std::numeric_limits<float>::quiet_NaN();
    run(2, 1, 5, 11) = std::numeric_limits<float>::infinity();
    const auto mean = check();
    CHECK(mean(4, 4, 3) > 80.0);
    CHECK(mean(2, 1, 5) > 80.0);
}

TEST_CASE("mean: of several images each counts as much, whatever its length") {
    // One volume of 1 and three of 0: nilearn's mean_img gives 0.5.
    const roi::Volume4D<float> one(Shape(2, 1, 1), 1, 1.0f), three(Shape(2, 1, 1), 3, 0.0f);
    CHECK(roi::mean(std::vector{one, three})[0] == 0.5);
    CHECK(roi::mean(std::vector{roi::staged(one), roi::staged(three)})[1] == 0.5);
    const roi::Volume<std::int16_t> a(Shape(2, 1, 1), std::int16_t{3}), b(Shape(2, 1, 1), std::int16_t{4});
    CHECK(roi::mean(std::vector{a, b})[0] == 3.5);
    CHECK(roi::mean(std::vector{a}).metadata() == roi::inherited_by_volume(a.metadata()));
    const roi::Volume<std::int16_t> elsewhere(Shape(2, 2, 1));
    CHECK(test::contains(test::message_of<roi::GridMismatch>([&] {
                             (void)roi::mean(std::vector{a, b, elsewhere});
                         }),
                         "images 0 and 2"));
    const test::TemporaryFolder folder;
    roi::save(a, folder / "a.nii");
    roi::save(elsewhere, folder / "b.nii");
    std::vector<roi::ImageSource<float>> files;
    files.push_back(roi::open(folder / "a.nii"));
    files.push_back(roi::open(folder / "b.nii"));
    CHECK(test::contains(
        test::message_of<roi::GridMismatch>([&] { (void)roi::mean(std::move(files)); }),
        "mean: " + (folder / "a.nii") + " and " + (folder / "b.nii") + " must lie on one grid"));
    CHECK_THROWS_AS(roi::mean(std::vector<roi::Volume<float>>{}), roi::InvalidArgument);
}

TEST_CASE("the mean of a run or a list of masks is how often each voxel is inside") {
    roi::Volume4D<bool> masks(roi::Shape(2, 1, 1), 4, false);
    masks.data()[0] = masks.data()[2] = masks.data()[3] = masks.data()[4] = true;
    const auto mean = roi::mean(masks);
    CHECK(mean[0] == 0.75);
    CHECK(mean[1] == 0.25);
    const auto of_list =
        roi::mean(std::vector<roi::Mask>{roi::Mask(masks.frame(0)), roi::Mask(masks.frame(1)),
                                         roi::Mask(masks.frame(2)), roi::Mask(masks.frame(3))});
    CHECK(std::equal(mean.begin(), mean.end(), of_list.begin(), of_list.end()));
}
