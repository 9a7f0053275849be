#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <roi/io/gzip.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "support.hpp"
#include <csignal>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

using roi::ByteReader;
using roi::ByteWriter;
using roi::Compression;
using roi::ErrorCode;
using roi::GzipBackend;

namespace {

std::vector<GzipBackend> backends() {
    std::vector<GzipBackend> out{GzipBackend::zlib, GzipBackend::automatic};
    if (roi::has_isal()) out.push_back(GzipBackend::isal);
    return out;
}

/// What is left of a file, taken in pieces of `piece` bytes.
std::string rest_of(ByteReader& reader, std::size_t piece) {
    std::string out;
    std::vector<std::byte> buffer(piece);
    while (const std::size_t count = reader.read(buffer)) {
        out.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    return out;
}

/// Everything in a file.
std::string read_all(const std::string& path, GzipBackend backend = GzipBackend::automatic,
                     std::size_t piece = 1000, std::size_t chunk = ByteReader::default_chunk) {
    ByteReader reader(path, backend, chunk);
    const auto out = rest_of(reader, piece);
    CHECK(reader.position() == static_cast<std::int64_t>(out.size()));
    return out;
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

/// Text that compresses somewhat, as images do.
std::string noise(std::size_t size, test::Random& random) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>('a' + random() % 23);
    return out;
}

/// Limits the size of files this process may write, for the life of the object: a full disk without a disk.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        rlimit now = before_;
        now.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE("gzip is told by content, not by name") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "plain.gz", "plain words");
    test::write_file(folder / "packed.txt", test::gzip("packed words"));
    test::write_file(folder / "empty", "");
    test::write_file(folder / "one", "\x1f");
    for (const auto backend : backends()) {
        CHECK(read_all(folder / "plain.gz", backend) == "plain words");
        CHECK(read_all(folder / "packed.txt", backend) == "packed words");
        CHECK(read_all(folder / "empty", backend).empty());
        CHECK(read_all(folder / "one", backend) == "\x1f");
    }
    CHECK(ByteReader(folder / "packed.txt").compressed());
    CHECK_FALSE(ByteReader(folder / "plain.gz").compressed());
}

TEST_CASE("what comes out does not depend on how it is cut up, nor on the library") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto text = noise(300'000, random);
    for (const int level : {0, 1, 9}) {
        test::write_file(folder / "file", test::gzip(text, level));
        for (const auto backend : backends()) {
            for (const std::size_t chunk :
                 {std::size_t{2}, std::size_t{7}, std::size_t{4096}, std::size_t{1} << 20}) {
                INFO("level " << level << ", backend " << static_cast<int>(backend) << ", chunk " << chunk);
                CHECK(read_all(folder / "file", backend, 1 + random() % 5000, chunk) == text);
            }
        }
    }
    test::write_file(folder / "file", text);
    for (const std::size_t chunk : {std::size_t{2}, std::size_t{1000}, std::size_t{1} << 20}) {
        CHECK(read_all(folder / "file", GzipBackend::automatic, 1 + random() % 5000, chunk) == text);
    }
}

TEST_CASE("members in a row are one stream; zeros after them are padding, other bytes are left alone") {
    const test::TemporaryFolder folder;
    const std::string zeros(3000, '\0');
    const auto packed = test::gzip("") + test::gzip("one ") + test::gzip("") + test::gzip("two");
    test::write_file(folder / "members", packed);
    test::write_file(folder / "padded", packed + zeros);
    test::write_file(folder / "between", test::gzip("one ") + zeros + test::gzip("two"));
    test::write_file(folder / "garbage", packed + "garbage");
    for (const auto backend : backends()) {
        for (const std::size_t chunk : {std::size_t{2}, std::size_t{3}, std::size_t{1} << 16}) {
            for (const char* name : {"members", "padded", "between", "garbage"}) {
                INFO(name << ", backend " << static_cast<int>(backend) << ", chunk " << chunk);
                CHECK(read_all(folder / name, backend, 5, chunk) == "one two");
            }
        }
    }
    ByteReader reader(folder / "garbage");
    reader.verify_rest();
    CHECK(reader.trailing_garbage());
}

namespace {

/// Overwrites what earlier calls left on the stack.
[[gnu::noinline]] void scribble(unsigned char value) {
    volatile unsigned char room[16384];
    for (auto& byte : room) byte = value;
}

/// A member whose header has the optional fields that `flags` names.
std::string with_fields(const std::string& text, unsigned flags) {
    auto out = test::gzip(text);
    std::string fields;
    if ((flags & 4) != 0) fields += std::string("\6\0BC\2\0\1\2", 8);
    if ((flags & 8) != 0) fields += std::string("name\0", 5);
    if ((flags & 16) != 0) fields += std::string("comment\0", 8);
    out[3] = static_cast<char>(flags);
    out.insert(10, fields);
    if ((flags & 2) != 0) {
        const auto size = static_cast<unsigned>(10 + fields.size());
        const auto sum = ::crc32(0, reinterpret_cast<const unsigned char*>(out.data()), size);
        out.insert(size, {static_cast<char>(sum & 255), static_cast<char>(sum >> 8 & 255)});
    }
    return out;
}

}  // namespace

TEST_CASE("optional fields of a gzip header are passed over, wherever the data are cut") {
    const std::string text = "one two three two one";
    for (const auto backend : backends()) {
        for (unsigned flags = 0; flags < 32; flags += 2) {
            const auto bytes = with_fields(text, flags);
            for (std::size_t piece = 1; piece < 9; ++piece) {
                INFO("library " << static_cast<int>(backend) << ", fields " << flags << ", pieces of "
                                << piece);
                const auto inflater = roi::detail::make_inflater(backend);
                std::string out(text.size() + 1, '\0');
                std::size_t consumed = 0, produced = 0;
                roi::detail::InflateStep step;
                for (int calls = 0; calls < 200 && !step.finished && !step.problem; ++calls) {
                    scribble(static_cast<unsigned char>(calls % 2 == 0 ? 0xff : 0x0c));
                    const auto left = std::as_bytes(std::span(bytes)).subspan(consumed);
                    step = inflater->step(left.first(std::min(piece, left.size())),
                                          std::as_writable_bytes(std::span(out)).subspan(produced));
                    consumed += step.consumed;
                    produced += step.produced;
                }
                REQUIRE(step.finished);
                CHECK(consumed == bytes.size());
                CHECK(out.substr(0, produced) == text);
            }
        }
    }
}

TEST_CASE("a wrong checksum or length is corrupt, wherever the data are cut") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto good = test::gzip(noise(5000, random));
    for (const auto backend : backends()) {
        for (std::size_t from_end = 1; from_end <= 8; ++from_end) {
            auto bad = good;
            bad[bad.size() - from_end] = static_cast<char>(bad[bad.size() - from_end] ^ 1);
            test::write_file(folder / "bad", bad);
            INFO("byte " << from_end << " from the end, backend " << static_cast<int>(backend));
            for (const std::size_t chunk : {std::size_t{3}, std::size_t{1} << 16}) {
                const auto failure =
                    test::failure_of([&] { (void)read_all(folder / "bad", backend, 512, chunk); });
                CHECK(failure.code == ErrorCode::corrupt);
                CHECK(failure.says(folder / "bad"));
            }
            test::write_file(folder / "bad", bad + test::gzip("more"));
            CHECK(test::failure_of([&] { (void)read_all(folder / "bad", backend); }).code ==
                  ErrorCode::corrupt);
        }
    }
}

TEST_CASE("a file that ends inside a member is truncated, wherever it ends") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto text = noise(400, random);
    const auto good = test::gzip(text);
    for (const auto backend : backends()) {
        for (std::size_t size = 2; size < good.size(); ++size) {
            INFO("first " << size << " of " << good.size() << " bytes, backend "
                          << static_cast<int>(backend));
            test::write_file(folder / "cut", good.substr(0, size));
            CHECK(test::failure_of([&] { (void)read_all(folder / "cut", backend); }).code ==
                  ErrorCode::truncated);
        }
    }
    // What is there can still be read, and the message counts it.
    test::write_file(folder / "cut", good.substr(0, good.size() - 8));
    ByteReader reader(folder / "cut");
    std::vector<std::byte> out(1000);
    const auto failure = test::failure_of([&] { reader.read_exactly(out, "text"); });
    CHECK(failure.code == ErrorCode::truncated);
    CHECK(failure.says("text: expected 1000 bytes, found 400"));
}

TEST_CASE("damaged bytes give an error or other bytes, never a crash") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto good = test::gzip(noise(2000, random));
    for (int trial = 0; trial < 300; ++trial) {
        auto bad = good;
        for (int i = 0; i < 3; ++i) bad[2 + random() % (bad.size() - 2)] = static_cast<char>(random());
        test::write_file(folder / "bad", bad);
        for (const auto backend : backends()) {
            try {
                (void)read_all(folder / "bad", backend, 100, 64);
            } catch (const roi::FileError& error) {
                CHECK((error.code() == ErrorCode::corrupt || error.code() == ErrorCode::truncated));
            }
        }
    }
}

TEST_CASE("what is no readable file is refused with the reason") {
    const test::TemporaryFolder folder;
    CHECK(test::failure_of([&] { ByteReader(folder / "none"); }).code == ErrorCode::not_found);
    CHECK(test::failure_of([&] { ByteReader(folder / "none"); }).says("No such file"));
    const auto is_folder = test::failure_of([&] { ByteReader(folder.path()); });
    CHECK(is_folder.code == ErrorCode::unreadable);
    CHECK(is_folder.says("folder"));
    CHECK(test::failure_of([] { ByteReader("/dev/zero"); }).code == ErrorCode::unreadable);
    CHECK(test::failure_of([] { ByteReader(""); }).code == ErrorCode::not_found);
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK(test::failure_of([&] { ByteReader(folder / "pipe"); }).code == ErrorCode::unreadable);
    if (::geteuid() != 0) {
        test::write_file(folder / "secret", "x");
        REQUIRE(::chmod((folder / "secret").c_str(), 0) == 0);
        CHECK(test::failure_of([&] { ByteReader(folder / "secret"); }).code == ErrorCode::unreadable);
    }
}

TEST_CASE("ISA-L is only there when built in") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "file", test::gzip("text"));
    if (roi::has_isal()) {
        CHECK(read_all(folder / "file", GzipBackend::isal) == "text");
    } else {
        CHECK_THROWS_AS(ByteReader(folder / "file", GzipBackend::isal), roi::InvalidArgument);
        CHECK_THROWS_AS(ByteWriter(folder / "out", Compression::gzip, GzipBackend::isal),
                        roi::InvalidArgument);
        CHECK(folder.names() == std::vector<std::string>{"file"});
    }
}

TEST_CASE("the most that can come out bounds what does") {
    const test::TemporaryFolder folder;
    const std::string zeros(5'000'000, '\0');
    test::write_file(folder / "zeros.gz", test::gzip(zeros, 9));
    ByteReader reader(folder / "zeros.gz");
    CHECK(reader.most_bytes() >= 5'000'000);
    CHECK(reader.most_bytes() < 6'000'000);
    reader.skip(4'999'999, "zeros");
    CHECK(reader.position() == 4'999'999);
    std::vector<std::byte> rest(10);
    CHECK(reader.read(rest) == 1);
}

TEST_CASE("two threads read one file, each with its own reader") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto text = noise(200'000, random);
    test::write_file(folder / "file", test::gzip(text));
    std::string first, second;
    // Catch's macros are for one thread.
    std::thread other([&] {
        ByteReader reader(folder / "file");
        second = rest_of(reader, 777);
    });
    first = read_all(folder / "file", GzipBackend::automatic, 999);
    other.join();
    CHECK((first == text && second == text));
}

TEST_CASE("what is written is read back, and equal input gives equal bytes") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{262'144}, std::size_t{900'001}}) {
        const auto text = noise(size, random);
        for (const auto backend : backends()) {
            for (const auto compression : {Compression::none, Compression::gzip}) {
                INFO("size " << size << ", backend " << static_cast<int>(backend));
                ByteWriter once(folder / "once", compression, backend);
                once.write(bytes_of(text));
                once.commit();
                ByteWriter pieces(folder / "pieces", compression, backend);
                for (std::size_t at = 0; at < size;) {
                    const std::size_t count = std::min<std::size_t>(size - at, 1 + random() % 70'000);
                    pieces.write(bytes_of(text).subspan(at, count));
                    at += count;
                }
                pieces.commit();
                const auto written = test::read_file(folder / "once");
                CHECK(written == test::read_file(folder / "pieces"));
                for (const auto reader : backends()) CHECK(read_all(folder / "once", reader, 4000) == text);
                if (compression == Compression::gzip) {
                    REQUIRE(written.size() > 10);
                    // No flags (so no name) and no time.
                    CHECK(written.substr(3, 5) == std::string(5, '\0'));
                } else {
                    CHECK(written == text);
                }
            }
        }
    }
    CHECK(folder.names() == std::vector<std::string>{"once", "pieces"});
}

TEST_CASE("compressed bytes do not depend on where in memory they are made") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int input = 0; input < 20; ++input) {
        // Few different values and many zeros, as in a header: there a wrong guess of the encoder shows.
        std::string text(400, '\0');
        for (char& c : text) {
            if (random() % 2 == 0) c = static_cast<char>(random() % 3);
        }
        std::vector<std::unique_ptr<roi::detail::Deflater>> kept;  // so that each has another address
        std::string first;
        int different = 0;
        for (int i = 0; i < 200; ++i) {
            kept.push_back(roi::detail::make_deflater(GzipBackend::automatic));
            std::string out;
            kept.back()->write(bytes_of(text), true, [&out](std::span<const std::byte> ready) {
                out.append(reinterpret_cast<const char*>(ready.data()), ready.size());
            });
            if (first.empty()) first = out;
            different += out != first;
        }
        CHECK(different == 0);
    }
}

TEST_CASE("a file appears only on commit, and the old one stays until then") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "file", "old");
    {
        ByteWriter writer(folder / "file", Compression::none);
        writer.write(bytes_of(std::string(1'000'000, 'x')));
        CHECK(test::read_file(folder / "file") == "old");
        const auto names = folder.names();
        REQUIRE(names.size() == 2);
        CHECK(names[0].substr(0, 10) == ".file.roi-");
        CHECK(names[0].substr(names[0].size() - 4) == ".tmp");
    }
    CHECK(folder.names() == std::vector<std::string>{"file"});
    CHECK(test::read_file(folder / "file") == "old");

    ByteWriter writer(folder / "file", Compression::none);
    writer.write(bytes_of("new"));
    writer.commit();
    CHECK(test::read_file(folder / "file") == "new");
    CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("permissions and links of the old file are kept") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "real", "old");
    REQUIRE(::chmod((folder / "real").c_str(), 0640) == 0);
    REQUIRE(::symlink("real", (folder / "link").c_str()) == 0);
    ByteWriter writer(folder / "link", Compression::none);
    writer.write(bytes_of("new"));
    writer.commit();
    CHECK(test::read_file(folder / "real") == "new");
    struct stat status {};
    REQUIRE(::lstat((folder / "link").c_str(), &status) == 0);
    CHECK(S_ISLNK(status.st_mode));
    REQUIRE(::stat((folder / "real").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
    CHECK(folder.names() == std::vector<std::string>{"link", "real"});
}

TEST_CASE("names that must not be written are refused before anything happens") {
    const test::TemporaryFolder folder;
    const auto code = [](const std::string& path) {
        return test::failure_of([&] { ByteWriter(path, Compression::none); }).code;
    };
    CHECK(code(folder / "no/such/folder/file") == ErrorCode::unwritable);
    CHECK(code(folder.path()) == ErrorCode::unwritable);
    CHECK(code("/dev/null") == ErrorCode::unwritable);
    CHECK(code(folder / std::string(300, 'n')) == ErrorCode::unwritable);
    test::write_file(folder / "file", "text");
    CHECK(code(folder / "file/below") == ErrorCode::unwritable);
    CHECK(test::failure_of([&] { ByteWriter(folder / "no/file", Compression::none); }).says("No such file"));
    // A name as long as the system allows still works.
    const std::string longest(255, 'n');
    ByteWriter writer(folder / longest, Compression::none);
    writer.commit();
    CHECK(folder.names() == std::vector<std::string>{"file", longest});
    if (::geteuid() != 0) {
        REQUIRE(::chmod(folder.path().c_str(), 0500) == 0);
        CHECK(code(folder / "other") == ErrorCode::unwritable);
        REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
        REQUIRE(::chmod((folder / "file").c_str(), 0400) == 0);
        CHECK(code(folder / "file") == ErrorCode::unwritable);
    }
}

TEST_CASE("no room for the whole file leaves the old one whole and nothing behind") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto text = noise(3'000'000, random);
    for (const auto backend : backends()) {
        for (const auto compression : {Compression::none, Compression::gzip}) {
            test::write_file(folder / "file", "old");
            const auto failure = test::failure_of([&] {
                const FileSizeLimit limit(100'000);
                ByteWriter writer(folder / "file", compression, backend);
                writer.write(bytes_of(text));
                writer.commit();
            });
            CHECK(failure.code == ErrorCode::unwritable);
            CHECK(failure.says("File too large"));
            CHECK(test::read_file(folder / "file") == "old");
            CHECK(folder.names() == std::vector<std::string>{"file"});
        }
    }
    // Also when the end alone, written on commit, finds no room.
    const auto failure = test::failure_of([&] {
        const FileSizeLimit limit(10);
        ByteWriter writer(folder / "file", Compression::none);
        writer.write(bytes_of(std::string(100, 'x')));
        writer.commit();
    });
    CHECK(failure.code == ErrorCode::unwritable);
    CHECK(test::read_file(folder / "file") == "old");
    CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("reserved flags of a gzip header are refused by every decoder") {
    const test::TemporaryFolder folder;
    for (const int flag : {0x20, 0x40, 0x80}) {
        auto bytes = test::gzip("some content");
        bytes[3] = static_cast<char>(flag);
        test::write_file(folder / "a.gz", bytes);
        for (const auto backend : {GzipBackend::zlib, GzipBackend::automatic}) {
            for (const std::size_t chunk : {std::size_t{2}, std::size_t{64}}) {
                const auto failure = test::failure_of([&] {
                    roi::ByteReader reader(folder / "a.gz", backend, chunk);
                    std::vector<std::byte> out(64);
                    (void)reader.read(out);
                });
                CHECK(failure.code == roi::ErrorCode::corrupt);
            }
        }
    }
}

TEST_CASE("permissions are kept whatever the umask, and a link to nothing is followed") {
    const test::TemporaryFolder folder;
    const auto write = [](const std::string& path) {
        roi::ByteWriter writer(path, roi::Compression::none);
        writer.write(std::as_bytes(std::span("new", 3)));
        writer.commit();
    };
    test::write_file(folder / "old", "old");
    REQUIRE(::chmod((folder / "old").c_str(), 0664) == 0);
    const auto mask = ::umask(0077);
    write(folder / "old");
    ::umask(mask);
    struct stat status {};
    REQUIRE(::stat((folder / "old").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0664);
    REQUIRE(::symlink("target", (folder / "link").c_str()) == 0);
    write(folder / "link");
    CHECK(test::read_file(folder / "target") == "new");
    CHECK(std::filesystem::is_symlink(folder / "link"));
}
