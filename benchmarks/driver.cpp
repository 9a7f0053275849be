// One function of the library on raw files, repeated and timed: what compare.py calls, as call.hpp describes. peers.py
// and peer_itk.cpp do the same for other libraries.
#include <roi/image/logical.hpp>
#include <roi/io.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/distance.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/fill_holes.hpp>
#include <roi/morphology/opening.hpp>
#include <roi/plot/cut_coords.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/measure.hpp>
#include <roi/regions/regions.hpp>
#include <roi/signals/labels_masker.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/cluster_table.hpp>
#include <roi/stats/f_classif.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/table/table.hpp>

#include "call.hpp"
#include <cstdint>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

roi::Shape shape(const Call& call) { return {call.integer(0), call.integer(1), call.integer(2)}; }

template <class T>
roi::Volume<T> read_volume(const std::string& path, const roi::Grid& grid) {
    roi::Volume<T> out(grid);
    read_values(path, out.data(), out.size());
    return out;
}

roi::Volume4D<float> read_run(const Call& call, const roi::Grid& grid) {
    roi::Volume4D<float> out(grid, call.integer(3));
    read_values(call.input, out.data(), out.size());
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
    auto run = read_run(call, roi::Grid(shape(call), affine));
    for (int i = 0; i < call.repeat; ++i) {
        const double start = cpu_milliseconds();
        run = roi::smooth(std::move(run), roi::Fwhm{call.real(7)});
        std::printf("%.3f\n", cpu_milliseconds() - start);
        if (i == 0) call.write(std::span<const float>(run.values()));
    }
}

/// NX NY NZ NT
void mean(const Call& call) {
    const auto run = read_run(call, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::mean(run); });
    call.write(std::span<const double>(out.values()));
}

/// NX NY NZ NT NA: the first NA volumes against the others. Writes t, then p.
void ttest_ind(const Call& call) {
    const auto run = read_run(call, roi::Grid(shape(call)));
    const auto a = volumes(run.frames(), 0, call.integer(4));
    const auto b = volumes(run.frames(), call.integer(4), run.frames() - call.integer(4));
    const auto out = call.timed([&] { return roi::ttest_ind(run, a, b); });
    std::vector<double> both(out.t.values().begin(), out.t.values().end());
    both.insert(both.end(), out.p.values().begin(), out.p.values().end());
    call.write(std::span<const double>(both));
}

/// NX NY NZ NT CONDITIONS: blocks of nine volumes, conditions in turn. Writes F, then p.
void f_classif(const Call& call) {
    const auto run = read_run(call, roi::Grid(shape(call)));
    std::vector<roi::Selection> samples;
    for (std::int64_t condition = 0; condition < call.integer(4); ++condition) {
        std::vector<bool> chosen(static_cast<std::size_t>(run.frames()));
        for (std::int64_t i = 0; i < run.frames(); ++i) {
            chosen[static_cast<std::size_t>(i)] = i / 9 % call.integer(4) == condition;
        }
        samples.emplace_back(std::move(chosen));
    }
    const auto out = call.timed([&] { return roi::f_classif(run, samples); });
    std::vector<double> both(out.f.values().begin(), out.f.values().end());
    both.insert(both.end(), out.p.values().begin(), out.p.values().end());
    call.write(std::span<const double>(both));
}

/// NX NY NZ NT MASK N: N random flips of the signs of NT maps, with threshold-free cluster enhancement. Writes t.
void permute(const Call& call) {
    const auto maps = read_run(call, roi::Grid(shape(call)));
    const auto mask = read_volume<bool>(call.arguments.at(4), maps.grid());
    const auto out =
        call.timed([&] { return roi::permute(maps, {.permutations = call.integer(5), .mask = mask}); });
    call.write(std::span<const double>(out.t.values()));
}

/// NX NY NZ: a map of double.
void neg_log10(const Call& call) {
    const auto p = read_volume<double>(call.input, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::neg_log10(p, {.max = 10.0}); });
    call.write(std::span<const double>(out.values()));
}

/// NX NY NZ LOWEST MASK: (map >= LOWEST) and the mask of another file.
void threshold_and(const Call& call) {
    const auto map = read_volume<double>(call.input, roi::Grid(shape(call)));
    const auto mask = read_volume<bool>(call.arguments.at(4), roi::Grid(shape(call)));
    const auto out =
        call.timed([&] { return roi::logical_and(roi::threshold(map, call.real(3)) != 0.0, mask); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ CONNECTIVITY: 6 or 26.
void dilate(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::dilate(mask, {.structure = connectivity(call)}); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ CONNECTIVITY: 6 or 26.
void erode(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::erode(mask, {.structure = connectivity(call)}); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ CONNECTIVITY: 6 or 26.
void opening(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::opening(mask, {.structure = connectivity(call)}); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ CONNECTIVITY: 6 or 26. What lies outside is false, as in SciPy.
void closing(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::closing(mask, {.structure = connectivity(call)}); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ
void fill_holes(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::fill_holes(mask); });
    call.write(std::span<const bool>(out.values()));
}

/// NX NY NZ VX VY VZ: mm to the nearest voxel that is false.
void distance(const Call& call) {
    const roi::Grid grid(shape(call), roi::scaling({call.real(3), call.real(4), call.real(5)}));
    const auto outside = roi::logical_not(read_volume<bool>(call.input, grid));
    const auto found = call.timed([&] { return roi::distance_to(outside); });
    const std::vector<double> out(found.begin(), found.end());
    call.write(std::span<const double>(out));
}

/// NX NY NZ NT OX OY OZ ORDER and 12 numbers, the rows of the matrix from voxels of the result to those of INPUT: a run of
/// float; order 0, 1 or 3.
void resample(const Call& call) {
    const auto run = read_run(call, roi::Grid(shape(call)));
    roi::Affine affine = roi::Affine::Identity();
    for (std::size_t i = 0; i < 12; ++i) {
        affine(static_cast<int>(i / 4), static_cast<int>(i % 4)) = call.real(8 + i);
    }
    const roi::Grid target(roi::Shape(call.integer(4), call.integer(5), call.integer(6)), affine);
    const auto order = call.integer(7);
    const roi::Interpolation how = order == 0   ? roi::Interpolation(roi::Interpolation::nearest)
                                   : order == 1 ? roi::Interpolation(roi::Interpolation::linear)
                                                : roi::Interpolation(roi::Interpolation::continuous);
    const auto out = call.timed([&] { return roi::resample_to(run, target, how); });
    call.write(std::span<const float>(out.values()));
}

/// NX NY NZ ATLAS: a map of float and the file of a label volume, int32. Writes eleven numbers a region: voxels, sum, mean,
/// variance, standard deviation, least, largest, median, and the centre of mass.
void measure(const Call& call) {
    const roi::Grid grid(shape(call));
    const auto map = read_volume<float>(call.input, grid);
    const auto atlas = read_volume<std::int32_t>(call.arguments.at(3), grid);
    const auto found = call.timed([&] { return roi::measure(map, atlas); });
    std::vector<double> out;
    for (const roi::Measurements& row : found) {
        out.insert(out.end(),
                   {static_cast<double>(row.size), row.sum, row.mean, row.variance, row.std, row.min, row.max,
                    row.median, row.center_of_mass.x(), row.center_of_mass.y(), row.center_of_mass.z()});
    }
    call.write(std::span<const double>(out));
}

/// NX NY NZ MM THRESHOLD: a map of float with cubes as voxels. Writes peak and mm3 of every cluster.
void clusters(const Call& call) {
    const double mm = call.real(3);
    const auto map = read_volume<float>(call.input, roi::Grid(shape(call), roi::scaling({mm, mm, mm})));
    const auto found = call.timed([&] { return roi::cluster_table(map, call.real(4)); });
    std::vector<double> out;
    for (const roi::ClusterPeak& row : found.peaks) {
        if (row.sub_peak > 0) continue;
        out.insert(out.end(), {row.value, static_cast<double>(row.voxels) * mm * mm * mm});
    }
    call.write(std::span<const double>(out));
}

/// NX NY NZ: true voxels of a mask. Writes one number.
void count(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(shape(call)));
    const auto out = static_cast<double>(call.timed([&] { return roi::count(mask); }));
    call.write(std::span<const double>(&out, 1));
}

/// NX NY NZ: INPUT is a label volume, int32. Writes size and centre of every region.
void regions(const Call& call) {
    const auto atlas = read_volume<std::int32_t>(call.input, roi::Grid(shape(call)));
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
    const auto map = read_volume<float>(call.input, roi::Grid(shape(call)));
    const roi::Point out = call.timed([&] { return roi::find_xyz_cut_coords(map); });
    call.write(std::span<const double>(out.data(), 3));
}

/// NX NY NZ CONNECTIVITY: 6 or 26.
void label(const Call& call) {
    const auto mask = read_volume<bool>(call.input, roi::Grid(shape(call)));
    const auto out = call.timed([&] { return roi::label(mask, {.connectivity = connectivity(call)}); });
    call.write(std::span<const std::int32_t>(out.atlas.values()));
}

/// NX NY NZ NT ATLAS: the file of a label volume, int32. Writes volumes x labels, volumes fastest.
void labels_masker(const Call& call) {
    const roi::Grid grid(shape(call));
    const auto run = read_run(call, grid);
    const auto atlas = read_volume<std::int32_t>(call.arguments.at(4), grid);
    const Eigen::MatrixXd out = call.timed([&] { return roi::labels_masker(atlas).transform(run); });
    call.write(std::span<const double>(out.data(), static_cast<std::size_t>(out.size())));
}

/// NX NY NZ NT: writes OUTPUT, a NIfTI file.
void save(const Call& call) {
    const auto run = read_run(call, roi::Grid(shape(call)));
    call.timed([&] { return roi::save(run, call.output), 0; });
}

/// INPUT is a NIfTI file.
void load(const Call& call) {
    const auto run = call.timed([&] { return roi::load4d<float>(call.input); });
    call.write(std::span<const float>(run.values()));
}

/// INPUT is a folder of one subject. The notebook by functions on a run of float in memory; writes the atlas.
void notebook(const Call& call) {
    const auto conditions = roi::read_table(call.input + "/labels.txt")["labels"];
    const auto atlas = call.timed([&] {
        const auto bold = roi::smooth(roi::load4d<float>(call.input + "/bold.nii.gz"), roi::Fwhm{6.0});
        const auto mean = roi::mean(bold);
        const auto test = roi::ttest_ind(bold, conditions == "face", conditions == "house");
        const auto kept = roi::threshold(roi::neg_log10(test, {.max = 10.0}), 5.0);
        const auto both = roi::logical_and(kept != 0.0, roi::load<bool>(call.input + "/mask4_vt.nii.gz"));
        auto regions = roi::label(roi::dilate(both)).atlas;
        const auto signals = roi::labels_masker(regions).transform(bold);
        if (mean.size() == 0 || signals.rows() != bold.frames()) throw std::runtime_error("no signals");
        return regions;
    });
    call.write(std::span<const std::int32_t>(atlas.values()));
}

}  // namespace

int main(int words_given, char** words) {
    return run_call("driver",
                    {{"closing", closing},
                     {"clusters", clusters},
                     {"count", count},
                     {"cut_coords", cut_coords},
                     {"dilate", dilate},
                     {"distance", distance},
                     {"erode", erode},
                     {"f_classif", f_classif},
                     {"fill_holes", fill_holes},
                     {"label", label},
                     {"labels_masker", labels_masker},
                     {"load", load},
                     {"mean", mean},
                     {"measure", measure},
                     {"neg_log10", neg_log10},
                     {"notebook", notebook},
                     {"opening", opening},
                     {"permute", permute},
                     {"regions", regions},
                     {"resample", resample},
                     {"save", save},
                     {"smooth", smooth},
                     {"threshold_and", threshold_and},
                     {"ttest_ind", ttest_ind}},
                    words_given, words);
}
