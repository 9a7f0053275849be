// A made-up subject in the folder layout of the Haxby 2001 data, so that every program runs without a
// download.
//
// Nothing here is measured. The design (12 runs, eight categories and rest), the grid and the file names are
// those of the real data; the head, its activity and its noise are invented. All arithmetic is on integers:
// the same size and seed give the same voxels on every machine and with every compiler.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/datasets/haxby.hpp>
#include <roi/image/volume.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/output_folder.hpp>
#include <roi/io/save.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace examples {

/// How large the synthetic subject is.
enum class Size {
    small,  ///< 26 x 34 x 28 voxels half as long again as the real ones, 300 volumes: 15 MB
    full,   ///< 40 x 64 x 64 voxels, 1452 volumes, as the real run: 475 MB
};

namespace synthetic {

// ---- numbers ----

/// Scrambles 64 bits; the output function of SplitMix64 (Steele, Lea, Flood 2014).
[[nodiscard]] constexpr std::uint64_t scrambled(std::uint64_t key) {
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9u;
    key = (key ^ (key >> 27)) * 0x94D049BB133111EBu;
    return key ^ (key >> 31);
}

/// Bits that depend on all keys and nothing else.
template <class... Keys>
[[nodiscard]] constexpr std::uint64_t hash(Keys... keys) {
    std::uint64_t state = 0;
    ((state = scrambled(state + 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(keys))), ...);
    return state;
}

/// Standard deviation of `bell`: eight bytes, each with variance (256^2 - 1) / 12.
inline constexpr std::int32_t bell_sd = 209;

/// A nearly normal number from 64 random bits: the sum of their bytes around zero.
[[nodiscard]] constexpr std::int32_t bell(std::uint64_t bits) {
    constexpr std::uint64_t every_other = 0x00FF00FF00FF00FFu;
    const auto pairs = (bits & every_other) + ((bits >> 8) & every_other);
    return static_cast<std::int32_t>((pairs * 0x0001000100010001u) >> 48) - 1020;
}

// ---- space ----

/// Millimetres in steps of 1/32, which every voxel centre of both sizes falls on; x to the right, y forward,
/// z up.
struct Place {
    std::int64_t x = 0, y = 0, z = 0;
};

inline constexpr std::int64_t millimetre = 32;

/// A centre and half axes in millimetres.
struct Ellipsoid {
    Place centre, half;

    /// Squared distance from the centre: 0 there, 1024 on the surface.
    [[nodiscard]] constexpr std::int64_t operator()(const Place& place) const {
        const auto part = [](std::int64_t at, std::int64_t middle, std::int64_t length) {
            const auto scaled = (at - middle * millimetre) * 1024 / (length * millimetre);
            return scaled * scaled;
        };
        return (part(place.x, centre.x, half.x) + part(place.y, centre.y, half.y) +
                part(place.z, centre.z, half.z)) /
               1024;
    }

    [[nodiscard]] constexpr bool contains(const Place& place) const { return (*this)(place) <= 1024; }
};

/// A smooth random field from -128 to 127 that varies over `spacing` millimetres: value noise on a lattice.
[[nodiscard]] constexpr std::int32_t texture(const Place& place, std::int64_t spacing, std::uint64_t seed) {
    struct Position {
        std::int64_t knot, weight;
    };
    const auto position = [spacing](std::int64_t at) {
        const auto shifted = at + 512 * millimetre, step = spacing * millimetre;
        const auto linear = shifted % step * 256 / step;
        return Position{shifted / step, linear * linear * (768 - 2 * linear) / 65536};
    };
    const auto x = position(place.x), y = position(place.y), z = position(place.z);
    std::int64_t sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
        const auto right = corner & 1, front = corner >> 1 & 1, top = corner >> 2;
        const auto value =
            static_cast<std::int64_t>(hash(seed, x.knot + right, y.knot + front, z.knot + top) & 255);
        sum += value * (right ? x.weight : 256 - x.weight) * (front ? y.weight : 256 - y.weight) / 256 *
               (top ? z.weight : 256 - z.weight) / 256;
    }
    return static_cast<std::int32_t>(sum / 256 - 128);
}

// ---- head ----

enum class Tissue { air, skull, scalp, fluid, grey, white };

inline constexpr Ellipsoid head{{0, 0, 0}, {68, 95, 72}};
inline constexpr Ellipsoid skull{{0, 0, 0}, {65, 91, 68}};
inline constexpr Ellipsoid brain{{0, 0, 0}, {61, 86, 62}};
inline constexpr std::array<Ellipsoid, 2> ventricles{{{{9, 4, 10}, {6, 26, 9}}, {{-9, 4, 10}, {6, 26, 9}}}};
/// Where air behind the nose takes the signal of echo-planar images away.
inline constexpr Ellipsoid dropout{{0, 56, -34}, {24, 22, 18}};

[[nodiscard]] constexpr Tissue tissue(const Place& place, std::uint64_t seed) {
    if (!head.contains(place)) return Tissue::air;
    if (!skull.contains(place)) return Tissue::scalp;
    const auto depth = brain(place);
    if (depth > 1024) return Tissue::skull;
    for (const auto& ventricle : ventricles) {
        if (ventricle.contains(place)) return Tissue::fluid;
    }
    const bool midline = place.x < 2 * millimetre && place.x > -2 * millimetre;
    if (midline && depth > 420 && !Ellipsoid{{0, -8, -22}, {4, 70, 48}}.contains(place)) return Tissue::fluid;
    // Folds: the borders of the grey sheet move in and out, coarsely and finely.
    const auto fold = 3 * texture(place, 17, hash(seed, 1)) + 3 * texture(place, 8, hash(seed, 8));
    if (depth > 975 || (depth > 700 && fold > 300)) return Tissue::fluid;
    const bool nuclei = Ellipsoid{{0, -6, 0}, {22, 20, 9}}.contains(place);
    return depth + fold > 700 || nuclei ? Tissue::grey : Tissue::white;
}

/// Ventral temporal cortex of both hemispheres: the file `mask4_vt`.
inline constexpr std::array<Ellipsoid, 2> ventral_temporal{
    {{{29, -46, -27}, {21, 28, 7}}, {{-29, -46, -27}, {21, 28, 7}}}};

[[nodiscard]] constexpr bool in_ventral_temporal(const Place& place) {
    return brain.contains(place) &&
           (ventral_temporal[0].contains(place) || ventral_temporal[1].contains(place));
}

// ---- activity ----

/// What a patch of cortex prefers.
enum class Preference { faces, houses, pictures };

/// Cortex that answers to pictures.
struct Patch {
    Preference preference;
    Ellipsoid extent;
};

inline constexpr std::array<Patch, 11> patches{{
    // inside ventral temporal cortex
    {Preference::faces, {{41, -45, -27}, {8, 8, 7}}},
    {Preference::faces, {{-41, -45, -27}, {7, 8, 7}}},
    {Preference::houses, {{18, -27, -27}, {7, 8, 7}}},
    {Preference::houses, {{-18, -27, -27}, {7, 8, 7}}},
    {Preference::houses, {{18, -65, -27}, {7, 7, 7}}},
    {Preference::houses, {{-18, -65, -27}, {7, 7, 7}}},
    // elsewhere: a mask has something to leave out
    {Preference::faces, {{50, -40, 10}, {7, 9, 7}}},
    {Preference::houses, {{30, -62, 24}, {9, 8, 8}}},
    {Preference::houses, {{-30, -62, 24}, {9, 8, 8}}},
    {Preference::pictures, {{10, -74, 2}, {9, 10, 10}}},
    {Preference::pictures, {{-10, -74, 2}, {9, 10, 10}}},
}};

/// Conditions in order of first appearance.
inline constexpr std::array<std::string_view, 9> conditions{"rest",  "scissors",     "face",   "cat",  "shoe",
                                                            "house", "scrambledpix", "bottle", "chair"};

/// Per cent of the full answer, by preference and condition; rest is zero.
inline constexpr std::array<std::array<std::int32_t, 9>, 3> answers{{
    {0, 20, 100, 50, 20, 15, 10, 20, 20},  // faces
    {0, 25, 15, 20, 25, 100, 15, 25, 45},  // houses
    {0, 80, 80, 80, 80, 80, 100, 80, 80},  // pictures
}};

// ---- sizes ----

/// Everything that differs between the two sizes.
struct Parameters {
    std::int64_t nx, ny, nz;
    Place voxel;  ///< edge lengths in steps of 1/32 mm
    std::int64_t block;
    std::array<std::int64_t, 9> gaps;           ///< volumes of rest around the eight blocks of a run
    std::array<std::int32_t, 7> haemodynamics;  ///< answer to one volume of pictures, in 1/256
    std::int32_t brain_sd, fluid_sd, air_sd;    ///< standard deviations of the noise, in 1/16
    std::int32_t drift;                         ///< slow changes of the brain's signal, in 1/1024 of it
    std::int32_t answer;                        ///< full answer at the centre of a patch
};

[[nodiscard]] constexpr Parameters parameters(Size size) {
    if (size == Size::full) {
        return {.nx = 40,
                .ny = 64,
                .nz = 64,
                .voxel = {112, 120, 120},
                .block = 9,
                .gaps = {6, 6, 5, 5, 5, 6, 5, 5, 6},
                .haemodynamics = {0, 26, 97, 77, 36, 13, 7},
                .brain_sd = 200,
                .fluid_sd = 400,
                .air_sd = 205,
                .drift = 6,
                .answer = 24};
    }
    return {.nx = 26,
            .ny = 34,
            .nz = 28,
            .voxel = {168, 180, 180},
            .block = 2,
            .gaps = {1, 1, 1, 1, 1, 1, 1, 1, 1},
            .haemodynamics = {128, 128, 0, 0, 0, 0, 0},
            .brain_sd = 90,
            .fluid_sd = 160,
            .air_sd = 24,
            .drift = 4,
            .answer = 40};
}

inline constexpr std::int64_t runs = 12;

}  // namespace synthetic

/// The synthetic subject, volume by volume.
///
/// Memory: 10 bytes per voxel of one volume, whatever the number of volumes.
class SyntheticSubject {
public:
    explicit SyntheticSubject(Size size, std::uint64_t seed = 1)
        : parameters_(synthetic::parameters(size)),
          seed_(synthetic::hash(seed)),
          grid_(make_grid(parameters_, 1)) {
        design();
        anatomy();
        for (std::int64_t i = 0; i < grid_.size(); ++i) activity_of(i);
    }

    [[nodiscard]] const roi::Grid& grid() const { return grid_; }
    /// Number of volumes.
    [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(condition_.size()); }
    /// The condition of each volume, as in the column `labels`.
    [[nodiscard]] std::vector<std::string> labels() const {
        std::vector<std::string> out;
        for (const auto which : condition_) out.emplace_back(synthetic::conditions[which]);
        return out;
    }
    /// The run of each volume, as in the column `chunks`.
    [[nodiscard]] std::int64_t chunk(std::int64_t frame) const { return frame / run_length(); }

    /// Writes the voxels of one volume, x fastest; the same whichever came before.
    void frame(std::int64_t index, std::span<std::int16_t> out) {
        const auto& answer = answers_[static_cast<std::size_t>(index)];
        for (const auto& cell : active_) {
            extra_[cell.voxel] = static_cast<std::int16_t>((cell.strength * answer[cell.preference]) >> 16);
        }
        const auto slow = drift_at(index);
        const auto first = hash_start(index);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto bits = synthetic::scrambled(first + (i + 1) * 0x9E3779B97F4A7C15u);
            const auto noise = (synthetic::bell(bits) * noise_[i]) >> 16;
            const auto drift = (drift_[0][i] * slow[0] + drift_[1][i] * slow[1]) >> 14;
            out[i] = static_cast<std::int16_t>(std::clamp(level_[i] + noise + drift + extra_[i], 0, 4095));
        }
    }

    [[nodiscard]] roi::Volume<std::int16_t> frame(std::int64_t index) {
        roi::Volume<std::int16_t> out(grid_);
        frame(index, out.values());
        return out;
    }

    /// Ventral temporal cortex, `mask4_vt`.
    [[nodiscard]] roi::Mask mask_vt() const {
        return mask([](const synthetic::Place& place) { return synthetic::in_ventral_temporal(place); });
    }

    /// Where patches of ventral temporal cortex prefer faces or houses, or only their `core`.
    [[nodiscard]] roi::Mask mask_of(synthetic::Preference preference, bool core) const {
        return mask([=](const synthetic::Place& place) {
            if (!synthetic::in_ventral_temporal(place)) return false;
            return std::any_of(synthetic::patches.begin(), synthetic::patches.end(), [&](const auto& patch) {
                return patch.preference == preference && patch.extent(place) <= (core ? 512 : 1024);
            });
        });
    }

    /// The brain without skull and scalp, `mask` beside the subjects.
    [[nodiscard]] roi::Mask mask_brain() const {
        return mask([](const synthetic::Place& place) { return synthetic::brain.contains(place); });
    }

    /// T1-weighted anatomy with voxels of half the size.
    [[nodiscard]] roi::Volume<std::int16_t> anat() const {
        roi::Volume<std::int16_t> out(make_grid(parameters_, 2));
        for (std::int64_t i = 0; i < out.size(); ++i) {
            const auto at = place(out.shape(), i, 2);
            constexpr std::array<std::int32_t, 6> t1{8, 30, 260, 60, 150, 230};  // in the order of Tissue
            const auto level = t1[static_cast<std::size_t>(synthetic::tissue(at, seed_))];
            const auto noise = synthetic::bell(synthetic::hash(seed_, 5, i)) * 6 / synthetic::bell_sd;
            out[i] = static_cast<std::int16_t>(std::max(level + noise, 0));
        }
        return out;
    }

private:
    struct Cell {
        std::size_t voxel;
        std::size_t preference;
        std::int32_t strength;  // in 1/256 of the full answer
    };

    static roi::Grid make_grid(const synthetic::Parameters& p, std::int64_t finer) {
        const auto size = [finer](std::int64_t edge) {
            return static_cast<double>(edge) / static_cast<double>(finer * synthetic::millimetre);
        };
        const auto far = [&size](std::int64_t edge, std::int64_t count) {
            return size(edge) * static_cast<double>(count - 1) / 2.0;
        };
        const roi::Shape shape(finer * p.nx, finer * p.ny, finer * p.nz);
        return {shape, roi::scaling({-size(p.voxel.x), size(p.voxel.y), size(p.voxel.z)},
                                    {far(p.voxel.x, shape.x()), -far(p.voxel.y, shape.y()),
                                     -far(p.voxel.z, shape.z())})};
    }

    /// Centre of a voxel; x falls with its index, as in the real data.
    [[nodiscard]] synthetic::Place place(const roi::Shape& shape, std::int64_t index,
                                         std::int64_t finer = 1) const {
        const auto voxel = shape.voxel(index);
        const auto centre = [finer](std::int64_t at, std::int64_t count, std::int64_t edge) {
            return (2 * at - count + 1) * (edge / finer) / 2;
        };
        return {-centre(voxel[0], shape.x(), parameters_.voxel.x),
                centre(voxel[1], shape.y(), parameters_.voxel.y),
                centre(voxel[2], shape.z(), parameters_.voxel.z)};
    }

    template <class Where>
    [[nodiscard]] roi::Mask mask(Where&& where) const {
        roi::Mask out(grid_);
        for (std::int64_t i = 0; i < out.size(); ++i) out[i] = where(place(grid_.shape(), i));
        return out;
    }

    [[nodiscard]] std::int64_t run_length() const { return frames() / synthetic::runs; }

    /// Twelve runs of eight blocks; the first run in the published order, the others shuffled.
    void design() {
        for (std::int64_t run = 0; run < synthetic::runs; ++run) {
            std::array<std::uint8_t, 8> order{1, 2, 3, 4, 5, 6, 7, 8};
            for (std::size_t left = 8; run > 0 && left > 1; --left) {
                std::swap(order[left - 1], order[synthetic::hash(2001, run, left) % left]);
            }
            for (std::size_t block = 0; block <= 8; ++block) {
                condition_.insert(condition_.end(), static_cast<std::size_t>(parameters_.gaps[block]), 0);
                if (block == 8) break;
                condition_.insert(condition_.end(), static_cast<std::size_t>(parameters_.block),
                                  order[block]);
            }
        }
        // The answer to the volumes of the same run that came before: a convolution, in 1/256.
        for (std::int64_t frame = 0; frame < frames(); ++frame) {
            std::array<std::int32_t, 3> sum{};
            for (std::int64_t lag = 0; lag < 7 && lag <= frame % run_length(); ++lag) {
                const auto weight = parameters_.haemodynamics[static_cast<std::size_t>(lag)];
                const auto shown = condition_[static_cast<std::size_t>(frame - lag)];
                for (std::size_t kind = 0; kind < sum.size(); ++kind) {
                    sum[kind] += weight * synthetic::answers[kind][shown] * parameters_.answer / 100;
                }
            }
            answers_.push_back(sum);
        }
    }

    /// Signal without noise, strength of the noise and of the drift of every voxel.
    void anatomy() {
        using synthetic::Tissue;
        const auto n = static_cast<std::size_t>(grid_.size());
        level_.resize(n);
        noise_.resize(n);
        extra_.resize(n);
        for (auto& drift : drift_) drift.resize(n);
        std::vector<Tissue> tissues(n);
        for (std::size_t i = 0; i < n; ++i) {
            const auto at = place(grid_.shape(), static_cast<std::int64_t>(i));
            tissues[i] = synthetic::tissue(at, seed_);
            const bool fluid = tissues[i] == Tissue::fluid;
            const bool inside = fluid || tissues[i] == Tissue::grey || tissues[i] == Tissue::white;
            constexpr std::array<std::int32_t, 6> echo_planar{0, 110, 520, 1680, 1440, 1170};
            auto level = echo_planar[static_cast<std::size_t>(tissues[i])];
            level += level * synthetic::texture(at, 80, synthetic::hash(seed_, 2)) / 640;
            if (synthetic::dropout.contains(at)) {
                level = level * (200 + static_cast<std::int32_t>(synthetic::dropout(at))) / 1224;
            }
            auto sd = inside ? (fluid ? parameters_.fluid_sd : parameters_.brain_sd) : parameters_.air_sd;
            sd += sd * synthetic::texture(at, 30, synthetic::hash(seed_, 3)) / 400;
            level_[i] = static_cast<std::int16_t>(level);
            noise_[i] = static_cast<std::int16_t>(sd * 4096 / synthetic::bell_sd);
            for (std::size_t part = 0; part < drift_.size(); ++part) {
                const auto field = synthetic::texture(at, 35, synthetic::hash(seed_, 4, part));
                drift_[part][i] =
                    static_cast<std::int16_t>(inside ? field * level * parameters_.drift / 1024 : 0);
            }
        }
        // Outside the head: the mean of a magnitude of noise, and the ghost half a field of view away.
        const auto ny = static_cast<std::size_t>(parameters_.ny),
                   nx = static_cast<std::size_t>(parameters_.nx);
        for (std::size_t i = 0; i < n; ++i) {
            if (tissues[i] != Tissue::air) continue;
            const auto y = i / nx % ny, other = i - y * nx + (y + ny / 2) % ny * nx;
            const auto ghost = tissues[other] == Tissue::air ? 0 : level_[other] / 32;
            level_[i] = static_cast<std::int16_t>(parameters_.air_sd / 8 + ghost);
        }
    }

    void activity_of(std::int64_t voxel) {
        const auto at = place(grid_.shape(), voxel);
        if (!synthetic::brain.contains(at)) return;
        for (const auto& patch : synthetic::patches) {
            const auto distance = patch.extent(at);
            if (distance > 1024) continue;
            active_.push_back({static_cast<std::size_t>(voxel), static_cast<std::size_t>(patch.preference),
                               static_cast<std::int32_t>(256 - distance / 8)});
            return;
        }
    }

    [[nodiscard]] std::uint64_t hash_start(std::int64_t frame) const {
        return synthetic::hash(seed_, 6, frame);
    }

    /// Two slow courses in time, from -128 to 127: straight lines between random knots, new in every run.
    [[nodiscard]] std::array<std::int32_t, 2> drift_at(std::int64_t frame) const {
        const auto step = run_length() / 3 + 1, within = frame % run_length();
        std::array<std::int32_t, 2> out{};
        for (std::size_t part = 0; part < out.size(); ++part) {
            const auto knot = [&](std::int64_t which) {
                return static_cast<std::int64_t>(synthetic::hash(seed_, 7, part, chunk(frame), which) & 255) -
                       128;
            };
            const auto before = within / step, past = within % step;
            out[part] =
                static_cast<std::int32_t>((knot(before) * (step - past) + knot(before + 1) * past) / step);
        }
        return out;
    }

    synthetic::Parameters parameters_;
    std::uint64_t seed_;
    roi::Grid grid_;
    std::vector<std::uint8_t> condition_;
    std::vector<std::array<std::int32_t, 3>> answers_;
    std::vector<std::int16_t> level_;
    std::vector<std::int16_t> noise_;  // in 1/65536 of a bell
    std::array<std::vector<std::int16_t>, 2> drift_;
    std::vector<Cell> active_;
    std::vector<std::int16_t> extra_;
};

namespace synthetic {

/// Raised whenever other voxels or files come out, so that older subjects are made anew.
inline constexpr int version = 1;

/// The file that tells a synthetic folder from a real one, and from one of another size or seed.
inline constexpr const char* marker_name = "SYNTHETIC.txt";

[[nodiscard]] inline std::string marker(Size size, std::uint64_t seed) {
    return "The subject in this folder is synthetic: made by a program of roi, not measured.\nversion " +
           std::to_string(version) + "\nsize " + (size == Size::full ? "full" : "small") + "\nseed " +
           std::to_string(seed) + "\nstate complete\n";
}

inline void write_text(const std::string& path, std::string_view content) {
    roi::ByteWriter writer(path, roi::Compression::none);
    writer.write(content);
    writer.commit();
}

/// The content of a small file; empty when it cannot be read.
[[nodiscard]] inline std::string text_of(const std::string& path) {
    try {
        roi::ByteReader reader(path);
        std::string out(4096, '\0');
        out.resize(reader.read(std::as_writable_bytes(std::span(out))));
        return out;
    } catch (const roi::FileError&) {
        return {};
    }
}

[[nodiscard]] inline bool complete(const std::string& folder, Size size, std::uint64_t seed) {
    if (text_of(folder + "/" + marker_name) != marker(size, seed)) return false;
    try {
        const auto subject = roi::haxby(folder, 2);
        const std::array files{
            &subject.mask_vt,           &subject.mask_face, &subject.mask_house, &subject.mask_face_little,
            &subject.mask_house_little, &subject.anat,      &subject.mask};
        return std::all_of(files.begin(), files.end(), [](const auto* file) { return file->exists(); });
    } catch (const roi::FileError&) {
        return false;
    }
}

inline void write(roi::OutputFolder& folder, Size size, std::uint64_t seed, const roi::Progress& progress) {
    const auto in_subject = [&folder](const char* name) { return folder / roi::text("subj2/", name); };
    SyntheticSubject subject(size, seed);
    roi::Metadata metadata;
    metadata.description = "roi synthetic subject";
    metadata.sform_code = metadata.qform_code = roi::xform::scanner;
    const auto save_image = [&metadata](auto image, const std::string& path, roi::Datatype type) {
        image.metadata() = metadata;
        roi::save(image, path, {.datatype = type});
    };
    constexpr auto uint8 = roi::Datatype::uint8;
    save_image(subject.mask_vt(), in_subject("mask4_vt.nii.gz"), uint8);
    save_image(subject.mask_of(Preference::faces, false), in_subject("mask8b_face_vt.nii.gz"), uint8);
    save_image(subject.mask_of(Preference::houses, false), in_subject("mask8b_house_vt.nii.gz"), uint8);
    save_image(subject.mask_of(Preference::faces, true), in_subject("mask8_face_vt.nii.gz"), uint8);
    save_image(subject.mask_of(Preference::houses, true), in_subject("mask8_house_vt.nii.gz"), uint8);
    save_image(subject.mask_brain(), folder / "mask.nii.gz", uint8);
    save_image(subject.anat(), in_subject("anat.nii.gz"), roi::Datatype::int16);

    std::string labels = "labels chunks\n";
    const auto names = subject.labels();
    for (std::int64_t frame = 0; frame < subject.frames(); ++frame) {
        labels += names[static_cast<std::size_t>(frame)] + " " + std::to_string(subject.chunk(frame)) + "\n";
    }
    write_text(in_subject("labels.txt"), labels);

    metadata.time_step = 2.5;
    roi::RunWriter<std::int16_t> run(in_subject("bold.nii.gz"), subject.grid(), subject.frames(), metadata,
                                     {.progress = progress});
    roi::Volume<std::int16_t> volume(subject.grid());
    for (std::int64_t frame = 0; frame < subject.frames(); ++frame) {
        subject.frame(frame, volume.values());
        run.write(volume.values());
    }
    run.commit();
    write_text(folder / marker_name, marker(size, seed));
}

}  // namespace synthetic

/// The synthetic subject as files; made, whole or not at all, unless the folder holds the very same one already.
///
/// \param folder    made when it does not exist; the subject becomes number 2, as in nilearn's example
/// \param progress  told how many volumes have been written
/// \throws roi::FileError  unwritable, also when the folder holds a subject that is not synthetic
/// \throws roi::InvalidArgument  when the folder has no name
///
/// Memory: a few volumes. The full size takes 290 MB of disk.
inline roi::HaxbySubject ensure_synthetic_subject(const std::string& folder, Size size = Size::small,
                                                  std::uint64_t seed = 1,
                                                  const roi::Progress& progress = nullptr) {
    namespace fs = std::filesystem;
    roi::require(!folder.empty(), "synthetic subject: expected the name of a folder, found an empty one");
    if (!synthetic::complete(folder, size, seed)) {
        const fs::path top(folder), marker = top / synthetic::marker_name;
        std::error_code error;
        if (!fs::exists(marker, error) &&
            (fs::exists(top / "subj2", error) || fs::exists(top / "mask.nii.gz", error))) {
            throw roi::FileError(
                roi::ErrorCode::unwritable, folder,
                "holds data that are not synthetic, which a synthetic subject would replace; "
                "choose another folder");
        }
        roi::OutputFolder whole(folder);
        synthetic::write(whole, size, seed, progress);
        whole.publish();
    }
    return roi::haxby(folder, 2);
}

}  // namespace examples
