#include <sys/resource.h>

#include <roi/io.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "nifti_images.hpp"
#include "sanitized.hpp"
#include "support.hpp"
#include <array>
#include <cstring>
#include <limits>
#include <vector>

using roi::ErrorCode;
using test::HeaderBytes;
using test::small_file;

namespace {

test::Failure load_failure(const std::string& path) {
    return test::failure_of([&] { (void)roi::load4d<float>(path); });
}

std::vector<std::string> warnings;
const roi::WarningHandler collect = [](std::string_view line) { warnings.emplace_back(line); };

}  // namespace

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
