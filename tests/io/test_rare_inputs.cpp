// What readers of images meet seldom: the other way of each of their conditions.
#include <sys/stat.h>
#include <unistd.h>

#include <roi/io.hpp>
#include <roi/stream/scan.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "header_bytes.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using test::HeaderBytes;

namespace {

/// An Analyze 7.5 header: no magic, no offset, no slope.
HeaderBytes analyze() {
    HeaderBytes header;
    header.magic(std::string_view("\0\0\0\0", 4)).put<float>(108, 0.0F).put<float>(112, 0.0F);
    return header;
}

/// The values of a pair with this header.
template <class Number>
std::vector<double> values_of(const HeaderBytes& header, const std::vector<Number>& stored) {
    const test::TemporaryFolder folder;
    test::write_file(folder / "a.hdr", header.bytes().substr(0, 348));
    test::write_file(folder / "a.img", header.voxels(stored));
    const auto image = roi::load4d<double>(folder / "a.hdr");
    return {image.values().begin(), image.values().end()};
}

template <class Action>
std::string refused(Action&& action) {
    return test::message_of<roi::Error>(std::forward<Action>(action));
}

}  // namespace

TEST_CASE("Analyze: types of SPM, and a range of values in place of a slope") {
    auto header = analyze();
    header.dimensions({3, 2, 1, 1, 1, 1, 1, 1});
    CHECK(values_of(header.datatype(130), std::vector<std::int8_t>{-3, 5}) == std::vector<double>{-3, 5});
    CHECK(values_of(header.datatype(132), std::vector<std::uint16_t>{60000, 5}) ==
          std::vector<double>{60000, 5});
    CHECK(values_of(header.datatype(136), std::vector<std::uint32_t>{4000000000U, 5}) ==
          std::vector<double>{4000000000.0, 5});
    // glmax and glmin of what is stored, cal_max and cal_min of what it means.
    const std::vector<std::int16_t> stored{10, 110};
    header.datatype(4).put<std::int32_t>(140, 110).put<std::int32_t>(144, 10);
    CHECK(values_of(header, stored) == std::vector<double>{10, 110});
    header.put<float>(124, 3.0F).put<float>(128, 1.0F);
    CHECK(values_of(header, stored) == std::vector<double>{1, 3});
    header.put<std::int32_t>(140, 10);
    CHECK(values_of(header, stored) == std::vector<double>{10, 110});
    header.put<std::int32_t>(140, 110).put<float>(124, std::numeric_limits<float>::infinity());
    CHECK(values_of(header, stored) == std::vector<double>{10, 110});
}

TEST_CASE("surfaces of FreeSurfer whose length is in another field, and images that only look like them") {
    const test::TemporaryFolder folder;
    const auto shape_of = [&](const std::array<std::int64_t, 8>& dim, std::int64_t voxels) {
        HeaderBytes header;
        header.datatype(2).dimensions(dim);
        test::write_file(folder / "a.nii",
                         header.bytes() + std::string(static_cast<std::size_t>(voxels), '\1'));
        return roi::read_header(folder / "a.nii").grid.shape();
    };
    CHECK(shape_of({3, 27307, 1, 6, 1, 1, 1, 1}, 163842) == roi::Shape(163842, 1, 1));
    CHECK(shape_of({3, 27307, 1, 5, 1, 1, 1, 1}, 136535) == roi::Shape(27307, 1, 5));
    CHECK(shape_of({3, 27307, 2, 3, 1, 1, 1, 1}, 163842) == roi::Shape(27307, 2, 3));
    CHECK(shape_of({2, 27307, 1, 6, 1, 1, 1, 1}, 27307) == roi::Shape(27307, 1, 1));
    HeaderBytes header;
    header.dimensions({3, -1, 2, 1, 1, 1, 1, 1}).put<std::int32_t>(144, 5);
    test::write_file(folder / "b.nii", header.bytes() + std::string(64, '\0'));
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "b.nii"); }), "dim[1]"));
    header.dimensions({3, -1, 1, 2, 1, 1, 1, 1});
    test::write_file(folder / "b.nii", header.bytes() + std::string(64, '\0'));
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "b.nii"); }), "dim[1]"));
    header.dimensions({2, -1, 1, 1, 1, 1, 1, 1});
    test::write_file(folder / "b.nii", header.bytes() + std::string(64, '\0'));
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "b.nii"); }), "dim[1]"));
}

TEST_CASE("NIfTI-2 of many axes is CIFTI-2 when its intent says so, and vectors when not") {
    const test::TemporaryFolder folder;
    for (const auto& [intent, cifti] : {std::pair{3000, true}, {3099, true}, {3100, false}, {2999, false}}) {
        HeaderBytes header(2);
        header.datatype(2).dimensions({5, 2, 1, 1, 1, 3, 1, 1}).put<std::int32_t>(504, intent);
        test::write_file(folder / "a.nii", header.bytes() + "abcdef");
        INFO("intent " << intent);
        if (cifti) {
            CHECK(test::contains(refused([&] { (void)roi::load4d<float>(folder / "a.nii"); }), "CIFTI-2"));
        } else {
            CHECK(roi::load4d<float>(folder / "a.nii").frames() == 3);
        }
    }
}

TEST_CASE("an output folder takes names of files inside it, for what is written and for what is taken away") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "beside.txt", "mine");
    test::write_file(folder / "old.txt", "old");
    roi::OutputFolder out(folder / "results");
    for (const std::string& name :
         {std::string(), folder / "x.nii", std::string("../beside.txt"), std::string("a/../../beside.txt"),
          std::string("a/"), std::string("..")}) {
        INFO(name);
        CHECK(test::contains(refused([&] { (void)(out / name); }), "the name of a file inside it"));
        CHECK(test::contains(refused([&] { out.remove(name); }), "the name of a file inside it"));
    }
    (void)(out / "never written.txt");
    test::write_file(out / "deep/a.txt", "a");
    out.publish();
    CHECK(test::read_file(folder / "results/deep/a.txt") == "a");
    CHECK(test::read_file(folder / "beside.txt") == "mine");
}

TEST_CASE("what no reader knows is told by its first bytes, however few there are") {
    const test::TemporaryFolder folder;
    for (const std::string& start :
         {std::string("\x7f"), std::string("a\x7f"), std::string("abc"), std::string(3, '\0')}) {
        test::write_file(folder / "a.nii", start);
        CHECK(refused([&] { (void)roi::load<float>(folder / "a.nii"); }) != "");
    }
    const auto kind = [](const std::string& start) {
        return std::string(roi::file_kind(std::as_bytes(std::span(start))).name);
    };
    CHECK(kind("") == "empty");
    CHECK(kind(" \n ") == "text");
    CHECK(kind("a\x7f") == "");
}

namespace {

/// A file with these bytes, or a pipe that gives them.
struct Given {
    explicit Given(const std::string& bytes) {
        REQUIRE(::pipe(ends) == 0);
        REQUIRE(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
        (void)::close(ends[1]);
    }
    ~Given() { (void)::close(ends[0]); }
    Given(const Given&) = delete;
    Given& operator=(const Given&) = delete;

    [[nodiscard]] roi::ByteReader reader() const {
        return roi::ByteReader(roi::OpenDescriptor{ends[0], "a pipe"});
    }

    int ends[2] = {-1, -1};
};

using Lines = std::vector<std::string>;

/// What is warned of while a file is read.
Lines warned(const std::string& path) {
    Lines lines;
    (void)roi::load4d<float>(path, {.warning = [&](std::string_view line) {
                                 // That is so of most headers here.
                                 if (line.find("no sform and no qform") == std::string_view::npos)
                                     lines.emplace_back(line);
                             }});
    return lines;
}

/// Looks at 16-bit integers as they are stored.
struct Stored {
    using stored_type = std::int16_t;
    void begin(const roi::ScanInfo&) {}
    template <class T>
    void update(const roi::FrameBlock<T>& block, roi::VoxelRange range) {
        for (const T* volume : block.frames) {
            for (auto i = range.first; i < range.last; ++i) sum += static_cast<double>(volume[i]);
        }
    }
    double sum = 0.0;
};

}  // namespace

TEST_CASE("NIfTI: transforms at the edge of what numbers hold") {
    const test::TemporaryFolder folder;
    const auto path = folder / "a.nii";
    const auto read = [&](const HeaderBytes& header) {
        test::write_file(path, header.bytes() + std::string(48, '\0'));
        return refused([&] { (void)roi::read_header(path); });
    };
    HeaderBytes header(2);
    header.put<std::int32_t>(344, 1).put<double>(376, std::numeric_limits<double>::infinity());
    CHECK(test::contains(read(header), "qform: expected an affine of finite numbers"));
    // Kilometres of kilometres, in metres: no number of millimetres.
    HeaderBytes metres(2);
    metres.put<std::int32_t>(348, 1).put<std::int32_t>(500, 1);
    for (std::size_t at = 400; at <= 480; at += 40) metres.put<double>(at, 1e306);
    CHECK(test::contains(read(metres), "affine in millimetres: expected an affine of finite numbers"));
    // No quaternion comes near: its numbers square to infinity on the way.
    HeaderBytes wide(2);
    wide.put<std::int32_t>(344, 1).put<std::int32_t>(348, 1).put<double>(352, 2.0);
    wide.put<double>(408, 1e-80).put<double>(416, 1e-211).put<double>(440, -1e132).put<double>(448, 1e141);
    wide.put<double>(464, 1e41).put<double>(472, 1e81);
    test::write_file(path, wide.bytes() + std::string(48, '\0'));
    CHECK(roi::read_header(path).metadata.qform_code == 0);
}

TEST_CASE("NIfTI: headers that contradict themselves or their name") {
    const test::TemporaryFolder folder;
    const auto path = folder / "a.nii";
    const auto voxels = std::string(48, '\0');
    // No size and no rank says which byte order it is.
    HeaderBytes header;
    header.put<std::int32_t>(0, 0).put<std::int16_t>(40, 0x7777);
    test::write_file(path, header.bytes() + voxels);
    CHECK(refused([&] { (void)roi::read_header(path); }) != "");
    HeaderBytes pair;
    pair.magic(std::string_view("ni1\0", 4));
    test::write_file(path, pair.bytes() + voxels);
    CHECK(test::contains(warned(path).at(0), "the voxels are in a second file; read from this one"));
    test::write_file(folder / "a", pair.bytes() + voxels);
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "a"); }), "names that end in .hdr"));
    const Given given(pair.bytes() + voxels);
    CHECK(test::contains(refused([&] { (void)roi::load<float>(given.reader()); }), "read from a pipe"));
    pair.put<float>(108, -1.0F);
    test::write_file(folder / "a.hdr", pair.bytes());
    test::write_file(folder / "a.img", voxels);
    CHECK(test::contains(refused([&] { (void)roi::read_header(folder / "a.hdr"); }),
                         "vox_offset: expected 0 or more bytes, found -1"));
    auto old = analyze();
    old.put<float>(112, 2.0F).put<float>(116, std::numeric_limits<float>::infinity());
    test::write_file(folder / "b.hdr", old.bytes().substr(0, 348));
    test::write_file(folder / "b.img", old.voxels(std::vector<std::int16_t>(24, 3)));
    test::write_file(folder / "b.mat", "spm");
    CHECK(roi::load<double>(folder / "b.hdr")[0] == 6.0);
    CHECK(test::contains(warned(folder / "b.hdr").at(0), "SPM's .mat file"));
}

TEST_CASE("NIfTI: extensions that end before they should") {
    const test::TemporaryFolder folder;
    const auto extension = [](std::int32_t size, std::int32_t code) {
        std::string out(8, '\0');
        std::memcpy(out.data(), &size, 4);
        std::memcpy(out.data() + 4, &code, 4);
        return out;
    };
    HeaderBytes single;
    single.put<float>(108, 368.0F);
    auto bytes = single.bytes();
    bytes[348] = 1;
    test::write_file(folder / "a.nii", bytes + extension(0, 6) + std::string(8 + 48, '\0'));
    CHECK(test::contains(warned(folder / "a.nii").at(0), "an impossible size"));
    // What a packed header holds is known when it has been read.
    HeaderBytes pair;
    pair.magic(std::string_view("ni1\0", 4)).put<float>(108, 0.0F);
    bytes = pair.bytes();
    bytes[348] = 1;
    test::write_file(folder / "b.img", std::string(48, '\0'));
    const auto with = [&](const std::string& rest) {
        roi::ByteWriter writer(folder / "b.hdr.gz", roi::Compression::gzip);
        writer.write(bytes + rest);
        writer.commit();
        return warned(folder / "b.hdr.gz");
    };
    CHECK(with("").empty());
    CHECK(with("abc").empty());
    CHECK(test::contains(with(extension(64, 6) + "too little").at(0), "an extension is cut off"));
}

TEST_CASE("values that no asked-for type holds, claims that no memory holds, bytes behind the last") {
    const test::TemporaryFolder folder;
    HeaderBytes header;
    header.datatype(1280).dimensions({3, 1, 1, 1, 1, 1, 1, 1});
    test::write_file(folder / "a.nii",
                     header.bytes() + header.voxels(std::vector<std::uint64_t>{0x8000000000000005U}));
    const auto message = refused([&] { (void)roi::load<std::int32_t>(folder / "a.nii"); });
    CHECK(test::contains(message, "9223372036854775813"));
    CHECK(test::contains(message, "read it as std::uint64_t"));
    HeaderBytes huge(2);
    huge.datatype(2).dimensions({3, std::int64_t{1} << 31, std::int64_t{1} << 30, 1, 1, 1, 1, 1});
    const Given claim(huge.bytes());
    CHECK(test::contains(refused([&] { (void)roi::load<double>(claim.reader()); }),
                         "2305843009213693952 times 8 bytes"));
    test::Random random(test::seed());
    const auto run = test::random_run<float>(roi::Shape(3, 2, 2), 2, random);
    roi::Volume<float> labels(roi::Shape(3, 1, 1), 1.0F);
    labels[1] = std::numeric_limits<float>::quiet_NaN();
    roi::save(labels, folder / "labels.nii");
    Lines lines;
    std::int64_t volumes = 0;
    (void)roi::load_labels(folder / "labels.nii",
                           {.warning = [&](std::string_view line) { lines.emplace_back(line); },
                            .progress = [&](std::int64_t done, std::int64_t) { volumes += done; }});
    CHECK(test::contains(lines.at(0), "1 voxel is NaN and counts as background"));
    CHECK(volumes == 1);
    roi::save(run, folder / "b.nii.gz");
    test::write_file(folder / "b.nii.gz", test::read_file(folder / "b.nii.gz") + "and more");
    CHECK(test::contains(warned(folder / "b.nii.gz").at(0), "not gzip follow the compressed data"));
}

TEST_CASE("pipes: runs with progress, volumes that end too early") {
    test::Random random(test::seed());
    const auto run = test::random_run<float>(roi::Shape(3, 2, 2), 2, random);
    const test::TemporaryFolder folder;
    roi::save(run, folder / "a.nii");
    const Given given(test::read_file(folder / "a.nii"));
    std::vector<std::int64_t> told;
    const auto back = roi::load4d<float>(
        given.reader(), {.progress = [&](std::int64_t done, std::int64_t) { told.push_back(done); }});
    CHECK(std::equal(back.values().begin(), back.values().end(), run.values().begin()));
    CHECK(told == std::vector<std::int64_t>{1, 2});
    HeaderBytes header;
    const Given cut(header.bytes() + "abc");
    const auto scanned = [&] {
        Stored sink;
        auto source = roi::open(cut.reader());
        roi::scan(source, sink);
    };
    CHECK(test::contains(refused(scanned), "a pipe: "));
    CHECK_FALSE(test::contains(refused(scanned), "volume 0"));
}

TEST_CASE("sinks that take 16-bit integers get them as they are stored, or as numbers where they are not") {
    const test::TemporaryFolder folder;
    for (const bool big_endian : {false, true}) {
        const HeaderBytes header(1, big_endian);
        test::write_file(folder / "a.nii", header.bytes() + header.voxels(std::vector<std::int16_t>(24, -7)));
        Stored sink;
        auto source = roi::open(folder / "a.nii");
        roi::scan(source, sink);
        CHECK(sink.sum == -168.0);
    }
}

TEST_CASE("an output folder: trailing slashes, pairs, one file, and what is not replaced") {
    const test::TemporaryFolder folder;
    test::Random random(test::seed());
    const auto volume = test::random_volume<float>(roi::Shape(3, 2, 2), random);
    {
        roi::OutputFolder out(folder / "results/");
        roi::save(volume, out / "pair.hdr");
        roi::save(volume, out / "packed.IMG.gz");
        out.publish();
    }
    CHECK(std::filesystem::exists(folder / "results/pair.img"));
    CHECK(roi::load<float>(folder / "results/pair.hdr")[0] == volume[0]);
    CHECK(roi::load<float>(folder / "results/packed.HDR.gz")[0] == volume[0]);
    roi::OutputFolder out(folder / "results");
    std::filesystem::create_directory(folder / "results/folder.nii");
    CHECK(test::contains(refused([&] { (void)(out / "folder.nii"); }), "found a folder"));
    REQUIRE(::mkfifo((folder / "results/pipe.nii").c_str(), 0600) == 0);
    CHECK(test::contains(refused([&] { (void)(out / "pipe.nii"); }), "only regular files are replaced"));
    test::write_file(out / "one.txt", "1");
    out.publish();
    CHECK(test::read_file(folder / "results/one.txt") == "1");
    {
        roi::OutputFolder again(folder / "results");
        test::write_file(again / "one.txt", "2");
        again.publish();
    }
    CHECK(test::read_file(folder / "results/one.txt") == "2");
    // Links that lead far away, and round in a circle.
    const test::TemporaryFolder other;
    std::filesystem::create_directories(other / "a/rather/long/way/from/there");
    std::filesystem::create_symlink(other / "a/rather/long/way/from/there/far.txt",
                                    folder / "results/far.txt");
    std::filesystem::create_symlink("circle.txt", folder / "results/circle.txt");
    {
        roi::OutputFolder again(folder / "results");
        test::write_file(again / "one.txt", "3");
        test::write_file(again / "far.txt", "far");
        CHECK(test::contains(refused([&] { (void)(again / "circle.txt"); }), "cannot be examined"));
        again.publish();
    }
    CHECK(test::read_file(other / "a/rather/long/way/from/there/far.txt") == "far");
    CHECK(roi::detail::folder_of("a.nii") == ".");
    CHECK(roi::detail::folder_of("/a.nii") == "/");
}

TEST_CASE("output files: several folders and links, all of them or none") {
    const test::TemporaryFolder folder;
    const auto write = [&](const std::string& text) {
        roi::OutputFiles files;
        for (const char* name : {"a/x.txt", "b/y.txt", "a/link.txt"}) {
            test::write_file(files.add(folder / name), text + name);
        }
        (void)files.add(folder / "a/never.txt");
        files.publish();
    };
    std::filesystem::create_directory(folder / "a");
    std::filesystem::create_symlink("../b/real.txt", folder / "a/link.txt");
    write("old ");
    CHECK(test::read_file(folder / "b/real.txt") == "old a/link.txt");
    CHECK(std::filesystem::is_symlink(folder / "a/link.txt"));
    write("new ");
    CHECK(test::read_file(folder / "a/x.txt") == "new a/x.txt");
    CHECK(test::read_file(folder / "b/y.txt") == "new b/y.txt");
    CHECK_FALSE(std::filesystem::exists(folder / "a/never.txt"));
    {
        roi::OutputFiles files;
        test::write_file(files.add(folder / "a/x.txt"), "unpublished");
        CHECK(files.add(folder / "b/../a/z.txt").starts_with(folder / "a/"));  // a folder is one by any name
    }
    CHECK(test::read_file(folder / "a/x.txt") == "new a/x.txt");
    for (const char* left : {"a", "b"}) {
        CHECK_FALSE(std::filesystem::exists(folder / (std::string(left) + "/.roi-unfinished-0")));
    }
    roi::OutputFiles files;
    CHECK(test::contains(refused([&] { (void)files.add(""); }), "the path is empty"));
    CHECK(test::contains(refused([&] { (void)files.add(folder / "a/"); }), "found a folder"));
    CHECK(test::contains(refused([&] { (void)files.add(folder / "a"); }), "found a folder"));
    roi::OutputFiles().publish();
}
