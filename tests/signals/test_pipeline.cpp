// The whole notebook on the golden phantom, in memory and in one pass; the numbers are those of nilearn
// 0.10.4 and 0.14.0 with scipy 1.10.1. When one of them goes red, a step no longer does what the peer does.
#include <roi/image/column.hpp>
#include <roi/image/logical.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/regions/label.hpp>
#include <roi/signals/labels_masker.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/keep_voxels.hpp>
#include <roi/stream/scan.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "golden_phantom.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

namespace {

using Voxel = std::array<std::int64_t, 3>;

constexpr Voxel corner{0, 0, 0}, blob_1{18, 3, 4}, blob_2{3, 8, 15}, blob_3{18, 8, 15};

template <class T>
T at(const roi::Volume<T>& volume, const Voxel& voxel) {
    return volume.at(voxel[0], voxel[1], voxel[2]);
}

/// Smooths as the peer does: every axis rounds to float.
roi::Volume4D<float> smoothed_by_peer(const roi::Volume4D<std::int16_t>& run, double fwhm) {
    return roi::smooth(roi::smooth(roi::smooth(run, roi::Fwhm(fwhm, 0, 0)), roi::Fwhm(0, fwhm, 0)),
                       roi::Fwhm(0, 0, fwhm));
}

std::vector<Voxel> true_voxels(const roi::Mask& mask) {
    std::vector<Voxel> out;
    for (std::int64_t i = 0; i < mask.size(); ++i) {
        if (mask[i]) out.push_back(mask.shape().voxel(i));
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// Rows of a table that belong to chosen volumes.
Eigen::MatrixXd rows(const Eigen::MatrixXd& table, const roi::Selection& selection) {
    Eigen::MatrixXd out(selection.count(), table.cols());
    Eigen::Index row = 0;
    for (const auto frame : selection.indices()) out.row(row++) = table.row(frame);
    return out;
}

}  // namespace

TEST_CASE("golden phantom: it is the peer's") {
    const auto run = test::golden_run();
    CHECK(std::accumulate(run.values().begin(), run.values().end(), std::int64_t{0}) == 109826983);
    const auto first = [&](const Voxel& v) {
        auto series = run.series(v[0], v[1], v[2]);
        series.resize(5);
        return series;
    };
    CHECK(first(corner) == std::vector<std::int16_t>{500, 536, 532, 523, 506});
    CHECK(first(blob_1) == std::vector<std::int16_t>{540, 515, 576, 569, 576});
    const auto conditions = test::golden_conditions();
    CHECK((conditions == "face").count() == 12);
    CHECK((conditions == "house").count() == 12);
}

TEST_CASE("golden phantom: every axis rounded to float gives the peer's bits, and t and p to all digits") {
    const auto bold = smoothed_by_peer(test::golden_run(), 6.0);
    CHECK(bold(0, 0, 0, 0) == 510.46710205078125f);
    CHECK(bold(18, 3, 4, 2) == 531.6307373046875f);
    CHECK(bold(3, 8, 15, 7) == 530.4971923828125f);
    CHECK(bold(21, 11, 19, 39) == 511.6463623046875f);

    const auto conditions = test::golden_conditions();
    const auto test = roi::ttest_ind(bold, conditions == "face", conditions == "house");
    CHECK(at(test.t, corner) == Approx(-0.16636011101580628).epsilon(1e-12));
    CHECK(at(test.t, blob_1) == Approx(9.91084882656547).epsilon(1e-12));
    CHECK(at(test.t, blob_2) == Approx(-9.675087963780006).epsilon(1e-12));
    CHECK(at(test.t, blob_3) == Approx(14.62868490479738).epsilon(1e-12));
    CHECK(at(test.p, corner) == Approx(0.8693930384298862).epsilon(1e-11));
    CHECK(at(test.p, blob_1) == Approx(1.4204344407296181e-09).epsilon(1e-11));
    CHECK(at(test.df, corner) == 22.0);
}

TEST_CASE("golden phantom: the notebook, step by step") {
    const auto conditions = test::golden_conditions();
    const auto bold = roi::smooth(test::golden_run(), roi::Fwhm(6.0));

    // Rounded once instead of three times: at most two units in the last place away.
    CHECK(std::abs(bold(0, 0, 0, 0) - 510.46710205078125f) <= 6.2e-5f);
    CHECK(std::abs(bold(18, 3, 4, 2) - 531.6307373046875f) <= 1.3e-4f);
    CHECK(std::abs(bold(3, 8, 15, 7) - 530.4971923828125f) <= 1.3e-4f);
    CHECK(std::abs(bold(21, 11, 19, 39) - 511.6463623046875f) <= 6.2e-5f);

    const auto mean = roi::mean(bold);
    CHECK(at(mean, corner) == Approx(519.5679931640625).epsilon(3e-7));
    CHECK(at(mean, blob_1) == Approx(523.3342895507812).epsilon(3e-7));
    CHECK(mean(21, 11, 19) == Approx(520.33447265625).epsilon(3e-7));

    const auto test = roi::ttest_ind(bold, conditions == "face", conditions == "house");
    CHECK(at(test.t, corner) == Approx(-0.16636011101580628).epsilon(1e-4));
    CHECK(at(test.t, blob_1) == Approx(9.91084882656547).epsilon(1e-5));
    CHECK(at(test.t, blob_2) == Approx(-9.675087963780006).epsilon(1e-5));
    CHECK(at(test.t, blob_3) == Approx(14.62868490479738).epsilon(1e-5));
    CHECK(at(test.p, corner) == Approx(0.8693930384298862).epsilon(1e-4));
    CHECK(at(test.p, blob_1) == Approx(1.4204344407296181e-09).epsilon(1e-4));
    CHECK(at(test.p, blob_2) == Approx(2.194168402525065e-09).epsilon(1e-4));
    CHECK(at(test.p, blob_3) == Approx(8.125809595506406e-13).epsilon(1e-4));

    const auto logp = roi::neg_log10(test.p, {.max = 10.0});
    CHECK(std::count(logp.begin(), logp.end(), 10.0) == 6);
    CHECK(std::none_of(logp.begin(), logp.end(), [](double v) { return std::abs(v - 5.0) < 0.05; }));
    const auto kept = roi::threshold(logp, 5.0);
    CHECK(roi::count(kept != 0.0) == 19);
    const auto both = roi::logical_and(kept != 0.0, test::golden_mask());
    CHECK(roi::count(both) == 14);
    const auto dilated = roi::dilate(both);
    CHECK(roi::count(dilated) == 67);

    const auto labelling = roi::label(dilated);
    const auto& atlas = labelling.atlas;
    REQUIRE(labelling.count == 3);
    const std::array<std::int64_t, 3> sizes{17, 17, 33};
    const std::array<Voxel, 3> first{Voxel{2, 7, 15}, Voxel{17, 2, 4}, Voxel{17, 7, 14}};
    for (std::int32_t region = 1; region <= 3; ++region) {
        const auto voxels = true_voxels(atlas == region);
        CHECK(static_cast<std::int64_t>(voxels.size()) == sizes[static_cast<std::size_t>(region - 1)]);
        CHECK(voxels.front() == first[static_cast<std::size_t>(region - 1)]);
    }
    CHECK(at(atlas, blob_2) == 1);
    CHECK(at(atlas, blob_1) == 2);
    CHECK(at(atlas, blob_3) == 3);
    const auto survivors = [&](std::int32_t region) {
        return true_voxels(roi::logical_and(both, atlas == region));
    };
    CHECK(survivors(1) == std::vector<Voxel>{{3, 7, 15}, {3, 8, 15}, {3, 9, 15}});
    CHECK(survivors(2) == std::vector<Voxel>{{18, 2, 4}, {18, 3, 4}, {18, 4, 4}});
    CHECK(survivors(3) == std::vector<Voxel>{{18, 7, 14},
                                             {18, 7, 15},
                                             {18, 8, 14},
                                             {18, 8, 15},
                                             {18, 9, 14},
                                             {18, 9, 15},
                                             {19, 8, 15},
                                             {19, 9, 15}});

    const auto masker = roi::labels_masker(atlas);
    CHECK(masker.labels() == std::vector<std::int32_t>{1, 2, 3});
    const auto house = rows(masker.transform(bold), conditions == "house");
    REQUIRE(house.rows() == 12);
    REQUIRE(house.cols() == 3);
    const std::array<double, 3> row_0{525.2421264648438, 520.7804565429688, 520.2083740234375};
    const std::array<double, 3> row_11{523.5874633789062, 520.0612182617188, 521.2537231445312};
    for (Eigen::Index column = 0; column < 3; ++column) {
        CHECK(house(0, column) == Approx(row_0[static_cast<std::size_t>(column)]).epsilon(2e-7));
        CHECK(house(11, column) == Approx(row_11[static_cast<std::size_t>(column)]).epsilon(2e-7));
    }
}

TEST_CASE("golden phantom: one pass gives the bytes of the notebook in memory, on any number of threads") {
    const auto stored = test::golden_run();
    const auto conditions = test::golden_conditions();
    const auto face = conditions == "face", house = conditions == "house";
    const roi::Fwhm fwhm(6.0);

    const auto bold = roi::smooth(stored, fwhm);
    const auto mean = roi::mean(bold);
    const auto test = roi::ttest_ind(bold, face, house);
    const auto steps = [](const roi::TTest& maps) {
        const auto kept = roi::threshold(roi::neg_log10(maps, {.max = 10.0}), 5.0);
        return roi::label(roi::dilate(roi::logical_and(kept != 0.0, test::golden_mask()))).atlas;
    };
    const auto atlas = steps(test);
    const Eigen::MatrixXd signals = roi::labels_masker(atlas).transform(bold);

    for (const int threads : {1, 2, 5}) {
        INFO(threads << " threads");
        const test::Threads number(threads);
        test::Account account;
        auto frames = roi::smooth(test::StoredSource(stored, account), fwhm);
        roi::Mean streamed_mean;
        roi::TTestInd streamed_test(face, house);
        roi::KeepVoxels<float> keep(roi::dilate(test::golden_mask()));
        roi::scan(frames, streamed_mean, streamed_test, keep);
        // The source's mean is smoothed once; the run's is the mean of volumes that were each rounded to float.
        const auto once = streamed_mean.result();
        for (std::int64_t i = 0; i < once.size(); ++i) REQUIRE(once[i] == Approx(mean[i]).epsilon(1e-7));
        const auto maps = streamed_test.result();
        CHECK(test::same_bytes(maps.t, test.t));
        CHECK(test::same_bytes(maps.p, test.p));
        const auto streamed_atlas = steps(maps);
        CHECK(test::same_bytes(streamed_atlas, atlas));
        const Eigen::MatrixXd streamed_signals = roi::labels_masker(streamed_atlas).transform(keep.result());
        REQUIRE(streamed_signals.size() == signals.size());
        CHECK(std::memcmp(streamed_signals.data(), signals.data(),
                          static_cast<std::size_t>(signals.size()) * sizeof(double)) == 0);
    }
}
