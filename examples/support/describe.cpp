#include "describe.hpp"

#include <roi/core/encoding.hpp>
#include <roi/io/read_header.hpp>
#include <roi/io/value_reader.hpp>

#include "json.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace describe {

namespace {

/// Of the scaled voxels, finite ones only, in double.
struct Statistics {
    std::int64_t count = 0;  ///< voxels, finite or not
    std::int64_t nan = 0;
    std::int64_t finite = 0;
    double sum = 0.0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();

    /// Eight sums at once: they do not wait for each other.
    void add(std::span<const double> values) {
        constexpr std::size_t lanes = 8;
        std::array<double, lanes> sums{}, lows, highs;
        std::array<std::int64_t, lanes> nans{}, finites{};
        lows.fill(min);
        highs.fill(max);
        const auto take = [&](std::size_t lane, double value) {
            const bool usable = std::abs(value) <= std::numeric_limits<double>::max();
            nans[lane] += value != value;
            finites[lane] += usable;
            sums[lane] += usable ? value : 0.0;
            lows[lane] = usable && value < lows[lane] ? value : lows[lane];
            highs[lane] = usable && value > highs[lane] ? value : highs[lane];
        };
        std::size_t i = 0;
        for (; i + lanes <= values.size(); i += lanes) {
            for (std::size_t lane = 0; lane < lanes; ++lane) take(lane, values[i + lane]);
        }
        for (; i < values.size(); ++i) take(0, values[i]);
        count += static_cast<std::int64_t>(values.size());
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            nan += nans[lane];
            finite += finites[lane];
            sum += sums[lane];
            min = std::min(min, lows[lane]);
            max = std::max(max, highs[lane]);
        }
    }
};

/// In pieces, so that neither the length of a run nor the size of a volume costs memory.
Statistics measure(roi::ValueReader& reader) {
    std::vector<double> piece(std::size_t{1} << 14);
    Statistics out;
    while (const auto count = reader.read(std::span(piece))) {
        out.add(std::span(piece).first(static_cast<std::size_t>(count)));
    }
    return out;
}

/// Edge lengths of a voxel in the file's own unit.
std::vector<double> file_voxel_size(const roi::ImageInfo& info) {
    const auto size = roi::Grid(info.grid.shape(), info.file_affine).voxel_size();
    return {size[0], size[1], size[2]};
}

/// The unit of `affine` and `voxel_size` in JSON.
const char* unit_of(const roi::ImageInfo& info) {
    switch (info.metadata.space_unit) {
        case roi::SpaceUnit::metre:
            return "m";
        case roi::SpaceUnit::millimetre:
            return "mm";
        case roi::SpaceUnit::micrometre:
            return "um";
        case roi::SpaceUnit::unknown:
            break;
    }
    return "unknown";
}

/// Seconds between volumes; an image without a time axis has none, whatever its header says, nor has one of vectors, whose
/// time axis has length 1.
std::optional<roi::Seconds> repetition_time_of(const roi::ImageInfo& info) {
    const bool over_time = info.rank >= 4 && info.dimensions[3] != 1;
    return over_time ? roi::repetition_time(info.metadata) : std::nullopt;
}

/// What the values mean, where the header says so.
std::string intent_in_words(const roi::Intent& intent) {
    const char* meaning = "";
    int parameters = 0;
    switch (intent.code) {
        case 2:
            meaning = "correlation, ", parameters = 1;
            break;
        case 3:
            meaning = "t statistic, ", parameters = 1;
            break;
        case 4:
            meaning = "F statistic, ", parameters = 2;
            break;
        case 5:
            meaning = "z score, ";
            break;
        case 6:
            meaning = "chi squared, ", parameters = 1;
            break;
        case 22:
            meaning = "p value, ";
            break;
        case 23:
            meaning = "natural logarithm of p, ";
            break;
        case 24:
            meaning = "-log10 of p, ";
            break;
        case roi::label_intent:
            meaning = "labels, ";
            break;
        default:
            break;
    }
    std::string out = roi::text(meaning, "code ", intent.code);
    if (!intent.name.empty()) out += roi::text(", name ", roi::visible_text(intent.name));
    for (int i = 0; i < parameters; ++i) {
        out += roi::text(i == 0 ? ", degrees of freedom " : ", ",
                         intent.parameters[static_cast<std::size_t>(i)]);
    }
    return out;
}

std::string json_of(const roi::ImageInfo& info, const std::optional<Statistics>& measured) {
    const auto tr = repetition_time_of(info);
    json::Object out;
    out.add("shape", json::array(info.dimensions));
    out.add("datatype", json::text(roi::name_of(info.datatype)));
    std::vector<std::string> rows;
    for (int row = 0; row < 4; ++row) {
        const auto& affine = info.file_affine;
        rows.push_back(
            json::array(std::vector<double>{affine(row, 0), affine(row, 1), affine(row, 2), affine(row, 3)}));
    }
    out.add("affine", json::list(rows));
    out.add("voxel_size", json::array(file_voxel_size(info)));
    out.add("space_unit", json::text(unit_of(info)));
    out.add("repetition_time", tr ? json::number(tr->value) : "null");
    out.add("sform_code", json::number(info.metadata.sform_code));
    out.add("qform_code", json::number(info.metadata.qform_code));
    out.add("slope", json::number(info.slope));
    out.add("intercept", json::number(info.intercept));
    const auto& intent = info.metadata.intent;
    if (intent != roi::Intent{}) {
        json::Object fields;
        fields.add("code", json::number(intent.code));
        fields.add("name", json::text(intent.name));
        fields.add("parameters",
                   json::array(std::vector<double>(intent.parameters.begin(), intent.parameters.end())));
        out.add("intent", fields.text());
    }
    if (!measured) {
        out.add("statistics", "null");
        return out.text();
    }
    const Statistics& statistics = *measured;
    json::Object numbers;
    const auto finite_only = [&](double value) {
        return statistics.finite > 0 ? json::number(value) : "null";
    };
    numbers.add("count", json::number(statistics.count));
    numbers.add("nan", json::number(statistics.nan));
    numbers.add("infinite", json::number(statistics.count - statistics.nan - statistics.finite));
    numbers.add("sum", json::number(statistics.sum));
    numbers.add("min", finite_only(statistics.min));
    numbers.add("max", finite_only(statistics.max));
    numbers.add("mean", finite_only(statistics.sum / static_cast<double>(statistics.finite)));
    out.add("statistics", numbers.text());
    return out.text();
}

std::string text_of(const std::string& path, const roi::ImageInfo& info,
                    const std::optional<Statistics>& measured) {
    using roi::joined;
    const auto tr = repetition_time_of(info);
    std::string out;
    const auto line = [&out](const std::string& name, const std::string& value) {
        out += name + std::string(17 - name.size(), ' ') + value + '\n';
    };
    const auto number = [](double value) { return roi::text(value); };
    line("file", roi::visible_text(path));
    line("shape", joined(info.dimensions, " x "));
    line("datatype", std::string(roi::name_of(info.datatype)));
    const auto size = info.grid.voxel_size();
    line("voxel size", joined(std::vector<double>{size[0], size[1], size[2]}, " x ") + " mm");
    if (info.file_affine != info.grid.affine()) {
        line("in the file", roi::text(joined(file_voxel_size(info), " x "), " ", unit_of(info)));
    } else if (info.metadata.space_unit == roi::SpaceUnit::unknown) {
        line("in the file", "no unit, taken as mm");
    }
    line("repetition time", tr ? number(tr->value) + " s" : "none");
    line("affine", roi::to_string(info.grid.affine()));
    line("sform, qform", roi::text("codes ", info.metadata.sform_code, ", ", info.metadata.qform_code));
    line("scaling", roi::text("value = ", info.slope, " * stored + ", info.intercept));
    if (info.metadata.intent != roi::Intent{}) line("intent", intent_in_words(info.metadata.intent));
    line("description", roi::visible_text(info.metadata.description));
    line("extensions", roi::text(info.metadata.extensions.size()));
    if (!measured) {
        line("voxels", "missing");
        return out;
    }
    const Statistics& statistics = *measured;
    const auto infinite = statistics.count - statistics.nan - statistics.finite;
    line("voxels",
         roi::text(statistics.count, ", of them NaN ", statistics.nan,
                   infinite > 0 ? roi::text(", infinite ", infinite, ", which count for nothing below")
                                : std::string()));
    if (statistics.finite == 0) return out;
    line("values",
         roi::text("min ", statistics.min, ", mean ", statistics.sum / static_cast<double>(statistics.finite),
                   ", max ", statistics.max));
    return out;
}

}  // namespace

Description image(const std::string& path, const std::string& name, bool as_json,
                  const roi::WarningHandler& warning) {
    const auto info = roi::read_header(path, {.warning = warning});
    std::optional<Statistics> statistics;
    if (info.voxel_problem.empty()) {
        roi::ValueReader reader(path);
        statistics = measure(reader);
        // As from 2^53, where doubles have gaps.
        constexpr double end = 9007199254740992.0;
        const bool wide = info.datatype == roi::Datatype::int64 || info.datatype == roi::Datatype::uint64;
        if (warning && wide && statistics->finite > 0 &&
            (statistics->min <= -end || statistics->max >= end)) {
            warning(roi::text(
                name,
                ": whole numbers beyond 2^53; the range and the mean are those of the nearest doubles"));
        }
    }
    return {as_json ? json_of(info, statistics) : text_of(name, info, statistics), info.voxel_problem};
}

}  // namespace describe
