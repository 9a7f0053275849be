// every_failure ROI_EXTRACTION ROI PRELOAD FOLDER: runs roi_extraction, and roi with three results, with every system call and
// every allocation failing in turn, once and for ever. Its results are then the old ones or the new ones, or put back by the next run; it ends by itself, with a
// message where it failed. ROI_EVERY_FAILURE=all tries all of them with four errors, else a sample.
#include <roi/io.hpp>

#include "failing_calls.hpp"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#if defined(ROI_CALLS_CAN_FAIL)
#include <sys/wait.h>

#include <csignal>

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The files of a folder that are the same in every run of one kind, by name; a report holds times.
std::map<std::string, std::string> results_in(const fs::path& folder) {
    std::map<std::string, std::string> out;
    if (!fs::exists(folder)) return out;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto name = entry.path().lexically_relative(folder).string();
        if (entry.is_regular_file() && name != "report.html" && name[0] != '.') {
            out[name] = content(entry.path());
        }
    }
    return out;
}

/// A tiny run with two conditions, in one of which some voxels are larger.
void make_subject(const fs::path& folder) {
    roi::Volume4D<std::int16_t> run(roi::Grid(roi::Shape(6, 5, 4), roi::scaling({3.0, 3.0, 3.0})), 12);
    std::string labels = "labels\n";
    unsigned state = 1;
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        const bool face = t % 2 == 0;
        labels += face ? "face\n" : "house\n";
        auto volume = run.frame(t);
        for (std::int64_t i = 0; i < volume.size(); ++i) {
            state = state * 1664525u + 1013904223u;
            volume.values()[static_cast<std::size_t>(i)] =
                static_cast<std::int16_t>(1000 + (state >> 24) % 16 + (face && i > 60 ? 90 : 0));
        }
    }
    roi::save(run, (folder / "bold.nii.gz").string());
    std::ofstream(folder / "labels.txt") << labels;
}

struct Ended {
    int status = 0;  // of the program, or -1 where a signal ended it
    std::string said;
};

/// Runs the program in a process of its own, for at most twenty seconds.
Ended run(const std::vector<std::string>& arguments, const std::string& preload, const std::string& fault,
          const fs::path& errors) {
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("LD_PRELOAD", preload.c_str(), 1);
        ::setenv("ROI_FAIL", fault.c_str(), 1);
        ::setenv("ROI_FAIL_COUNT", (errors.parent_path() / "count").c_str(), 1);
        ::setenv("ROI_THREADS", "1", 1);
        std::freopen(errors.c_str(), "w", stderr);
        std::freopen("/dev/null", "w", stdout);
        ::alarm(20);
        std::vector<char*> words;
        for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        ::execv(words[0], words.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(errors)};
}

/// A program that writes results to one folder, in two ways that give different ones.
struct Program {
    std::string name;
    fs::path output;
    std::vector<std::string> old_run, new_run;
    long tried = 0;         ///< faults of each kind, unless all are
    bool pictures = false;  ///< one that cannot be drawn costs that picture
};

struct Count {
    long cases = 0, faults = 0;
};

/// Runs a program with its calls failing in turn. Returns false when it fails by itself.
bool try_all(const Program& program, const std::string& preload, const fs::path& folder, bool all,
             Count& count) {
    const auto errors = folder / "stderr";
    const auto plain = [&](const auto& what) {
        const auto ended = run(what, "", "", errors);
        if (ended.status != 0) std::printf("a run without a fault failed: %s\n", ended.said.c_str());
        return ended.status == 0;
    };
    if (!plain(program.new_run)) return false;
    const auto new_files = results_in(program.output);
    if (!plain(program.old_run)) return false;
    const auto old_files = results_in(program.output);
    for (const char* kind : {"system", "memory"}) {
        run(program.old_run, preload, std::string(kind) + " 0 once 5", errors);
        const long calls = std::atol(content(folder / "count").c_str());
        std::printf("%s: %ld %s\n", program.name.c_str(), calls,
                    kind[0] == 's' ? "system calls" : "allocations");
        std::fflush(stdout);
        if (calls == 0) return false;
        const long step = all ? 1 : std::max(1L, calls / program.tried);
        for (long call = 1; call <= calls; call += step) {
            for (const char* how : {"once", "ever"}) {
                for (const int error : {EIO, ENOSPC, EACCES, EROFS}) {
                    if (kind[0] == 'm' && error != EIO) continue;
                    if (!all && error != (call / step % 2 == 0 ? EIO : ENOSPC) && kind[0] == 's') continue;
                    const auto fault = std::string(kind) + " " + std::to_string(call) + " " + how + " " +
                                       std::to_string(error);
                    const auto ended = run(program.new_run, preload, fault, errors);
                    ++count.cases;
                    auto found = results_in(program.output);
                    std::string problem;
                    if (ended.status < 0) problem = "it was ended by a signal, or did not end";
                    if (ended.status > 1) problem = "its status is " + std::to_string(ended.status);
                    if (ended.status == 1 && ended.said.empty()) problem = "it failed without a word";
                    if (ended.status == 0) {
                        for (const auto& [name, bytes] : new_files) {
                            const bool picture = program.pictures && name.rfind("figures/", 0) == 0;
                            // Without its configuration fontconfig takes other fonts, and says so.
                            const bool other_fonts = picture && fs::path(name).extension() == ".png" &&
                                                     ended.said.find("Fontconfig error") != std::string::npos;
                            if (found.count(name) ? found[name] != bytes && !other_fonts : !picture)
                                problem = name + " is not the new one";
                        }
                    } else if (problem.empty() && found != old_files && found != new_files) {
                        // The next run puts the old ones back before it does anything else.
                        roi::OutputFolder(program.output.string());
                        if (results_in(program.output) != old_files)
                            problem = "results are neither old nor new, nor put back";
                    }
                    if (!problem.empty()) {
                        ++count.faults;
                        std::printf("%s: %s: %s\n", fault.c_str(), problem.c_str(), ended.said.c_str());
                    }
                    if (found != old_files && !plain(program.old_run)) return false;
                }
            }
        }
    }
    return true;
}

/// Declares the options of all subcommands with allocations failing once: a sample of a whole run has too few of them. A search by
/// name allocates three times in a row.
void try_options(const std::string& roi, const std::string& preload, const fs::path& folder, bool all,
                 Count& count) {
    const auto errors = folder / "stderr";
    const auto with_fault = [&](long call) {
        return run({roi, "--version"}, preload, "memory " + std::to_string(call) + " once 5", errors);
    };
    with_fault(0);
    const long calls = std::atol(content(folder / "count").c_str());
    std::printf("options of roi: %ld allocations\n", calls);
    for (long call = 1; call <= (all ? calls : std::min(calls, 3000L)); call += all ? 1 : 3) {
        const auto ended = with_fault(call);
        ++count.cases;
        if ((ended.status == 0 || ended.status == 1) && (ended.status == 0) == ended.said.empty()) continue;
        ++count.faults;
        std::printf("options of roi: memory %ld: its status is %d: %s\n", call, ended.status,
                    ended.said.c_str());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const std::string extraction = argv[1], roi = argv[2], preload = argv[3];
    const fs::path folder = argv[4];
    const char* chosen = std::getenv("ROI_EVERY_FAILURE");
    const bool all = chosen && std::string(chosen) == "all";
    fs::remove_all(folder);
    fs::create_directories(folder / "maps");
    make_subject(folder);
    const auto bold = (folder / "bold.nii.gz").string(), labels = (folder / "labels.txt").string();
    const auto extract = [&](const fs::path& output, const char* width, bool report) {
        std::vector<std::string> out{extraction,      "--bold",      bold, "--labels", labels, "--output",
                                     output.string(), "--threshold", "2",  "--fwhm",   width};
        if (report) out.emplace_back("--report");
        return out;
    };
    const auto test = [&](const char* mean) {
        const auto to = [&](const char* name) { return (folder / "maps" / name).string(); };
        return std::vector<std::string>{roi,   "ttest-1samp",  bold,   "--mean",    mean, "--t", to("t.nii"),
                                        "--p", to("p.nii.gz"), "--df", to("df.hdr")};
    };
    const Program programs[] = {
        {"roi_extraction", folder / "results", extract(folder / "results", "3", false),
         extract(folder / "results", "5", false), 60, false},
        {"roi_extraction --report", folder / "with_report", extract(folder / "with_report", "3", true),
         extract(folder / "with_report", "5", true), 12, true},
        {"roi", folder / "maps", test("1000"), test("1001"), 100, false}};
    Count count;
    for (const auto& program : programs) {
        if (!try_all(program, preload, folder, all, count)) return 1;
    }
    try_options(roi, preload, folder, all, count);
    std::printf("every failure: %ld failures, %ld of them with the wrong end\n", count.cases, count.faults);
    return count.faults == 0 ? 0 : 1;
}
#else
int main() {
    std::printf("skipped: failing calls need glibc and no sanitizer, which has the same functions itself\n");
    return 0;
}
#endif
