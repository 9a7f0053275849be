#include <roi/io.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "nifti_images.hpp"
#include "support.hpp"
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

using roi::Datatype;
using roi::ErrorCode;
using test::check_same_values;
using test::HeaderBytes;
using test::oblique;
using test::small_file;

namespace {

const std::vector<std::string> all_names{"a.nii",    "a.nii.gz", "a.hdr",   "a.img",
                                         "a.hdr.gz", "a.img.gz", "A.NII.GZ"};

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

TEST_CASE("copies keep header fields without a meaning, results have none") {
    const test::TemporaryFolder folder;
    roi::save(roi::Volume4D<float>(roi::Grid(roi::Shape(4, 3, 2), oblique()), 3, 1.5F), folder / "plain.nii");
    auto bytes = test::read_file(folder / "plain.nii");
    const std::int32_t extents = 16384, glmax = 255;
    const std::array<float, 3> sizes{0.0F, 7.0F, -2.5F};
    std::memcpy(bytes.data() + 32, &extents, sizeof extents);
    bytes[38] = 'x';  // regular
    std::memcpy(bytes.data() + 96, sizes.data(), sizeof sizes);
    std::memcpy(bytes.data() + 140, &glmax, sizeof glmax);
    test::write_file(folder / "odd.nii", bytes);
    const auto odd = roi::load4d<float>(folder / "odd.nii");
    roi::save(odd, folder / "copy.nii");
    CHECK(test::read_file(folder / "copy.nii") == bytes);
    roi::save(roi::open<float>(folder / "odd.nii"), folder / "copy.nii");
    CHECK(test::read_file(folder / "copy.nii") == bytes);
    roi::save(odd, folder / "wide.nii", {.version = roi::NiftiVersion::two});
    CHECK(roi::read_header(folder / "wide.nii").metadata.unused.pixdim == odd.metadata().unused.pixdim);
    roi::Volume4D<float> result(odd.grid(), 3, 1.5F, roi::inherited(odd.metadata()));
    roi::save(result, folder / "result.nii");
    CHECK(test::read_file(folder / "result.nii") == test::read_file(folder / "plain.nii"));
    // A volume has no time axis, and keeps what stands in its place.
    roi::save(roi::Volume<float>(odd.frame(0)), folder / "volume.nii");
    auto volume = test::read_file(folder / "volume.nii");
    std::memcpy(volume.data() + 92, sizes.data() + 1, sizeof(float));
    test::write_file(folder / "volume.nii", volume);
    roi::save(roi::load<float>(folder / "volume.nii"), folder / "copy.nii");
    CHECK(test::read_file(folder / "copy.nii") == volume);
    // What no version holds is not kept.
    const float infinite = std::numeric_limits<float>::infinity();
    std::memcpy(bytes.data() + 96, &infinite, sizeof infinite);
    test::write_file(folder / "odd.nii", bytes);
    CHECK(roi::read_header(folder / "odd.nii").metadata.unused.pixdim ==
          std::array<double, 4>{1.0, 1.0, 7.0, -2.5});
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

TEST_CASE(
    "codes stay with an image whose voxels are elsewhere in memory and at the same places in the world") {
    const test::TemporaryFolder folder;
    const roi::Shape shape(3, 4, 5);
    roi::Metadata metadata;
    metadata.sform_code = metadata.qform_code = roi::xform::mni;
    roi::save(roi::Volume<float>(roi::Grid(shape, oblique()), 0.0f, metadata), folder / "a.nii");
    auto loaded = roi::load<float>(folder / "a.nii");
    loaded.metadata().qform_code = roi::xform::scanner;
    roi::Affine turned = loaded.affine();
    turned.col(0) = -turned.col(0);
    turned.col(3) -= 2.0 * turned.col(0);
    const auto codes = [&](const roi::Metadata& fields, const roi::Affine& affine) {
        roi::save(roi::Volume<float>(roi::Grid(shape, affine), 0.0f, fields), folder / "b.nii");
        const auto info = roi::read_header(folder / "b.nii");
        return std::pair{info.metadata.sform_code, info.metadata.qform_code};
    };
    auto fields = roi::in_same_space(loaded.metadata(), loaded.affine(), turned);
    CHECK(codes(fields, turned) == std::pair{4, 1});
    // On an affine that nobody vouched for they say nothing.
    CHECK(codes(fields, oblique() * roi::scaling({2.0, 1.0, 1.0})) == std::pair{2, 2});
    CHECK(codes(loaded.metadata(), turned) == std::pair{2, 2});
    // Back where it came from, it is as it was.
    CHECK(roi::in_same_space(fields, turned, loaded.affine()) == loaded.metadata());
    // A qform that was another transform is turned along with the image.
    fields.forms->qform.x += 5.0;
    CHECK(codes(fields, turned) == std::pair{4, 1});
    {
        auto only_qform = test::read_file(folder / "b.nii");
        only_qform[254] = 0;  // sform_code
        test::write_file(folder / "c.nii", only_qform);
        roi::Affine expected = turned;
        expected(0, 3) += 5.0;
        CHECK((roi::read_header(folder / "c.nii").grid.affine() - expected).cwiseAbs().maxCoeff() < 1e-4);
    }
    // Where there was no qform, there is none afterwards.
    fields.qform_code = roi::xform::unknown;
    CHECK(codes(fields, turned) == std::pair{4, 0});
    fields.qform_code = roi::xform::scanner;
    // A qform alone stays alone.
    fields.sform_code = roi::xform::unknown;
    CHECK(codes(fields, turned) == std::pair{0, 1});
    CHECK((roi::read_header(folder / "b.nii").grid.affine() - turned).cwiseAbs().maxCoeff() < 1e-4);
    // A shear is no qform.
    roi::Affine sheared = oblique();
    sheared(0, 1) += 0.25;
    fields = roi::in_same_space(loaded.metadata(), loaded.affine(), sheared);
    CHECK(codes(fields, sheared) == std::pair{4, 0});
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

    // A repetition time that would become none.
    roi::Volume4D<float> run(roi::Grid(roi::Shape(2, 2, 2)), 2, 1.0f);
    run.metadata().time_step = 1e-60;
    roi::save(run, folder / "a.nii");
    CHECK(roi::read_header(folder / "a.nii").version == 2);
    CHECK(roi::load4d<float>(folder / "a.nii").metadata().time_step == 1e-60);
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

TEST_CASE("a half turn that the qform alone says is read as it was, in single precision too") {
    const test::TemporaryFolder folder;
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::normal_distribution<double> normal;
    for (int round = 0; round < 200; ++round) {
        const Eigen::Vector3d axis =
            Eigen::Vector3d(normal(random), normal(random), normal(random)).normalized();
        roi::Affine affine = roi::Affine::Identity();
        affine.topLeftCorner<3, 3>() = 3.0 * (2.0 * axis * axis.transpose() - Eigen::Matrix3d::Identity());
        roi::Metadata metadata;
        metadata.qform_code = roi::xform::scanner;
        const roi::Volume<float> image(roi::Grid(roi::Shape(2, 3, 4), affine), 1.0F, metadata);
        roi::save(image, folder / "half.nii");
        auto bytes = test::read_file(folder / "half.nii");
        bytes[254] = 0;  // the code of the sform
        test::write_file(folder / "half.nii", bytes);
        const auto back = roi::load<float>(folder / "half.nii");
        CHECK(back.metadata().sform_code == 0);
        CHECK((back.affine() - affine).cwiseAbs().maxCoeff() < 2e-6);
    }
}
