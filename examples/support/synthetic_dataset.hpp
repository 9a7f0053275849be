// A made-up BIDS data set with its preprocessed half, as fMRIPrep names it: for whoever tries a study without one.
//
// Nothing here is measured. Every subject has two runs of blocks with faces and houses; a region answers to each.
// Arithmetic is on integers, as in synthetic_subject.hpp. Of three and more subjects the third has a run that ends too
// early, of four and more the fourth has no events.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/save.hpp>

#include "synthetic_subject.hpp"
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace examples {

namespace synthetic {

/// The runs of the data set: 4 mm voxels and 40 volumes, 2 seconds apart.
struct BidsRuns {
    static constexpr std::int64_t volumes = 40, block = 4;
    static constexpr double t_r = 2.0;

    roi::Grid grid = centred(roi::Shape(14, 16, 12), 4.0);
    roi::Grid atlas_grid = centred(roi::Shape(20, 22, 17), 3.0);

    /// Around the origin; x runs to the left, as in most images.
    [[nodiscard]] static roi::Grid centred(const roi::Shape& shape, double voxel) {
        auto affine = roi::scaling({-voxel, voxel, voxel});
        affine(0, 3) = voxel * static_cast<double>(shape.x() / 2);
        affine(1, 3) = -voxel * static_cast<double>(shape.y() / 2);
        affine(2, 3) = -voxel * static_cast<double>(shape.z() / 2);
        return {shape, affine};
    }

    /// The label of a place in millimetres: 0 outside the head, else 1 to 6.
    [[nodiscard]] static int region(std::int64_t x, std::int64_t y, std::int64_t z) {
        if (25 * x * x + 16 * y * y + 25 * z * z > 25 * 16 * 36) return 0;
        return 1 + (x > 0 ? 1 : 0) + (y < -8 ? 0 : y < 8 ? 2 : 4);
    }

    /// Rest, faces, rest, houses ... in blocks; the order differs between runs.
    [[nodiscard]] static int condition(std::int64_t frame, int run) {
        const auto number = frame / block;
        if (number % 2 == 0) return 0;
        return 1 + static_cast<int>((number / 2 + run) % 2);
    }

    /// Calls `with(label, voxel)` for every voxel of a grid.
    template <class With>
    static void for_each(const roi::Grid& grid, With&& with) {
        const auto& shape = grid.shape();
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            const auto at = shape.voxel(i);
            const auto mm = [&](std::size_t axis) {
                const auto row = static_cast<Eigen::Index>(axis);
                return std::llround(grid.affine()(row, row) * static_cast<double>(at[axis]) +
                                    grid.affine()(row, 3));
            };
            with(region(mm(0), mm(1), mm(2)), i);
        }
    }
};

/// The two tables and the two images of a run.
class BidsRun {
public:
    BidsRun(const BidsRuns& design, std::uint64_t seed, int subject, int run)
        : design_(design), seed_(hash(seed, subject, run)), run_(run) {
        // How strongly a subject answers: 15 to 35 of a level near 1000.
        const auto answer = [&](int which) {
            return static_cast<std::int32_t>(15 + hash(seed, subject, which) % 21);
        };
        answers_ = {answer(1), answer(2)};
        motion_.resize(static_cast<std::size_t>(BidsRuns::volumes));
        for (std::size_t t = 1; t < motion_.size(); ++t) {
            motion_[t] = motion_[t - 1] + bell(hash(seed_, 7, t)) / 64;
        }
    }

    void write_image(const std::string& path) const {
        roi::Metadata metadata;
        metadata.description = "roi synthetic run";
        metadata.sform_code = metadata.qform_code = roi::xform::mni;
        metadata.time_step = BidsRuns::t_r;
        roi::RunWriter<std::int16_t> run(path, design_.grid, BidsRuns::volumes, metadata);
        roi::Volume<std::int16_t> volume(design_.grid);
        for (std::int64_t t = 0; t < BidsRuns::volumes; ++t) {
            const auto on = BidsRuns::condition(t, run_);
            BidsRuns::for_each(design_.grid, [&](int label, std::int64_t voxel) {
                std::int32_t value = bell(hash(seed_, 5, t, voxel)) / 40;
                if (label == 0) {
                    value = value < 0 ? -value : value;
                } else {
                    value += 1000 + motion_[static_cast<std::size_t>(t)];
                    if (on > 0 && (label == on || label == on + 2))
                        value += answers_[static_cast<std::size_t>(on - 1)];
                }
                volume[voxel] = static_cast<std::int16_t>(value);
            });
            run.write(volume.values());
        }
        run.commit();
    }

    [[nodiscard]] std::string events() const {
        std::string out = "onset\tduration\ttrial_type\n";
        const double length = BidsRuns::t_r * static_cast<double>(BidsRuns::block);
        for (std::int64_t t = 0; t < BidsRuns::volumes; t += BidsRuns::block) {
            const auto on = BidsRuns::condition(t, run_);
            if (on == 0) continue;
            out += roi::text(BidsRuns::t_r * static_cast<double>(t), '\t', length, '\t',
                             on == 1 ? "face" : "house", '\n');
        }
        return out;
    }

    [[nodiscard]] std::string confounds() const {
        std::string out = "trans_x\ttrans_y\ttrans_z\trot_x\trot_y\trot_z\tframewise_displacement\tcsf\n";
        for (std::size_t t = 0; t < motion_.size(); ++t) {
            out += roi::text(motion_[t] / 100.0);
            for (int k = 1; k < 6; ++k) out += roi::text('\t', bell(hash(seed_, 8, t, k)) / 10000.0);
            out += t == 0 ? std::string("\tn/a")
                          : roi::text('\t', std::abs(motion_[t] - motion_[t - 1]) / 100.0);
            out += roi::text('\t', 800.0 + bell(hash(seed_, 9, t)) / 100.0, '\n');
        }
        return out;
    }

private:
    const BidsRuns& design_;
    std::uint64_t seed_;
    int run_;
    std::array<std::int32_t, 2> answers_{};
    std::vector<std::int32_t> motion_;
};

/// The number of a subject with as many digits as the last one, two or more.
[[nodiscard]] inline std::string padded(std::int64_t number, std::int64_t last) {
    const auto digits = std::max<std::size_t>(2, roi::text(last).size());
    auto out = roi::text(number);
    out.insert(0, digits - std::min(digits, out.size()), '0');
    return out;
}

inline void cut_in_half(const std::string& path) {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
}

}  // namespace synthetic

/// Writes a BIDS data set of `subjects` subjects, raw, with `derivatives/fmriprep` and an atlas on another grid in
/// `derivatives/atlas`; files that are there are replaced.
///
/// \throws roi::FileError unwritable; also when the folder holds a data set that is not synthetic
inline void make_synthetic_dataset(const std::string& folder, std::int64_t subjects, std::uint64_t seed,
                                   const roi::Progress& progress = nullptr) {
    namespace fs = std::filesystem;
    using synthetic::write_text;
    roi::require(!folder.empty(), "synthetic data set: expected the name of a folder, found an empty one");
    const std::string description =
        "{\n  \"Name\": \"Synthetic study\",\n  \"BIDSVersion\": \"1.8.0\",\n  \"DatasetType\": \"raw\",\n"
        "  \"License\": \"CC0\",\n  \"GeneratedBy\": [{\"Name\": \"make_subject\"}]\n}\n";
    const auto top = folder + "/", prep = top + "derivatives/fmriprep/", atlas = top + "derivatives/atlas/";
    if (fs::exists(top + "dataset_description.json") &&
        synthetic::text_of(top + "dataset_description.json") != description) {
        throw roi::FileError(roi::ErrorCode::unwritable, folder,
                             "holds a data set that is not synthetic; choose another folder");
    }
    const auto make_folder = [](const std::string& path) {
        std::error_code error;
        fs::create_directories(path, error);
        if (error) {
            throw roi::FileError(roi::ErrorCode::unwritable, path,
                                 roi::text("the folder cannot be made: ", error.message()));
        }
    };
    make_folder(prep);
    make_folder(atlas);
    write_text(top + "dataset_description.json", description);
    write_text(top + "README", "This study is synthetic: made by make_subject of roi, not measured.\n");
    write_text(
        top + "task-blocks_bold.json",
        "{\n  \"TaskName\": \"blocks\",\n  \"RepetitionTime\": 2.0,\n  \"SliceTiming\": [0.0, 1.0]\n}\n");
    const auto derived = [](const char* name) {
        return roi::text("{\n  \"Name\": \"", name,
                         "\",\n  \"BIDSVersion\": \"1.8.0\",\n  \"DatasetType\": \"derivative\",\n"
                         "  \"GeneratedBy\": [{\"Name\": \"make_subject\"}]\n}\n");
    };
    write_text(prep + "dataset_description.json", derived("Synthetic study, as fMRIPrep leaves one"));
    write_text(atlas + "dataset_description.json", derived("Synthetic atlas"));

    const synthetic::BidsRuns design;
    roi::Metadata metadata;
    metadata.description = "roi synthetic atlas";
    metadata.sform_code = metadata.qform_code = roi::xform::mni;
    auto of_labels = metadata;
    of_labels.intent.code = roi::label_intent;
    roi::Volume<std::int16_t> labels(design.atlas_grid, std::int16_t{0}, of_labels);
    synthetic::BidsRuns::for_each(design.atlas_grid, [&](int label, std::int64_t voxel) {
        labels[voxel] = static_cast<std::int16_t>(label);
    });
    const std::string space = "space-MNI152NLin2009cAsym";
    roi::save(labels, atlas + "tpl-MNI152NLin2009cAsym_atlas-Sixths_dseg.nii.gz");
    write_text(atlas + "tpl-MNI152NLin2009cAsym_atlas-Sixths_dseg.tsv",
               "index\tname\n1\tface left\n2\thouse right\n3\tface middle\n4\thouse middle\n5\tfront left\n"
               "6\tfront right\n");
    roi::Volume<std::uint8_t> brain(design.grid, std::uint8_t{0}, metadata);
    synthetic::BidsRuns::for_each(design.grid,
                                  [&](int label, std::int64_t voxel) { brain[voxel] = label > 0 ? 1 : 0; });

    std::string participants = "participant_id\tage\tgroup\n";
    for (std::int64_t subject = 1; subject <= subjects; ++subject) {
        const auto name = roi::text("sub-", synthetic::padded(subject, subjects));
        participants += roi::text(name, '\t', 20 + synthetic::hash(seed, subject, 11) % 40, '\t',
                                  subject % 2 == 1 ? "control" : "patient", '\n');
        const auto raw_func = top + name + "/func/", func = prep + name + "/func/";
        make_folder(raw_func);
        make_folder(func);
        for (int number = 1; number <= 2; ++number) {
            const auto run = roi::text(name, "_task-blocks_run-", number);
            const synthetic::BidsRun what(design, seed, static_cast<int>(subject), number);
            const auto raw = raw_func + run + "_bold.nii.gz";
            const auto preprocessed = roi::text(func, run, '_', space, "_desc-preproc_bold");
            what.write_image(raw);
            fs::copy_file(raw, preprocessed + ".nii.gz", fs::copy_options::overwrite_existing);
            if (subject == 3 && number == 2) {
                synthetic::cut_in_half(raw);
                synthetic::cut_in_half(preprocessed + ".nii.gz");
            }
            write_text(preprocessed + ".json",
                       "{\n  \"RepetitionTime\": 2.0,\n  \"SliceTimingCorrected\": true,\n"
                       "  \"StartTime\": 1.0,\n  \"TaskName\": \"blocks\"\n}\n");
            write_text(roi::text(func, run, "_desc-confounds_timeseries.tsv"), what.confounds());
            roi::save(brain, roi::text(func, run, '_', space, "_desc-brain_mask.nii.gz"));
            if (subject != 4) write_text(roi::text(raw_func, run, "_events.tsv"), what.events());
        }
        if (progress) progress(subject, subjects);
    }
    write_text(top + "participants.tsv", participants);
}

}  // namespace examples
