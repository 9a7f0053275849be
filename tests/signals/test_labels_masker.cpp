// Signals of regions: columns, background, masks, values that are no numbers, every kind of data.
#include <roi/signals/labels_masker.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stream/keep_voxels.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

using roi::Labels;
using roi::LabelsMaskerOptions;
using roi::Shape;

namespace {

using Numbers = std::vector<std::int32_t>;

template <class T>
roi::Volume<T> line(const std::vector<T>& values) {
    return roi::Volume<T>(Shape(static_cast<std::int64_t>(values.size()), 1, 1), values);
}

/// Labels -1 to 7 with gaps.
Labels random_atlas(const roi::Grid& grid, test::Random& random) {
    Labels atlas(grid);
    for (auto& label : atlas) {
        label = static_cast<std::int32_t>(random() % 9) - 1;
        if (label == 4) label = 0;
    }
    return atlas;
}

}  // namespace

TEST_CASE("labels_masker: columns are the labels, ascending, without the background") {
    const auto atlas = line<std::int32_t>({7, 0, 2, 5, 2, 0, -3});
    const auto masker = roi::labels_masker(atlas);
    CHECK(masker.labels() == Numbers{-3, 2, 5, 7});
    CHECK(masker.grid() == atlas.grid());
    const auto signals = masker.transform(line<double>({10, 99, 1, 5, 2, 99, -4}));
    REQUIRE(signals.size() == 4);
    CHECK(signals[0] == -4.0);
    CHECK(signals[1] == 1.5);
    CHECK(signals[2] == 5.0);
    CHECK(signals[3] == 10.0);
}

TEST_CASE("labels_masker: another background makes 0 a region") {
    const auto masker = roi::labels_masker(line<std::int32_t>({7, 0, 2, 7, 0}), {.background = 7});
    CHECK(masker.labels() == Numbers{0, 2});
    const auto signals = masker.transform(line<float>({100, 1, 5, 100, 2}));
    CHECK(signals[0] == 1.5);
    CHECK(signals[1] == 5.0);
}

TEST_CASE("labels_masker: labels that a mask empties vanish from the columns") {
    const auto atlas = line<std::int32_t>({2, 5, 7, 2, 7});
    const roi::Mask mask(atlas.grid(), std::array<bool, 5>{true, false, true, false, true});
    const auto masker = roi::labels_masker(atlas, {.mask = mask});
    CHECK(masker.labels() == Numbers{2, 7});
    const auto signals = masker.transform(line<double>({1, 2, 3, 4, 5}));
    CHECK(signals[0] == 1.0);
    CHECK(signals[1] == 4.0);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::labels_masker(atlas, {.mask = roi::Mask(atlas.grid())}); }),
                         "labels_masker: no region is left; 3 of 3 regions have no voxel"));

    const roi::Mask elsewhere(roi::Grid({5, 1, 1}, roi::scaling({2, 2, 2})), true);
    const auto message =
        test::message_of<roi::GridMismatch>([&] { (void)roi::labels_masker(atlas, {.mask = elsewhere}); });
    CHECK(test::contains(message, "atlas and mask"));
}

TEST_CASE("labels_masker: NaN and infinite values count as 0, and stay what they are") {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const auto masker = roi::labels_masker(line<std::int32_t>({1, 1, 2, 2, 3}));
    const auto volume = line<double>({missing, 153.06, infinity, 4, -infinity});
    const auto signals = masker.transform(volume);
    CHECK(signals[0] == Approx(76.53).epsilon(1e-15));
    CHECK(signals[1] == 2.0);
    CHECK(signals[2] == 0.0);
    CHECK(std::isnan(volume[0]));
    CHECK(std::isinf(volume[2]));
    const roi::Volume4D<float> run(volume.grid(), 2, static_cast<float>(missing));
    CHECK(masker.transform(run) == Eigen::MatrixXd::Zero(2, 3));
}

TEST_CASE("labels_masker: means of integers are no integers") {
    const auto masker = roi::labels_masker(line<std::int32_t>({1, 1, 2, 2}));
    const auto signals = masker.transform(line<std::int16_t>({1, 2, -2, -3}));
    CHECK(signals[0] == 1.5);
    CHECK(signals[1] == -2.5);
    const std::vector<std::uint8_t> values{255, 254, 1, 0, 0, 0, 2, 3};
    const auto table = masker.transform(roi::Volume4D<std::uint8_t>(Shape(4, 1, 1), 2, values));
    CHECK(table(0, 0) == 254.5);
    CHECK(table(0, 1) == 0.5);
    CHECK(table(1, 0) == 0.0);
    CHECK(table(1, 1) == 2.5);
}

TEST_CASE("labels_masker: sums run with x slowest, as numpy's do") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(7, 6, 5);
    const auto volume = test::random_volume<double>(shape, random);
    double sum = 0.0;
    for (std::int64_t x = 0; x < 7; ++x) {
        for (std::int64_t y = 0; y < 6; ++y) {
            for (std::int64_t z = 0; z < 5; ++z) sum += volume(x, y, z);
        }
    }
    CHECK(roi::labels_masker(Labels(shape, 1)).transform(volume)[0] == sum / 210.0);
}

TEST_CASE("labels_masker: an atlas without labels is no atlas, a run without volumes a table without rows") {
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([] { (void)roi::labels_masker(Labels(Shape(3, 3, 3))); }),
        "labels_masker: there is no region"));
    CHECK(roi::labels_masker(Labels(Shape(3, 3, 3), 1))
              .transform(roi::Volume4D<float>(Shape(3, 3, 3), 0))
              .rows() == 0);
}

TEST_CASE("labels_masker: a mean lies between the smallest and the largest value of its region") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 20; ++round) {
        const roi::Grid grid(test::random_shape(random));
        const auto atlas = random_atlas(grid, random);
        const auto volume = test::random_volume<float>(grid, random);
        const auto masker = roi::labels_masker(atlas);
        const auto signals = masker.transform(volume);
        CHECK(std::is_sorted(masker.labels().begin(), masker.labels().end()));
        for (std::size_t column = 0; column < masker.labels().size(); ++column) {
            double least = 1e9, most = -1e9;
            for (std::int64_t i = 0; i < volume.size(); ++i) {
                if (atlas[i] != masker.labels()[column]) continue;
                least = std::min(least, static_cast<double>(volume[i]));
                most = std::max(most, static_cast<double>(volume[i]));
            }
            const double mean = signals[static_cast<Eigen::Index>(column)];
            CHECK(mean >= least - 1e-15);
            CHECK(mean <= most + 1e-15);
        }
    }
}

TEST_CASE("labels_masker: runs, sources and kept voxels give the same bytes on any number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const roi::Grid grid(Shape(13, 11, 9), roi::scaling({2, 2, 2}));
    roi::Volume4D<std::int16_t> stored(grid, 50);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
    const auto run = test::converted<float>(stored);
    const auto atlas = random_atlas(grid, random);
    const auto masker = roi::labels_masker(atlas);
    CHECK(masker.labels() == Numbers{-1, 1, 2, 3, 5, 6, 7});

    Eigen::MatrixXd expected(50, 7);
    for (std::int64_t t = 0; t < 50; ++t) {
        expected.row(t) = masker.transform(roi::Volume<float>(run.frame(t))).transpose();
    }
    roi::Mask touched(grid);
    for (std::int64_t i = 0; i < atlas.size(); ++i) touched[i] = atlas[i] != 0 || i % 5 == 0;
    for (const int threads : {1, 2, 5}) {
        INFO(threads << " threads");
        const test::Threads number(threads);
        CHECK(test::same_matrix(masker.transform(run), expected));
        CHECK(test::same_matrix(masker.transform(stored), expected));
        CHECK(test::same_matrix(masker.transform(test::converted<double>(stored)), expected));
        CHECK(test::same_matrix(masker.transform(test::PlainSource<float>(run)), expected));
        test::Account account;
        test::StoredSource source(stored, account);
        CHECK(test::same_matrix(masker.transform(source), expected));

        roi::KeepVoxels<float> keep(touched);
        roi::LabelSignals signals(masker);
        roi::scan(run, keep, signals);
        CHECK(test::same_matrix(masker.transform(keep.result()), expected));
        CHECK(test::same_matrix(signals.result(), expected));
        // As the notebook does it: of the smoothed run.
        const roi::Fwhm fwhm(5.0);
        CHECK(test::same_matrix(masker.transform(roi::smooth(test::PlainSource<float>(run), fwhm)),
                                masker.transform(roi::smooth(run, fwhm))));
    }
    std::vector<std::int64_t> told;
    (void)masker.transform(test::PlainSource<float>(run),
                           {.progress = [&](std::int64_t done, std::int64_t) { told.push_back(done); }});
    CHECK(told == std::vector<std::int64_t>{16, 32, 48, 50});
}

TEST_CASE("labels_masker: data on another grid") {
    const auto masker = roi::labels_masker(Labels(roi::Grid({3, 4, 5}, roi::scaling({2, 2, 2})), 1));
    const roi::Grid other({3, 4, 5}, roi::scaling({2, 2, 3}));
    const roi::Volume4D<float> run(other, 2);
    const auto check = [](const std::string& message) {
        CHECK(test::contains(message, "labels_masker"));
        CHECK(test::contains(message, "affines differ"));
        CHECK(test::contains(message, "[2 0 0 0; 0 2 0 0; 0 0 2 0; 0 0 0 1]"));
        CHECK(test::contains(message, "[2 0 0 0; 0 2 0 0; 0 0 3 0; 0 0 0 1]"));
    };
    const auto message = [&](const auto& data) {
        return test::message_of<roi::GridMismatch>([&] { (void)masker.transform(data); });
    };
    check(message(roi::Volume<float>(other)));
    check(message(run));
    check(message(roi::KeptVoxels<float>(roi::Mask(other))));
    check(
        test::message_of<roi::GridMismatch>([&] { (void)masker.transform(test::PlainSource<float>(run)); }));
}

TEST_CASE("labels_masker: a voxel that was not kept is named") {
    Labels atlas(Shape(3, 4, 5));
    atlas(1, 2, 3) = 8;
    atlas(0, 0, 0) = 9;
    roi::Mask mask(atlas.grid());
    mask(0, 0, 0) = true;
    const auto message = test::message_of<roi::InvalidArgument>(
        [&] { (void)roi::labels_masker(atlas).transform(roi::KeptVoxels<float>(mask)); });
    CHECK(test::contains(message, "voxel (1, 2, 3)"));
    CHECK(test::contains(message, "label 8"));
    mask(1, 2, 3) = true;
    CHECK(roi::labels_masker(atlas).transform(roi::KeptVoxels<float>(mask)).rows() == 0);
}
