// Files as users of other tools reported them: small ones of each kind made here, and the reported ones where they are.
#include <unistd.h>

#include <roi/io.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "support.hpp"
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

using roi::ErrorCode;
using test::HeaderBytes;

namespace {

std::vector<std::string> warnings;
const roi::WarningHandler collect = [](std::string_view line) { warnings.emplace_back(line); };

bool warned(std::string_view part) {
    for (const auto& line : warnings) {
        if (line.find(part) != std::string::npos) return true;
    }
    return false;
}

/// 4 x 3 x 2 counting voxels with a sform of 400 units along each axis.
HeaderBytes with_sform() {
    HeaderBytes header;
    header.put<std::int16_t>(254, 2).pixdim({1, 400, 400, 400, 0, 0, 0, 0});
    for (std::size_t row = 0; row < 3; ++row) header.put<float>(280 + 20 * row, 400.0F);
    return header;
}

std::string file_of(const HeaderBytes& header) { return header.bytes() + header.voxels(test::counting(24)); }

template <class T>
std::string typed_file(std::int16_t datatype, const std::vector<T>& values) {
    HeaderBytes header;
    header.datatype(datatype).dimensions({3, static_cast<std::int64_t>(values.size()), 1, 1, 1, 1, 1, 1});
    return header.bytes() + header.voxels(values);
}

/// Big-endian numbers of an MGH file.
template <class T>
void put(std::string& bytes, std::size_t at, T value) {
    std::array<char, sizeof(T)> raw;
    std::memcpy(raw.data(), &value, sizeof value);
    if (std::endian::native == std::endian::little) std::reverse(raw.begin(), raw.end());
    if (bytes.size() < at + sizeof value) bytes.resize(at + sizeof value);
    std::memcpy(bytes.data() + at, raw.data(), sizeof value);
}

}  // namespace

TEST_CASE("lengths in micrometres and metres are millimetres in a grid, and go back") {
    const test::TemporaryFolder folder;
    const std::vector<std::pair<char, double>> units{{3, 0.4}, {2, 400.0}, {0, 400.0}, {1, 400000.0}};
    for (const auto& [unit, size] : units) {
        INFO("unit " << static_cast<int>(unit));
        const auto bytes = file_of(with_sform().put<char>(123, unit));
        test::write_file(folder / "a.nii", bytes);
        warnings.clear();
        const auto image = roi::load<std::int16_t>(folder / "a.nii", {.warning = collect});
        CHECK(image.grid().voxel_size()[0] == size);
        CHECK(warnings.empty() == (unit == 0 || unit == 2));
        CHECK(roi::read_header(folder / "a.nii").file_affine(0, 0) == 400.0);
        roi::save(image, folder / "b.nii");
        const auto again = test::read_file(folder / "b.nii");
        CHECK(again.substr(76, 16) == bytes.substr(76, 16));    // voxel sizes
        CHECK(again.substr(252, 76) == bytes.substr(252, 76));  // codes, quaternion, rows
        CHECK(again[123] == unit);
    }
    const auto micron = test::shared_data("reports/h04_micron.nii"),
               mm = test::shared_data("reports/h04_mm.nii");
    if (micron && mm) CHECK(roi::same_grid(roi::load<float>(*micron).grid(), roi::load<float>(*mm).grid()));
}

TEST_CASE("a sform that cannot be inverted gives way, and is not saved again") {
    const test::TemporaryFolder folder;
    HeaderBytes zero;
    zero.put<std::int16_t>(254, 2).pixdim({1, 2, 3, 4, 0, 0, 0, 0});
    HeaderBytes with_qform(zero);
    with_qform.put<std::int16_t>(252, 1).put<float>(268, 9.0F);
    for (const auto& [header, affine] : {std::pair{with_qform, roi::scaling({2, 3, 4}, {9, 0, 0})},
                                         std::pair{zero, roi::scaling({-2, 3, 4}, {3, -3, -2})}}) {
        test::write_file(folder / "a.nii", file_of(header));
        warnings.clear();
        const auto image = roi::load<float>(folder / "a.nii", {.warning = collect});
        CHECK(image.affine() == affine);
        CHECK(warned("the sform cannot be inverted"));
        roi::save(image, folder / "b.nii");
        CHECK(roi::read_header(folder / "b.nii").metadata.sform_code == 0);
        CHECK(roi::load<float>(folder / "b.nii").affine() == affine);
    }
    // A qform of NaN beside a good sform is dropped, and no voxel size of NaN is written.
    const float nan = std::numeric_limits<float>::quiet_NaN();
    test::write_file(
        folder / "a.nii",
        file_of(with_sform().put<std::int16_t>(252, 1).put<float>(256, nan).put<float>(80, nan)));
    warnings.clear();
    roi::save(roi::load<float>(folder / "a.nii", {.warning = collect}), folder / "b.nii");
    CHECK(warned("the qform holds no rotation"));
    const auto saved = roi::read_header(folder / "b.nii").metadata;
    CHECK((saved.sform_code == 2 && saved.qform_code == 0 && saved.forms->qform.voxel_size[0] == 400.0));
    // Half turns a hair too long are normalised; a handedness of -3 is said.
    test::write_file(folder / "a.nii",
                     file_of(HeaderBytes(with_qform).put<std::int16_t>(254, 0).put<float>(260, 1.0000002F)));
    CHECK(std::abs(roi::load<float>(folder / "a.nii").affine()(0, 0) + 2.0) < 1e-6);
    test::write_file(folder / "a.nii",
                     file_of(HeaderBytes(with_qform).put<std::int16_t>(254, 0).put<float>(76, -3.0F)));
    warnings.clear();
    CHECK(roi::load<float>(folder / "a.nii", {.warning = collect}).affine()(2, 2) == 4.0);
    CHECK(warned("pixdim[0]: expected -1 or 1, found -3"));
    // What was decided is what the next program reads, and no quaternion is longer than nibabel takes.
    roi::save(roi::load<float>(folder / "a.nii"), folder / "b.nii");
    CHECK(roi::read_header(folder / "b.nii").metadata.forms->qform.handedness == 1.0);
    test::write_file(folder / "a.nii", file_of(HeaderBytes(with_qform)
                                                   .put<std::int16_t>(254, 0)
                                                   .put<float>(256, 0.0F)
                                                   .put<float>(260, 1.0000005F)
                                                   .put<float>(264, 0.0F)));
    roi::save(roi::load<float>(folder / "a.nii"), folder / "b.nii");
    CHECK(roi::read_header(folder / "b.nii").metadata.forms->qform.c <= 1.0);
    CHECK(
        roi::same_grid(roi::load<float>(folder / "b.nii").grid(), roi::load<float>(folder / "a.nii").grid()));
    // Voxel sizes that cannot be are said where the qform counts.
    for (const float size : {0.0F, -2.0F}) {
        test::write_file(folder / "a.nii",
                         file_of(HeaderBytes(with_qform).put<std::int16_t>(254, 0).put<float>(84, size)));
        warnings.clear();
        (void)roi::load<float>(folder / "a.nii", {.warning = collect});
        CHECK(warned("pixdim[2]: expected a voxel size above 0"));
    }
    // Neither transform can be.
    test::write_file(folder / "a.nii", file_of(HeaderBytes(with_sform())
                                                   .put<std::int16_t>(252, 1)
                                                   .put<float>(256, nan)
                                                   .put<float>(280, 0.0F)
                                                   .put<float>(284, 0.0F)
                                                   .put<float>(288, 0.0F)));
    warnings.clear();
    CHECK(roi::load<float>(folder / "a.nii", {.warning = collect}).grid().voxel_volume() > 0.0);
    CHECK(warned("the qform holds no rotation either"));
}

TEST_CASE("masks and components of images with an intent have none that is untrue") {
    const test::TemporaryFolder folder;
    HeaderBytes map;
    map.dimensions({3, 2, 2, 2, 1, 1, 1, 1}).put<std::int16_t>(68, 3).put<float>(56, 12.0F);
    test::write_file(folder / "t.nii", file_of(map));
    CHECK(roi::load<bool>(folder / "t.nii").metadata().intent.code == 0);
    CHECK(roi::load4d<bool>(folder / "t.nii").metadata().intent.code == 0);
    CHECK(roi::load<float>(folder / "t.nii").metadata().intent.code == 3);
    HeaderBytes vectors;
    vectors.dimensions({5, 2, 2, 2, 1, 3, 1, 1}).put<std::int16_t>(68, 1007);
    test::write_file(folder / "v.nii", file_of(vectors));
    const auto run = roi::load4d<float>(folder / "v.nii");
    CHECK(roi::Volume<float>(run.frame(0)).metadata().intent.code == 0);
}

TEST_CASE("vectors stay vectors, surfaces are as long as they say") {
    const test::TemporaryFolder folder;
    HeaderBytes vectors;
    vectors.dimensions({5, 2, 2, 2, 1, 3, 1, 1}).put<std::int16_t>(68, 1007);
    test::write_file(folder / "a.nii", file_of(vectors));
    const auto run = roi::load4d<float>(folder / "a.nii");
    CHECK(run.frames() == 3);
    roi::save(run, folder / "b.nii");
    const auto bytes = test::read_file(folder / "b.nii");
    std::array<std::int16_t, 8> dim{};
    std::memcpy(dim.data(), bytes.data() + 40, sizeof dim);
    CHECK(dim == std::array<std::int16_t, 8>{5, 2, 2, 2, 1, 3, 1, 1});
    CHECK(roi::read_header(folder / "b.nii").metadata.intent.code == 1007);

    HeaderBytes surface;
    surface.dimensions({4, -1, 1, 1, 3, 1, 1, 1}).put<std::int32_t>(144, 8);
    test::write_file(folder / "a.nii", file_of(surface));
    CHECK(roi::load4d<float>(folder / "a.nii").shape() == roi::Shape(8, 1, 1));
    surface.put<std::int32_t>(144, 0);
    test::write_file(folder / "a.nii", file_of(surface));
    CHECK(test::failure_of([&] { (void)roi::load4d<float>(folder / "a.nii"); }).says("dim[1]"));

    test::write_file(folder / "a.nii", file_of(HeaderBytes{}.pixdim({1, 2, 2, 2, 2.5, 0, 0, 0})));
    CHECK_FALSE(roi::repetition_time(roi::load<float>(folder / "a.nii").metadata()));
    if (const auto real = test::shared_data("reports/h01_freesurfer_surface.nii.gz")) {
        CHECK(roi::load4d<float>(*real).shape() == roi::Shape(40000, 1, 1));
    }
}

TEST_CASE("masks and atlases of a t map are no t maps") {
    roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0F);
    map.metadata().intent = {3, "t", {12.0, 0.0, 0.0}};
    CHECK(roi::like<double>(map).metadata().intent.code == 3);
    CHECK(roi::like<bool>(map).metadata().intent == roi::Intent{});
    CHECK(roi::like<std::int32_t>(map).metadata().intent == roi::Intent{});
    CHECK(roi::inherited_by_labels(map.metadata()).intent.code == 1002);
}

TEST_CASE("infinity in a mask is inside, and said") {
    const test::TemporaryFolder folder;
    const float infinite = std::numeric_limits<float>::infinity();
    for (const auto& [values, said] : std::vector<std::pair<std::vector<float>, std::string>>{
             {{infinite, 0, 1, -infinite}, "2 voxels are infinite and count as inside"},
             {{infinite, 0, 1, 0}, "1 voxel is infinite and counts as inside"}}) {
        test::write_file(folder / "a.nii", typed_file<float>(16, values));
        warnings.clear();
        const auto mask = roi::load<bool>(folder / "a.nii", {.warning = collect});
        CHECK(warned(said));
        for (std::size_t i = 0; i < values.size(); ++i)
            CHECK(mask[static_cast<std::int64_t>(i)] == (values[i] != 0.0F));
    }
}

TEST_CASE("NaN in a mask is outside, in labels background, and both are said") {
    const test::TemporaryFolder folder;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    test::write_file(folder / "a.nii", typed_file<float>(16, {nan, 0, 1, 7, nan, -2}));
    warnings.clear();
    const auto mask = roi::load<bool>(folder / "a.nii", {.warning = collect});
    CHECK(std::count(mask.begin(), mask.end(), true) == 3);
    CHECK(warned("2 voxels are NaN and count as outside"));
    warnings.clear();
    const auto labels = roi::load_labels(folder / "a.nii", {.warning = collect});
    CHECK((labels[0] == 0 && labels[3] == 7 && labels[5] == -2));
    CHECK(warned("2 voxels are NaN and count as background"));
    CHECK(
        test::failure_of([&] { (void)roi::load<std::int32_t>(folder / "a.nii"); }).says("roi::load_labels"));

    test::write_file(folder / "b.nii", typed_file<std::uint32_t>(768, {614454277U, 3000000000U, 1U}));
    const auto refused = test::failure_of([&] { (void)roi::load_labels(folder / "b.nii"); });
    CHECK(refused.says("found 3000000000; read it as std::int64_t"));
    CHECK_FALSE(refused.says("float"));
    CHECK(roi::load_labels<std::int64_t>(folder / "b.nii")[1] == 3000000000);
    test::write_file(folder / "c.nii", typed_file<float>(16, {1.0F, 1.5F}));
    CHECK(test::failure_of([&] { (void)roi::load_labels(folder / "c.nii"); }).says("found 1.5"));
    if (const auto real = test::shared_data("reports/p01_mask_nan.nii.gz")) {
        const auto found = roi::load<bool>(*real);
        CHECK(std::count(found.begin(), found.end(), true) == 18);
    }
}

TEST_CASE("what is no image is told what it is and what to do") {
    const test::TemporaryFolder folder;
    using namespace std::string_literals;
    const std::vector<std::pair<std::string, std::string>> kinds{
        {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"},
        {"/annex/objects/MD5E-s1--0.nii.gz\n", "git annex get"},
        {"\n<!DOCTYPE HTML>\n<html>", "web page"},
        {"../../.git/annex/objects/1J/3p/MD5E-s1--a.nii.gz/MD5E-s1--a.nii.gz\n", "git annex get"},
        {"BZh91AY&SY\x17\x72"s, "bunzip2"},
        {"\x5d\0\0\x80\0...."s, "unlzma"},
        {"II*\0...."s, "TIFF"},
        {"\x28\xb5\x2f\xfd....", "unzstd"},
        {"\xfd\x37zXZ\0...."s, "unxz"},
        {"\x89HDF\r\n\x1a\n....", "mnc2nii"},
        {std::string(128, '\0') + "DICM....", "dcm2niix"},
        {"{\"RepetitionTime\": 2}", "JSON"},
        {"\xff\xfe"
         "a\0b\0"s,
         "UTF-16"},
        {"just words", "found text"},
        {std::string(400, '\0'), "zeros"},
    };
    for (const auto& [bytes, part] : kinds) {
        INFO(part);
        test::write_file(folder / "a.nii.gz", bytes);
        CHECK(test::failure_of([&] { (void)roi::load<float>(folder / "a.nii.gz"); }).says(part));
        CHECK(test::failure_of([&] { (void)roi::read_header(folder / "a.nii.gz"); }).says("a.nii.gz"));
    }
    REQUIRE(::symlink("../.git/annex/objects/x/y/z", (folder / "b.nii").c_str()) == 0);
    CHECK(test::failure_of([&] { (void)roi::load<float>(folder / "b.nii"); }).says("git annex get"));
    CHECK(test::failure_of([] { (void)roi::load<float>(""); }).says("the path is empty"));
    CHECK(test::failure_of([&] { (void)roi::load<float>(folder / "a.nii\0.gz"s); }).says("zero byte"));
    const roi::Volume<float> map(roi::Shape(1, 1, 1), 1.0F);
    CHECK(test::failure_of([&] { roi::save(map, folder / "c\0.nii"s); }).says("zero byte"));
    CHECK(test::failure_of([&] {
              roi::save(map, folder / "c.nii", {.datatype = static_cast<roi::Datatype>(77)});
          }).says("found the code 77"));
    HeaderBytes cifti(2);
    cifti.dimensions({6, 1, 1, 1, 1, 4, 6, 1}).put<std::int32_t>(504, 3002);
    test::write_file(folder / "d.nii", file_of(cifti));
    CHECK(test::failure_of([&] { (void)roi::load<float>(folder / "d.nii"); }).says("CIFTI-2"));
}

TEST_CASE("MGH images are read as nibabel reads them") {
    const test::TemporaryFolder folder;
    std::string bytes;
    const std::int32_t numbers[] = {1, 3, 4, 2,
                                    2, 4, 0};  // version, three axes, frames, int16, degrees of freedom
    for (std::size_t i = 0; i < 7; ++i) put(bytes, 4 * i, numbers[i]);
    put<std::int16_t>(bytes, 28, 1);
    const float geometry[] = {2.0F, 3.0F, 4.0F, -1, 0, 0, 0, 0, -1, 0, 1, 0, 5.0F, 6.0F, 7.0F};
    for (std::size_t i = 0; i < 15; ++i) put(bytes, 30 + 4 * i, geometry[i]);
    bytes.resize(284);
    for (std::int16_t i = 0; i < 48; ++i) put<std::int16_t>(bytes, bytes.size(), i);
    // nibabel.freesurfer.mghformat: affine of the same header.
    roi::Affine expected;
    expected << -2, 0, 0, 8, 0, 0, 4, 2, 0, -3, 0, 13, 0, 0, 0, 1;
    test::write_file(folder / "a.mgh", bytes);
    test::write_file(folder / "a.mgz", test::gzip(bytes));
    for (const char* name : {"a.mgh", "a.mgz"}) {
        const auto run = roi::load4d<float>(folder / name);
        CHECK(run.shape() == roi::Shape(3, 4, 2));
        CHECK(run.frames() == 2);
        CHECK(run.affine() == expected);
        CHECK(run(2, 3, 1, 1) == 47.0F);
        CHECK(roi::read_header(folder / name).format == "MGH");
    }
    roi::save(roi::load4d<float>(folder / "a.mgz"), folder / "b.nii");
    CHECK(roi::load4d<float>(folder / "b.nii").affine() == expected);
    put<std::int16_t>(bytes, 28, 0);
    test::write_file(folder / "c.mgh", bytes);
    expected << -1, 0, 0, 1.5, 0, 0, -1, 1, 0, 1, 0, -2, 0, 0, 0, 1;
    CHECK(roi::load4d<float>(folder / "c.mgh").affine() == expected);
    test::write_file(folder / "d.mgh", bytes.substr(0, 300));
    CHECK(test::failure_of([&] { (void)roi::load4d<float>(folder / "d.mgh"); }).code == ErrorCode::truncated);
    put<std::int32_t>(bytes, 20, 5);
    test::write_file(folder / "d.mgh", bytes);
    CHECK(test::failure_of([&] { (void)roi::load4d<float>(folder / "d.mgh"); }).says("type 5"));
    CHECK(test::failure_of([&] {
              roi::save(roi::load4d<float>(folder / "a.mgh"), folder / "e.mgz");
          }).says("only read; save to a name that ends in .nii"));
}

TEST_CASE("images go through pipes") {
    const test::TemporaryFolder folder;
    const roi::Volume<float> map(roi::Grid(roi::Shape(5, 4, 3), roi::scaling({2, 2, 2})), 2.5F);
    roi::save(map, folder / "a.nii.gz");
    for (const bool packed : {false, true}) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        if (packed) {
            const auto bytes = test::read_file(folder / "a.nii.gz");
            REQUIRE(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
        } else {
            roi::save(map, roi::ByteWriter(roi::OpenDescriptor{ends[1], "a pipe"}));
        }
        ::close(ends[1]);
        const auto back = roi::load<float>(roi::ByteReader(roi::OpenDescriptor{ends[0], "a pipe"}));
        ::close(ends[0]);
        CHECK(back.grid() == map.grid());
        CHECK(std::equal(back.begin(), back.end(), map.begin()));
    }
    CHECK(test::failure_of([&] {
              roi::save(map, roi::ByteWriter(roi::OpenDescriptor{9999, "nothing"}));
          }).says("nothing: is not open"));
    roi::ByteWriter writer(folder / "b", roi::Compression::none);
    writer.finish();
    CHECK(test::failure_of([&] { writer.write({}); }).says("finished already"));
}

TEST_CASE("a header without voxels can still be described") {
    const test::TemporaryFolder folder;
    roi::save(roi::Volume<float>(roi::Shape(3, 3, 3), 1.0F), folder / "a.hdr");
    std::filesystem::remove(folder / "a.img");
    const auto info = roi::read_header(folder / "a.hdr");
    CHECK(info.grid.shape() == roi::Shape(3, 3, 3));
    CHECK(info.voxel_problem.find("a.img") != std::string::npos);
    CHECK(test::failure_of([&] { (void)roi::load<float>(folder / "a.hdr"); }).code == ErrorCode::not_found);
}
