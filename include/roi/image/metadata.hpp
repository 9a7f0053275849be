// What a NIfTI header says beside shape, affine and voxel type; results inherit it from their first input.
#pragma once

#include <roi/core/datatype.hpp>
#include <roi/core/units.hpp>
#include <roi/image/grid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// Unit of voxel sizes and offsets in a file; header field `xyzt_units`, bits 0-2. A `Grid` is in millimetres whatever
/// the file counts in; an unknown unit is read as millimetres, as every program does.
enum class SpaceUnit : std::uint8_t { unknown = 0, metre = 1, millimetre = 2, micrometre = 3 };

/// A length in a file's unit, in millimetres.
[[nodiscard]] constexpr double to_millimetres(double length, SpaceUnit unit) {
    return unit == SpaceUnit::metre ? length * 1e3 : unit == SpaceUnit::micrometre ? length / 1e3 : length;
}

/// A length in millimetres, in a file's unit.
[[nodiscard]] constexpr double from_millimetres(double length, SpaceUnit unit) {
    return unit == SpaceUnit::metre ? length / 1e3 : unit == SpaceUnit::micrometre ? length * 1e3 : length;
}

/// Which axis of a file counts the volumes of a run.
enum class FrameAxis : std::uint8_t {
    time = 4,    ///< (x, y, z, n)
    vector = 5,  ///< (x, y, z, 1, n), as NIfTI has it for the components of vectors
};

/// Unit of the fourth axis; header field `xyzt_units`, bits 3-5.
enum class TimeUnit : std::uint8_t {
    unknown = 0,
    second = 8,
    millisecond = 16,
    microsecond = 24,
    hertz = 32,
    ppm = 40,
    radian_per_second = 48,
};

/// What an affine maps to; header fields `qform_code` and `sform_code`.
namespace xform {
inline constexpr int unknown = 0;
inline constexpr int scanner = 1;
inline constexpr int aligned = 2;
inline constexpr int talairach = 3;
inline constexpr int mni = 4;
}  // namespace xform

/// The intent of images whose values number regions: `NIFTI_INTENT_LABEL`.
inline constexpr int label_intent = 1002;

/// What the values mean; header fields `intent_code`, `intent_name`, `intent_p1` to `intent_p3`.
struct Intent {
    int code = 0;
    std::string name;
    std::array<double, 3> parameters{};

    friend bool operator==(const Intent&, const Intent&) = default;
};

/// The rigid transform of the header, as stored: quaternion b, c, d, offsets in the file's unit, and handedness.
struct Quaternion {
    double b = 0.0, c = 0.0, d = 0.0;
    double x = 0.0, y = 0.0, z = 0.0;
    double handedness = 1.0;  ///< header field `pixdim[0]`: -1 or 1
    std::array<double, 3> voxel_size{1.0, 1.0, 1.0};

    friend bool operator==(const Quaternion&, const Quaternion&) = default;
};

/// The two transforms of a file: the quaternion as stored, and the affine, in millimetres, that the image was given on
/// reading.
///
/// A save writes `qform` back bit for bit as long as the image still has `affine`, else it computes a new one.
struct FileForms {
    Affine affine = Affine::Identity();
    Quaternion qform;
    std::optional<Affine> file_sform;  ///< as stored, where the file's unit is not the millimetre
    /// The affine of an image with other voxels at the same places in the world, for which the codes hold as well.
    std::optional<Affine> rearranged = {};

    friend bool operator==(const FileForms&, const FileForms&) = default;
};

/// When the slices of a volume were taken; header fields `dim_info` and `slice_*`, as stored.
struct SliceTiming {
    std::uint8_t dim_info = 0;
    std::int64_t start = 0;
    std::int64_t end = 0;
    int order = 0;  ///< header field `slice_code`
    double duration = 0.0;

    friend bool operator==(const SliceTiming&, const SliceTiming&) = default;
};

/// A block of bytes between header and voxels; code 6 is a comment, 4 AFNI's XML.
struct Extension {
    int code = 0;
    std::vector<std::byte> bytes;

    friend bool operator==(const Extension&, const Extension&) = default;
};

/// How voxels lie in the file an image came from; used when a result is saved like its reference.
struct Storage {
    Datatype datatype = Datatype::unknown;
    double slope = 1.0;  ///< value = slope * stored + intercept
    double intercept = 0.0;

    friend bool operator==(const Storage&, const Storage&) = default;
};

/// Header fields that NIfTI gives no meaning, as stored; copies of an image keep them.
struct UnusedFields {
    char regular = 'r';  ///< as the two that follow, in NIfTI-1 only
    std::int32_t extents = 0;
    std::int32_t glmax = 0;
    /// `pixdim[4]` of a volume, and `pixdim[5]` to `pixdim[7]`: sizes along axes that no image has here.
    std::array<double, 4> pixdim{1.0, 1.0, 1.0, 1.0};

    friend bool operator==(const UnusedFields&, const UnusedFields&) = default;
};

/// Header fields that travel with an image from file to file.
struct Metadata {
    std::string description;  ///< header field `descrip`, at most 80 bytes in a file
    std::string aux_file;     ///< header field `aux_file`, at most 24 bytes in a file
    Intent intent;
    SpaceUnit space_unit = SpaceUnit::millimetre;  ///< of the file, which a save writes again
    TimeUnit time_unit = TimeUnit::second;
    double time_step = 0.0;    ///< header field `pixdim[4]`, in `time_unit`; 0 when not set
    double time_offset = 0.0;  ///< header field `toffset`, in `time_unit`
    FrameAxis frame_axis = FrameAxis::time;
    int sform_code = xform::aligned;
    int qform_code = xform::aligned;
    std::optional<FileForms> forms;  ///< nothing for images made in memory
    SliceTiming slices;
    double display_min = 0.0;  ///< header field `cal_min`
    double display_max = 0.0;  ///< header field `cal_max`
    std::vector<Extension> extensions;
    Storage storage;
    UnusedFields unused;

    friend bool operator==(const Metadata&, const Metadata&) = default;
};

/// Seconds between volumes; nothing when the header gives none or counts in something other than time.
///
/// An unknown time unit is read as seconds, as most programs do.
[[nodiscard]] inline std::optional<Seconds> repetition_time(const Metadata& metadata) {
    if (!(metadata.time_step > 0.0)) return std::nullopt;
    switch (metadata.time_unit) {
        case TimeUnit::unknown:
        case TimeUnit::second:
            return Seconds{metadata.time_step};
        case TimeUnit::millisecond:
            return Seconds{metadata.time_step / 1e3};
        case TimeUnit::microsecond:
            return Seconds{metadata.time_step / 1e6};
        case TimeUnit::hertz:
        case TimeUnit::ppm:
        case TimeUnit::radian_per_second:
            break;
    }
    return std::nullopt;
}

/// The same where the header states it: a 1 without a unit is what programs write that know none, so it states nothing.
[[nodiscard]] inline std::optional<Seconds> stated_repetition_time(const Metadata& metadata) {
    if (metadata.time_unit == TimeUnit::unknown && metadata.time_step == 1.0) return std::nullopt;
    return repetition_time(metadata);
}

/// What a result inherits from the image it was computed from: everything but the range of the old values, and what has no
/// meaning.
[[nodiscard]] inline Metadata inherited(Metadata metadata) {
    metadata.unused = {};
    metadata.display_min = 0.0;
    metadata.display_max = 0.0;
    return metadata;
}

/// For an image on another grid, at the same places in the world: what its affine maps to stays as it was.
[[nodiscard]] inline Metadata in_same_space(Metadata metadata, const Affine& before, const Affine& now) {
    if (!metadata.forms) return metadata;
    FileForms& forms = *metadata.forms;
    if (before != forms.affine && before != forms.rearranged) return metadata;
    forms.rearranged.reset();
    if (now != forms.affine) forms.rearranged = now;
    return metadata;
}

/// Does an intent say that values are those of a test: correlations, t, F, z, p and their kin, with degrees of freedom? These
/// are NIfTI's codes 2 to 24.
[[nodiscard]] inline bool is_statistic(const Intent& intent) { return intent.code >= 2 && intent.code <= 24; }

/// What means of neighbours inherit: as `inherited`, but labels, which have no mean, are labels no more, and a smoothed t map
/// is no t map.
[[nodiscard]] inline Metadata inherited_by_averages(Metadata metadata) {
    if (metadata.intent.code == label_intent || is_statistic(metadata.intent)) metadata.intent = {};
    return inherited(std::move(metadata));
}

/// What a copy of one volume of a run says: all of it, but one component of vectors is no vector.
[[nodiscard]] inline Metadata metadata_of_frame(Metadata metadata) {
    if (metadata.frame_axis == FrameAxis::vector) metadata.intent = {};
    metadata.frame_axis = FrameAxis::time;
    return metadata;
}

/// What a single volume inherits from a run: as `inherited`, without the time axis.
[[nodiscard]] inline Metadata inherited_by_volume(Metadata metadata) {
    metadata = metadata_of_frame(std::move(metadata));
    metadata.time_step = 0.0;
    metadata.time_offset = 0.0;
    return inherited(std::move(metadata));
}

/// What a volume inherits whose values mean something else than those it was computed from: as `inherited_by_volume`,
/// without the intent. A mask made of a t map is no t map.
[[nodiscard]] inline Metadata inherited_with_new_meaning(Metadata metadata) {
    metadata.intent = {};
    return inherited_by_volume(std::move(metadata));
}

/// What labels inherit: as `inherited_with_new_meaning`, and the header says that they are labels.
[[nodiscard]] inline Metadata inherited_by_labels(Metadata metadata) {
    metadata = inherited_with_new_meaning(std::move(metadata));
    metadata.intent.code = label_intent;
    return metadata;
}

}  // namespace roi
