// The files of users' reports, where they are: what is right for each header. Kinds are tested by files made here, in
// test_reports.cpp; what is calculated from the others in test_report_results.cpp.
#include <roi/io.hpp>
#include <roi/stats/mean.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "support.hpp"
#include <cmath>
#include <numeric>

namespace {

std::optional<std::string> report(const std::string& name) { return test::shared_data("reports/" + name); }

/// What is said while a file is read.
struct Read {
    roi::Volume4D<double> run;
    std::string said = {};
    [[nodiscard]] double sum() const {
        return std::accumulate(run.values().begin(), run.values().end(), 0.0);
    }
};

Read read(const std::string& path) {
    Read out;
    out.run = roi::load4d<double>(
        path, {.warning = [&out](std::string_view line) { out.said.append(line).append("\n"); }});
    return out;
}

/// Header and voxels of what a save of it gives.
roi::Volume4D<double> saved_again(const roi::Volume4D<double>& run) {
    const test::TemporaryFolder folder;
    roi::save(run, folder / "again.nii");
    return roi::load4d<double>(folder / "again.nii");
}

}  // namespace

TEST_CASE("reported files: read as they are, without a word") {
    struct Sound {
        const char* name;
        roi::Shape shape;
        std::int64_t frames;
        double sum;
    };
    const roi::Shape small(6, 7, 5);
    const Sound sound[] = {
        {"h02_tr_zero.nii", small, 20, 4200131.1748046875},
        {"h07_mask_slope_nan.nii.gz", small, 1, 109},
        {"h09_labels_float64.nii", small, 1, 630},
        {"h10_cal_0_255.nii", small, 20, 168005246.8125},
        {"h11_a3f0ba7b052af6f1caa3735c543e3e8e", small, 1, 630},
        {"h14_extension_200k.nii.gz", small, 1, 630},
        {"h15_freesurfer_ext_496.nii.gz", small, 1, 630},
        {"h17_ants_warp.nii.gz", small, 3, -1.9184111159993336},
        {"h20_tmap_intent.nii", small, 1, 27.86069393903017},
        {"h21_codes_4_1.nii", small, 20, 4200131.1748046875},
        {"h22_half_turn_sform.nii", small, 20, 4200131.1748046875},
        {"h23_big_endian_named_gz_upper.NII.GZ.nii", small, 1, 328596},
        {"h24_descrip_latin1.nii", small, 1, 328596},
        {"h26_dim_garbage_after.nii", small, 1, 328596},
        {"h30_tr_hz.nii", small, 20, 4200131.1748046875},
        {"h34_extension_40_bytes.nii.gz", small, 1, 630},
        {"h37_sform_unit_qform_scaled.nii", small, 1, 328596},
        {"h39_rank4_one_volume.nii", small, 1, 109},
        {"m03_labels_sparse.nii", small, 1, 521130},
        {"m12_negative_labels.nii", small, 1, 0},
        {"p01_mask_good.nii.gz", roi::Shape(10, 11, 9), 1, 18},
    };
    for (const auto& [name, shape, frames, sum] : sound) {
        INFO(name);
        const auto path = report(name);
        if (!path) return;
        const auto found = read(*path);
        CHECK(found.run.shape() == shape);
        CHECK(found.run.frames() == frames);
        CHECK(std::abs(found.sum() - sum) <= 1e-12 * std::abs(sum) + 1e-9);
        CHECK(found.said.empty());
        const auto again = saved_again(found.run);
        CHECK(again.affine() == found.run.affine());
        CHECK(std::equal(again.values().begin(), again.values().end(), found.run.values().begin()));
    }
}

TEST_CASE("reported files: what their headers mean") {
    const auto header = [](const char* name) {
        const auto path = report(name);
        return path ? std::optional(roi::read_header(*path)) : std::nullopt;
    };
    if (!header("h02_tr_zero.nii")) return;
    CHECK_FALSE(roi::repetition_time(header("h02_tr_zero.nii")->metadata));
    CHECK_FALSE(roi::repetition_time(header("h30_tr_hz.nii")->metadata));
    const auto mask = *header("h07_mask_slope_nan.nii.gz");
    CHECK((mask.slope == 1.0 && mask.intercept == 0.0));
    CHECK(header("h10_cal_0_255.nii")->metadata.display_max == 255.0);
    const auto extended = header("h14_extension_200k.nii.gz")->metadata.extensions;
    REQUIRE(extended.size() == 1);
    CHECK(extended[0].bytes.size() > 190000);
    CHECK(header("h15_freesurfer_ext_496.nii.gz")->metadata.extensions.size() == 1);
    CHECK(header("h34_extension_40_bytes.nii.gz")->metadata.extensions.size() == 1);
    CHECK((header("h21_codes_4_1.nii")->metadata.sform_code == 4 &&
           header("h21_codes_4_1.nii")->metadata.qform_code == 1));
    CHECK(header("h24_descrip_latin1.nii")->metadata.description ==
          "T\xEA"
          "te 3\xB0\xFF\x01\n");
    CHECK(header("h37_sform_unit_qform_scaled.nii")->grid.voxel_size()[0] == 1.0);
    CHECK(header("h09_labels_float64.nii")->datatype == roi::Datatype::float64);
    // By content: whatever its name says, it is neither compressed nor big-endian.
    CHECK_FALSE(header("h23_big_endian_named_gz_upper.NII.GZ.nii")->big_endian);
    CHECK(header("h39_rank4_one_volume.nii")->frames == 1);

    // The display range of a run is nobody's but the run's.
    const auto map = roi::mean(roi::load4d<double>(*report("h10_cal_0_255.nii")));
    CHECK(map.metadata().display_max == 0.0);
    // Vectors stay (x, y, z, 1, 3) beside their intent.
    const auto warp = saved_again(roi::load4d<double>(*report("h17_ants_warp.nii.gz")));
    CHECK(warp.metadata().frame_axis == roi::FrameAxis::vector);
    CHECK(warp.metadata().intent.code == 1007);
    // A mask of a t map is no t map.
    const auto t = roi::load<float>(*report("h20_tmap_intent.nii"));
    CHECK((t.metadata().intent.code == 3 && t.metadata().intent.parameters[0] == 12.0));
    CHECK(roi::like<bool>(t).metadata().intent.code == 0);
    // Labels are read exactly, of whatever type.
    const auto labels = roi::load<std::int32_t>(*report("h09_labels_float64.nii"));
    CHECK((*std::min_element(labels.begin(), labels.end()) == 0 &&
           *std::max_element(labels.begin(), labels.end()) == 6));
}

TEST_CASE("reported files: transforms that cannot be give way, with a word") {
    for (const char* name :
         {"h05_sform_zero_mask.nii", "h05_sform_zero_qform_good.nii", "h05_sform_zero_run.nii"}) {
        INFO(name);
        const auto path = report(name);
        if (!path) return;
        const auto found = read(*path);
        CHECK(found.said.find("the sform cannot be inverted") != std::string::npos);
        CHECK(found.run.grid().voxel_volume() > 7.9);
        const auto again = saved_again(found.run);
        CHECK(again.metadata().sform_code == 0);
        CHECK(roi::same_grid(again.grid(), found.run.grid()));
    }
    const auto half_turn = read(*report("h06_qform_w2_3.8e-7.nii"));
    CHECK(half_turn.run.grid().voxel_volume() > 7.9);
    CHECK(half_turn.sum() == 328596);
    const auto no_rotation = read(*report("h28_qform_nan_sform_good.nii"));
    CHECK(no_rotation.run.affine() == roi::scaling({2.0, 2.0, 2.0}));
    CHECK(no_rotation.said.find("the qform holds no rotation") != std::string::npos);
    CHECK(saved_again(no_rotation.run).metadata().qform_code == 0);
    const auto handedness = read(*report("h29_qfac_minus_3.nii"));
    CHECK(handedness.said.find("found -3") != std::string::npos);
    CHECK(handedness.run.affine() == roi::scaling({2.0, 2.0, 2.0}, {1.0, 2.0, 3.0}));
    const auto singular = read(*report("s04_singular.nii"));
    CHECK(singular.said.find("the sform cannot be inverted") != std::string::npos);
    CHECK(singular.run.grid().voxel_volume() > 7.9);
}

TEST_CASE("reported files: what cannot be read says why") {
    struct Refused {
        const char* name;
        roi::ErrorCode code;
        const char* part;
    };
    const Refused refused[] = {
        {"h12_lfs_pointer.nii.gz", roi::ErrorCode::bad_format, "git lfs pull"},
        {"h16_voxels_at_348.nii", roi::ErrorCode::truncated, "416"},
        {"h25_plain.nii.bz2", roi::ErrorCode::unsupported, "bunzip2"},
        {"h41_html_page.nii.gz", roi::ErrorCode::bad_format, "web page"},
    };
    for (const auto& [name, code, part] : refused) {
        INFO(name);
        const auto path = report(name);
        if (!path) return;
        const auto failure = test::failure_of([&] { (void)roi::load<float>(*path); });
        CHECK(failure.code == code);
        CHECK(failure.says(part));
    }
    // Three volumes of colours are no mask.
    CHECK(test::failure_of([] { (void)roi::load<bool>(*report("h38_rgb_as_5d.nii.gz")); }).says("3"));
    CHECK(roi::load4d<float>(*report("h38_rgb_as_5d.nii.gz")).frames() == 3);
    // Advice that keeps every label.
    const auto large =
        test::failure_of([] { (void)roi::load<std::int32_t>(*report("h19_labels_uint32_large.nii.gz")); });
    CHECK(large.says("int64"));
    CHECK_FALSE(large.says("float"));
    const auto labels = roi::load<std::int64_t>(*report("h19_labels_uint32_large.nii.gz"));
    CHECK(std::vector<std::int64_t>(labels.begin(), labels.end()) ==
          std::vector<std::int64_t>{0, 614454277, 4294967295, 997});
}

TEST_CASE("reported files: NaN and empty masks") {
    const auto path = report("m02_labels_nan_background.nii");
    if (!path) return;
    std::string said;
    const auto labels = roi::load_labels(*path, {.warning = [&said](std::string_view line) { said = line; }});
    CHECK(std::count(labels.begin(), labels.end(), 0) == 120);
    for (const int label : {4, 5, 6}) CHECK(std::count(labels.begin(), labels.end(), label) == 30);
    CHECK(said.find("120 voxels are NaN and count as background") != std::string::npos);
    const auto inside = [](const char* name) {
        const auto mask = roi::load<bool>(*report(name));
        return std::count(mask.begin(), mask.end(), true);
    };
    CHECK(inside("p01_mask_good.nii.gz") == 18);
    CHECK(inside("p01_mask_empty.nii.gz") == 0);
    CHECK(inside("p01_mask_nan.nii.gz") == 18);
    const auto grid = roi::read_header(*report("m04_run_grid.nii")).grid;
    CHECK(roi::same_grid(roi::read_header(*report("m04_mask_noise_1e-6.nii")).grid, grid));
    CHECK(roi::same_grid(roi::read_header(*report("m04_mask_noise_5e-5.nii")).grid, grid));
}
