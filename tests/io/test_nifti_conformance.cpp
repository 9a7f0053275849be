// The shared NIfTI files against what nibabel made of them (expected.json, written by a script beside it).
#include <roi/io.hpp>

#include "catch.hpp"
#include "sha256.hpp"
#include "support.hpp"

#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <set>

using nlohmann::json;

namespace {

double number(const json& value) {
    if (!value.is_string()) return value.get<double>();
    const auto text = value.get<std::string>();
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
    return text == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Types and ranks that are refused by name, whatever nibabel does with them.
bool refused_by_name(const json& header) {
    static const std::set<int> types{1, 32, 128, 1536, 1792, 2048, 2304};
    if (types.count(header["datatype"].get<int>()) > 0) return true;
    int rank = header["dim"][0].get<int>();
    while (rank > 3 && header["dim"][static_cast<std::size_t>(rank)].get<int>() == 1) --rank;
    return rank > 5 || (rank == 5 && header["dim"][4].get<int>() != 1);
}

/// Shape without the trailing axes of length 1, which a volume does not keep.
std::vector<std::int64_t> significant(std::vector<std::int64_t> shape) {
    while (!shape.empty() && shape.back() == 1) shape.pop_back();
    return shape;
}

void compare_values(const roi::Volume4D<double>& run, const json& image) {
    double sum = 0.0, low = std::numeric_limits<double>::infinity(), high = -low;
    std::int64_t nan = 0, infinite = 0, nonzero = 0;
    std::vector<double> canonical(run.values().begin(), run.values().end());
    for (double& value : canonical) {
        nonzero += value != 0.0;
        if (std::isnan(value)) {
            ++nan;
            value = std::numeric_limits<double>::quiet_NaN();
        } else if (std::isinf(value)) {
            ++infinite;
        } else {
            sum += value;
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    CHECK(nan == image["n_nan"].get<std::int64_t>());
    CHECK(infinite == image["n_inf"].get<std::int64_t>());
    CHECK(nonzero == image["n_nonzero"].get<std::int64_t>());
    if (!image["min"].is_null()) {
        CHECK(low == number(image["min"]));
        CHECK(high == number(image["max"]));
        CHECK(sum == Approx(number(image["sum"])).epsilon(1e-11).margin(1e-11));
    }
    CHECK(test::sha256(std::as_bytes(std::span(canonical))) == image["sha256_F"].get<std::string>());
    for (const auto& sample : image["samples"]) {
        std::vector<std::int64_t> at(sample[0].begin(), sample[0].end());
        std::int64_t frame = 0;
        for (std::size_t axis = 3; axis < at.size(); ++axis) frame += at[axis];
        at.resize(3, 0);
        CHECK(same(run(at[0], at[1], at[2], frame), number(sample[1])));
    }
}

void compare_image(const std::string& path, const json& expected) {
    const auto& image = expected["image"];
    const auto run = roi::load4d<double>(path);
    const auto info = roi::read_header(path);

    const auto shape = image["shape"].get<std::vector<std::int64_t>>();
    CHECK(significant(info.dimensions) == significant(shape));
    CHECK(info.grid.size() * info.frames == run.size());
    CHECK(roi::name_of(info.datatype) == image["on_disk_dtype"].get<std::string>());
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 4; ++column) {
            const auto inner =
                number(image["affine"][static_cast<std::size_t>(row)][static_cast<std::size_t>(column)]);
            CHECK(info.file_affine(row, column) == inner);
            const auto unit = row < 3 ? info.metadata.space_unit : roi::SpaceUnit::millimetre;
            CHECK(run.affine()(row, column) == Approx(roi::to_millimetres(inner, unit)).epsilon(1e-14));
        }
    }
    CHECK(info.slope == number(image["slope_inter_applied"][0]));
    CHECK(info.intercept == number(image["slope_inter_applied"][1]));
    if (image.contains("sform_code")) {
        CHECK(info.metadata.sform_code == image["sform_code"].get<int>());
        CHECK(info.metadata.qform_code == image["qform_code"].get<int>());
        if (shape.size() >= 4) CHECK(info.metadata.time_step == number(image["TR"]));
        REQUIRE(info.metadata.extensions.size() == image["extensions"].size());
        for (std::size_t i = 0; i < image["extensions"].size(); ++i) {
            CHECK(info.metadata.extensions[i].code == image["extensions"][i][0].get<int>());
            // nibabel counts anew, without the zeros that fill a block up.
            auto size = info.metadata.extensions[i].bytes.size();
            while (size > 0 && info.metadata.extensions[i].bytes[size - 1] == std::byte{0}) --size;
            CHECK((size + 8 + 15) / 16 * 16 == image["extensions"][i][1].get<std::size_t>());
        }
    }
    CHECK(info.metadata.description == std::string(expected["header"]["descrip"].get<std::string>().c_str()));
    CHECK(info.big_endian == (expected["header"]["byte_order"] == "big"));
    compare_values(run, image);
}

}  // namespace

TEST_CASE("files of other programs mean what nibabel says, bit for bit") {
    const auto list = test::shared_data("nifti-conformance/expected.json");
    if (!list) return;
    const auto folder = list->substr(0, list->rfind('/') + 1);
    const auto files = json::parse(test::read_file(*list))["files"];
    REQUIRE(files.size() > 80);
    int loaded = 0, refused = 0;
    for (const auto& [name, expected] : files.items()) {
        INFO(name << ": " << expected["kind"].get<std::string>());
        const auto path = folder + name;
        const auto expect = expected["expect"].get<std::string>();
        const bool has_image = expected.contains("image") && !expected.contains("error");
        if (expect == "must_error" ||
            (!expected["header"].is_null() && refused_by_name(expected["header"]))) {
            CHECK_THROWS_AS(roi::load4d<double>(path), roi::FileError);
            // A header without its voxels can still be described, and says what is missing.
            std::string problem;
            try {
                problem = roi::read_header(path).voxel_problem;
            } catch (const roi::FileError& error) {
                problem = error.what();
            }
            CHECK(problem != "");
            ++refused;
        } else if (expect == "must_load") {
            REQUIRE(has_image);
            CHECK_NOTHROW(compare_image(path, expected));
            ++loaded;
        } else {
            // Files that nibabel and the standard read differently: an error or an image, never a crash.
            try {
                (void)roi::load4d<double>(path);
            } catch (const roi::FileError& error) {
                CHECK(std::string(error.what()).find('\n') == std::string::npos);
            }
        }
    }
    CHECK(loaded >= 60);
    CHECK(refused >= 10);
}

TEST_CASE("ambiguous files are read as nibabel reads them wherever that makes sense") {
    const auto list = test::shared_data("nifti-conformance/expected.json");
    if (!list) return;
    const auto folder = list->substr(0, list->rfind('/') + 1);
    const auto files = json::parse(test::read_file(*list))["files"];
    for (const char* name :
         {"analyze75_be.hdr", "made_UPPER.NII", "made_magic_ni1_single_file.nii", "made_pixdim_zero.nii",
          "made_qform_only_qfac_zero.nii", "made_slope_inf.nii", "made_slope_nan.nii"}) {
        INFO(name);
        REQUIRE(files.contains(name));
        CHECK_NOTHROW(compare_image(folder + name, files[name]));
    }
    // nibabel goes by the name and refuses these; the content is plain to see.
    for (const char* name : {"made_gz_named_plain.nii", "made_plain_named_gz.nii.gz"}) {
        INFO(name);
        CHECK(roi::load<double>(folder + name).shape() == roi::Shape(5, 4, 3));
    }
    CHECK_THROWS_AS(roi::load<float>(folder + "made_inter_nan.nii"), roi::FileError);
}

TEST_CASE("either name of a pair opens it") {
    const auto header = test::shared_data("nifti-conformance/pair_mask53.hdr");
    if (!header) return;
    const auto voxels = header->substr(0, header->size() - 4) + ".img";
    const auto a = roi::load<float>(*header);
    const auto b = roi::load<float>(voxels);
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    CHECK(a.affine() == b.affine());
    CHECK(a.metadata() == b.metadata());
}

#else

TEST_CASE("files of other programs") {
    WARN("skipped: nlohmann-json (a test-only package) is not installed");
}

#endif
