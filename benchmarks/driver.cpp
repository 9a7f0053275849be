// One function of the library on raw files, repeated and timed: what compare.py calls.
//
//     driver FUNCTION INPUT OUTPUT REPEAT [ARGUMENT...]
//
// Files hold values of the machine's byte order, x fastest and time slowest, without a header. Prints the CPU
// milliseconds of every call, one a line, then `peak` and the largest memory of the process in MB. peers.py does the
// same for other libraries.
#include <roi/dilate.hpp>
#include <roi/erode.hpp>
#include <roi/label.hpp>
#include <roi/labels_masker.hpp>
#include <roi/logical.hpp>
#include <roi/mean.hpp>
#include <roi/neg_log10.hpp>
#include <roi/nifti.hpp>
#include <roi/plot/cut_coords.hpp>
#include <roi/regions.hpp>
#include <roi/smooth.hpp>
#include <roi/threshold.hpp>
#include <roi/ttest_ind.hpp>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

double cpu_milliseconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

struct Call {
    std::string input, output;
    int repeat;
    std::vector<std::string> arguments;

    [[nodiscard]] std::int64_t integer(std::size_t i) const { return std::stoll(arguments.at(i)); }
    [[nodiscard]] double real(std::size_t i) const { return std::stod(arguments.at(i)); }
    [[nodiscard]] roi::Shape shape() const { return {integer(0), integer(1), integer(2)}; }

    /// Times `function`, keeps what it returns last.
    template <class Function>
    auto timed(Function&& function) const {
        for (int i = 1;; ++i) {
            const double start = cpu_milliseconds();
            auto result = function();
            std::printf("%.3f\n", cpu_milliseconds() - start);
            if (i >= repeat) return result;
        }
    }

    template <class T>
    void write(std::span<const T> values) const {
        std::ofstream file(output, std::ios::binary);
        file.write(reinterpret_cast<const char*>(values.data()),
                   static_cast<std::streamsize>(values.size_bytes()));
        if (!file.flush()) throw std::runtime_error("cannot write " + output);
    }
};

template <class T>
void read(const std::string& path, T* values, std::int64_t count) {
    std::ifstream file(path, std::ios::binary);
    const auto bytes = count * static_cast<std::int64_t>(sizeof(T));
    if (!file.read(reinterpret_cast<char*>(values), bytes)) throw std::runtime_error("cannot read " + path);
}

template <class T>
roi::Volume<T> read_volume(const std::string& path, const roi::Grid& grid) {
    roi::Volume<T> out(grid);
    read(path, out.data(), out.size());
    return out;
}

roi::Volume4D<float> read_run(const Call& call, const roi::Grid& grid) {
    roi::Volume4D<float> out(grid, call.integer(3));
    read(call.input, out.data(), out.size());
    return out;
}

/// Volumes [first, first + count) of a run.
roi::Selection volumes(std::int64_t frames, std::int64_t first, std::int64_t count) {
    std::vector<bool> chosen(static_cast<std::size_t>(frames));
    for (std::int64_t i = first; i < first + count; ++i) chosen.at(static_cast<std::size_t>(i)) = true;
    return roi::Selection(std::move(chosen));
}

roi::Connectivity connectivity(const Call& call) {
    return call.integer(3) == 6 ? roi::Connectivity::faces : roi::Connectivity::corners;
}

/// NX NY NZ NT VX VY VZ FWHM: a run of float, voxel sizes and width in mm. In place, as a run in memory is.
void smooth(const Call& call) {
    roi::Affine affine = roi::Affine::Identity();
    for (Eigen::Index axis = 0; axis < 3; ++axis) {
        affine(axis, axis) = call.real(4 + static_cast<std::size_t>(axis));
    }
    auto run = read_run(call, roi::Grid(call.shape(), affine));
    for (int i = 0; i < call.repeat; ++i) {
        const double start = cpu_milliseconds();
        run = roi::smooth(std::move(run), roi::Fwhm{call.real(7)});
        std::printf("%.3f\n", cpu_milliseconds() - start);
        if (i == 0) call.write(std::span<const float>(run.values()));
    }
}

/// NX NY NZ NT
void mean(const Call& call) {
    const auto run = read_run(call, roi::Grid(call.shape()));
    const auto out = call.timed([&] { return roi::mean(run); });
    call.write(std::span<const double>(out.values()));
}

/// NX NY NZ NT NA: the first NA volumes against the others. Writes t, then p.
void ttest_ind(const Call& call) {
    const auto run = read_run(call, roi::Grid(call.shape()));
    const auto a = volumes(run.frames(), 0, call.integer(4));
    const auto b = volumes(run.frames(), call.integer(4), run.frames() - call.integer(4));
    const auto out = call.timed([&] { return roi::ttest_ind(run, a, b); });
    std::vector<double> both(out.t.values().begin(), out.t.values().end());
    both.insert(both.end(), out.p.values().begin(), out.p.values().end());
    call.write(std::span<const double>(both));
}

/// NX NY NZ: a map of double.
void neg_log10(const Call& call) {
    const auto p = read_volume<double>(call.input, roi::Grid(call.shape()));
    const auto out = call.timed([&] { return roi::neg_log10(p, {.max = 10.0}); });
    call.write(std::span<const double>(out.values()));
}

/// NX NY NZ LOWEST MASK: (map >= LOWEST) and the mask of another file.
void threshold_and(const Call& call) {
    const auto map = read_volume<double>(call.input, roi::Grid(call.shape()));
    const auto mask = read_volume<bool>(call.arguments.at(4), roi::Grid(call.shape()));
    const auto out =
        call.timed([&] { return roi::logical_and(roi::threshold(map, call.real(3)) != 0.0, mask); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ CONNECTIVITY: 6 or 26.
void dilate(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(call.shape()));
    const auto out = call.timed([&] { return roi::dilate(mask, {.structure = connectivity(call)}); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ CONNECTIVITY: 6 or 26.
void erode(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(call.shape()));
    const auto out = call.timed([&] { return roi::erode(mask, {.structure = connectivity(call)}); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ: true voxels of a mask. Writes one number.
void count(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(call.shape()));
    const auto out = static_cast<double>(call.timed([&] { return roi::count(mask); }));
    call.write(std::span<const double>(&out, 1));
}

/// NX NY NZ: INPUT is a label volume, int32. Writes size and centre of every region.
void regions(const Call& call) {
    const auto atlas = read_volume<std::int32_t>(call.input, roi::Grid(call.shape()));
    const auto found = call.timed([&] { return roi::regions(atlas); });
    std::vector<double> out;
    for (const roi::Region& region : found) {
        out.insert(out.end(), {static_cast<double>(region.size), region.center.x(), region.center.y(),
                               region.center.z()});
    }
    call.write(std::span<const double>(out));
}

/// NX NY NZ: a map of float. Writes x, y and z.
void cut_coords(const Call& call) {
    const auto map = read_volume<float>(call.input, roi::Grid(call.shape()));
    const roi::Point out = call.timed([&] { return roi::find_xyz_cut_coords(map); });
    call.write(std::span<const double>(out.data(), 3));
}

/// NX NY NZ CONNECTIVITY: 6 or 26.
void label(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(call.shape()));
    const auto out = call.timed([&] { return roi::label(mask, {.connectivity = connectivity(call)}); });
    call.write(std::span<const std::int32_t>(out.atlas.values()));
}

/// NX NY NZ NT ATLAS: the file of a label volume, int32. Writes volumes x labels, volumes fastest.
void labels_masker(const Call& call) {
    const roi::Grid grid(call.shape());
    const auto run = read_run(call, grid);
    const auto atlas = read_volume<std::int32_t>(call.arguments.at(4), grid);
    const Eigen::MatrixXd out = call.timed([&] { return roi::labels_masker(atlas).transform(run); });
    call.write(std::span<const double>(out.data(), static_cast<std::size_t>(out.size())));
}

/// NX NY NZ NT: writes OUTPUT, a NIfTI file.
void save(const Call& call) {
    const auto run = read_run(call, roi::Grid(call.shape()));
    call.timed([&] { return roi::save(run, call.output), 0; });
}

/// INPUT is a NIfTI file.
void load(const Call& call) {
    const auto run = call.timed([&] { return roi::load4d<float>(call.input); });
    call.write(std::span<const float>(run.values()));
}

/// The largest memory of this process in MB; `getrusage` would count that of the parent before the start too.
double peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word != "VmHWM:") continue;
        double kilobytes = 0.0;
        status >> kilobytes;
        return kilobytes / 1024.0;
    }
    return 0.0;
}

}  // namespace

int main(int words_given, char** words) {
    const std::map<std::string, void (*)(const Call&)> functions{{"count", count},
                                                                 {"cut_coords", cut_coords},
                                                                 {"dilate", dilate},
                                                                 {"erode", erode},
                                                                 {"label", label},
                                                                 {"labels_masker", labels_masker},
                                                                 {"load", load},
                                                                 {"mean", mean},
                                                                 {"neg_log10", neg_log10},
                                                                 {"regions", regions},
                                                                 {"save", save},
                                                                 {"smooth", smooth},
                                                                 {"threshold_and", threshold_and},
                                                                 {"ttest_ind", ttest_ind}};
    const auto function = functions.find(words_given > 1 ? words[1] : "");
    if (words_given < 5 || function == functions.end()) {
        std::fprintf(stderr, "usage: driver FUNCTION INPUT OUTPUT REPEAT [ARGUMENT...]\n");
        return 2;
    }
    try {
        function->second({words[2], words[3], std::stoi(words[4]), {words + 5, words + words_given}});
        std::printf("peak %.1f\n", peak_megabytes());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "driver: %s: %s\n", words[1], error.what());
        return 1;
    }
}
