// What goes wrong around files: rights, disks, devices, other processes. Each fault is a real one.
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <roi/io.hpp>

#include "catch.hpp"
#include "in_child.hpp"
#include "nifti_bytes.hpp"
#include "sanitized.hpp"
#include "support.hpp"
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

using roi::ErrorCode;
using test::Complaints;
using test::HeaderBytes;

namespace {

const std::vector<std::string> all_names{"a.nii", "a.nii.gz", "a.hdr"};

roi::Volume4D<float> noise(std::int64_t frames, std::uint64_t seed = 1) {
    test::Random random(seed);
    return test::random_run<float>(roi::Shape(32, 32, 8), frames, random);
}

/// A child's complaints, or a line that says why it had none.
void check_child(const std::string& complaints) {
    if (complaints.substr(0, test::skipped.size()) == test::skipped) {
        WARN(complaints);
    } else {
        CHECK(complaints == "");
    }
}

/// What files of a pair or a single file hold.
std::vector<std::string> contents(const test::TemporaryFolder& folder) {
    std::vector<std::string> out;
    for (const auto& name : folder.names()) {
        out.push_back(name);
        out.push_back(test::read_file(folder / name));
    }
    return out;
}

/// A save that must fail with `part` and leave everything in its folder as it was.
template <class Image>
void expect_failed_save(Complaints& complaints, const test::TemporaryFolder& folder, const Image& image,
                        std::string_view part) {
    for (const auto& name : all_names) {
        const auto before = contents(folder);
        complaints.expect_error(ErrorCode::unwritable, part, [&] { roi::save(image, folder / name); });
        complaints.expect(contents(folder) == before, "a failed save of " + name + " changed something");
    }
}

}  // namespace

TEST_CASE("what may not be read is unreadable, what may not be written unwritable") {
    const test::TemporaryFolder folder;
    const auto run = noise(1);
    roi::save(run, folder / "secret.nii.gz");
    std::filesystem::create_directory(folder / "closed");
    std::filesystem::create_directory(folder / "open");
    roi::save(run, folder / "open/fixed.nii");
    REQUIRE(::chmod((folder / "secret.nii.gz").c_str(), 0) == 0);
    REQUIRE(::chmod((folder / "closed").c_str(), 0555) == 0);
    REQUIRE(::chmod((folder / "open").c_str(), 0777) == 0);
    REQUIRE(::chmod((folder / "open/fixed.nii").c_str(), 0444) == 0);
    const auto before = test::read_file(folder / "open/fixed.nii");
    check_child(test::in_child([&]() -> std::string {
        if (!test::become_nobody()) return std::string(test::skipped) + "root's rights cannot be given up";
        Complaints out;
        out.expect_error(ErrorCode::unreadable, "secret.nii.gz: cannot be opened: Permission denied",
                         [&] { (void)roi::load<float>(folder / "secret.nii.gz"); });
        for (const auto& name : all_names) {
            out.expect_error(ErrorCode::unwritable, "no file can be made in its folder: Permission denied",
                             [&] { roi::save(run, folder / ("closed/" + name)); });
        }
        out.expect_error(ErrorCode::unwritable,
                         "the file that is there may not be replaced: Permission denied",
                         [&] { roi::save(run, folder / "open/fixed.nii"); });
        roi::save(run, folder / "open/new.nii.gz");
        out.expect(roi::load4d<float>(folder / "open/new.nii.gz").size() == run.size(),
                   "an own file is written");
        return out.text();
    }));
    CHECK(test::read_file(folder / "open/fixed.nii") == before);
    CHECK(std::filesystem::is_empty(folder / "closed"));
    REQUIRE(::chmod((folder / "closed").c_str(), 0755) == 0);
}

TEST_CASE("a full disk fails a save, keeps the old file and leaves nothing behind") {
    const test::TemporaryFolder folder;
    check_child(test::in_child([&]() -> std::string {
        if (!test::mount_small_disk(folder.path(), 400'000)) {
            return std::string(test::skipped) + "no small file system can be mounted here";
        }
        Complaints out;
        for (const auto& name : all_names) roi::save(noise(1), folder / name);
        expect_failed_save(out, folder, noise(20), "cannot be written: No space left on device");
        {
            roi::RunWriter<float> writer(folder / "a.nii.gz", roi::Shape(32, 32, 8), 20);
            out.expect_error(ErrorCode::unwritable, "No space left", [&] {
                const auto run = noise(20);
                for (std::int64_t t = 0; t < 20; ++t) writer.write(run.frame(t).values());
                writer.commit();
            });
        }
        out.expect(folder.names().size() == 4, "litter of a run writer");
        for (const auto& name : all_names) {
            out.expect(roi::load4d<float>(folder / name).frames() == 1, "the old file is whole");
        }
        return out.text();
    }));
}

#if defined(__linux__) && defined(SYS_rename)
TEST_CASE("system calls that fail at the end of a save fail it") {
    const auto check = [](std::initializer_list<long> calls, int error, std::string_view part) {
        INFO("expecting " << part);
        const test::TemporaryFolder folder;
        for (const auto& name : all_names) roi::save(noise(1), folder / name);
        check_child(test::in_child([&]() -> std::string {
            const auto other = noise(2, 7);
            if (!test::make_fail(calls, error))
                return std::string(test::skipped) + "no system call can be made to fail";
            Complaints out;
            expect_failed_save(out, folder, other, part);
            return out.text();
        }));
    };
    check({SYS_fsync}, EIO, "cannot be brought to the disk: Input/output error");
    check({SYS_fsync}, ENOSPC, "cannot be brought to the disk: No space left on device");
    check({SYS_rename, SYS_renameat, SYS_renameat2}, EIO, "cannot be put in place: Input/output error");
    check({SYS_getrandom, SYS_rename, SYS_renameat, SYS_renameat2}, EPERM, "cannot be put in place");
}

TEST_CASE("an error on closing fails a save") {
    const test::TemporaryFolder folder;
    for (const auto& name : all_names) roi::save(noise(1), folder / name);
    check_child(test::in_child([&]() -> std::string {
        const auto other = noise(2, 7);
        const auto before = contents(folder);
        if (!test::make_fail({SYS_close}, EIO))
            return std::string(test::skipped) + "no system call can be made to fail";
        Complaints out;
        for (const auto& name : all_names) {
            out.expect_error(ErrorCode::unwritable, "cannot be closed: Input/output error",
                             [&] { roi::save(other, folder / name); });
        }
        out.expect(contents(folder) == before, "a failed save changed something");
        return out.text();
    }));
}

TEST_CASE("a read error in the middle of a file is told in the system's words") {
    const test::TemporaryFolder folder;
    const auto run = noise(60);
    for (const auto& name : all_names) {
        INFO(name);
        roi::save(run, folder / name);
        check_child(test::in_child([&]() -> std::string {
            auto source = roi::open(folder / name);
            roi::RawFrame raw;
            source.pull(raw);
            if (!test::make_fail({SYS_read}, EIO))
                return std::string(test::skipped) + "no system call can be made to fail";
            Complaints out;
            out.expect_error(ErrorCode::unreadable, "cannot be read: Input/output error", [&] {
                for (int t = 1; t < 60; ++t) source.pull(raw);
            });
            return out.text();
        }));
    }
}
#endif

TEST_CASE("a file system that cannot sync still takes files") {
#if defined(__linux__)
    const test::TemporaryFolder folder;
    check_child(test::in_child([&]() -> std::string {
        const auto run = noise(1);
        if (!test::make_fail({SYS_fsync}, EINVAL))
            return std::string(test::skipped) + "no system call can be made to fail";
        Complaints out;
        roi::save(run, folder / "a.nii");
        out.expect(roi::load4d<float>(folder / "a.nii").size() == run.size(), "the file is there");
        return out.text();
    }));
#endif
}

TEST_CASE("the first byte may be unreadable already") {
    if (!std::filesystem::exists("/proc/self/mem")) {
        WARN("skipped: no file here fails on reading");
        return;
    }
    const test::TemporaryFolder folder;
    REQUIRE(::symlink("/proc/self/mem", (folder / "a.nii").c_str()) == 0);
    const auto failure = test::failure_of([&] { (void)roi::load<float>(folder / "a.nii"); });
    CHECK(failure.code == ErrorCode::unreadable);
    CHECK(failure.says("a.nii: cannot be read: "));
}

TEST_CASE("folders, pipes, devices and sockets are no images, and nobody waits for them") {
    const test::TemporaryFolder folder;
    std::filesystem::create_directory(folder / "folder.nii");
    REQUIRE(::mkfifo((folder / "pipe.nii.gz").c_str(), 0600) == 0);
    REQUIRE(::symlink("/dev/zero", (folder / "device.nii").c_str()) == 0);
    REQUIRE(::symlink("/dev/full", (folder / "full.nii").c_str()) == 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto socket_path = folder / "socket.nii";
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (socket_path.size() < sizeof address.sun_path) {
        std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size());
        REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    REQUIRE(::symlink("loop.nii", (folder / "loop.nii").c_str()) == 0);
    for (const char* name :
         {"folder.nii", "pipe.nii.gz", "device.nii", "full.nii", "socket.nii", "loop.nii"}) {
        if (std::string_view(name) == "socket.nii" && address.sun_path[0] == '\0') continue;
        INFO(name);
        const auto path = folder / name;
        CHECK(test::failure_of([&] { (void)roi::load<float>(path); }).code == ErrorCode::unreadable);
        CHECK(test::failure_of([&] { (void)roi::open(path); }).code == ErrorCode::unreadable);
        CHECK(test::failure_of([&] { (void)roi::read_header(path); }).says(name));
    }
    CHECK(test::failure_of([&] {
              (void)roi::load<float>(folder / "pipe.nii.gz");
          }).says("found a pipe; write what comes through it to a file first"));
    CHECK(test::failure_of([&] { (void)roi::load<float>(folder / "device.nii"); }).says("found a device"));
    for (const char* name : {"folder.nii", "pipe.nii.gz", "device.nii", "full.nii"}) {
        INFO(name);
        CHECK(test::failure_of([&] { roi::save(noise(1), folder / name); }).code == ErrorCode::unwritable);
    }
    ::close(listener);
}

TEST_CASE("too many open files is a reason like any other") {
    const test::TemporaryFolder folder;
    roi::save(noise(1), folder / "a.nii");
    check_child(test::in_child([&] {
        Complaints out;
        const rlimit none{3, 3};
        ::setrlimit(RLIMIT_NOFILE, &none);
        out.expect_error(ErrorCode::unreadable, "Too many open files",
                         [&] { (void)roi::load4d<float>(folder / "a.nii"); });
        out.expect_error(ErrorCode::unwritable, "Too many open files",
                         [&] { roi::save(noise(1), folder / "b.nii"); });
        return out.text();
    }));
    CHECK(folder.names() == std::vector<std::string>{"a.nii"});
}

TEST_CASE("a file that shrinks while it is read is truncated, compressed or in two parts as well") {
    const test::TemporaryFolder folder;
    const auto run = noise(60);
    for (const auto& [name, voxels] : std::vector<std::pair<std::string, std::string>>{
             {"a.nii", "a.nii"}, {"a.nii.gz", "a.nii.gz"}, {"a.hdr", "a.img"}}) {
        INFO(name);
        roi::save(run, folder / name);
        auto source = roi::open(folder / name);
        roi::RawFrame raw;
        source.pull(raw);
        std::filesystem::resize_file(folder / voxels, 600'000);
        const auto failure = test::failure_of([&] {
            for (int t = 1; t < 60; ++t) source.pull(raw);
        });
        CHECK(failure.code == ErrorCode::truncated);
        CHECK(failure.says("expected 1966080 bytes, found "));
    }
}

TEST_CASE("threads read one file and different files at once") {
    const test::TemporaryFolder folder;
    const auto run = noise(6);
    for (const auto& name : all_names) roi::save(run, folder / name);
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] {
            const auto path = folder / all_names[i % 3];
            const auto whole = roi::load4d<float>(path);
            auto source = roi::open(path);
            roi::RawFrame raw;
            roi::ImageSource<float>::Workspace workspace;
            std::vector<float> room(static_cast<std::size_t>(source.grid().size()));
            bool same = whole.size() == run.size();
            for (std::int64_t t = 0; t < 6; ++t) {
                source.pull(raw);
                const auto values = source.convert(raw, room, workspace);
                same = same && std::equal(values.begin(), values.end(), run.frame(t).values().begin());
            }
            good += same;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(good == 6);
}

TEST_CASE("who reads a name while it is being saved gets the old image or the new one") {
    const test::TemporaryFolder folder;
    const auto old_run = noise(3, 1), new_run = noise(5, 2);
    for (const char* name : {"a.nii", "a.nii.gz"}) {
        INFO(name);
        roi::save(old_run, folder / name);
        std::atomic<bool> stop = false;
        std::thread writer([&] {
            for (int i = 0; !stop; ++i) roi::save(i % 2 == 0 ? new_run : old_run, folder / name);
        });
        int bad = 0;
        for (int i = 0; i < 40; ++i) {
            const auto seen = roi::load4d<float>(folder / name);
            const auto& expected = seen.frames() == 3 ? old_run : new_run;
            bad += !std::equal(seen.values().begin(), seen.values().end(), expected.values().begin(),
                               expected.values().end());
        }
        stop = true;
        writer.join();
        CHECK(bad == 0);
        CHECK(folder.names().size() == (std::string_view(name) == "a.nii" ? 1 : 2));
    }
}

namespace {

/// What one kill left behind.
struct Remains {
    std::vector<std::string> temporaries;
    std::vector<std::string> files;  ///< contents, in the order of the names asked for
};

/// Saves two images in turn under one name, in a child that is killed at a random moment.
Remains kill_during_save(const test::TemporaryFolder& folder, const std::vector<std::string>& names,
                         const roi::Volume4D<float>& a, const roi::Volume4D<float>& b, test::Random& random,
                         bool tidy = true) {
    int started[2];
    REQUIRE(::pipe(started) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        for (int i = 0;; ++i) {
            try {
                if (::write(started[1], "x", 1) != 1) ::_exit(1);
                roi::save(i % 2 == 0 ? b : a, folder / names[0]);
            } catch (...) {
                ::_exit(2);
            }
        }
    }
    ::close(started[1]);
    char ignored;
    REQUIRE(::read(started[0], &ignored, 1) == 1);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 6000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(started[0]);
    REQUIRE(WIFSIGNALED(status));

    Remains out;
    for (const auto& name : names) out.files.push_back(test::read_file(folder / name));
    for (const auto& name : folder.names()) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        out.temporaries.push_back(name);
        if (tidy) std::filesystem::remove(folder / name);
    }
    return out;
}

}  // namespace

TEST_CASE("killed at any moment of a save, a file is the old one or the new one, with one named temporary") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto a = noise(4, 1), b = noise(7, 2);
    for (const std::string name : {"a.nii", "a.nii.gz"}) {
        INFO(name);
        const test::TemporaryFolder folder;
        roi::save(b, folder / name);
        const auto b_bytes = test::read_file(folder / name);
        roi::save(a, folder / name);
        const auto a_bytes = test::read_file(folder / name);
        const int trials = test::rounds(130, 30);
        int old_or_new = 0, in_the_middle = 0, badly_named = 0;
        for (int trial = 0; trial < trials; ++trial) {
            const auto remains = kill_during_save(folder, {name}, a, b, random);
            old_or_new += remains.files[0] == a_bytes || remains.files[0] == b_bytes;
            in_the_middle += !remains.temporaries.empty();
            REQUIRE(remains.temporaries.size() <= 1);
            for (const auto& temporary : remains.temporaries) {
                const auto start = "." + name + ".roi-";
                badly_named += temporary.substr(0, start.size()) != start ||
                               temporary.size() != start.size() + 10 ||
                               temporary.substr(temporary.size() - 4) != ".tmp";
            }
        }
        CHECK(old_or_new == trials);
        CHECK(badly_named == 0);
        CHECK(in_the_middle > 0);
    }
}

TEST_CASE("killed while a pair is saved, it is old or new, or the next save puts it back") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const test::TemporaryFolder folder;
    const auto a = noise(4, 1), b = noise(7, 2);
    const auto files = [&folder] {
        return std::vector<std::string>{test::read_file(folder / "a.hdr"), test::read_file(folder / "a.img")};
    };
    roi::save(b, folder / "a.hdr");
    const auto b_files = files();
    roi::save(a, folder / "a.hdr");
    const auto a_files = files();
    const int trials = test::rounds(130, 30);
    int mixed = 0, littered = 0;
    for (int trial = 0; trial < trials; ++trial) {
        const auto remains = kill_during_save(folder, {"a.hdr", "a.img"}, a, b, random, false);
        // The new header, the new voxels, both old files' second names, and the journal.
        CHECK(remains.temporaries.size() <= 5);
        littered += !remains.temporaries.empty();
        mixed += remains.files != a_files && remains.files != b_files;
        // The next save that gets nowhere: it only puts back what was there.
        { roi::RunWriter<float> writer(folder / "a.hdr", a.grid(), 4); }
        CHECK((files() == a_files || files() == b_files));
        roi::save(a, folder / "a.hdr");
        CHECK(folder.names() == std::vector<std::string>{"a.hdr", "a.img"});
    }
    INFO(mixed << " kills between the two renames");
    CHECK(mixed < trials);
    CHECK(littered > 0);
}

TEST_CASE("when the header of a pair cannot be put in place, the old voxels come back") {
    const auto a = noise(2, 1), b = noise(3, 2);
    for (const bool existed : {true, false}) {
        const test::TemporaryFolder folder;
        if (existed) roi::save(a, folder / "a.img");
        std::filesystem::remove(folder / "a.hdr");
        const auto before = existed ? test::read_file(folder / "a.img") : std::string();
        roi::RunWriter<float> writer(folder / "a.img", b.grid(), 3);
        for (std::int64_t t = 0; t < 3; ++t) writer.write(b.frame(t).values());
        std::filesystem::create_directory(folder / "a.hdr");
        CHECK(test::failure_of([&] { writer.commit(); }).code == ErrorCode::unwritable);
        CHECK(test::read_file(folder / "a.img") == before);
        CHECK(folder.names() ==
              (existed ? std::vector<std::string>{"a.hdr", "a.img"} : std::vector<std::string>{"a.hdr"}));
    }
}

TEST_CASE("voxels that belong to another header are suspected aloud") {
    const test::TemporaryFolder folder;
    roi::save(noise(3), folder / "a.hdr");
    roi::save(noise(2), folder / "b.hdr");
    std::filesystem::rename(folder / "a.img", folder / "b.img");
    std::vector<std::string> warnings;
    (void)roi::load4d<float>(folder / "b.hdr",
                             {.warning = [&](std::string_view line) { warnings.emplace_back(line); }});
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("32768 bytes more than the header expects") != std::string::npos);
}

TEST_CASE("a packed file that goes on for ever after its voxels is read without waiting for its end") {
    const test::TemporaryFolder folder;
    const std::string zeros(std::size_t{80} << 20, '\0');
    auto bytes = test::gzip(HeaderBytes{}.bytes() + HeaderBytes{}.voxels(test::counting(24)) + zeros, 1);
    bytes[bytes.size() - 8] ^= 1;  // a wrong checksum, which nobody gets to see
    test::write_file(folder / "a.nii.gz", bytes);
    std::vector<std::string> warnings;
    const auto image = roi::load<float>(
        folder / "a.nii.gz", {.warning = [&](std::string_view line) { warnings.emplace_back(line); }});
    CHECK(image[23] == 23.0f);
    REQUIRE(warnings.size() == 2);  // the other: no transforms
    CHECK(warnings[1].find("67108864 bytes follow the last voxel") != std::string::npos);
}

TEST_CASE("extensions beyond 64 MiB are left out with a warning, however small the file that claims them") {
    const test::TemporaryFolder folder;
    std::vector<std::string> warnings;
    for (const std::int32_t size : {70 << 20, 8}) {
        INFO("extensions of " << size << " bytes");
        std::string area(std::size_t{70} << 20, '\0');
        const std::int32_t head[2] = {size, 6};
        for (std::size_t at = 0; at + 8 <= area.size(); at += static_cast<std::size_t>(size)) {
            std::memcpy(area.data() + at, head, sizeof head);
        }
        auto header = HeaderBytes{}.put<float>(108, static_cast<float>(352 + area.size())).bytes();
        header[348] = 1;
        test::write_file(folder / "a.nii.gz",
                         test::gzip(header + area + HeaderBytes{}.voxels(test::counting(24)), 1));
        warnings.clear();
        const auto image = roi::load<float>(
            folder / "a.nii.gz", {.warning = [&](std::string_view line) { warnings.emplace_back(line); }});
        CHECK(image[23] == 23.0f);
        CHECK(image.metadata().extensions.size() * (sizeof(roi::Extension) + 8) <= std::size_t{64} << 20);
        REQUIRE(warnings.size() == 2);  // the other: no transforms
        CHECK(warnings[1].find("beyond 67108864 bytes are left out") != std::string::npos);
    }
}

#if !defined(ROI_SANITIZED)
TEST_CASE("memory that runs out anywhere is an error that names the file") {
    const test::TemporaryFolder folder;
    const auto run = noise(60);
    for (const auto& name : all_names) roi::save(run, folder / name);
    int refused = 0, loaded = 0;
    for (std::size_t room = std::size_t{1} << 16; room < (std::size_t{8} << 20); room = room * 5 / 4) {
        for (const auto& name : all_names) {
            const auto answer = test::in_child([&]() -> std::string {
                std::size_t pages = 0;
                std::ifstream("/proc/self/statm") >> pages;
                if (pages == 0) return "loaded";
                // More than the largest room, which the heap of the parent may not have to give.
                const rlim_t most =
                    pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + (std::size_t{16} << 20);
                const rlimit limit{most, most};
                ::setrlimit(RLIMIT_AS, &limit);
                // Takes all there is, and gives `room` of it back.
                constexpr std::size_t block = std::size_t{1} << 14;
                void* taken = nullptr;
                while (void* next = std::malloc(block)) taken = new (next) void*(taken);
                for (std::size_t given = 0; taken && given < room; given += block) {
                    void* const next = *static_cast<void**>(taken);
                    std::free(taken);
                    taken = next;
                }
                try {
                    (void)roi::load4d<double>(folder / name);
                    return "loaded";
                } catch (const roi::FileError& error) {
                    return error.path() == folder / name ? "refused" : error.what();
                }
            });
            REQUIRE((answer == "loaded" || answer == "refused"));
            refused += answer == "refused";
            loaded += answer == "loaded";
        }
    }
    CHECK(loaded > 0);
    if (std::filesystem::exists("/proc/self/statm")) CHECK(refused > 0);
}
#endif
