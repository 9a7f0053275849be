// write_samples FOLDER: one image of every kind that we save, and expected.tsv, which says what is in them.
//
// Columns: name, shape, NIfTI's name of the voxel type, the affine's first three rows, repetition time in seconds,
// description. NAME.f64 holds the values as doubles, x fastest.
#include <roi/io/read_header.hpp>
#include <roi/io/save.hpp>

#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

class Samples {
public:
    explicit Samples(std::string folder) : folder_(std::move(folder)), list_(folder_ + "/expected.tsv") {}

    template <class T>
    void add(const std::string& name, const roi::Volume4D<T>& run, const roi::SaveOptions& options = {}) {
        if (run.frames() == 1) {
            roi::Volume<T> volume(run.grid(), T{}, run.metadata());
            std::copy(run.values().begin(), run.values().end(), volume.begin());
            roi::save(volume, folder_ + "/" + name, options);
        } else {
            roi::save(run, folder_ + "/" + name, options);
        }
        const auto info = roi::read_header(folder_ + "/" + name);
        const auto& shape = run.grid().shape();
        list_ << name << '\t' << shape.x() << ',' << shape.y() << ',' << shape.z();
        if (run.frames() > 1) list_ << ',' << run.frames();
        const auto type = options.datatype == roi::Datatype::unknown ? info.datatype : options.datatype;
        list_ << '\t' << roi::name_of(type) << '\t';
        for (int i = 0; i < 12; ++i) {
            list_ << (i > 0 ? "," : "") << roi::text(run.grid().affine()(i / 4, i % 4));
        }
        list_ << '\t' << roi::text(run.metadata().time_step) << '\t' << run.metadata().description << '\n';
        std::vector<double> values(run.values().begin(), run.values().end());
        std::ofstream(folder_ + "/" + name + ".f64", std::ios::binary)
            .write(reinterpret_cast<const char*>(values.data()),
                   static_cast<std::streamsize>(values.size() * sizeof(double)));
    }

private:
    std::string folder_;
    std::ofstream list_;
};

roi::Affine turned(double shear) {
    const double c = std::cos(0.3), s = std::sin(0.3);
    roi::Affine affine = roi::Affine::Identity();
    affine.topRows<3>() << -2.0 * c, -3.0 * s, shear, 10.25,  //
        -2.0 * s, 3.0 * c, 0.0, -20.5,                        //
        0.0, 0.0, 3.5, 7.75;
    return affine.cast<float>().cast<double>();
}

template <class T>
roi::Volume4D<T> counting(const roi::Grid& grid, std::int64_t frames) {
    roi::Metadata metadata;
    metadata.description = "sample " + std::string(roi::name_of(roi::datatype_of<T>()));
    if (frames > 1) metadata.time_step = 2.5;
    metadata.extensions = {{6, std::vector<std::byte>(24, std::byte{'c'})}, {44, std::vector<std::byte>(40)}};
    roi::Volume4D<T> run(grid, frames, T{}, metadata);
    std::int64_t i = 0;
    for (T& value : run.values()) value = static_cast<T>(i++ % 101);
    return run;
}

template <class T>
void add_all_forms(Samples& samples) {
    const roi::Grid grid(roi::Shape(5, 4, 3), turned(0.0));
    const std::string type(roi::name_of(roi::datatype_of<T>()));
    for (const int version : {1, 2}) {
        const roi::SaveOptions options{.datatype = roi::datatype_of<T>(),
                                       .version = static_cast<roi::NiftiVersion>(version)};
        const auto start = type + "-v" + std::to_string(version);
        samples.add(start + ".nii", counting<T>(grid, 1), options);
        samples.add(start + "-run.nii.gz", counting<T>(grid, 2), options);
        samples.add(start + "-pair.hdr", counting<T>(grid, 1), options);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: write_samples FOLDER\n", stderr);
        return 2;
    }
    try {
        Samples samples(argv[1]);
        add_all_forms<std::uint8_t>(samples);
        add_all_forms<std::int8_t>(samples);
        add_all_forms<std::uint16_t>(samples);
        add_all_forms<std::int16_t>(samples);
        add_all_forms<std::uint32_t>(samples);
        add_all_forms<std::int32_t>(samples);
        add_all_forms<std::uint64_t>(samples);
        add_all_forms<std::int64_t>(samples);
        add_all_forms<float>(samples);
        add_all_forms<double>(samples);
        const roi::Grid sheared(roi::Shape(5, 4, 3), turned(0.5));
        samples.add("mask.nii.gz", counting<bool>(sheared, 1));
        samples.add("labels.nii.gz", counting<std::int32_t>(sheared, 1));
        auto scaled = counting<float>(sheared, 1);
        for (float& value : scaled.values()) value = 0.25f * value - 3.1f;
        samples.add("scaled.nii", scaled, {.datatype = roi::Datatype::int16});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "write_samples: %s\n", error.what());
        return 1;
    }
    return 0;
}
