#include <roi/io.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/select.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "nifti_images.hpp"
#include "support.hpp"
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <thread>
#include <vector>

using roi::Datatype;
using roi::ErrorCode;
using test::HeaderBytes;
using test::oblique;
using test::small_file;

namespace {

test::Failure load_failure(const std::string& path) {
    return test::failure_of([&] { (void)roi::load4d<float>(path); });
}

/// A filter that does nothing.
class Unchanged : public roi::SourceFilter<roi::ImageSource<float>> {
public:
    explicit Unchanged(roi::ImageSource<float> inner) : SourceFilter(std::move(inner)) {}
    [[nodiscard]] std::span<const float> convert(const roi::RawFrame& raw, std::span<float> out,
                                                 Workspace& workspace) const {
        const auto values = volume(raw, workspace);
        std::copy(values.begin(), values.end(), out.begin());
        return out;
    }
};

std::vector<std::string> warnings;
const roi::WarningHandler collect = [](std::string_view line) { warnings.emplace_back(line); };

}  // namespace

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

TEST_CASE("what lies behind the last volume that is wanted is not unpacked, but must be there") {
    const test::TemporaryFolder folder;
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(roi::Grid(roi::Shape(30, 31, 32)), 12, random);
    const auto path = folder / "run.nii.gz";
    roi::save(run, path);
    const auto bytes = test::read_file(path);
    const auto some = [&] {
        roi::Collect<float> first;
        roi::scan(roi::select(roi::open<float>(path), {0, 2}), first);
        return first.result();
    };

    // Damage at two thirds goes unseen: nothing is unpacked there.
    auto damaged = bytes;
    damaged[bytes.size() * 2 / 3] ^= 1;
    test::write_file(path, damaged);
    CHECK(some().frames() == 2);
    CHECK(some().data()[77] == run.data()[77]);

    // Something behind the data, or another member: the length at the end is another, and everything is looked at.
    test::write_file(path, damaged + std::string(4, '\0'));
    CHECK(test::failure_of([&] { (void)some(); }).code == ErrorCode::corrupt);
    test::write_file(path, bytes + test::gzip(""));
    CHECK(some().data()[77] == run.data()[77]);

    test::write_file(path, bytes.substr(0, bytes.size() * 2 / 3));
    const auto failure = test::failure_of([&] { (void)some(); });
    CHECK(failure.code == ErrorCode::truncated);
    CHECK(failure.says("voxels: expected 1428480 bytes"));
    CHECK(test::failure_of([&] {
              roi::Collect<float> first;
              roi::scan(roi::select(Unchanged(roi::open<float>(path)), {0, 2}), first);
          }).code == ErrorCode::truncated);
}

TEST_CASE("whole numbers that double does not hold are said where they become real") {
    const test::TemporaryFolder folder;
    const auto path = folder / "a.nii";
    const std::int64_t end = std::int64_t{1} << 53;
    const auto said = [&](const auto& read) {
        warnings.clear();
        read();
        return warnings;
    };
    const auto as_double = [&] { (void)roi::load<double>(path, {.warning = collect}); };
    const auto as_float = [&] { (void)roi::load<float>(path, {.warning = collect}); };
    const auto streamed = [&] {
        roi::Collect<double> all;
        roi::scan(roi::open<double>(path, {.warning = collect}), all);
    };
    const std::vector<std::int64_t> values{end + 1, -end - 3, end,
                                           -end,    end + 2,  std::numeric_limits<std::int64_t>::max()};
    roi::save(roi::Volume<std::int64_t>(roi::Shape(6, 1, 1), values), path);
    for (const auto& lines : {said(as_double), said(streamed)}) {
        REQUIRE(lines.size() == 1);
        CHECK(lines[0] == path +
                              ": 3 voxels are whole numbers beyond 2^53 with more digits than double holds, "
                              "the first is 9007199254740993; the last ones are lost");
    }
    const auto in_single = [](const std::string& first) {
        return " beyond 2^24 with more digits than float holds, the first is " + first +
               "; the last ones are lost; read them as double";
    };
    CHECK(said(as_float) ==
          std::vector<std::string>{path + ": 4 voxels are whole numbers" + in_single("9007199254740993")});
    CHECK(said([&] { (void)roi::load<std::int64_t>(path, {.warning = collect}); }).empty());
    CHECK(said([&] { (void)roi::load<bool>(path, {.warning = collect}); }).empty());
    // Where opening names nobody, the scan is told, once; through what is computed, too.
    const auto by_scan = [&](auto source) {
        roi::Collect<typename decltype(source)::value_type> all;
        roi::scan(source, all, roi::ScanOptions{.warning = collect});
    };
    CHECK(said([&] { by_scan(roi::open(path)); }) == said(as_float));
    CHECK(said([&] { by_scan(roi::open(path, {.warning = collect})); }) == said(as_float));
    roi::save(roi::Volume<double>(roi::Shape(4, 1, 1), std::vector<double>{1e200, -1e-200, 0.1, 0.0}), path);
    const auto beyond =
        path + ": 2 voxels are beyond the range of float and became infinite or 0; read them as double";
    const auto digits =
        path + ": values of float64 keep the 7 digits that float holds; open<double> keeps all";
    CHECK(said([&] { by_scan(roi::open(path)); }) == std::vector<std::string>{digits, beyond});
    CHECK(said(as_float) == std::vector<std::string>{beyond});  // asked for by name
    CHECK(said([&] { by_scan(roi::open<double>(path)); }).empty());
    roi::save(roi::Volume<double>(roi::Shape(4, 1, 1), std::vector<double>{1.5, -0.25, 0.0, std::nan("")}),
              path);
    CHECK(said([&] { by_scan(roi::open(path)); }).empty());
    roi::save(roi::Volume<double>(roi::Shape(4, 1, 1), std::vector<double>{1e200, -1e-200, 0.1, 0.0}), path);
    CHECK(said(as_double).empty());
    roi::save(roi::Volume<std::int64_t>(roi::Shape(6, 1, 1), values), path);
    const std::vector<std::uint64_t> unsigned_values{std::numeric_limits<std::uint64_t>::max(),
                                                     std::uint64_t{1} << 63};
    roi::save(roi::Volume<std::uint64_t>(roi::Shape(2, 1, 1), unsigned_values), path);
    REQUIRE(said(as_double).size() == 1);
    CHECK(warnings[0].find("1 voxel is a whole number beyond") != std::string::npos);
    roi::save(roi::Volume<std::int64_t>(roi::Shape(2, 1, 1), end), path);
    CHECK(said(as_double).empty());

    // Those of 32 bits fit into double, not all of them into float, which is what `open` reads unless told.
    const std::vector<std::int32_t> words{(1 << 24) + 1, 1 << 24, -(1 << 24) - 2, -(1 << 24) - 3};
    roi::save(roi::Volume<std::int32_t>(roi::Shape(4, 1, 1), words), path);
    CHECK(said(as_double).empty());
    CHECK(said(streamed).empty());
    CHECK(said([&] {
              roi::Collect<float> all;
              roi::scan(roi::open(path, {.warning = collect}), all);
          }) == std::vector<std::string>{path + ": 2 voxels are whole numbers" + in_single("16777217")});
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
