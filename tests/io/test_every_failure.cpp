// Every system call of reading, saving and publishing fails in turn, once and for ever: old or new whole, or put back by
// the next run. The calls are this program's own functions of the same names, which pass on what they do not fail.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <roi/io.hpp>
#include <roi/stats/mean.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <functional>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define ROI_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROI_SANITIZED
#endif

#if defined(__linux__) && !defined(ROI_SANITIZED)
#include <sys/syscall.h>

namespace {

std::atomic<bool> armed{false};
std::atomic<long> calls{0};
long failing = 0;
bool for_ever = false;
int error_number = EIO;

bool fails() {
    if (!armed) return false;
    const long call = ++calls;
    if (for_ever ? call < failing : call != failing) return false;
    errno = error_number;
    return true;
}

/// Runs `action` with its call number `call` failing; 0 for none. Returns how many calls there were.
template <class Action>
long with_fault(long call, bool ever, int error, Action&& action) {
    failing = call == 0 ? -1 : call;
    for_ever = call != 0 && ever;
    error_number = error;
    calls = 0;
    armed = true;
    try {
        action();
    } catch (...) {
        armed = false;
        throw;
    }
    armed = false;
    return calls;
}

}  // namespace

extern "C" {
int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    return fails() ? -1 : static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
ssize_t read(int file, void* out, size_t size) { return fails() ? -1 : syscall(SYS_read, file, out, size); }
ssize_t write(int file, const void* in, size_t size) {
    return fails() ? -1 : syscall(SYS_write, file, in, size);
}
int fsync(int file) { return fails() ? -1 : static_cast<int>(syscall(SYS_fsync, file)); }
int close(int file) {
    const auto result = static_cast<int>(syscall(SYS_close, file));
    return fails() ? -1 : result;
}
int rename(const char* from, const char* to) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int link(const char* from, const char* to) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int unlink(const char* path) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
int mkdir(const char* path, mode_t mode) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}
int ftruncate(int file, off_t size) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_ftruncate, file, size));
}
int fchmod(int file, mode_t mode) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_fchmod, file, mode));
}
int fchown(int file, uid_t user, gid_t group) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_fchown, file, user, group));
}
int flock(int file, int how) noexcept {
    return fails() ? -1 : static_cast<int>(syscall(SYS_flock, file, how));
}
}

namespace {

constexpr int errors[] = {EIO, ENOSPC, EACCES, EROFS};

using Files = std::vector<std::string>;

roi::Volume4D<float> image(std::uint64_t seed) {
    test::Random random(seed);
    return test::random_run<float>(roi::Shape(4, 4, 4), 2, random);
}

Files contents(const test::TemporaryFolder& folder, const std::vector<std::string>& names) {
    Files out;
    for (const auto& name : names) out.push_back(test::read_file(folder / name));
    return out;
}

/// A way of writing files: all of them, or only what a next run does before it writes.
struct Way {
    std::string name;
    std::vector<std::string> names;
    std::function<void(const std::string& folder, const roi::Volume4D<float>& image)> write;
    std::function<void(const std::string& folder)> begin;
};

std::vector<Way> ways() {
    const auto saving = [](const std::string& name, std::vector<std::string> names) {
        return Way{
            "save " + name, std::move(names),
            [name](const std::string& folder, const auto& run) { roi::save(run, folder + "/" + name); },
            [name](const std::string& folder) {
                roi::RunWriter<float>(folder + "/" + name, roi::Shape(1, 1, 1), 1);
            }};
    };
    return {saving("a.nii", {"a.nii"}),
            saving("a.nii.gz", {"a.nii.gz"}),
            saving("a.hdr", {"a.hdr", "a.img"}),
            {"publish three",
             {"a.nii", "b.nii.gz", "c.txt"},
             [](const std::string& path, const auto& run) {
                 roi::OutputFolder folder(path);
                 roi::save(run, folder / "a.nii");
                 roi::save(run, folder / "b.nii.gz");
                 roi::ByteWriter text(folder / "c.txt", roi::Compression::none);
                 text.write(std::as_bytes(std::span(run.values().first(3))));
                 text.commit();
                 folder.publish();
             },
             [](const std::string& path) { roi::OutputFolder folder(path); }}};
}

}  // namespace

TEST_CASE("whatever system call fails in a save, files are old, new, or put back by the next") {
    const auto before = image(1), after = image(2);
    long cases = 0, undone_later = 0;
    for (const auto& way : ways()) {
        const test::TemporaryFolder folder;
        way.write(folder.path(), after);
        const auto new_files = contents(folder, way.names);
        way.write(folder.path(), before);
        const auto old_files = contents(folder, way.names);
        const long count = with_fault(0, false, 0, [&] { way.write(folder.path(), after); });
        REQUIRE(contents(folder, way.names) == new_files);
        for (long call = 1; call <= count; ++call) {
            for (const bool ever : {false, true}) {
                const int error = errors[(call + ever) % 4];
                INFO(way.name << ", call " << call << " of " << count << (ever ? " and all later" : "")
                              << ", error " << error);
                way.write(folder.path(), before);
                REQUIRE(contents(folder, way.names) == old_files);
                ++cases;
                bool failed = false;
                try {
                    with_fault(call, ever, error, [&] { way.write(folder.path(), after); });
                } catch (const roi::Error&) {
                    failed = true;
                }
                const auto found = contents(folder, way.names);
                if (!failed) {
                    CHECK(found == new_files);
                } else if (found != old_files) {
                    ++undone_later;
                    way.begin(folder.path());
                    CHECK(contents(folder, way.names) == old_files);
                }
            }
        }
        way.write(folder.path(), before);
        CHECK(folder.names() == way.names);  // what could not be removed then is now
    }
    CHECK(cases > 100);
    CHECK(undone_later < cases / 4);
}

TEST_CASE("whatever system call fails while reading, it is an error or the right values") {
    const test::TemporaryFolder folder;
    const auto run = image(3);
    long cases = 0;
    for (const char* name : {"a.nii", "a.nii.gz", "a.hdr"}) {
        const auto path = folder / name;
        roi::save(run, path);
        const std::function<void()> readers[] = {
            [&] {
                const auto back = roi::load4d<float>(path);
                CHECK(std::equal(back.values().begin(), back.values().end(), run.values().begin()));
            },
            [&] {
                roi::Mean mean;
                auto source = roi::open(path);
                roi::scan(source, mean);
                CHECK(mean.result().size() == run.grid().size());
            }};
        for (const auto& reader : readers) {
            const long count = with_fault(0, false, 0, reader);
            for (long call = 1; call <= count; ++call) {
                for (const bool ever : {false, true}) {
                    INFO(name << ", call " << call << " of " << count << (ever ? " and all later" : ""));
                    ++cases;
                    try {
                        with_fault(call, ever, errors[call % 4], reader);
                    } catch (const roi::Error& error) {
                        CHECK(std::string_view(error.what()).find(folder.path()) == 0);
                    }
                }
            }
        }
    }
    CHECK(cases > 20);
}
#else

TEST_CASE("system calls that fail in turn") {
    WARN("skipped: failing system calls need Linux and no sanitizer, which has the same functions itself");
}
#endif
