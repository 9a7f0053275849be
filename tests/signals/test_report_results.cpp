// The files of users' reports, where they are: what is right for what is calculated from them. What their headers mean is in
// test_report_files.cpp.
#include <roi/image/comparison.hpp>
#include <roi/io.hpp>
#include <roi/morphology.hpp>
#include <roi/regions/label.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/keep_voxels.hpp>
#include <roi/table/table.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cmath>
#include <string>
#include <vector>

namespace {

std::optional<std::string> report(const std::string& name) { return test::shared_data("reports/" + name); }

std::int64_t count(const roi::Mask& mask) { return std::count(mask.begin(), mask.end(), true); }

}  // namespace

TEST_CASE("reported masks: SciPy's labels, dilations and erosions") {
    // scipy.ndimage of each file: label with three structures, as count and as sum of label x (place in memory + 1);
    // binary_dilation and binary_erosion with 1, 3 and endless iterations, as counts.
    struct Golden {
        const char* name;
        std::int64_t counts[3], sums[3], dilated[3], eroded[3];
    };
    const Golden golden[] = {
        {"m05_single_pixel.nii", {1, 1, 1}, {5, 5, 5}, {5, 9, 9}, {0, 0, 0}},
        {"m06_checkerboard.nii", {252, 1, 1}, {8176434, 63648, 63648}, {504, 504, 504}, {0, 0, 0}},
        {"m07_flat_y.nii", {249, 49, 49}, {113942192, 11674143, 11674143}, {1961, 2170, 2170}, {0, 0, 0}},
        {"m10_empty.nii", {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
        {"m11_full.nii", {1, 1, 1}, {22155, 22155, 22155}, {210, 210, 210}, {60, 0, 0}},
    };
    const roi::Connectivity kinds[] = {roi::Connectivity::faces, roi::Connectivity::edges,
                                       roi::Connectivity::corners};
    const std::int64_t iterations[] = {1, 3, 0};
    for (const auto& expected : golden) {
        INFO(expected.name);
        const auto path = report(expected.name);
        if (!path) return;
        const auto mask = roi::load<bool>(*path);
        for (std::size_t i = 0; i < 3; ++i) {
            const auto [atlas, found] = roi::label(mask, {.connectivity = kinds[i]});
            CHECK(found == expected.counts[i]);
            std::int64_t sum = 0;
            for (std::int64_t voxel = 0; voxel < atlas.size(); ++voxel) sum += atlas[voxel] * (voxel + 1);
            CHECK(sum == expected.sums[i]);
            CHECK(count(roi::dilate(mask, {.iterations = iterations[i]})) == expected.dilated[i]);
            CHECK(count(roi::erode(mask, {.iterations = iterations[i]})) == expected.eroded[i]);
        }
    }
}

TEST_CASE("reported atlases: a column for every label, ascending, negative ones included") {
    const auto ids = [](const char* name) {
        std::vector<std::int64_t> out;
        const auto atlas = roi::load<std::int32_t>(*report(name));
        const auto signals =
            roi::region_signals(roi::Volume<float>(atlas.grid(), 1.0F), roi::labels_of(atlas));
        for (const auto& column : signals.columns) out.push_back(column.id);
        return out;
    };
    if (!report("m03_labels_sparse.nii")) return;
    CHECK(ids("m03_labels_sparse.nii") == std::vector<std::int64_t>{-5, 2001, 2002, 2101, 2102, 9170});
    CHECK(ids("m12_negative_labels.nii") == std::vector<std::int64_t>{-3, -2, -1, 1, 2, 3});
}

TEST_CASE("reported runs: NaN is said, and means hold what lies outside the scan as nilearn's do") {
    const auto path = report("p05_bold_nan_volume.nii.gz");
    if (!path) return;
    std::string said;
    const auto warning = [&said](std::string_view line) { said.append(line).append("\n"); };
    const auto mean = roi::mean(roi::load4d<float>(*path), {.warning = warning});
    CHECK(said.find("volume 1 has no finite voxel") != std::string::npos);
    CHECK(std::isnan(mean[0]));

    const auto atlas = roi::load<std::int32_t>(*report("p04_atlas.nii.gz"));
    const auto half = roi::load4d<float>(*report("p04_bold_half_covered.nii.gz"));
    const auto signals = roi::region_signals(half, roi::labels_of(atlas));
    REQUIRE(signals.columns.size() == 3);
    const double expected[] = {714.4854872, 714.30032649, 0.0};
    for (Eigen::Index i = 0; i < 3; ++i) CHECK(std::abs(signals.values(0, i) - expected[i]) < 1e-6);
    said.clear();
    (void)roi::region_signals(roi::load4d<float>(*path), roi::labels_of(atlas), {.warning = warning});
    CHECK(said.find("volume 1") != std::string::npos);

    // Masks whose affine differs by what single precision loses lie on one grid; labels of another run do not.
    const auto run = roi::load4d<float>(*report("m04_run_grid.nii"));
    for (const char* name : {"m04_mask_noise_1e-6.nii", "m04_mask_noise_5e-5.nii"}) {
        roi::KeepVoxels<float> kept(roi::load<bool>(*report(name)));
        CHECK_NOTHROW(roi::scan(run, kept));
    }
    const auto labels = roi::read_table(*report("p01_labels.txt"))["labels"];
    const auto shorter = roi::read_table(*report("p01_labels_short.txt"))["labels"];
    const auto bold = roi::load4d<float>(*report("p01_bold.nii.gz"));
    CHECK(labels.size() == bold.frames());
    CHECK_NOTHROW(roi::ttest_ind(bold, labels == "face", labels == "house"));
    CHECK_THROWS_AS(roi::ttest_ind(bold, shorter == "face", shorter == "house"), roi::InvalidArgument);

    // A probability map becomes a mask by what reaches a value.
    const auto probability = roi::load<float>(*report("m09_probability.nii"));
    const auto likely = probability >= 0.5;
    CHECK((count(likely) > 80 && count(likely) < 130));

    // A transform without a z axis of its own is replaced, so there are millimetres to smooth by.
    CHECK_NOTHROW(roi::smooth(roi::load<float>(*report("s04_singular.nii")), roi::Fwhm{4.0}));
}

TEST_CASE("reported values: t of large levels, of constants and of what is not finite") {
    const auto path = report("t02_cases_double.nii");
    if (!path) return;
    const auto run = roi::load4d<double>(*path);
    std::vector<bool> first(9, false), second(9, false);
    for (std::size_t i = 0; i < 9; ++i) (i < 4 ? first : second)[i] = true;
    const auto test = roi::ttest_ind(run, roi::Selection(first), roi::Selection(second));
    const double t = -1.5275252316519468;
    // Those of 1 to 3 are around 1e200, 1e-200 and 1e-310: their squares are no doubles.
    for (const std::int64_t voxel : {0, 1, 2, 3, 9}) {
        INFO("voxel " << voxel << ": t " << test.t[voxel]);
        CHECK(std::abs(test.t[voxel] - t) < 1e-9);
        CHECK(std::abs(test.p[voxel] - 0.1704706607870538) < 1e-9);
    }
    CHECK(std::abs(test.t[10] - 1.1385455308835104) < 1e-9);
    CHECK(std::abs(test.t[11] + 4.162118730073942) < 1e-9);
    for (const std::int64_t voxel : {4, 6, 7, 8}) {
        INFO("voxel " << voxel);
        CHECK(std::isnan(test.t[voxel]));
    }
    CHECK((std::isinf(test.t[5]) && test.t[5] < 0 && test.p[5] == 0));
}
