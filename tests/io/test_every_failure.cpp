// Every system call and every allocation of reading, saving and publishing fails in turn, once and for ever: old or new whole,
// or put back by the next run.
#include <roi/io.hpp>
#include <roi/stats/mean.hpp>

#include "catch.hpp"
#include "failures/failing_calls.hpp"
#include "failures/ways.hpp"
#include "support.hpp"
#include <cstdio>
#include <functional>
#include <new>

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
