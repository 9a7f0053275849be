// What a crash of the whole system may leave of files that are being written: what was done is recorded, and every state is
// made in which some of what no flush had brought to the disk is there and some is not. Old or new, never a third, or the
// next run makes it so.
#include <roi/io.hpp>
#include <roi/table/data_table.hpp>

#include "catch.hpp"
#include "failures/watched_calls.hpp"
#include "support.hpp"

#if defined(ROI_CALLS_CAN_FAIL)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failures/ways.hpp"
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace {

/// One thing that was done. Nothing but `sync` is on the disk before a later `sync` of the file, or of the folder
/// that holds the name.
struct Operation {
    enum class Kind { name, take_name, write, cut, sync };
    Kind kind = Kind::sync;
    int node = -1;          ///< file or folder that is named, written or flushed
    std::string name = {};  ///< that it gets or loses
    std::string old = {};   ///< the name that it loses at the same time
    int folder = -1;        ///< that holds the name
    std::size_t offset = 0;
    std::string bytes = {};
};

/// A file or folder, whatever it is called.
struct Node {
    bool folder = false;
    std::string bytes = {};
    ino_t number = 0;  ///< that it had when it was recorded
};

/// What is in a folder: names relative to it, "" for itself.
struct Disk {
    std::map<std::string, int> names = {};
    std::vector<Node> nodes = {};

    void apply(const Operation& done) {
        switch (done.kind) {
            case Operation::Kind::name:
                if (!done.old.empty()) names.erase(done.old);
                names[done.name] = done.node;
                break;
            case Operation::Kind::take_name:
                names.erase(done.name);
                break;
            case Operation::Kind::write: {
                auto& bytes = nodes[static_cast<std::size_t>(done.node)].bytes;
                bytes.resize(std::max(bytes.size(), done.offset + done.bytes.size()), '\0');
                bytes.replace(done.offset, done.bytes.size(), done.bytes);
                break;
            }
            case Operation::Kind::cut:
                nodes[static_cast<std::size_t>(done.node)].bytes.resize(done.offset, '\0');
                break;
            case Operation::Kind::sync:
                break;
        }
    }

    /// Takes away the names in folders that have none.
    void forget_unreachable() {
        for (auto at = names.begin(); at != names.end();) {
            const auto folder = names.find(folder_of(at->first));
            const bool reachable =
                at->first.empty() ||
                (folder != names.end() && nodes[static_cast<std::size_t>(folder->second)].folder);
            at = reachable ? std::next(at) : names.erase(at);  // a folder comes before what is in it
        }
    }

    [[nodiscard]] static std::string folder_of(const std::string& name) {
        const auto slash = name.rfind('/');
        return slash == std::string::npos ? std::string() : name.substr(0, slash);
    }

    /// The same for two that look the same.
    [[nodiscard]] std::string key() const {
        std::string out;
        for (const auto& [name, node] : names) {
            const auto& its = nodes[static_cast<std::size_t>(node)];
            out += name + '\0' + std::to_string(node) + '\0' + std::to_string(its.bytes.size()) + '\0' +
                   its.bytes;
        }
        return out;
    }
};

/// The numbers that files had when they were recorded, by those that they have now.
using Numbers = std::map<ino_t, ino_t>;

/// Files seem to have the numbers that they had when they were recorded, as long as this lives; nothing is flushed.
class Renumbered : public failing::Watcher {
public:
    explicit Renumbered(Numbers numbers) : numbers_(std::move(numbers)) { failing::watcher = this; }
    ~Renumbered() override { failing::watcher = nullptr; }

    void opened(int, const char*, int) override {}
    void written(int, std::string_view) override {}
    void cut(int, off_t) override {}
    void synced(int) override {}
    void folder_made(const char*) override {}
    void renamed(const char*, const char*) override {}
    void linked(const char*, const char*) override {}
    void removed(int, const char*) override {}

    [[nodiscard]] ino_t number_of(ino_t number) const override {
        constexpr ino_t others = ino_t{1} << 40;  // files that are made anew are none of the recorded ones
        const auto found = numbers_.find(number);
        return numbers_.empty() ? number : found == numbers_.end() ? number + others : found->second;
    }

private:
    Numbers numbers_;
};

/// What was done to a folder, and what it was before.
struct Recording {
    Disk start = {};
    std::vector<Operation> operations = {};
    bool failed = false;
};

/// Records what is done to a folder while it lives.
class Recorder : public Renumbered {
public:
    /// \param refused_rename  the one that fails, from 1
    Recorder(std::string root, const Numbers& numbers, int refused_rename)
        : Renumbered(numbers), root_(std::move(root)), refused_rename_(refused_rename) {
        add("");
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
            add(entry.path().string().substr(root_.size() + 1));
        }
        start_ = now_;
    }

    /// The folder as it was at first has room for what came later.
    [[nodiscard]] Recording result(bool failed) && {
        for (std::size_t i = start_.nodes.size(); i < now_.nodes.size(); ++i) {
            start_.nodes.push_back({.folder = now_.nodes[i].folder, .number = now_.nodes[i].number});
        }
        return {std::move(start_), std::move(operations_), failed};
    }

    void opened(int file, const char* path, int flags) override {
        const auto name = inside(path);
        if (!name || (flags & O_ACCMODE) == O_RDONLY) return;
        if (now_.names.count(*name) == 0) {
            record({.kind = Operation::Kind::name, .node = new_node(file, false), .name = *name});
        } else if ((flags & O_TRUNC) != 0) {
            cut(file, 0);
        }
    }
    void written(int file, std::string_view bytes) override {
        const int node = node_of(file);
        if (node < 0) return;
        const auto end = static_cast<std::size_t>(::lseek(file, 0, SEEK_CUR));
        record({.kind = Operation::Kind::write,
                .node = node,
                .offset = end - bytes.size(),
                .bytes = std::string(bytes)});
    }
    void cut(int file, off_t size) override {
        const int node = node_of(file);
        if (node < 0) return;
        record({.kind = Operation::Kind::cut, .node = node, .offset = static_cast<std::size_t>(size)});
    }
    void synced(int file) override {
        if (const int node = node_of(file); node >= 0) record({.kind = Operation::Kind::sync, .node = node});
    }
    void folder_made(const char* path) override {
        const auto name = inside(path);
        if (!name) return;
        const int opened = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        record({.kind = Operation::Kind::name, .node = new_node(opened, true), .name = *name});
        ::close(opened);
    }
    void renamed(const char* from, const char* to) override {
        const auto old = inside(from), name = inside(to);
        REQUIRE((old && name));
        record({.kind = Operation::Kind::name, .node = now_.names.at(*old), .name = *name, .old = *old});
    }
    void linked(const char* from, const char* to) override {
        const auto old = inside(from), name = inside(to);
        REQUIRE((old && name));
        record({.kind = Operation::Kind::name, .node = now_.names.at(*old), .name = *name});
    }
    void removed(int folder, const char* path) override {
        std::string whole = path;
        if (folder != AT_FDCWD && whole[0] != '/') {
            std::array<char, 4096> buffer{};
            const auto link = "/proc/self/fd/" + std::to_string(folder);
            REQUIRE(::readlink(link.c_str(), buffer.data(), buffer.size() - 1) > 0);
            whole = std::string(buffer.data()) + "/" + path;
        }
        const auto name = inside(whole);
        if (name) {
            record({.kind = Operation::Kind::take_name, .node = now_.names.at(*name), .name = *name});
        }
    }
    bool refuses_rename() override { return ++renames_ == refused_rename_; }

private:
    [[nodiscard]] std::optional<std::string> inside(const std::string& path) const {
        if (path == root_) return "";
        if (path.compare(0, root_.size() + 1, root_ + "/") != 0) return std::nullopt;
        return std::filesystem::path(path.substr(root_.size() + 1)).lexically_normal().string();
    }

    void add(const std::string& name) {
        const auto path = name.empty() ? root_ : root_ + "/" + name;
        struct stat status {};
        REQUIRE(::lstat(path.c_str(), &status) == 0);  // with the number that it seems to have
        const auto known = ids_.find(status.st_ino);
        if (known != ids_.end()) {
            now_.names[name] = known->second;
            return;
        }
        const bool folder = S_ISDIR(status.st_mode);
        now_.names[name] = ids_[status.st_ino] = static_cast<int>(now_.nodes.size());
        now_.nodes.push_back({folder, folder ? std::string() : test::read_file(path), status.st_ino});
    }

    int new_node(int file, bool folder) {
        struct stat status {};
        REQUIRE(::fstat(file, &status) == 0);
        const int node = static_cast<int>(now_.nodes.size());
        now_.nodes.push_back({.folder = folder, .number = status.st_ino});
        ids_[status.st_ino] = node;
        return node;
    }

    /// -1 for what lies elsewhere.
    [[nodiscard]] int node_of(int file) const {
        struct stat status {};
        if (::fstat(file, &status) != 0) return -1;
        const auto found = ids_.find(status.st_ino);
        return found == ids_.end() ? -1 : found->second;
    }

    void record(Operation done) {
        const bool names = done.kind == Operation::Kind::name || done.kind == Operation::Kind::take_name;
        if (names) done.folder = now_.names.at(Disk::folder_of(done.name));
        now_.apply(done);
        operations_.push_back(std::move(done));
    }

    std::string root_;
    int refused_rename_;
    int renames_ = 0;
    std::map<ino_t, int> ids_;
    Disk start_, now_;
    std::vector<Operation> operations_;
};

using Files = std::function<void(const std::string& folder)>;

Recording record(const std::string& root, const Numbers& numbers, const Files& act, int refused_rename = 0) {
    Recorder recorder(root, numbers, refused_rename);
    bool failed = false;
    try {
        act(root);
    } catch (const roi::FileError&) {
        failed = true;
    }
    return std::move(recorder).result(failed);
}

/// Calls `visit(disk, at_end)` for every state that a crash may leave: after every operation, with every choice of those that
/// are not on the disk yet, of which the latest twelve are chosen one by one and the older ones together.
template <class Visit>
void for_all_crashes(const Recording& recording, const Visit& visit) {
    constexpr std::size_t most = 12;
    const auto& done = recording.operations;
    std::set<std::string> seen;
    const auto show = [&](Disk disk, bool at_end) {
        disk.forget_unreachable();
        if (seen.insert(disk.key() + (at_end ? "end" : "")).second) visit(disk, at_end);
    };
    show(recording.start, done.empty());
    std::vector<std::size_t> pending;
    for (std::size_t count = 1; count <= done.size(); ++count) {
        const auto& last = done[count - 1];
        if (last.kind == Operation::Kind::sync) {
            // Only takes states away.
            std::erase_if(pending, [&](std::size_t i) {
                return done[i].folder == last.node || (done[i].folder < 0 && done[i].node == last.node);
            });
            if (count < done.size()) continue;
        } else {
            pending.push_back(count - 1);
        }
        const std::size_t older = pending.size() > most ? pending.size() - most : 0;
        const std::size_t chosen = pending.size() - older;
        for (std::size_t choice = 0; choice < std::size_t{1} << chosen; ++choice) {
            // Without the last operation it is a state that there was before.
            if (count < done.size() && (choice >> (chosen - 1) & 1) == 0) continue;
            for (const bool old_ones : {false, true}) {
                if (old_ones && older == 0) continue;
                Disk disk = recording.start;
                std::size_t next = 0;
                for (std::size_t i = 0; i < count; ++i) {
                    bool is_there = true;
                    if (next < pending.size() && pending[next] == i) {
                        is_there = next < older ? old_ones : (choice >> (next - older) & 1) != 0;
                        ++next;
                    }
                    if (is_there) disk.apply(done[i]);
                }
                show(std::move(disk), count == done.size());
            }
        }
    }
}

/// Makes a folder what a crash has left. Returns the numbers that its files had, by those they have now.
Numbers make(const Disk& disk, const std::string& root) {
    std::filesystem::remove_all(root);
    Numbers numbers;
    std::map<int, std::string> first_names;
    for (const auto& [name, node] : disk.names) {
        const auto& its = disk.nodes[static_cast<std::size_t>(node)];
        const auto path = name.empty() ? root : root + "/" + name;
        const auto known = first_names.find(node);
        if (known != first_names.end()) {
            REQUIRE(::link(known->second.c_str(), path.c_str()) == 0);
        } else if (its.folder) {
            REQUIRE(::mkdir(path.c_str(), 0777) == 0);
        } else {
            const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
            REQUIRE(::write(file, its.bytes.data(), its.bytes.size()) ==
                    static_cast<ssize_t>(its.bytes.size()));
            ::close(file);
        }
        if (known == first_names.end()) first_names[node] = path;
        struct stat status {};
        REQUIRE(::lstat(path.c_str(), &status) == 0);
        numbers[status.st_ino] = its.number;
    }
    return numbers;
}

using Contents = std::vector<std::optional<std::string>>;

Contents contents(const std::string& folder, const std::vector<std::string>& names) {
    Contents out;
    for (const auto& name : names) {
        const auto path = folder + "/" + name;
        out.push_back(std::filesystem::exists(path) ? std::optional(test::read_file(path)) : std::nullopt);
    }
    return out;
}

std::set<std::string> everything_in(const std::string& folder) {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        out.insert(entry.path().string().substr(folder.size()));
    }
    return out;
}

/// What is looked for after a crash.
struct Expected {
    std::vector<std::string> names;
    Contents old_files = {}, new_files = {};
    bool together = false;  ///< several files, which the next run may put right
};

/// Counts over all crashes.
struct Counts {
    long states = 0, repaired = 0;
};

/// Makes every state that a crash in `recording` may leave, and looks at it before and after `begin`, and after `again`, a whole
/// run, which leaves `clean` and nothing else. Returns states that were neither old nor new.
std::vector<Disk> look(const Recording& recording, const Expected& expected, const std::string& root,
                       const Files& begin, const Files& again, const std::set<std::string>& clean,
                       Counts& counts) {
    std::vector<Disk> mixed;
    for_all_crashes(recording, [&](const Disk& disk, bool at_end) {
        ++counts.states;
        const auto numbers = make(disk, root);
        const auto found = contents(root, expected.names);
        const bool whole = found == expected.old_files || found == expected.new_files;
        std::string problem;
        {
            const Renumbered as_recorded(numbers);
            begin(root);
        }
        const auto after = contents(root, expected.names);
        if (!whole) {
            ++counts.repaired;
            mixed.push_back(disk);
            if (!expected.together) problem = "neither old nor new";
        }
        if (after != expected.old_files && after != expected.new_files) problem = "not repaired";
        if (at_end && after != expected.new_files) problem = "what was done is lost";
        {
            const Renumbered unflushed({});
            again(root);
        }
        if (problem.empty() && everything_in(root) != clean) problem = "litter";
        if (!problem.empty()) {
            std::string names;
            for (const auto& [name, node] : disk.names) {
                names += "\n  " + name + " (" + std::to_string(node) + ")";
            }
            FAIL_CHECK(problem << (at_end ? ", after the end" : "") << ", of" << names);
        }
    });
    return mixed;
}

roi::Volume4D<float> image(std::uint64_t seed, std::int64_t frames) {
    test::Random random(seed);
    return test::random_run<float>(roi::Shape(3, 2, 2), frames, random);
}

/// Those that fail in turn elsewhere, a table, and results in a folder that need not be there, with folders of their own and a file
/// that is taken away.
std::vector<test::Way> ways() {
    auto out = test::ways_of_writing();
    const auto write_numbers = [](const std::string& folder, const roi::Volume4D<float>& run) {
        roi::DataTable table;
        table.add("value", std::vector<double>(run.values().begin(), run.values().end()));
        roi::write_table(table, folder + "/a.tsv");
    };
    out.push_back({"write_table", {"a.tsv"}, write_numbers, [](const std::string& folder) {
                       const roi::ByteWriter writer(folder + "/a.tsv", roi::Compression::none);
                   }});
    out.push_back({"publish in folders",
                   {"results/a.nii", "results/figures/b.nii", "results/old.txt"},
                   [](const std::string& path, const roi::Volume4D<float>& run) {
                       roi::OutputFolder folder(path + "/results");
                       roi::save(run, folder / "a.nii");
                       roi::save(run, folder / "figures/b.nii");
                       if (run.frames() == 2) {
                           test::write_bytes_of(run, folder / "old.txt");
                       } else {
                           folder.remove("old.txt");
                       }
                       folder.publish();
                   },
                   [](const std::string& path) { roi::OutputFolder folder(path + "/results"); }});
    return out;
}

}  // namespace

TEST_CASE("a crash at any moment leaves old files, or new ones, or the next run puts the old ones back") {
    const auto before = image(1, 2), after = image(2, 3);
    for (const auto& way : ways()) {
        const Files write = [&](const std::string& folder) { way.write(folder, after); };
        Counts counts, later;
        for (const bool had_old : {true, false}) {
            // With every rename failing in turn, until there is none that fails.
            for (int refused = 0;; ++refused) {
                INFO(way.name << (had_old ? "" : " for the first time")
                              << ", rename that fails: " << refused);
                const test::TemporaryFolder folder;
                const auto root = folder.path();
                Expected expected{.names = way.names, .together = way.names.size() > 1};
                write(root);
                const auto clean = everything_in(root);
                if (had_old) {
                    way.write(root, before);
                } else {
                    std::filesystem::remove_all(root);
                    std::filesystem::create_directory(root);
                }
                expected.old_files = contents(root, way.names);
                const auto recording = record(root, {}, write, refused);
                REQUIRE_FALSE(recording.operations.empty());
                expected.new_files = contents(root, way.names);
                CHECK((expected.new_files == expected.old_files) == recording.failed);
                const auto mixed = look(recording, expected, root, way.begin, write, clean, counts);
                // The repair may be cut short as well.
                for (std::size_t i = 0; i < mixed.size(); i += std::max<std::size_t>(1, mixed.size() / 3)) {
                    const auto numbers = make(mixed[i], root);
                    const auto repair = record(root, numbers, way.begin);
                    Expected repaired(expected);
                    repaired.new_files = contents(root, way.names);
                    (void)look(repair, repaired, root, way.begin, write, clean, later);
                }
                if (refused > 0 && !recording.failed) break;
                if (!expected.together && refused == 1) break;
            }
        }
        std::printf("crashes of %s: %ld states, %ld put right by the next run; %ld states of that\n",
                    way.name.c_str(), counts.states, counts.repaired, later.states);
        CHECK(counts.states > 10);
    }
}
#else

TEST_CASE("a crash at any moment leaves old files, or new ones") {
    WARN("skipped: recording system calls needs Linux with its own C++ library, and no sanitizer");
}
#endif
