// What we save, read by NIfTI's own reference library.
#include <nifti2_io.h>

#include <roi/io.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <Eigen/Geometry>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace {

struct Free {
    void operator()(nifti_image* image) const { nifti_image_free(image); }
};

roi::Grid oblique_grid() {
    roi::Affine affine = roi::Affine::Identity();
    const Eigen::Vector3d axis = Eigen::Vector3d(1.0, 2.0, -0.5).normalized();
    affine.topLeftCorner<3, 3>() =
        Eigen::AngleAxisd(0.3, axis).toRotationMatrix() * Eigen::Vector3d(-2.0, 3.0, 3.5).asDiagonal();
    affine.topRightCorner<3, 1>() = Eigen::Vector3d(10.25, -20.5, 7.75);
    // GCC 12 at -O3 leaves one number of affine.cast<float>().cast<double>() unrounded.
    for (double& value : affine.reshaped()) value = static_cast<double>(static_cast<float>(value));
    return {roi::Shape(5, 4, 3), affine};
}

}  // namespace

TEMPLATE_TEST_CASE("nifti_clib reads what we save: shape, type, voxels, transforms, texts, extensions", "",
                   bool, std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t,
                   std::uint64_t, std::int64_t, float, double) {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto grid = oblique_grid();
    roi::Metadata metadata;
    metadata.description.assign(80, 'd');
    metadata.intent = {1002, "regions", {1.0, 2.0, 3.0}};
    metadata.time_step = 2.5;
    metadata.sform_code = metadata.qform_code = roi::xform::mni;
    metadata.extensions = {{6, std::vector<std::byte>(24, std::byte{'c'})}, {44, std::vector<std::byte>(40)}};
    roi::Volume4D<TestType> run(grid, 2, TestType{}, metadata);
    for (std::int64_t t = 0; t < 2; ++t) {
        const auto frame = test::random_volume<TestType>(grid, random);
        std::copy(frame.begin(), frame.end(), run.frame(t).values().begin());
    }
    // Every stem once: nifti_clib opens a.nii when asked for a.nii.gz.
    for (const char* name : {"a.nii", "b.nii.gz", "c.hdr", "d.hdr.gz"}) {
        for (const auto version : {roi::NiftiVersion::one, roi::NiftiVersion::two}) {
            INFO(name << ", NIfTI-" << static_cast<int>(version));
            roi::save(run, folder / name, {.datatype = roi::datatype_of<TestType>(), .version = version});
            const std::unique_ptr<nifti_image, Free> image(nifti_image_read((folder / name).c_str(), 1));
            REQUIRE(image);
            CHECK((image->ndim == 4 && image->nx == 5 && image->ny == 4 && image->nz == 3 && image->nt == 2));
            CHECK(image->datatype == static_cast<int>(roi::datatype_of<TestType>()));
            CHECK((image->scl_slope == 1.0 && image->scl_inter == 0.0));
            REQUIRE(image->data);
            REQUIRE(image->nvox * image->nbyper == static_cast<std::int64_t>(run.values().size_bytes()));
            CHECK(std::memcmp(image->data, run.data(), run.values().size_bytes()) == 0);
            for (int row = 0; row < 4; ++row) {
                for (int column = 0; column < 4; ++column) {
                    CHECK(double{image->sto_xyz.m[row][column]} == grid.affine()(row, column));
                    CHECK(double{image->qto_xyz.m[row][column]} ==
                          Approx(grid.affine()(row, column)).margin(1e-4));
                }
            }
            CHECK((image->sform_code == 4 && image->qform_code == 4));
            CHECK((image->dt == 2.5 && image->time_units == NIFTI_UNITS_SEC &&
                   image->xyz_units == NIFTI_UNITS_MM));
            CHECK(std::string(image->descrip) == std::string(79, 'd'));  // its own field ends with a zero
            CHECK((image->intent_code == 1002 && std::string(image->intent_name) == "regions"));
            CHECK((image->intent_p1 == 1.0 && image->intent_p3 == 3.0));
            // It measures the compressed header and concludes that it has no extensions.
            if (std::string_view(name) == "d.hdr.gz") continue;
            REQUIRE(image->num_ext == 2);
            CHECK((image->ext_list[0].ecode == 6 && image->ext_list[0].esize == 32));
            CHECK(std::memcmp(image->ext_list[0].edata, "cccccccccccccccccccccccc", 24) == 0);
            CHECK((image->ext_list[1].ecode == 44 && image->ext_list[1].esize == 48));
        }
    }
}
