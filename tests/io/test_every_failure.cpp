// Every system call and every allocation of reading, saving and publishing fails in turn, once and for ever: old or new whole,
// or put back by the next run.
#include <roi/io.hpp>
#include <roi/stats/mean.hpp>

#include "catch.hpp"
#include "failures/failing_calls.hpp"
#include "failures/ways.hpp"
#include "support.hpp"
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <new>
#include <string>
#include <vector>

#if defined(ROI_CALLS_CAN_FAIL)

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

using failing::Fault;
using failing::Kind;

/// Calls `try_one(fault)` for every call of `count`, once and for ever, with every error that it may have. Returns how many.
template <class TryOne>
long for_all_faults(Kind kind, long count, const TryOne& try_one) {
    long cases = 0;
    for (long call = 1; call <= count; ++call) {
        for (const bool ever : {false, true}) {
            for (const int error : errors) {
                if (kind == Kind::memory && error != errors[0]) continue;
                INFO((kind == Kind::memory ? "allocation " : "system call ")
                     << call << " of " << count << (ever ? " and all later" : "") << ", error " << error);
                try_one(Fault{kind, call, ever, error});
                ++cases;
            }
        }
    }
    return cases;
}

/// One thread: allocations are then the same in every run.
struct OneThread {
    OneThread() { roi::set_threads(1); }
    ~OneThread() { roi::set_threads(0); }
};

}  // namespace

TEST_CASE("whatever system call or allocation fails in a save, files are old, new, or put back by the next") {
    const OneThread one_thread;
    const auto before = image(1), after = image(2);
    long cases = 0, undone_later = 0;
    for (const auto& way : test::ways_of_writing()) {
        INFO(way.name);
        const test::TemporaryFolder folder;
        way.write(folder.path(), after);
        const auto new_files = contents(folder, way.names);
        way.write(folder.path(), before);
        const auto old_files = contents(folder, way.names);
        for (const Kind kind : {Kind::system, Kind::memory}) {
            const long count = failing::with({kind, 0, false, 0}, [&] { way.write(folder.path(), after); });
            REQUIRE(contents(folder, way.names) == new_files);
            way.write(folder.path(), before);
            cases += for_all_faults(kind, count, [&](const Fault& fault) {
                bool failed = false;
                try {
                    failing::with(fault, [&] { way.write(folder.path(), after); });
                } catch (const roi::Error&) {
                    failed = true;
                } catch (const std::bad_alloc&) {
                    failed = true;
                    CHECK(kind == Kind::memory);
                }
                const auto found = contents(folder, way.names);
                if (!failed) {
                    CHECK(found == new_files);
                } else if (found != old_files) {
                    ++undone_later;
                    way.begin(folder.path());
                    CHECK(contents(folder, way.names) == old_files);
                }
                if (!failed || found != old_files) way.write(folder.path(), before);
            });
        }
        way.write(folder.path(), before);
        CHECK(folder.names() == way.names);  // what could not be removed then is now
    }
    std::printf("every failure: %ld failures in saves, %ld of them put back by the next run\n", cases,
                undone_later);
    CHECK(cases > 2000);
    CHECK(undone_later < cases / 4);
}

namespace {

/// Thousands of saves between the failing ones.
struct Unsynced {
    Unsynced() { failing::unsynced = true; }
    ~Unsynced() { failing::unsynced = false; }
};

/// Ways of publishing that need other steps: a file that is taken away, two folders, a link that leads elsewhere.
std::vector<test::Way> more_ways() {
    auto out = test::ways_of_writing();
    const auto before = image(1);
    const float first_image = before.values()[0];
    out.push_back({"publish and take away",
                   {"a.txt", "old.txt"},
                   [first = first_image](const std::string& path, const auto& run) {
                       roi::OutputFolder folder(path);
                       test::write_bytes_of(run, folder / "a.txt");
                       if (run.values()[0] == first) {
                           test::write_bytes_of(run, folder / "old.txt");
                       } else {
                           folder.remove("old.txt");
                       }
                       folder.publish();
                   },
                   [](const std::string& path) { roi::OutputFolder folder(path); }});
    out.push_back({"publish in two folders",
                   {"one/a.txt", "two/b.txt"},
                   [](const std::string& path, const auto& run) {
                       roi::OutputFiles files;
                       test::write_bytes_of(run, files.add(path + "/one/a.txt"));
                       test::write_bytes_of(run, files.add(path + "/two/b.txt"));
                       files.publish();
                   },
                   [](const std::string& path) {
                       roi::OutputFiles files;
                       for (const char* name : {"/one/a.txt", "/two/b.txt"}) (void)files.add(path + name);
                   }});
    // Nothing lists the files of such a folder: what cannot be put back is told, and stays.
    out.push_back({"publish through a link",
                   {"res/a.txt", "res/b.txt"},
                   [](const std::string& path, const auto& run) {
                       roi::OutputFolder folder(path + "/res");
                       std::error_code unknown;
                       if (std::filesystem::status(path + "/results", unknown).type() ==
                           std::filesystem::file_type::not_found) {
                           std::filesystem::create_directory(path + "/results");
                           std::filesystem::create_symlink(path + "/results/b.txt", path + "/res/b.txt");
                       }
                       test::write_bytes_of(run, folder / "a.txt");
                       test::write_bytes_of(run, folder / "b.txt");
                       folder.publish();
                   },
                   nullptr});
    return out;
}

/// Up to three of so many calls, and all from one on but one.
std::vector<std::uint64_t> choices(long calls) {
    std::vector<std::uint64_t> out;
    const auto bit = [](long i) { return std::uint64_t{1} << i; };
    for (long i = 0; i < calls; ++i) {
        for (long j = i; j < calls; ++j) {
            for (long k = j; k < calls; ++k) out.push_back(bit(i) | bit(j) | bit(k));
            out.push_back((~std::uint64_t{0} << i) & ~bit(j));
        }
        out.push_back(~std::uint64_t{0} << i);
    }
    return out;
}

}  // namespace

TEST_CASE("whichever names cannot be given or taken, files are old, new, or put back by the next") {
    const OneThread one_thread;
    const Unsynced unsynced;
    const auto before = image(1), after = image(2);
    long cases = 0, undone_later = 0, told = 0;
    for (const auto& way : more_ways()) {
        INFO(way.name);
        const test::TemporaryFolder folder;
        way.write(folder.path(), after);
        const auto new_files = contents(folder, way.names);
        way.write(folder.path(), before);
        const auto old_files = contents(folder, way.names);
        const long count = failing::with_refused_names(0, [&] { way.write(folder.path(), after); });
        way.write(folder.path(), before);
        for (const auto calls : choices(std::min(count, 24L))) {
            INFO("calls that fail: " << std::hex << calls);
            std::string message;
            try {
                failing::with_refused_names(calls, [&] { way.write(folder.path(), after); });
            } catch (const roi::Error& error) {
                message = error.what();
            }
            ++cases;
            const auto found = contents(folder, way.names);
            if (message.empty()) {
                CHECK(found == new_files);
            } else if (found == old_files || message.ends_with("puts the old ones back")) {
                undone_later += found == old_files ? 0 : 1;
                if (way.begin) way.begin(folder.path());
                CHECK(contents(folder, way.names) == old_files);
            } else {
                ++told;
                for (std::size_t i = 0; i < way.names.size(); ++i) {
                    CHECK((found[i] == old_files[i] || message.find(" is new") != std::string::npos ||
                           message.find(" is missing, its old content is in ") != std::string::npos));
                }
            }
            if (found != old_files) way.write(folder.path(), before);
        }
    }
    std::printf("names: %ld choices of calls that fail, %ld put back by the next run, %ld told of\n", cases,
                undone_later, told);
    CHECK(cases > 1000);
}

TEST_CASE("answers of rarer file systems and of other processes fail a save, or it goes on") {
    const OneThread one_thread;
    const Unsynced unsynced;
    const auto before = image(1), after = image(2);
    for (const auto& way : more_ways()) {
        INFO(way.name);
        const test::TemporaryFolder folder;
        way.write(folder.path(), after);
        const auto new_files = contents(folder, way.names);
        way.write(folder.path(), before);
        const auto old_files = contents(folder, way.names);
        const long count =
            failing::with({Kind::system, 0, false, 0}, [&] { way.write(folder.path(), after); });
        way.write(folder.path(), before);
        for (long call = 1; call <= count; ++call) {
            for (const int error : {EINVAL, EPERM, ENOTSUP, EWOULDBLOCK, EINTR}) {
                INFO("system call " << call << " of " << count << ", error " << error);
                bool failed = false;
                try {
                    failing::with({Kind::system, call, false, error},
                                  [&] { way.write(folder.path(), after); });
                } catch (const roi::Error&) {
                    failed = true;
                }
                const auto found = contents(folder, way.names);
                CHECK(found == (failed ? old_files : new_files));
                if (found != old_files) way.write(folder.path(), before);
            }
        }
    }
}

TEST_CASE("a list of files to put back is followed where it is whole, and again where that fails") {
    const Unsynced unsynced;
    const test::TemporaryFolder folder;
    const auto hidden = folder / ".roi-unfinished-0", journal = hidden + "/journal";
    const auto number_of = [](const std::string& path) {
        struct stat status {};
        (void)::lstat(path.c_str(), &status);
        return static_cast<std::int64_t>(status.st_ino);
    };
    /// Two files replaced and one added by a run that was killed then.
    const auto cut_short = [&] {
        std::filesystem::remove_all(hidden);
        std::filesystem::create_directory(hidden);
        std::vector<roi::detail::Replacement> files;
        for (const char* name : {"a.txt", "b.txt", "c.txt"}) {
            test::write_file(folder / name, "new");
            files.push_back({.from = {}, .to = folder / name, .backup = hidden + "/old-" + name[0]});
            files.back().number = number_of(folder / name);
            files.back().had_old = name[0] != 'c';
            if (name[0] != 'c') test::write_file(files.back().backup, "old");
        }
        roi::detail::FileDescriptor held;
        REQUIRE(roi::detail::Journal::write(journal, folder.path(), files, 0, held));
    };
    const auto put_back = [&] {
        return test::read_file(folder / "a.txt") == "old" && test::read_file(folder / "b.txt") == "old" &&
               !std::filesystem::exists(folder / "c.txt");
    };
    const auto begin = [&] { roi::OutputFolder again(folder.path()); };
    cut_short();
    const long count = failing::with({Kind::system, 0, false, 0}, begin);
    CHECK(put_back());
    for (long call = 1; call <= count; ++call) {
        for (const bool ever : {false, true}) {
            INFO("system call " << call << " of " << count << (ever ? " and all later" : ""));
            cut_short();
            try {
                failing::with({Kind::system, call, ever, EIO}, begin);
            } catch (const roi::Error&) {
            }
            begin();
            CHECK(put_back());
        }
    }
    // Lists that we have not written, or that have no end, are none; names that lead out of the folder are left alone.
    const std::string zero(1, '\0');
    const auto listed = [&](const std::vector<std::string>& parts) {
        cut_short();
        std::string content;
        for (const auto& part : parts) content += part + zero;
        test::write_file(journal, content);
        begin();
        return !put_back();
    };
    const auto number = [&] { return std::to_string(number_of(folder / "a.txt")); };
    CHECK(listed({"roi 1", "end"}));
    CHECK(listed({"roi 1", "old", "end"}));
    CHECK(listed({"roi 2", "old", number(), "a.txt", ".roi-unfinished-0/old-a", "end"}));
    CHECK(listed({"roi 1", "old", number(), "a.txt", ".roi-unfinished-0/old-a", "more"}));
    CHECK(listed({"roi 1", "new", number(),
                  "../" + std::filesystem::path(folder.path()).filename().string() + "/a.txt",
                  ".roi-unfinished-0/old-a", "end"}));
    CHECK(listed({"roi 1", "new", number(), "a.txt", "../old-a", "end"}));
    CHECK(listed({"roi 1", "new", number(), "", "", "end"}));
    CHECK(listed({"roi 1", "new", number(), "a.txt/b", "a.txt/c", "end"}));
    CHECK(test::read_file(folder / "a.txt") == "new");
    // Nor are things that only have the name.
    cut_short();
    std::filesystem::remove(journal);
    std::filesystem::create_directory(journal);
    begin();
    CHECK_FALSE(put_back());
    test::write_file(hidden, "a file");
    begin();
    CHECK(test::read_file(hidden) == "a file");
}

TEST_CASE("whatever system call or allocation fails while reading, it is an error or the right values") {
    const OneThread one_thread;
    const test::TemporaryFolder folder;
    const auto run = image(3);
    long cases = 0;
    for (const char* name : {"a.nii", "a.nii.gz", "a.hdr"}) {
        const auto path = folder / name;
        roi::save(run, path);
        const std::function<void()> readers[] = {
            [&] {
                const auto back = roi::load4d<float>(path);
                failing::armed = false;
                CHECK(std::equal(back.values().begin(), back.values().end(), run.values().begin()));
            },
            [&] {
                roi::Mean mean;
                auto source = roi::open(path);
                roi::scan(source, mean);
                failing::armed = false;
                CHECK(mean.result().size() == run.grid().size());
            },
            [&] {
                const auto header = roi::read_header(path);
                failing::armed = false;
                CHECK(header.frames == 2);
            }};
        for (const auto& reader : readers) {
            for (const Kind kind : {Kind::system, Kind::memory}) {
                const long count = failing::with({kind, 0, false, 0}, reader);
                cases += for_all_faults(kind, count, [&](const Fault& fault) {
                    try {
                        failing::with(fault, reader);
                    } catch (const roi::Error& error) {
                        CHECK(std::string_view(error.what()).find(folder.path()) == 0);
                    } catch (const std::bad_alloc&) {
                        CHECK(kind == Kind::memory);
                    }
                });
            }
        }
    }
    std::printf("every failure: %ld failures while reading\n", cases);
    CHECK(cases > 500);
}
#else

TEST_CASE("system calls that fail in turn") {
    WARN(
        "skipped: failing system calls need Linux with its own C++ library, and no sanitizer, which has the "
        "same functions itself");
}
#endif
