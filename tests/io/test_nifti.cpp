#include <sys/resource.h>

#include <roi/io.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/select.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "sanitized.hpp"
#include "support.hpp"
#include <Eigen/Geometry>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

using roi::Datatype;
using roi::ErrorCode;
using test::HeaderBytes;

namespace {

/// Oblique, anisotropic, mirrored, exact in single precision.
roi::Affine oblique() {
    roi::Affine affine = roi::Affine::Identity();
    const Eigen::Matrix3d turn =
        Eigen::AngleAxisd(0.3, Eigen::Vector3d(1.0, 2.0, -0.5).normalized()).toRotationMatrix();
    affine.topLeftCorner<3, 3>() = turn * Eigen::Vector3d(-2.0, 3.0, 3.5).asDiagonal();
    affine.topRightCorner<3, 1>() = Eigen::Vector3d(10.25, -20.5, 7.75);
    // GCC 12 at -O3 leaves one number of affine.cast<float>().cast<double>() unrounded.
    for (double& value : affine.reshaped()) value = static_cast<double>(static_cast<float>(value));
    return affine;
}

const std::vector<std::string> all_names{"a.nii",    "a.nii.gz", "a.hdr",   "a.img",
                                         "a.hdr.gz", "a.img.gz", "A.NII.GZ"};

template <class Image>
void check_same_values(const Image& a, const Image& b) {
    REQUIRE(a.size() == b.size());
    // Bytes, so that NaN equals itself and 0 is not -0.
    CHECK(std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0);
}

/// A NIfTI file of 4 x 3 x 2 counting voxels, perhaps changed.
std::string small_file(const HeaderBytes& header = HeaderBytes{}) {
    return header.bytes() + header.voxels(test::counting(24));
}

test::Failure load_failure(const std::string& path) {
    return test::failure_of([&] { (void)roi::load4d<float>(path); });
}

/// The five stored numbers of a NIfTI-1 file, before scaling.
template <class S>
std::vector<int> codes_in(const std::string& path) {
    const auto bytes = test::read_file(path);
    std::vector<S> codes(5);
    REQUIRE(bytes.size() == 352 + 5 * sizeof(S));
    std::memcpy(codes.data(), bytes.data() + 352, 5 * sizeof(S));
    return {codes.begin(), codes.end()};
}

std::vector<std::string> warnings;
const roi::WarningHandler collect = [](std::string_view line) { warnings.emplace_back(line); };

}  // namespace

TEMPLATE_TEST_CASE("a saved image comes back bit for bit", "", bool, std::uint8_t, std::int8_t, std::uint16_t,
                   std::int16_t, std::uint32_t, std::int32_t, std::uint64_t, std::int64_t, float, double) {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const roi::Grid grid(roi::Shape(7, 5, 3), oblique());
    auto volume = test::random_volume<TestType>(grid, random);
    if constexpr (std::is_floating_point_v<TestType>) {
        volume[0] = std::numeric_limits<TestType>::quiet_NaN();
        volume[1] = std::numeric_limits<TestType>::infinity();
        volume[2] = TestType{-0.0};
        volume[3] = std::numeric_limits<TestType>::denorm_min();
    }
    roi::Volume4D<TestType> run(grid, 4);
    for (std::int64_t t = 0; t < 4; ++t) {
        const auto frame = test::random_volume<TestType>(grid, random);
        std::copy(frame.begin(), frame.end(), run.frame(t).values().begin());
    }
    for (const auto& name : all_names) {
        for (const auto version : {roi::NiftiVersion::one, roi::NiftiVersion::two}) {
            INFO(name << ", NIfTI-" << static_cast<int>(version));
            roi::save(volume, folder / name, {.version = version});
            const auto back = roi::load<TestType>(folder / name);
            check_same_values(back, volume);
            CHECK(back.grid() == grid);
            CHECK(roi::read_header(folder / name).version == static_cast<int>(version));

            roi::save(run, folder / name, {.version = version});
            const auto run_back = roi::load4d<TestType>(folder / name);
            CHECK(run_back.frames() == 4);
            check_same_values(run_back, run);
        }
    }
    CHECK(folder.names().size() == all_names.size());  // both names of a pair write the same two files
}

TEST_CASE("gzip goes by the name, and both libraries write what both read") {
    const test::TemporaryFolder folder;
    const roi::Volume<float> volume(roi::Shape(8, 8, 8), 2.5f);
    for (const auto writer : {roi::GzipBackend::zlib, roi::GzipBackend::automatic}) {
        roi::save(volume, folder / "a.nii.gz", {.backend = writer});
        CHECK(roi::read_header(folder / "a.nii.gz").compressed);
        for (const auto reader : {roi::GzipBackend::zlib, roi::GzipBackend::automatic}) {
            check_same_values(roi::load<float>(folder / "a.nii.gz", {.backend = reader}), volume);
        }
    }
    roi::save(volume, folder / "a.nii");
    CHECK_FALSE(roi::read_header(folder / "a.nii").compressed);
    CHECK(test::read_file(folder / "a.nii").size() == 352 + 512 * 4);
    CHECK(test::failure_of([&] { roi::save(volume, folder / "a.txt"); }).says(".nii.gz"));
    CHECK(test::failure_of([&] { roi::save(volume, folder / "nii"); }).code == ErrorCode::invalid_argument);
}

TEST_CASE("every stored type, byte order and version reads as the same numbers") {
    const test::TemporaryFolder folder;
    const auto check = [&]<class S>(std::int16_t code, S) {
        std::vector<S> stored(24);
        for (std::size_t i = 0; i < 24; ++i) stored[i] = static_cast<S>(i * 5);
        for (const int version : {1, 2}) {
            for (const bool big : {false, true}) {
                INFO("type " << code << ", version " << version << ", big-endian " << big);
                HeaderBytes header(version, big);
                header.datatype(code);
                test::write_file(folder / "a.nii", header.bytes() + header.voxels(stored));
                const auto as_double = roi::load<double>(folder / "a.nii");
                const auto as_float = roi::load<float>(folder / "a.nii");
                const auto as_int = roi::load<std::int32_t>(folder / "a.nii");
                const auto as_byte = roi::load<std::uint8_t>(folder / "a.nii");
                const auto as_mask = roi::load<bool>(folder / "a.nii");
                const auto info = roi::read_header(folder / "a.nii");
                CHECK(info.datatype == static_cast<Datatype>(code));
                CHECK(info.big_endian == big);
                CHECK(info.version == version);
                for (std::int64_t i = 0; i < 24; ++i) {
                    CHECK(as_double[i] == static_cast<double>(i * 5));
                    CHECK(as_float[i] == static_cast<float>(i * 5));
                    CHECK(as_int[i] == i * 5);
                    CHECK(as_byte[i] == i * 5);
                    CHECK(as_mask[i] == (i != 0));
                }
                header.scaling(0.5, -3.0);
                test::write_file(folder / "a.nii", header.bytes() + header.voxels(stored));
                const auto scaled = roi::load<double>(folder / "a.nii");
                for (std::int64_t i = 0; i < 24; ++i) {
                    CHECK(scaled[i] == static_cast<double>(i * 5) * 0.5 - 3.0);
                }
            }
        }
    };
    check(2, std::uint8_t{});
    check(4, std::int16_t{});
    check(8, std::int32_t{});
    check(16, float{});
    check(64, double{});
    check(256, std::int8_t{});
    check(512, std::uint16_t{});
    check(768, std::uint32_t{});
    check(1024, std::int64_t{});
    check(1280, std::uint64_t{});
}

TEST_CASE("integers are exact or refused") {
    const test::TemporaryFolder folder;
    HeaderBytes header;
    header.dimensions({3, 2, 1, 1, 1, 1, 1, 1});

    header.datatype(1024);
    const std::int64_t big = (std::int64_t{1} << 53) + 1;
    test::write_file(folder / "a.nii", header.bytes() + header.voxels(std::vector<std::int64_t>{big, -big}));
    const auto wide = roi::load<std::int64_t>(folder / "a.nii");
    CHECK((wide[0] == big && wide[1] == -big));
    const auto narrow = test::failure_of([&] { (void)roi::load<std::int32_t>(folder / "a.nii"); });
    CHECK(narrow.code == ErrorCode::unsupported);
    CHECK(narrow.says("int32"));
    CHECK(narrow.says("read it as std::int64_t"));

    header.datatype(16);
    const auto refused = [&](float value) {
        test::write_file(folder / "a.nii", header.bytes() + header.voxels(std::vector<float>{7.0f, value}));
        return test::failure_of([&] { (void)roi::load<std::int32_t>(folder / "a.nii"); });
    };
    CHECK(refused(1.5f).says("found 1.5"));
    CHECK(refused(2147483648.0f).says("found 2147483648"));
    CHECK(refused(std::numeric_limits<float>::quiet_NaN()).says("found nan"));
    CHECK(refused(std::numeric_limits<float>::infinity()).says("found inf"));
    test::write_file(folder / "a.nii",
                     header.bytes() + header.voxels(std::vector<float>{-2147483648.0f, 2147483520.0f}));
    const auto edges = roi::load<std::int32_t>(folder / "a.nii");
    CHECK((edges[0] == std::numeric_limits<std::int32_t>::min() && edges[1] == 2147483520));

    test::write_file(folder / "a.nii", header.bytes() + header.voxels(std::vector<float>{
                                                            std::numeric_limits<float>::quiet_NaN(), -0.0f}));
    const auto mask = roi::load<bool>(folder / "a.nii");
    CHECK_FALSE(mask[0]);
    CHECK_FALSE(mask[1]);
}

TEST_CASE("slopes that mean nothing are ignored, others are applied in double") {
    const test::TemporaryFolder folder;
    const auto value = [&](double slope, double intercept) {
        test::write_file(folder / "a.nii", small_file(HeaderBytes{}.scaling(slope, intercept)));
        return roi::load<double>(folder / "a.nii")[7];
    };
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    // semantics: slope 0 with intercept 5 leaves 7 as it is.
    CHECK(value(0.0, 5.0) == 7.0);
    CHECK(value(nan, 5.0) == 7.0);
    CHECK(value(infinity, 5.0) == 7.0);
    CHECK(value(nan, nan) == 7.0);
    CHECK(value(1.0, 0.0) == 7.0);
    CHECK(value(1.0, -1024.0) == 7.0 - 1024.0);
    CHECK(value(-2.0, 1.0) == -13.0);
    CHECK(value(0.1, 0.0) == double{0.1f} * 7.0);
    test::write_file(folder / "a.nii", small_file(HeaderBytes{}.scaling(2.0, nan)));
    CHECK(load_failure(folder / "a.nii").code == ErrorCode::bad_format);
}

TEST_CASE("the affine is the sform, else the qform, else made up: nibabel's numbers") {
    const test::TemporaryFolder folder;
    const auto affine = [&](const HeaderBytes& header) {
        test::write_file(folder / "a.nii", header.bytes() + header.voxels(test::counting(60)));
        return roi::load<float>(folder / "a.nii").affine();
    };
    HeaderBytes header;
    header.dimensions({3, 3, 4, 5, 1, 1, 1, 1}).pixdim({1, 2, 3, 4, 1, 1, 1, 1});
    roi::Affine made_up = roi::scaling({-2.0, 3.0, 4.0}, {2.0, -4.5, -8.0});
    CHECK(affine(header) == made_up);
    CHECK(affine(HeaderBytes(header).pixdim({1, -2, 3, -4, 1, 1, 1, 1})) == made_up);
    CHECK(affine(HeaderBytes(header).pixdim({1, 0, 3, 4, 1, 1, 1, 1}))(0, 0) == -1.0);

    // A half-turn about y with handedness -1 is diag(-2, 3, 4).
    HeaderBytes qform(header);
    qform.pixdim({-1, 2, 3, 4, 1, 1, 1, 1})
        .put<std::int16_t>(252, 1)
        .put<float>(260, 1.0f)
        .put<float>(268, 9.0f);
    CHECK(affine(qform) == roi::scaling({-2.0, 3.0, 4.0}, {9.0, 0.0, 0.0}));
    CHECK(affine(HeaderBytes(qform).put<float>(76, 0.0f))(2, 2) == -4.0);

    HeaderBytes sform(qform);
    sform.put<std::int16_t>(254, 4).put<float>(280, 7.0f).put<float>(300, 8.0f).put<float>(320, 9.0f);
    CHECK(affine(sform) == roi::scaling({7.0, 8.0, 9.0}));
    CHECK(affine(HeaderBytes(sform).put<std::int16_t>(254, 99)) == affine(qform));

    test::write_file(folder / "b.nii", small_file(HeaderBytes(qform).put<float>(256, 1.0f)));
    CHECK(load_failure(folder / "b.nii").code == ErrorCode::bad_format);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const auto& bad : {HeaderBytes(sform).put<float>(300, nan), HeaderBytes(qform).put<float>(256, nan),
                            HeaderBytes(header).put<float>(80, nan)}) {
        test::write_file(folder / "b.nii", small_file(bad));
        CHECK(load_failure(folder / "b.nii").code == ErrorCode::bad_format);
    }
}

TEST_CASE("saving again changes nothing in a header that another program wrote") {
    const test::TemporaryFolder folder;
    for (const char* name : {"example4d_ext.nii.gz", "made_qform_and_sform_differ.nii",
                             "made_dim_info_intent.nii", "made_units_msec_um.nii", "made_neither.nii",
                             "made_qform_only_qfac_neg.nii", "made_two_extensions.nii", "space_AIL.nii.gz",
                             "pair_mask53.hdr", "made_nifti2_le.nii", "nitime_fmri1.nii.gz"}) {
        const auto path = test::shared_data(std::string("nifti-conformance/") + name);
        if (!path) return;
        INFO(name);
        const auto before = roi::read_header(*path);
        const bool many = before.frames > 1;
        for (const char* out : {"a.nii", "a.nii.gz", "a.hdr"}) {
            const roi::SaveOptions options{.version = before.version == 2 ? roi::NiftiVersion::two
                                                                          : roi::NiftiVersion::one};
            many ? roi::save(roi::load4d<float>(*path), folder / out, options)
                 : roi::save(roi::load<float>(*path), folder / out, options);
            auto after = roi::read_header(folder / out);
            after.metadata.storage = before.metadata.storage;  // float now, and unscaled
            CHECK(after.metadata == before.metadata);
            CHECK(after.grid == before.grid);
            CHECK(after.frames == before.frames);
        }
    }
}

TEST_CASE("metadata travel") {
    const test::TemporaryFolder folder;
    roi::Metadata metadata;
    metadata.description = "what this is";
    metadata.aux_file = "atlas.txt";
    metadata.intent = {1002, "regions", {1.0, 2.0, 3.0}};
    metadata.space_unit = roi::SpaceUnit::micrometre;
    metadata.time_unit = roi::TimeUnit::millisecond;
    metadata.time_step = 2500.0;
    metadata.time_offset = 12.5;
    metadata.sform_code = metadata.qform_code = roi::xform::mni;
    metadata.slices = {0x39, 1, 4, 2, 0.5};
    metadata.display_min = -1.0;
    metadata.display_max = 8.5;
    metadata.extensions = {{6, std::vector<std::byte>(24, std::byte{'c'})},
                           {4, std::vector<std::byte>(8, std::byte{'x'})},
                           {44, std::vector<std::byte>(8 + 16 * 1000, std::byte{'j'})}};
    const roi::Grid grid(roi::Shape(3, 4, 5), oblique());
    for (const auto version : {roi::NiftiVersion::one, roi::NiftiVersion::two}) {
        for (const char* name : {"a.nii.gz", "a.hdr"}) {
            roi::save(roi::Volume4D<float>(grid, 2, 1.0f, metadata), folder / name, {.version = version});
            auto back = roi::load4d<float>(folder / name);
            REQUIRE(back.metadata().forms);
            // Single precision of micrometres is not that of millimetres.
            CHECK((back.metadata().forms->affine - grid.affine()).cwiseAbs().maxCoeff() < 1e-5);
            CHECK(back.metadata().forms->affine == back.affine());
            CHECK(roi::repetition_time(back.metadata()) == roi::Seconds{2.5});
            back.metadata().forms.reset();
            back.metadata().storage = {};
            CHECK(back.metadata() == metadata);
            check_same_values(back, roi::Volume4D<float>(grid, 2, 1.0f));
        }
    }
    // Texts longer than their fields are cut; a volume made from a run has no repetition time.
    metadata.description.assign(200, 'd');
    roi::save(roi::Volume<float>(grid, 1.0f, roi::inherited_by_volume(metadata)), folder / "b.nii");
    const auto volume = roi::load<float>(folder / "b.nii");
    CHECK(volume.metadata().description == std::string(80, 'd'));
    CHECK(volume.metadata().time_step == 0.0);
    const auto bytes = test::read_file(folder / "b.nii");
    float filler = 0.0f;
    std::memcpy(&filler, bytes.data() + 92, sizeof filler);
    CHECK(filler == 1.0f);
}

TEST_CASE("new transforms are written when the affine is new") {
    const test::TemporaryFolder folder;
    const auto codes = [&](const roi::Volume<float>& volume) {
        roi::save(volume, folder / "a.nii");
        const auto info = roi::read_header(folder / "a.nii");
        const roi::Affine& affine = volume.affine();
        CHECK((info.grid.affine() - affine).cwiseAbs().maxCoeff() < 1e-6 * affine.cwiseAbs().maxCoeff());
        return std::pair{info.metadata.sform_code, info.metadata.qform_code};
    };
    const roi::Shape shape(3, 4, 5);
    CHECK(codes(roi::Volume<float>(roi::Grid(shape, oblique()))) == std::pair{2, 2});
    roi::Affine sheared = oblique();
    sheared(0, 1) += 0.25;
    CHECK(codes(roi::Volume<float>(roi::Grid(shape, sheared))) == std::pair{2, 0});
    // What cannot be inverted is no transform, and a code over it would be a lie.
    warnings.clear();
    roi::save(roi::Volume<float>(roi::Grid(shape, roi::scaling({1.0, 0.0, 1.0}))), folder / "flat.nii",
              {.warning = collect});
    const auto flat = roi::read_header(folder / "flat.nii").metadata;
    CHECK((flat.sform_code == 0 && flat.qform_code == 0));
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("cannot be inverted") != std::string::npos);

    roi::Metadata metadata;
    metadata.sform_code = metadata.qform_code = roi::xform::mni;
    roi::save(roi::Volume<float>(roi::Grid(shape, oblique()), 0.0f, metadata), folder / "b.nii");
    const auto loaded = roi::load<float>(folder / "b.nii");
    CHECK(codes(loaded) == std::pair{4, 4});
    // On another affine the file's own transforms no longer hold, nor does its code.
    CHECK(codes(roi::Volume<float>(roi::Grid(shape, sheared), 0.0f, loaded.metadata())) == std::pair{2, 0});

    // The qform alone gives the same affine, to single precision.
    auto bytes = test::read_file(folder / "b.nii");
    bytes[254] = 0;
    test::write_file(folder / "c.nii", bytes);
    const auto by_qform = roi::load<float>(folder / "c.nii");
    CHECK((by_qform.affine() - oblique()).cwiseAbs().maxCoeff() < 1e-5);
    CHECK(codes(by_qform) == std::pair{0, 4});
    CHECK(roi::load<float>(folder / "a.nii").affine() == by_qform.affine());
}

TEST_CASE("the smallest type without loss is stored") {
    const test::TemporaryFolder folder;
    const auto stored = [&](auto low, auto high) {
        using T = decltype(low);
        roi::Volume<T> volume(roi::Shape(2, 1, 1));
        volume[0] = low;
        volume[1] = high;
        roi::save(volume, folder / "a.nii");
        const auto back = roi::load<T>(folder / "a.nii");
        CHECK((back[0] == low && back[1] == high));
        const auto info = roi::read_header(folder / "a.nii");
        CHECK((info.slope == 1.0 && info.intercept == 0.0));
        return info.datatype;
    };
    CHECK(stored(false, true) == Datatype::uint8);
    CHECK(stored(0, 255) == Datatype::uint8);
    CHECK(stored(0, 256) == Datatype::int16);
    CHECK(stored(-1, 5) == Datatype::int16);
    CHECK(stored(0, 32767) == Datatype::int16);
    CHECK(stored(0, 32768) == Datatype::int32);
    CHECK(stored(0, 70000) == Datatype::int32);
    CHECK(stored(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()) ==
          Datatype::int32);
    CHECK(stored(std::int64_t{0}, std::int64_t{9}) == Datatype::uint8);
    CHECK(stored(std::int64_t{0}, std::int64_t{1} << 40) == Datatype::int64);
    CHECK(stored(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()) == Datatype::uint64);
    CHECK(stored(std::uint16_t{0}, std::uint16_t{40000}) == Datatype::uint16);
    CHECK(stored(std::int8_t{-5}, std::int8_t{5}) == Datatype::int8);
    CHECK(stored(1.0f, 2.0f) == Datatype::float32);
    CHECK(stored(1.0, 2.0) == Datatype::float64);
}

TEST_CASE("a type may be asked for; what it loses is said, and labels are never scaled") {
    const test::TemporaryFolder folder;
    roi::Volume<float> map(roi::Shape(5, 1, 1));
    // Slopes, intercepts and codes are those that nibabel 5.0 writes for the same values.
    const std::vector<float> values{0.0011f, 9.973f, 5.0f, 2.5f, 7.25f};
    std::copy(values.begin(), values.end(), map.begin());
    warnings.clear();
    roi::save(map, folder / "a.nii", {.datatype = Datatype::int16, .warning = collect});
    const auto info = roi::read_header(folder / "a.nii");
    CHECK(info.datatype == Datatype::int16);
    CHECK(info.slope == 0.00015216143219731748);
    CHECK(info.intercept == 4.987125873565674);
    CHECK(codes_in<std::int16_t>(folder / "a.nii") == std::vector<int>{-32768, 32767, 85, -16345, 14872});
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("int16 with slope") != std::string::npos);
    const auto back = roi::load<double>(folder / "a.nii");
    for (std::int64_t i = 0; i < 5; ++i) CHECK(std::abs(back[i] - double{map[i]}) <= 7.7e-5);

    warnings.clear();
    roi::Volume<float> whole(roi::Shape(3, 1, 1));
    whole[0] = 1.0f, whole[1] = 2.0f, whole[2] = 3.0f;
    roi::save(whole, folder / "a.nii", {.datatype = Datatype::uint8, .warning = collect});
    CHECK(warnings.empty());
    CHECK(roi::load<std::uint8_t>(folder / "a.nii")[2] == 3);

    map[0] = std::numeric_limits<float>::quiet_NaN();
    for (const double sign : {1.0, -1.0}) {
        roi::save(map, folder / "a.nii", {.datatype = Datatype::uint8});
        CHECK(roi::read_header(folder / "a.nii").slope == sign * 0.03910980373620987);
        CHECK(roi::read_header(folder / "a.nii").intercept == 0.0);
        CHECK(codes_in<std::uint8_t>(folder / "a.nii") == std::vector<int>{0, 255, 128, 64, 185});
        for (float& value : map) value = -value;
    }
    map[1] = std::numeric_limits<float>::infinity();
    roi::save(map, folder / "a.nii", {.datatype = Datatype::uint8, .warning = collect});
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("NaN") != std::string::npos);
    CHECK(warnings[0].find("infinities") != std::string::npos);
    const auto clipped = roi::load<double>(folder / "a.nii");
    CHECK(clipped[0] == 0.0);
    CHECK(clipped[1] == Approx(7.25));

    roi::Labels labels(roi::Shape(2, 1, 1));
    labels[1] = 70000;
    const auto failure =
        test::failure_of([&] { roi::save(labels, folder / "b.nii", {.datatype = Datatype::int16}); });
    CHECK(failure.code == ErrorCode::invalid_argument);
    CHECK(failure.says("from 0 to 70000 do not fit int16"));
    CHECK(folder.names() == std::vector<std::string>{"a.nii"});
    roi::save(labels, folder / "b.nii", {.datatype = Datatype::float32});
    CHECK(roi::load<std::int32_t>(folder / "b.nii")[1] == 70000);
}

TEST_CASE("like_reference stores as the reference did, but never damages labels") {
    const test::TemporaryFolder folder;
    roi::Metadata metadata;
    metadata.storage.datatype = Datatype::int16;
    const auto type = [&](const auto& image) {
        warnings.clear();
        roi::save(image, folder / "a.nii.gz", {.like_reference = true, .warning = collect});
        return roi::read_header(folder / "a.nii.gz").datatype;
    };
    CHECK(type(roi::Mask(roi::Shape(2, 2, 2), true, metadata)) == Datatype::int16);
    CHECK(warnings.empty());
    CHECK(type(roi::Labels(roi::Shape(2, 2, 2), 32767, metadata)) == Datatype::int16);
    CHECK(warnings.empty());
    CHECK(type(roi::Labels(roi::Shape(2, 2, 2), 32768, metadata)) == Datatype::int32);
    CHECK(warnings.size() == 1);
    CHECK(type(roi::Volume<float>(roi::Shape(2, 2, 2), 0.5f, metadata)) == Datatype::int16);
    CHECK(warnings.size() == 1);
    CHECK(roi::load<float>(folder / "a.nii.gz")[0] == 0.5f);  // one value only is exact
    CHECK(type(roi::Volume<float>(roi::Shape(2, 2, 2), 0.5f)) == Datatype::float32);
    metadata.storage.datatype = Datatype::float32;
    CHECK(type(roi::Volume<double>(roi::Shape(2, 2, 2), 0.1, metadata)) == Datatype::float32);
    CHECK(warnings.size() == 1);
}

TEST_CASE("what lies behind the last volume that is wanted is not unpacked, and may be missing") {
    const test::TemporaryFolder folder;
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(roi::Grid(roi::Shape(30, 31, 32)), 12, random);
    const auto path = folder / "run.nii.gz";
    roi::save(run, path);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) * 2 / 3);
    roi::Collect<float> first;
    roi::scan(roi::select(roi::open<float>(path), {0, 2}), first);
    CHECK(first.result().frames() == 2);
    CHECK(first.result().data()[77] == run.data()[77]);
    const auto failure = test::failure_of([&] {
        roi::Collect<float> all;
        roi::scan(roi::open<float>(path), all);
    });
    CHECK(failure.code == ErrorCode::truncated);
}

TEST_CASE("voxels that are only moved keep the scale of their file") {
    const test::TemporaryFolder folder;
    roi::Volume4D<std::int16_t> codes(roi::Shape(3, 4, 5), 3);
    std::int16_t next = -32768;
    for (std::int64_t i = 0; i < codes.size(); ++i)
        codes.data()[i] = next = static_cast<std::int16_t>(next + 360);
    for (const auto& [slope, intercept] : {std::pair{0.1F, 10.0F}, {-3.7F, 0.0F}, {1.0F, 0.3F}}) {
        roi::save(codes, folder / "codes.nii", {.datatype = Datatype::int16});
        // The header's scl_slope and scl_inter.
        {
            std::fstream file(folder / "codes.nii", std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(112);
            file.write(reinterpret_cast<const char*>(&slope), sizeof slope);
            file.write(reinterpret_cast<const char*>(&intercept), sizeof intercept);
        }
        const auto original = test::read_file(folder / "codes.nii");
        const auto as_float = roi::load4d<float>(folder / "codes.nii");
        roi::save(as_float, folder / "a.nii", {.like_reference = true, .warning = collect});
        CHECK(test::read_file(folder / "a.nii") == original);
        roi::save(roi::open<double>(folder / "codes.nii"), folder / "a.nii", {.like_reference = true});
        CHECK(test::read_file(folder / "a.nii") == original);

        // What does not lie on the scale is said: in memory a new scale, as values pass an error.
        auto changed = roi::load4d<double>(folder / "codes.nii");
        changed.data()[7] += 0.01;
        warnings.clear();
        roi::save(changed, folder / "a.nii", {.like_reference = true, .warning = collect});
        CHECK(warnings.size() == 1);
        CHECK(roi::read_header(folder / "a.nii").datatype == Datatype::int16);
        const auto failure = test::failure_of([&] {
            roi::RunWriter<double> writer((folder / "b.nii"), changed.grid(), 3, changed.metadata(),
                                          {.like_reference = true});
            writer.write(changed.frame(0).values());
        });
        CHECK(failure.says("int16 with slope"));
    }
}

TEST_CASE("64-bit values next to the limits survive, stored as they are") {
    const test::TemporaryFolder folder;
    roi::Volume<double> volume(roi::Shape(2, 1, 1));
    volume[0] = -9223372036854775808.0;
    volume[1] = 9223372036854774784.0;  // the largest double below 2^63
    roi::save(volume, folder / "a.nii", {.datatype = Datatype::int64});
    const auto back = roi::load<std::int64_t>(folder / "a.nii");
    CHECK(back[0] == std::numeric_limits<std::int64_t>::min());
    CHECK(back[1] == 9223372036854774784);
}

TEST_CASE("axes longer than 32767 take NIfTI-2") {
    const test::TemporaryFolder folder;
    const roi::Volume<std::uint8_t> volume(roi::Shape(2, 40000, 1), std::uint8_t{3});
    roi::save(volume, folder / "a.nii.gz");
    CHECK(roi::read_header(folder / "a.nii.gz").version == 2);
    check_same_values(roi::load<std::uint8_t>(folder / "a.nii.gz"), volume);
    CHECK(test::failure_of([&] {
              roi::save(volume, folder / "b.nii", {.version = roi::NiftiVersion::one});
          }).says("32767"));
    CHECK(folder.names() == std::vector<std::string>{"a.nii.gz"});
}

TEST_CASE("a source gives what load4d gives, volume by volume") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto run = test::random_run<float>(roi::Grid(roi::Shape(5, 4, 3), oblique()), 6, random);
    for (const auto type : {Datatype::float32, Datatype::int16}) {
        roi::save(run, folder / "a.nii.gz", {.datatype = type});
        const auto whole = roi::load4d<float>(folder / "a.nii.gz");
        std::int64_t told = 0;
        auto source = roi::open(folder / "a.nii.gz", {.progress = [&](std::int64_t done, std::int64_t total) {
                                    ++told;
                                    CHECK((done == told && total == 6));
                                }});
        static_assert(roi::StagedSource<decltype(source)>);
        CHECK(source.frames() == 6);
        CHECK(source.grid() == whole.grid());
        CHECK(source.metadata() == whole.metadata());
        roi::RawFrame raw;
        roi::ImageSource<float>::Workspace workspace;
        std::vector<float> room(60);
        for (std::int64_t t = 0; t < 6; ++t) {
            source.pull(raw);
            CHECK(raw.index == t);
            const auto values = source.convert(raw, room, workspace);
            CHECK(std::equal(values.begin(), values.end(), whole.frame(t).values().begin()));
        }
        CHECK(told == 6);
        CHECK(test::failure_of([&] { source.pull(raw); }).says("open the file again"));
    }
}

TEST_CASE("a volume is a run of one, a run is no volume") {
    const test::TemporaryFolder folder;
    roi::save(roi::Volume<float>(roi::Shape(2, 2, 2), 4.0f), folder / "a.nii");
    CHECK(roi::load4d<double>(folder / "a.nii").frames() == 1);
    roi::save(roi::Volume4D<float>(roi::Shape(2, 2, 2), 1, 4.0f), folder / "a.nii");
    CHECK(roi::load<float>(folder / "a.nii")[7] == 4.0f);
    roi::save(roi::Volume4D<float>(roi::Shape(2, 2, 2), 3, 4.0f), folder / "a.nii");
    const auto failure = test::failure_of([&] { (void)roi::load<float>(folder / "a.nii"); });
    CHECK(failure.says("expected one volume, found 3"));
    CHECK(failure.says("load4d"));
}

TEST_CASE("a run can be written volume by volume") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto run = test::random_run<float>(roi::Shape(6, 5, 4), 5, random);
    roi::save(run, folder / "whole.nii.gz");
    {
        roi::RunWriter<float> writer(folder / "pieces.nii.gz", run.grid(), 5);
        for (std::int64_t t = 0; t < 5; ++t) writer.write(run.frame(t).values());
        CHECK(folder.names().size() == 2);
        writer.commit();
    }
    CHECK(test::read_file(folder / "whole.nii.gz") == test::read_file(folder / "pieces.nii.gz"));
    {
        roi::RunWriter<float> writer(folder / "short.nii.gz", run.grid(), 5);
        writer.write(run.frame(0).values());
        CHECK_THROWS_AS(writer.write(run.values()), roi::InvalidArgument);
        CHECK_THROWS_AS(writer.commit(), roi::InvalidArgument);
    }
    CHECK(folder.names() == std::vector<std::string>{"pieces.nii.gz", "whole.nii.gz"});
    using Int = roi::RunWriter<std::int16_t>;
    CHECK_THROWS_AS(Int(folder / "x.nii", run.grid(), 5, {}, {.datatype = Datatype::uint8}),
                    roi::InvalidArgument);
    CHECK_NOTHROW(Int(folder / "x.nii", run.grid(), 5, {}, {.datatype = Datatype::float32}));
}

TEST_CASE("headers that cannot be are refused by name, before anything is allocated") {
    const test::TemporaryFolder folder;
    const auto failure = [&](const HeaderBytes& header) {
        test::write_file(folder / "a.nii", small_file(header));
        return load_failure(folder / "a.nii");
    };
    CHECK(failure(HeaderBytes{}.dimensions({0, 4, 3, 2, 1, 1, 1, 1})).says("rank of 1 to 7, found 0"));
    CHECK(failure(HeaderBytes{}.dimensions({8, 4, 3, 2, 1, 1, 1, 1})).code == ErrorCode::bad_format);
    CHECK(failure(HeaderBytes{}.dimensions({-3, 4, 3, 2, 1, 1, 1, 1})).code == ErrorCode::bad_format);
    CHECK(failure(HeaderBytes{}.dimensions({3, 4, 0, 2, 1, 1, 1, 1}))
              .says("dim[2]: expected 1 or more, found 0"));
    CHECK(failure(HeaderBytes{}.dimensions({3, 4, -3, 2, 1, 1, 1, 1})).code == ErrorCode::bad_format);
    const auto rank5 = failure(HeaderBytes{}.dimensions({5, 1, 1, 2, 3, 4, 1, 1}));
    CHECK(rank5.code == ErrorCode::unsupported);
    CHECK(rank5.says("rank 5 (1 x 1 x 2 x 3 x 4)"));
    CHECK(failure(HeaderBytes{}.dimensions({6, 2, 2, 2, 1, 1, 3, 1})).code == ErrorCode::unsupported);
    const std::int64_t huge = std::int64_t{1} << 40;
    CHECK(failure(HeaderBytes(2).dimensions({3, huge, huge, huge, 1, 1, 1, 1})).says("63 bits"));
    CHECK(failure(HeaderBytes(2).dimensions({7, huge, huge, huge, huge, huge, huge, huge})).says("63 bits"));
    CHECK(failure(HeaderBytes(2).dimensions({std::int64_t{1} << 32 | 3, 4, 3, 2, 1, 1, 1, 1})).code ==
          ErrorCode::bad_format);

    for (const auto& [code, name] : std::vector<std::pair<std::int16_t, const char*>>{{1, "1-bit"},
                                                                                      {32, "complex64"},
                                                                                      {128, "RGB24"},
                                                                                      {1536, "float128"},
                                                                                      {1792, "complex128"},
                                                                                      {2048, "complex256"},
                                                                                      {2304, "RGBA32"}}) {
        const auto refused = failure(HeaderBytes{}.datatype(code));
        CHECK(refused.code == ErrorCode::unsupported);
        CHECK(refused.says(name));
    }
    CHECK(failure(HeaderBytes{}.datatype(0)).code == ErrorCode::bad_format);
    CHECK(failure(HeaderBytes{}.datatype(-9510)).says("-9510"));

    for (const float offset : {-1.0f, 1.0f, 351.0f, 1e30f, std::numeric_limits<float>::quiet_NaN(),
                               std::numeric_limits<float>::infinity()}) {
        CHECK(failure(HeaderBytes{}.put<float>(108, offset)).code == ErrorCode::bad_format);
    }
    CHECK(failure(HeaderBytes(2).put<std::int64_t>(168, -1)).code == ErrorCode::bad_format);
    CHECK(failure(HeaderBytes(2).put<std::int64_t>(168, INT64_MAX)).code == ErrorCode::truncated);
    CHECK(failure(HeaderBytes{}.put<float>(108, 1e9f)).code == ErrorCode::truncated);
    CHECK(failure(HeaderBytes{}.magic(std::string_view("n+3\0", 4))).says("magic"));
    CHECK(failure(HeaderBytes(2).magic(std::string_view("n+2\0\n\n\n\n", 8))).code == ErrorCode::bad_format);
}

TEST_CASE("voxels of a single file that start inside its header are refused") {
    const test::TemporaryFolder folder;
    for (const int version : {1, 2}) {
        for (const int offset : {0, version == 1 ? 348 : 540}) {
            HeaderBytes header(version);
            version == 2 ? header.put<std::int64_t>(168, offset)
                         : header.put<float>(108, static_cast<float>(offset));
            test::write_file(folder / "a.nii", small_file(header));
            const auto failed = load_failure(folder / "a.nii");
            CHECK(failed.code == ErrorCode::bad_format);
            CHECK(failed.says(version == 1 ? "expected 352 or more bytes" : "expected 544 or more bytes"));
        }
    }
}

TEST_CASE("a wrong header size is forgiven beside the right magic") {
    const test::TemporaryFolder folder;
    for (const bool big : {false, true}) {
        test::write_file(folder / "a.nii", small_file(HeaderBytes(1, big).put<std::int32_t>(0, 0)));
        warnings.clear();
        CHECK(roi::load<float>(folder / "a.nii", {.warning = collect})[23] == 23.0f);
        REQUIRE_FALSE(warnings.empty());
        CHECK(warnings[0].find("sizeof_hdr") != std::string::npos);
    }
}

TEST_CASE("a header size in the wrong byte order is forgiven: the rank decides") {
    const test::TemporaryFolder folder;
    for (const bool big : {false, true}) {
        test::write_file(folder / "a.nii", small_file(HeaderBytes(1, big).put<std::int32_t>(0, 0x5c010000)));
        CHECK(roi::load<float>(folder / "a.nii")[23] == 23.0f);
        CHECK(roi::read_header(folder / "a.nii").big_endian == big);
    }
}

TEST_CASE("what a header cuts is said") {
    const test::TemporaryFolder folder;
    roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
    const auto save = [&] {
        warnings.clear();
        roi::save(volume, folder / "a.nii", {.warning = collect});
        return roi::read_header(folder / "a.nii").metadata;
    };
    volume.metadata().description.assign(80, 'd');
    volume.metadata().aux_file.assign(24, 'a');
    volume.metadata().intent.name.assign(16, 'i');
    auto back = save();
    CHECK(warnings.empty());
    CHECK(back.description == volume.metadata().description);
    CHECK(back.aux_file == volume.metadata().aux_file);
    CHECK(back.intent.name == volume.metadata().intent.name);

    volume.metadata().description += "d";
    volume.metadata().intent.name = std::string("a\0b", 3);
    back = save();
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find("a.nii: description: 81 bytes are cut to 80") != std::string::npos);
    CHECK(warnings[1].find("intent name: 3 bytes are cut to 1") != std::string::npos);
    CHECK(back.intent.name == "a");
    warnings.clear();
    roi::RunWriter<float> writer(folder / "b.nii", volume.grid(), 1, volume.metadata(), {.warning = collect});
    CHECK(warnings.size() == 2);
}

TEST_CASE("affine rows come back bit for bit, whatever numbers they hold") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    for (int trial = 0; trial < 200; ++trial) {
        HeaderBytes header(1, trial % 2 == 0);
        header.put<std::int16_t>(254, 1);
        std::vector<float> rows(12);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            do {
                rows[i] = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
            } while (!std::isfinite(rows[i]));
            header.put<float>(280 + 4 * i, rows[i]);
        }
        test::write_file(folder / "a.nii", small_file(header));
        const auto image = roi::load<std::int16_t>(folder / "a.nii");
        roi::save(image, folder / "b.nii", {.version = roi::NiftiVersion::one});
        const auto bytes = test::read_file(folder / "b.nii");
        CHECK(std::memcmp(bytes.data() + 280, rows.data(), 48) == 0);
        roi::save(image, folder / "c.nii", {.version = roi::NiftiVersion::two});
        CHECK(roi::load<std::int16_t>(folder / "c.nii").affine() == image.affine());
    }
}

TEST_CASE("numbers beyond single precision take NIfTI-2") {
    const test::TemporaryFolder folder;
    roi::Volume<float> volume(roi::Grid(roi::Shape(2, 2, 2), roi::scaling({1e300, 1.0, 1.0})), 1.0f);
    roi::save(volume, folder / "a.nii");
    CHECK(roi::read_header(folder / "a.nii").version == 2);
    CHECK(roi::load<float>(folder / "a.nii").affine() == volume.affine());
    CHECK(test::failure_of([&] {
              roi::save(volume, folder / "b.nii", {.version = roi::NiftiVersion::one});
          }).code == ErrorCode::invalid_argument);
    CHECK(folder.names() == std::vector<std::string>{"a.nii"});

    // A step that would become 0, and the affine with it one that cannot be inverted.
    roi::Volume<float> small(roi::Grid(roi::Shape(2, 2, 2), roi::scaling({1.0, 1e-300, 1.0})), 1.0f);
    roi::save(small, folder / "a.nii");
    CHECK(roi::read_header(folder / "a.nii").version == 2);
    CHECK(roi::load<float>(folder / "a.nii").affine() == small.affine());
    CHECK(test::failure_of([&] {
              roi::save(small, folder / "b.nii", {.version = roi::NiftiVersion::one});
          }).says("too large or too small"));
}

TEST_CASE("a slice order that NIfTI-1 has no room for takes NIfTI-2") {
    const test::TemporaryFolder folder;
    roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
    for (const auto& [order, version] : {std::pair(6, 1), std::pair(127, 1), std::pair(2048, 2)}) {
        volume.metadata().slices.order = order;
        roi::save(volume, folder / "a.nii");
        const auto info = roi::read_header(folder / "a.nii");
        CHECK(info.version == version);
        CHECK(info.metadata.slices.order == order);
    }
    CHECK(test::failure_of([&] {
              roi::save(volume, folder / "b.nii", {.version = roi::NiftiVersion::one});
          }).code == ErrorCode::invalid_argument);
}

TEST_CASE("a quaternion that does not count never decides which version a second save takes") {
    const test::TemporaryFolder folder;
    // One axis: the made-up affine ignores the other voxel sizes, which a volume of three axes would not.
    HeaderBytes header(2);
    header.dimensions({1, 24, 1, 1, 1, 1, 1, 1}).pixdim({1, 1, 1, 1.0 + 1e-10, 1, 1, 1, 1});
    header.put<double>(368, -1e46);
    test::write_file(folder / "a.nii", small_file(header));
    roi::save(roi::load<std::int16_t>(folder / "a.nii"), folder / "b.nii");
    roi::save(roi::load<std::int16_t>(folder / "b.nii"), folder / "c.nii");
    CHECK(test::read_file(folder / "b.nii") == test::read_file(folder / "c.nii"));
    CHECK(roi::load<std::int16_t>(folder / "c.nii").affine() ==
          roi::load<std::int16_t>(folder / "a.nii").affine());
}

TEST_CASE("an extension flag without content is no extension, and is not written again") {
    const test::TemporaryFolder folder;
    for (const int version : {1, 2}) {
        auto bytes = small_file(HeaderBytes(version));
        const std::size_t flag = version == 2 ? 540 : 348;
        bytes[flag] = 1;
        test::write_file(folder / "a.nii", bytes);
        const auto image = roi::load<std::int16_t>(folder / "a.nii");
        CHECK(image.metadata().extensions.empty());
        roi::save(image, folder / "b.nii", {.version = static_cast<roi::NiftiVersion>(version)});
        CHECK(test::read_file(folder / "b.nii")[flag] == 0);
    }
}

TEST_CASE("equal images give equal files, in any folder and at any time") {
    const test::TemporaryFolder one, other;
    const roi::Volume4D<float> run(roi::Grid(roi::Shape(9, 8, 7), oblique()), 3, 1.5f);
    for (const auto& name : all_names) {
        roi::save(run, one / name);
        roi::save(run, other / name);
        CHECK(test::read_file(one / name) == test::read_file(other / name));
    }
}

TEST_CASE("(x, y, z, 1, t) is a run of t volumes, every other rank above 4 is refused by name") {
    const test::TemporaryFolder folder;
    const auto write = [&](const std::array<std::int64_t, 8>& dim) {
        test::write_file(folder / "a.nii", small_file(HeaderBytes{}.dimensions(dim)));
    };
    write({5, 2, 3, 1, 1, 4, 1, 1});
    CHECK(roi::load4d<float>(folder / "a.nii").frames() == 4);
    CHECK(roi::load4d<float>(folder / "a.nii")(1, 0, 0, 2) == 13.0f);
    CHECK(roi::read_header(folder / "a.nii").rank == 5);
    write({7, 4, 3, 2, 1, 1, 1, 1});
    CHECK(roi::load<float>(folder / "a.nii").shape() == roi::Shape(4, 3, 2));
    write({5, 2, 3, 1, 2, 2, 1, 1});
    CHECK(load_failure(folder / "a.nii").says("rank 5 (2 x 3 x 1 x 2 x 2) is not supported"));
    write({6, 2, 3, 1, 1, 2, 2, 1});
    CHECK(load_failure(folder / "a.nii").says("rank 6"));
    write({7, 2, 3, 1, 1, 1, 2, 2});
    CHECK(load_failure(folder / "a.nii").code == ErrorCode::unsupported);
}

TEST_CASE("a file that ends too early is truncated, and the message counts") {
    const test::TemporaryFolder folder;
    const auto whole = small_file();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO("first " << size << " bytes");
        test::write_file(folder / "a.nii", whole.substr(0, size));
        CHECK(load_failure(folder / "a.nii").code == ErrorCode::truncated);
        test::write_file(folder / "a.nii.gz", test::gzip(whole.substr(0, size)));
        CHECK(load_failure(folder / "a.nii.gz").code == ErrorCode::truncated);
    }
    test::write_file(folder / "a.nii", whole.substr(0, 360));
    CHECK(load_failure(folder / "a.nii").says("expected 48 bytes from byte 352, found 8"));
    CHECK(roi::read_header(folder / "a.nii").voxel_problem.find("expected 48 bytes from byte 352, found 8") !=
          std::string::npos);
    test::write_file(folder / "a.nii.gz", test::gzip(whole.substr(0, 360)));
    CHECK(load_failure(folder / "a.nii.gz").says("expected 48 bytes, found 8"));

    const auto packed = test::gzip(whole);
    for (std::size_t size = 2; size < packed.size(); ++size) {
        INFO("first " << size << " compressed bytes");
        test::write_file(folder / "a.nii.gz", packed.substr(0, size));
        CHECK(load_failure(folder / "a.nii.gz").code == ErrorCode::truncated);
    }
    for (std::size_t from_end = 1; from_end <= 8; ++from_end) {
        auto bad = packed;
        bad[bad.size() - from_end] = static_cast<char>(~bad[bad.size() - from_end]);
        test::write_file(folder / "a.nii.gz", bad);
        CHECK(load_failure(folder / "a.nii.gz").code == ErrorCode::corrupt);
        CHECK(test::failure_of([&] {
                  auto source = roi::open(folder / "a.nii.gz");
                  roi::RawFrame raw;
                  source.pull(raw);
              }).code == ErrorCode::corrupt);
    }
    test::write_file(folder / "a.nii", whole + "more");
    CHECK(roi::load<float>(folder / "a.nii")[23] == 23.0f);
    test::write_file(folder / "a.nii.gz", test::gzip(whole + "more") + std::string(512, '\0'));
    CHECK(roi::load<float>(folder / "a.nii.gz")[23] == 23.0f);
}

TEST_CASE("a file that shrinks while it is read is truncated") {
    const test::TemporaryFolder folder;
    const roi::Volume4D<float> run(roi::Shape(64, 64, 16), 20, 1.0f);
    roi::save(run, folder / "a.nii");
    auto source = roi::open(folder / "a.nii");
    roi::RawFrame raw;
    source.pull(raw);
    std::filesystem::resize_file(folder / "a.nii", 1'000'000);
    const auto failure = test::failure_of([&] {
        for (int t = 1; t < 20; ++t) source.pull(raw);
    });
    CHECK(failure.code == ErrorCode::truncated);
    CHECK(failure.says("expected 5242880 bytes, found 999648"));
}

TEST_CASE("an error of a run's voxels names the volume, read at once or one by one") {
    const test::TemporaryFolder folder;
    const auto message = [&](int count) {
        roi::save(roi::Volume4D<float>(roi::Shape(4, 4, 4), count, 1.5f), folder / "whole.nii");
        auto bytes = test::read_file(folder / "whole.nii");
        bytes.resize(bytes.size() - 300);
        test::write_file(folder / "a.nii.gz", test::gzip(bytes));
        return test::failure_of([&] { (void)roi::load4d<float>(folder / "a.nii.gz"); });
    };
    CHECK(message(5).code == ErrorCode::truncated);
    CHECK(message(5).says("a.nii.gz: volume 3: voxels: expected 1280 bytes, found 980"));
    CHECK_FALSE(message(1).says("volume"));

    roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
    run.frame(2).values()[5] = 0.5f;
    roi::save(run, folder / "b.nii");
    CHECK(test::failure_of([&] { (void)roi::load4d<int>(folder / "b.nii"); }).says("b.nii: volume 2: "));
}

TEST_CASE("a small file that claims to be huge costs nothing") {
    const test::TemporaryFolder folder;
    const HeaderBytes header = HeaderBytes{}.datatype(64).dimensions({4, 4000, 4000, 144, 1, 1, 1, 1});
    test::write_file(folder / "a.nii.gz", test::gzip(header.bytes()));
    for (const auto& failure :
         {load_failure(folder / "a.nii.gz"), test::failure_of([&] { (void)roi::open(folder / "a.nii.gz"); }),
          test::failure_of([&] { (void)roi::load<bool>(folder / "a.nii.gz"); })}) {
        CHECK(failure.code == ErrorCode::truncated);
        CHECK(failure.says("18432000000"));
    }
    test::write_file(folder / "b.nii", header.bytes());
    CHECK(load_failure(folder / "b.nii").says("expected 18432000000 bytes from byte 352, found 0"));
}

#if !defined(ROI_SANITIZED)
TEST_CASE("a claim that memory cannot hold is an error that names the file") {
    const test::TemporaryFolder folder;
    const HeaderBytes header =
        HeaderBytes(2).datatype(2).dimensions({3, std::int64_t{1} << 34, 1, 1, 1, 1, 1, 1});
    test::write_file(folder / "a.nii.gz", test::gzip(header.bytes()));
    std::filesystem::resize_file(folder / "a.nii.gz", 1 << 25);  // padding, so that the claim is possible
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
    rlimit now = before;
    now.rlim_cur = rlim_t{1} << 31;
    REQUIRE(::setrlimit(RLIMIT_AS, &now) == 0);
    const auto whole = load_failure(folder / "a.nii.gz");
    const auto streamed = test::failure_of([&] {
        auto source = roi::open(folder / "a.nii.gz");
        roi::RawFrame raw;
        source.pull(raw);
    });
    REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
    CHECK(whole.code == ErrorCode::out_of_memory);
    CHECK(whole.says("a.nii.gz: needs 68719476736 bytes of memory"));
    CHECK(streamed.says("a.nii.gz: needs 17179869184 bytes of memory"));
}
#endif

TEST_CASE("extensions may be broken, the image is read all the same") {
    const test::TemporaryFolder folder;
    const auto with = [&](const std::string& area, float offset) {
        auto header = HeaderBytes{}.put<float>(108, offset).bytes();
        header[348] = 1;
        test::write_file(folder / "a.nii", header + area + HeaderBytes{}.voxels(test::counting(24)));
        warnings.clear();
        const auto image = roi::load<float>(folder / "a.nii", {.warning = collect});
        CHECK(image[23] == 23.0f);
        return image.metadata().extensions.size();
    };
    const auto block = [](std::int32_t size, std::int32_t code, std::size_t bytes) {
        std::string out(8 + bytes, 'e');
        std::memcpy(out.data(), &size, 4);
        std::memcpy(out.data() + 4, &code, 4);
        return out;
    };
    CHECK(with("", 352.0f) == 0);                                  // flag without content
    CHECK(with(std::string(16, '\0'), 368.0f) == 0);               // zeros
    CHECK(with(block(16, 6, 8), 368.0f) == 1);                     // as it should be
    CHECK(with(block(16, 6, 8) + block(32, 4, 24), 400.0f) == 2);  // two
    CHECK(with(block(16, 6, 8) + "gap", 371.0f) == 1);             // an odd gap
    CHECK(with(block(17, 6, 9), 369.0f) == 1);                     // not a multiple of 16
    const auto told = [](std::size_t count) {
        return count == 0 && std::any_of(warnings.begin(), warnings.end(), [](const std::string& line) {
                   return line.find("extension") != std::string::npos;
               });
    };
    CHECK(told(with(block(-16, 6, 8), 368.0f)));
    CHECK(told(with(block(4, 6, 8), 368.0f)));
    CHECK(told(with(block(1 << 30, 6, 8), 368.0f)));
    CHECK(told(with(block(std::numeric_limits<std::int32_t>::max(), 6, 8), 368.0f)));
}

TEST_CASE("pairs need both their files, and say which is missing") {
    const test::TemporaryFolder folder;
    roi::save(roi::Volume<float>(roi::Shape(4, 4, 4), 1.5f), folder / "a.hdr");
    CHECK(folder.names() == std::vector<std::string>{"a.hdr", "a.img"});
    std::filesystem::rename(folder / "a.img", folder / "b.img");
    const auto no_voxels = load_failure(folder / "a.hdr");
    CHECK(no_voxels.code == ErrorCode::not_found);
    CHECK(no_voxels.says("a.img"));
    const auto no_header = load_failure(folder / "b.img");
    CHECK(no_header.code == ErrorCode::not_found);
    CHECK(no_header.says("b.hdr"));
    std::filesystem::rename(folder / "b.img", folder / "a.img");
    CHECK(roi::load<float>(folder / "a.img")[0] == 1.5f);
    std::filesystem::resize_file(folder / "a.img", 100);
    CHECK(load_failure(folder / "a.hdr").says("expected 256 bytes from byte 0, found 100"));

    test::write_file(folder / "c.hdr", small_file());  // voxels in the same file, whatever the name
    CHECK(roi::load<float>(folder / "c.hdr")[23] == 23.0f);
    test::write_file(folder / "c.img", "x");
    CHECK(load_failure(folder / "c.img").code == ErrorCode::bad_format);
}

TEST_CASE("Analyze 7.5 is read with nibabel's affine") {
    const test::TemporaryFolder folder;
    for (const bool big : {false, true}) {
        HeaderBytes header(1, big);
        header.magic(std::string_view("\0\0\0\0", 4)).put<float>(108, 0.0f).pixdim({0, 2, 3, 4, 0, 0, 0, 0});
        const auto affine = [&] {
            test::write_file(folder / "a.hdr", header.bytes().substr(0, 348));
            test::write_file(folder / "a.img", header.voxels(test::counting(24)));
            const auto image = roi::load<float>(folder / "a.hdr");
            CHECK(image[23] == 23.0f);
            CHECK(roi::read_header(folder / "a.img").version == 0);
            return image.affine();
        };
        CHECK(affine() == roi::scaling({-2.0, 3.0, 4.0}, {3.0, -3.0, -2.0}));
        header.put<std::int16_t>(253, 2).put<std::int16_t>(255, 3).put<std::int16_t>(257, 1);
        CHECK(affine() == roi::scaling({-2.0, 3.0, 4.0}, {2.0, -6.0, 0.0}));
        header.put<std::int16_t>(253, 100);  // far outside: not believed
        CHECK(affine() == roi::scaling({-2.0, 3.0, 4.0}, {3.0, -3.0, -2.0}));
    }
    test::write_file(folder / "b.nii", small_file(HeaderBytes{}.magic(std::string_view("\0\0\0\0", 4))));
    CHECK(load_failure(folder / "b.nii").code == ErrorCode::bad_format);
}

TEST_CASE("what is no image is said to be none") {
    const test::TemporaryFolder folder;
    CHECK(load_failure(folder / "none.nii").code == ErrorCode::not_found);
    CHECK(load_failure(folder.path()).code == ErrorCode::unreadable);
    test::write_file(folder / "a.nii", "");
    CHECK(load_failure(folder / "a.nii").says("empty"));
    test::write_file(folder / "a.nii", std::string(5000, 'x'));
    CHECK(load_failure(folder / "a.nii").code == ErrorCode::bad_format);
    test::write_file(folder / "a.nii.gz", test::gzip(std::string(5000, 'x')));
    CHECK(load_failure(folder / "a.nii.gz").code == ErrorCode::bad_format);
    test::write_file(folder / "a.nii.gz", "\x1f\x8bxxxxxxxxxxxxxxxxxxxxxxxxxx");
    CHECK(load_failure(folder / "a.nii.gz").code == ErrorCode::corrupt);
}

TEST_CASE("random bytes in a header give an image or an error, nothing else") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    for (int trial = 0; trial < 1500; ++trial) {
        const int version = 1 + trial % 2;
        auto bytes = small_file(HeaderBytes(version, trial % 3 == 0));
        const std::size_t header = version == 2 ? 544 : 352;
        for (std::uint64_t i = 0; i < 1 + random() % 6; ++i) {
            bytes[random() % header] = static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
        }
        const auto path = folder / (trial % 5 == 0 ? "a.hdr" : "a.nii");
        test::write_file(path, trial % 2 == 0 ? bytes : test::gzip(bytes));
        try {
            const auto run = roi::load4d<float>(path);
            CHECK(run.size() * 1 <= 24 * 4);
        } catch (const roi::FileError& error) {
            CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
        }
    }
}

TEST_CASE("nothing half written is left, whatever goes wrong") {
    const test::TemporaryFolder folder;
    const roi::Volume<float> volume(roi::Shape(4, 4, 4), 1.0f);
    roi::save(volume, folder / "a.nii.gz");
    const auto before = test::read_file(folder / "a.nii.gz");
    CHECK(test::failure_of([&] { roi::save(volume, folder / "no/a.nii"); }).code == ErrorCode::unwritable);
    CHECK_THROWS_AS(roi::save(roi::Volume<float>(), folder / "b.nii"), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::save(roi::Volume4D<float>(roi::Shape(2, 2, 2), 0), folder / "b.nii"),
                    roi::InvalidArgument);
    const roi::SaveOptions interrupted{.progress = [](std::int64_t, std::int64_t) { throw 42; }};
    CHECK_THROWS_AS(roi::save(volume, folder / "a.nii.gz", interrupted), int);
    CHECK_THROWS_AS(roi::save(volume, folder / "c.hdr", interrupted), int);
    // As is what the caller stops: a volume, and a run in memory or from a source after some volumes.
    const roi::Volume4D<float> run(roi::Shape(4, 4, 4), 3, 1.0f);
    const auto stopped = [&](const auto& image, const std::string& name, int after) {
        roi::SaveOptions options;
        options.stop = [&after] { return after-- == 0; };
        try {
            roi::save(image, folder / name, options);
        } catch (const roi::Error& error) {
            return error.code() == ErrorCode::stopped &&
                   std::string(error.what()).find("stopped on request") != std::string::npos;
        }
        return false;
    };
    CHECK(stopped(volume, "a.nii.gz", 0));
    CHECK(stopped(run, "a.nii.gz", 2));
    CHECK(stopped(run, "c.hdr", 1));
    std::filesystem::create_directory(folder / "d.img");
    CHECK(test::failure_of([&] { roi::save(volume, folder / "d.hdr"); }).code == ErrorCode::unwritable);
    CHECK(folder.names() == std::vector<std::string>{"a.nii.gz", "d.img"});
    CHECK(test::read_file(folder / "a.nii.gz") == before);
}

TEST_CASE("threads read one file, and write different ones, at once") {
    const test::TemporaryFolder folder;
    const roi::Volume4D<float> run(roi::Shape(16, 16, 16), 8, 3.0f);
    roi::save(run, folder / "a.nii.gz");
    std::vector<int> good(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            const auto copy = roi::load4d<float>(folder / "a.nii.gz");
            roi::save(copy, folder / (std::to_string(i) + ".nii.gz"));
            good[i] = copy.size() == run.size() && copy.values().back() == 3.0f;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(good == std::vector<int>(4, 1));
    CHECK(test::read_file(folder / "0.nii.gz") == test::read_file(folder / "3.nii.gz"));
}

TEST_CASE("the real run loads") {
    const auto path = test::shared_data("haxby2001-1slice/mask.nii.gz");
    if (!path) return;
    const auto mask = roi::load<bool>(*path);
    CHECK(mask.size() > 0);
    CHECK(std::count(mask.begin(), mask.end(), true) > 0);
}
