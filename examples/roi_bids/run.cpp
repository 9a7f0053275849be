#include "run.hpp"

#include <roi/core/encoding.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/output_folder.hpp>
#include <roi/signals/clean.hpp>
#include <roi/signals/confounds.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/events.hpp>
#include <roi/table/names.hpp>
#include <roi/table/table.hpp>

#include "json_fields.hpp"
#include "records.hpp"
#include "scan_run.hpp"
#include "support/json.hpp"
#include "support/program.hpp"
#include "support/statistic_words.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

namespace bids {

namespace {

namespace fs = std::filesystem;

/// What the JSON files that hold for a run say together.
JsonFields metadata_of(const Run& run) {
    JsonFields out;
    for (const auto& sidecar : run.sidecars) out.override_by(read_json(sidecar));
    return out;
}

/// Seconds between volumes: as told, as the JSON files say, or the header.
std::optional<roi::Seconds> t_r_of(const Options& options, const JsonFields& metadata, const Header& header,
                                   const roi::WarningHandler& warning) {
    if (options.t_r) return roi::Seconds{*options.t_r};
    auto told = metadata.number("RepetitionTime");
    // Sparse acquisitions list the start of every volume.
    if (const auto starts = metadata.numbers("VolumeTiming"); !told && starts.size() > 1) {
        const double step = starts[1] - starts[0];
        for (std::size_t i = 1; i < starts.size(); ++i) {
            if (std::abs(starts[i] - starts[i - 1] - step) <= 1e-3) continue;
            warning("VolumeTiming: the volumes are not evenly spaced, so there are no conditions of volumes");
            return std::nullopt;
        }
        told = step;
    }
    if (!told || !(*told > 0.0)) {
        if (told || metadata.has("RepetitionTime")) {
            warning(roi::text("RepetitionTime of the JSON files is no number above 0, so ",
                              header.t_r ? "that of the image counts" : "it is not known"));
        }
        return header.t_r;
    }
    if (header.t_r && std::abs(header.t_r->value - *told) > 1e-3) {
        warning(roi::text("RepetitionTime is ", *told, " s, in the image ", header.t_r->value,
                          " s; the first counts"));
    }
    return roi::Seconds{*told};
}

/// When in its volume a volume was taken, from 0 to 1.
double slice_time_of(const Options& options, const JsonFields& metadata, double t_r,
                     const roi::WarningHandler& warning) {
    if (options.slice_time) return *options.slice_time;
    double seconds = 0.0;
    if (const auto start = metadata.number("StartTime")) {
        seconds = *start;  // what fMRIPrep has moved all slices to
    } else if (const auto times = metadata.numbers("SliceTiming"); !times.empty()) {
        const auto [first, last] = std::minmax_element(times.begin(), times.end());
        seconds = (*first + *last) / 2.0;
    }
    if (seconds < 0.0 || seconds > t_r) {
        warning(roi::text("StartTime or SliceTiming of the JSON files says that a volume of ", t_r,
                          " s is taken at ", seconds, " s; its nearer end counts"));
    }
    return std::clamp(seconds / t_r, 0.0, 1.0);
}

/// A problem with a file, which is named once.
roi::InvalidArgument problem_of(const std::string& file, const std::string& what) {
    return roi::InvalidArgument(
        what.compare(0, file.size(), file) == 0 ? what : roi::text(file, ": ", examples::for_a_shell(what)));
}

std::optional<roi::Column> conditions_of(const Run& run, const Options& options, const JsonFields& metadata,
                                         std::int64_t volumes, std::optional<roi::Seconds> t_r,
                                         const roi::WarningHandler& warning) {
    // Where nobody asks for a condition the signals are wanted all the same.
    const bool needed = !options.contrasts.empty() || !options.baseline.empty();
    if (!run.conditions.empty()) {
        auto labels = roi::read_table(run.conditions, {.header = true})["labels"];
        if (labels.size() != volumes) {
            throw roi::InvalidArgument(roi::text(run.conditions, ": expected ", volumes,
                                                 " rows, one a volume, found ", labels.size()));
        }
        return labels;
    }
    if (run.events.empty()) {
        if (!options.contrasts.empty()) warning("there are no events, so there are no contrasts");
        return std::nullopt;
    }
    if (!t_r) {
        constexpr const char* why =
            "events need the seconds between volumes; neither JSON nor image has them";
        if (needed) throw roi::InvalidArgument(why);
        warning(why);
        return std::nullopt;
    }
    const auto rule = options.event_overlap == "first"  ? roi::OverlapRule::first
                      : options.event_overlap == "last" ? roi::OverlapRule::last
                      : options.event_overlap == "drop" ? roi::OverlapRule::drop
                                                        : roi::OverlapRule::error;
    try {
        const auto events = roi::events_of(roi::read_table(run.events, {.header = true}),
                                           {.column = options.column, .warning = warning});
        return roi::conditions_of(events, volumes, *t_r,
                                  {.delay = roi::Seconds{options.delay},
                                   .slice_time = slice_time_of(options, metadata, t_r->value, warning),
                                   .overlap = rule,
                                   .warning = warning});
    } catch (const roi::Error& error) {
        if (error.code() != roi::ErrorCode::invalid_argument && error.code() != roi::ErrorCode::bad_format)
            throw;
        const auto problem = problem_of(run.events, error.what());
        if (needed) throw problem;
        warning(roi::text("no means of conditions: ", problem.what()));
        return std::nullopt;
    }
}

/// The volumes of the contrasts whose conditions the run has, and which contrasts these are.
std::vector<Samples> samples_of(const std::optional<roi::Column>& conditions,
                                const std::optional<roi::Column>& chunks, const Options& options,
                                std::vector<std::string>& labels, const roi::WarningHandler& warning) {
    std::vector<Samples> out;
    if (!conditions) return out;
    const auto names = conditions->unique();
    const auto has = [&](const std::string& name) {
        if (std::find(names.begin(), names.end(), name) != names.end()) return true;
        warning(roi::text("no volume is in condition \"", name, "\", so its contrast is left out"));
        return false;
    };
    for (const auto& contrast : options.contrasts) {
        if (!has(contrast.first) || !has(contrast.second)) continue;
        out.push_back({*conditions == contrast.first, *conditions == contrast.second, chunks});
        labels.push_back(contrast_label(contrast));
    }
    return out;
}

/// The columns that names stand for; `a_comp_cor_*` stands for all that begin so.
std::vector<std::string> columns_of(const roi::Table& table, const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const auto& name : names) {
        if (name.empty() || name.back() != '*') {
            out.push_back(name);
            continue;
        }
        const auto start = name.substr(0, name.size() - 1);
        const auto before = out.size();
        for (const auto& column : table.columns()) {
            if (column.compare(0, start.size(), start) == 0) out.push_back(column);
        }
        if (out.size() == before)
            throw roi::InvalidArgument(roi::text("no column of the confounds begins with \"", start, '"'));
    }
    return out;
}

constexpr const char* no_confounds = "there is no table of confounds beside the run (fMRIPrep writes one)";

/// The volumes that moved no further than told; nothing where nothing is told.
std::optional<roi::Selection> kept_volumes(const Run& run, const Options& options, std::int64_t volumes,
                                           const roi::WarningHandler& warning) {
    if (!options.max_displacement) return std::nullopt;
    if (run.confounds.empty()) throw roi::InvalidArgument(no_confounds);
    const auto moved =
        roi::numbers(roi::read_table(run.confounds, {.header = true})["framewise_displacement"]);
    std::vector<bool> kept;
    std::int64_t unknown = 0;
    for (const double value : moved) {
        // Before the first volume there is nothing that it could have moved from.
        unknown += std::isnan(value) && !kept.empty() ? 1 : 0;
        kept.push_back(!(value > *options.max_displacement));
    }
    if (unknown > 0) {
        throw roi::InvalidArgument(
            roi::text(run.confounds, ": framewise_displacement is n/a in ", unknown,
                      " rows below the first, so it is not known which volumes moved"));
    }
    roi::Selection out(std::move(kept));
    if (out.size() != volumes || out.count() == 0) {
        throw roi::InvalidArgument(roi::text(run.confounds, ": expected a framewise_displacement of ",
                                             volumes, " volumes, and of one that is no larger than ",
                                             *options.max_displacement));
    }
    if (out.count() < volumes)
        warning(roi::text(volumes - out.count(), " of ", volumes, " volumes moved too far and are left out"));
    return out;
}

/// The conditions of volumes, `n/a` for those that are left out.
roi::Column without(const roi::Column& conditions, const roi::Selection& kept) {
    std::vector<std::string> out(conditions.begin(), conditions.end());
    for (std::int64_t i = 0; i < kept.size(); ++i) {
        if (!kept[i]) out[static_cast<std::size_t>(i)] = "n/a";
    }
    return roi::Column(std::move(out), conditions.name());
}

/// The conditions of the volumes that are kept.
roi::Column kept_conditions(const roi::Column& conditions, const std::optional<roi::Selection>& kept) {
    if (!kept) return conditions;
    std::vector<std::string> out;
    for (const auto i : kept->indices()) out.push_back(conditions[i]);
    return roi::Column(std::move(out), conditions.name());
}

/// The run of each volume of a file that holds several.
std::optional<roi::Column> chunks_of(const Run& run, const Options& options, std::int64_t volumes) {
    if (options.chunks.empty()) return std::nullopt;
    for (const auto& file : {run.conditions, run.confounds}) {
        if (file.empty()) continue;
        const auto table = roi::read_table(file, {.header = true});
        if (!table.contains(options.chunks)) continue;
        auto out = table[options.chunks];
        if (out.size() == volumes) return out;
        throw roi::InvalidArgument(
            roi::text(file, ": expected ", volumes, " rows, one a volume, found ", out.size()));
    }
    throw roi::InvalidArgument(
        roi::text("--chunks: neither a table of conditions of volumes nor one of confounds has a "
                  "column \"",
                  options.chunks, "\" for this run"));
}

/// Says that runs which are not told apart are cleaned as one.
void warn_of_joined(const Run& run, const roi::WarningHandler& warning) {
    constexpr const char* usual = "chunks";  // as the Haxby data have it
    if (run.conditions.empty()) return;
    const auto table = roi::read_table(run.conditions, {.header = true});
    if (!table.contains(usual)) return;
    const auto runs = table[usual].unique().size();
    if (runs < 2) return;
    warning(roi::text("the file holds ", runs, " runs by its column \"", usual,
                      "\", which are cleaned as one; --chunks ", usual, " cleans each for itself"));
}

roi::Signals cleaned(roi::Signals signals, const Run& run, const Options& options,
                     std::optional<roi::Seconds> t_r, const std::optional<roi::Column>& conditions,
                     const std::optional<roi::Selection>& kept, const std::optional<roi::Column>& chunks,
                     const roi::WarningHandler& warning, const roi::StopRequest& stop) {
    const auto& words = options.cleaning;
    if (const auto wrong = words.problem(t_r.has_value()); !wrong.empty()) throw roi::InvalidArgument(wrong);
    auto how = words.settings(t_r, warning);
    if (!options.confounds.empty()) {
        if (run.confounds.empty()) throw roi::InvalidArgument(no_confounds);
        const auto table = roi::read_table(run.confounds, {.header = true});
        try {
            const bool fit = chunks && chunks->size() == table.rows();  // else it is said below
            how.confounds = roi::confounds_of(table, {.columns = columns_of(table, options.confounds),
                                                      .runs = fit ? chunks : std::nullopt,
                                                      .warning = warning});
        } catch (const roi::InvalidArgument& error) {
            throw problem_of(run.confounds, error.what());
        }
        if (how.confounds->rows() != signals.values.rows()) {
            throw roi::InvalidArgument(roi::text(run.confounds, ": expected ", signals.values.rows(),
                                                 " rows, one a volume, found ", how.confounds->rows()));
        }
    }
    if (options.high_variance > 0) {
        Eigen::MatrixXd shared = high_variance_of(run.file, options.high_variance, warning, stop);
        if (!how.confounds) {
            how.confounds = std::move(shared);
        } else {
            Eigen::MatrixXd both(shared.rows(), how.confounds->cols() + shared.cols());
            both << *how.confounds, shared;
            how.confounds = std::move(both);
        }
    }
    how.sample_mask = kept;
    how.runs = chunks;
    if (!options.baseline.empty()) {
        if (!conditions)
            throw roi::InvalidArgument(
                "the baseline of percent change is a condition, and there are no events");
        how.baseline = *conditions == options.baseline;
    }
    if (!kept && !how.confounds && !how.detrend && how.standardize == roi::Standardize::none &&
        !how.low_pass && !how.high_pass) {
        return signals;
    }
    if (!chunks) warn_of_joined(run, warning);
    return roi::clean(signals, how);
}

/// The median over regions of mean over standard deviation, before cleaning; nothing where no mean was asked for.
std::optional<double> temporal_snr(const roi::Signals& signals) {
    std::vector<double> ratios;
    const auto n = signals.values.rows();
    for (std::size_t i = 0; i < signals.columns.size(); ++i) {
        const auto& statistic = signals.columns[i].statistic;
        if ((statistic != "mean" && statistic != "least_squares") || n < 2) continue;
        const Eigen::VectorXd values = signals.values.col(static_cast<Eigen::Index>(i));
        const double mean = values.mean();
        const double sd = std::sqrt((values.array() - mean).square().sum() / static_cast<double>(n - 1));
        if (sd > 0.0 && std::isfinite(mean / sd)) ratios.push_back(mean / sd);
    }
    if (ratios.empty()) return std::nullopt;
    const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
    std::nth_element(ratios.begin(), middle, ratios.end());
    if (ratios.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(ratios.begin(), middle)) / 2.0;
}

/// A row for each condition and column: how many volumes, their mean and standard deviation.
roi::DataTable means_of(const roi::Signals& signals, const roi::Column& conditions) {
    std::vector<std::string> regions, names;
    std::vector<std::int64_t> volumes;
    roi::DataTable::Numbers means, deviations;
    const auto columns = roi::column_names(signals);
    for (const auto& name : conditions.unique()) {
        if (roi::is_missing(name)) continue;
        const auto frames = (conditions == name).indices();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto column = signals.values.col(static_cast<Eigen::Index>(i));
            double sum = 0.0, squares = 0.0;
            for (const auto frame : frames) sum += column[static_cast<Eigen::Index>(frame)];
            const auto n = static_cast<double>(frames.size());
            for (const auto frame : frames) {
                const double d = column[static_cast<Eigen::Index>(frame)] - sum / n;
                squares += d * d;
            }
            regions.push_back(columns[i]);
            names.push_back(name);
            volumes.push_back(static_cast<std::int64_t>(frames.size()));
            means.push_back(sum / n);
            deviations.push_back(frames.size() > 1 ? std::sqrt(squares / (n - 1.0)) : std::nan(""));
        }
    }
    roi::DataTable out;
    out.add("region", regions).add("condition", names).add("volumes", volumes);
    out.add("mean", std::move(means)).add("sd", std::move(deviations));
    return out;
}

std::string in_quotes(const std::string& value) { return json::text(roi::valid_utf8(value)); }

std::string list_of(const std::vector<std::string>& values) {
    std::vector<std::string> out;
    for (const auto& value : values) out.push_back(in_quotes(value));
    return json::list(out);
}

/// The members of an object, each on a line of its own.
class Members {
public:
    explicit Members(std::string indent) : indent_(std::move(indent)) {}
    Members& add(const std::string& name, const std::string& value) {
        if (!text_.empty()) text_ += ",\n";
        text_ += roi::text(indent_, in_quotes(name), ": ", value);
        return *this;
    }
    [[nodiscard]] std::string text() const {
        return roi::text("{\n", text_, '\n', indent_.substr(0, indent_.size() - 2), '}');
    }

private:
    std::string indent_, text_;
};

std::string json_of(const Record& record, const roi::Signals& signals,
                    const std::vector<std::string>& sources, roi::Formulas formulas) {
    Members ours("    ");
    ours.add("Version", in_quotes(record.version)).add("Options", in_quotes(record.settings));
    ours.add("Inputs", list_of(record.inputs)).add("Outputs", list_of(record.outputs));
    ours.add("OutputMarks", list_of(record.marks));
    ours.add("Warnings", list_of(record.warnings)).add("Volumes", json::number(record.volumes));
    if (!record.left_out.empty()) {
        std::vector<std::string> numbers;
        for (const auto volume : record.left_out) numbers.push_back(json::number(volume));
        ours.add("VolumesLeftOut", json::list(numbers));
    }
    ours.add("Regions", json::number(record.regions)).add("RegionsLost", list_of(record.lost));
    ours.add("NonFinite", json::number(record.non_finite));
    if (record.temporal_snr) ours.add("TemporalSNR", json::number(*record.temporal_snr));
    ours.add("Conditions", list_of(record.conditions)).add("Contrasts", list_of(record.contrasts));
    Members all("  ");
    if (record.t_r) {
        all.add("RepetitionTime", json::number(*record.t_r));
        all.add("SamplingFrequency", json::number(1.0 / *record.t_r));
    }
    all.add("Sources", list_of(sources)).add("RoiBids", ours.text());
    const auto names = roi::column_names(signals);
    for (std::size_t i = 0; i < names.size(); ++i) {
        // A region of such a name goes without a description: an object has a name once.
        if (names[i] == "RepetitionTime" || names[i] == "SamplingFrequency" || names[i] == "Sources" ||
            names[i] == "RoiBids")
            continue;
        const auto& column = signals.columns[i];
        json::Object about;
        about.add("Description", in_quotes(roi::text(column.statistic, " of ", roi::kind_name(column.kind),
                                                     ' ', column.id, " (", column.name, ')')));
        about.add("Voxels", json::number(column.voxels));
        about.add("VolumeMm3", json::number(column.mm3));
        all.add(roi::without_formula(names[i], formulas), about.text());
    }
    return all.text().append("\n");
}

/// The files that an earlier job has written for a run.
std::vector<std::string> old_outputs(const Options& options, const Run& run, const Name& name) {
    const auto path =
        roi::text(options.output_dir, '/', run.folder, '/', name.with("timeseries", ".json").text());
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return {};
    try {
        return read_json(path).texts("RoiBids.Outputs");
    } catch (const roi::FileError&) {
        return {};
    }
}

/// Takes back what a killed job has left half published in a folder, if there is any.
void tidy(const std::string& folder) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (at->path().filename().string().compare(0, 15, ".roi-unfinished") != 0) continue;
        const roi::OutputFolder undone(folder);
        return;
    }
}

/// The space that a file is in by its name, as `tpl-MNI152NLin2009cAsym_..._dseg` says it; empty where it does not.
std::string space_of(const std::string& file) {
    const auto name = parse_name(fs::path(file).filename().string());
    if (!name) return {};
    return name->find("space") ? name->get("space") : name->get("tpl");
}

/// Regions of another space lie anywhere in a run.
void warn_of_spaces(const Run& run, const std::string& regions, const roi::WarningHandler& warning) {
    const auto theirs = space_of(regions), ours = run.name.get("space");
    if (theirs.empty() || theirs == ours) return;
    warning(roi::text(regions, " is in the space ", theirs, ", the run in ",
                      ours.empty() ? std::string("that of the scanner") : ours,
                      ": the regions lie elsewhere in it, unless both are one"));
}

/// Text among files that appear together; they are brought to the disk then.
void write_text(roi::OutputFolder& folder, const std::string& name, const std::string& content) {
    const auto path = folder / name;
    std::ofstream file(path, std::ios::binary);
    file << content;
    file.close();
    if (!file) {
        const int reason = errno;
        throw roi::FileError(roi::ErrorCode::unwritable, path,
                             roi::text("cannot be written: ", std::generic_category().message(reason)));
    }
}

roi::SignalRegions at_least_one(roi::SignalRegions regions, const std::string& file) {
    if (!regions.regions().empty()) return regions;
    throw roi::InvalidArgument(roi::text(file, ": there is no region in it"));
}

}  // namespace

struct RunWorker::Regions {
    std::vector<roi::SignalRegions> all;
    std::vector<roi::RegionStatistic> statistics;
};

RunWorker::RunWorker(const Options& options, std::vector<DatasetLink> links)
    : options_(options), links_(std::move(links)), seg_(seg_of(options)) {
    auto regions = std::make_unique<Regions>();
    const roi::WarningHandler warning = [&](std::string_view line) {
        if (!options.quiet)
            examples::complain(program_name,
                               roi::text("warning: ", examples::for_a_shell(std::string(line))));
    };
    roi::RegionNames names;
    if (!options.names.empty()) names = roi::read_names(options.names);
    if (!options.atlas.empty()) {
        regions->all.push_back(
            at_least_one(load_atlas(options.atlas, names, options.background, warning), options.atlas));
    }
    if (!options.maps.empty()) {
        const auto own = options.atlas.empty() ? names : roi::RegionNames();
        regions->all.push_back(at_least_one(load_maps(options.maps, own, warning), options.maps));
    }
    if (!options.spheres.empty()) {
        const auto own = options.atlas.empty() && options.maps.empty() ? names : roi::RegionNames();
        const auto table = roi::read_table(options.spheres, {.header = true, .comment = '#'});
        try {
            regions->all.push_back(
                at_least_one(roi::spheres_at(roi::spheres_of(table, options.radius),
                                             {.names = own, .overlap = options.overlap, .warning = warning}),
                             options.spheres));
        } catch (const roi::InvalidArgument& error) {
            throw problem_of(options.spheres, error.what());
        }
    }
    if (regions->all.empty()) throw WrongUsage("no regions: --atlas, --maps or --spheres is needed");
    for (const auto& name : options.statistics)
        regions->statistics.push_back(examples::statistic_named(name));
    if (regions->statistics.empty()) regions->statistics.push_back(roi::mean_of);
    regions_ = std::move(regions);
}

RunWorker::~RunWorker() = default;

void RunWorker::write(const Run& run, const std::vector<std::string>& inputs, const roi::StopRequest& stop,
                      std::vector<std::string>& warnings) const {
    const roi::WarningHandler warning = [&](std::string_view line) {
        warnings.push_back(examples::for_a_shell(std::string(line)));
    };
    const auto metadata = metadata_of(run);
    warn_of_spaces(run, options_.atlas, warning);
    warn_of_spaces(run, options_.maps, warning);
    Record record;
    std::optional<roi::Seconds> t_r;
    std::optional<roi::Column> conditions;
    std::optional<roi::Selection> kept;
    std::optional<roi::Column> chunks;
    roi::RegionSignalsOptions how{.statistics = regions_->statistics,
                                  .lost = roi::LostRegions::keep,
                                  .non_finite = options_.non_finite == "omit" ? roi::NonFinite::omit
                                                : options_.non_finite == "propagate"
                                                    ? roi::NonFinite::propagate
                                                    : roi::NonFinite::zero,
                                  .resample = roi::ResampleFor::data,
                                  .warning = warning};
    if (options_.brain_mask) {
        if (run.brain_mask.empty())
            throw roi::InvalidArgument("there is no brain mask beside the run (fMRIPrep writes one)");
        how.mask = load_mask(run.brain_mask, warning);
    }
    auto scanned = scan_run(
        run.file, regions_->all, how, options_.fwhm, options_.quality_maps,
        [&](const Header& header) {
            record.volumes = header.volumes;
            t_r = t_r_of(options_, metadata, header, warning);
            conditions = conditions_of(run, options_, metadata, header.volumes, t_r, warning);
            kept = kept_volumes(run, options_, header.volumes, warning);
            if (conditions && kept) conditions = without(*conditions, *kept);
            chunks = chunks_of(run, options_, header.volumes);
            return samples_of(conditions, chunks, options_, record.contrasts, warning);
        },
        stop);
    record.version = roi::version;
    record.settings = options_.settings;
    record.inputs = inputs;
    record.lost = scanned.lost;
    for (const auto& regions : regions_->all)
        record.regions += static_cast<std::int64_t>(regions.regions().size());
    record.non_finite = scanned.non_finite;
    record.temporal_snr = temporal_snr(scanned.signals);
    if (t_r) record.t_r = t_r->value;
    if (kept) record.left_out = (!*kept).indices();
    if (conditions) record.conditions = conditions->unique();
    const auto signals =
        cleaned(std::move(scanned.signals), run, options_, t_r, conditions, kept, chunks, warning, stop);

    const auto name = result_name(run, seg_);
    roi::OutputFolder folder(roi::text(options_.output_dir, '/', run.folder));
    const auto file = [&](const std::string& file_name) {
        record.outputs.push_back(file_name);
        return folder / file_name;
    };
    const auto table = [&](const Name& file_name, const roi::DataTable& content) {
        record.outputs.push_back(file_name.text());
        write_text(folder, file_name.text(),
                   roi::format_table(content, roi::TableFormat::tsv, {.formulas = options_.formulas}));
    };
    folder.remove(failure_name(name));
    for (const auto& output : old_outputs(options_, run, name)) folder.remove(output);
    table(name, roi::to_table(signals));
    if (conditions) table(means_name(name), means_of(signals, kept_conditions(*conditions, kept)));
    for (std::size_t i = 0; i < record.contrasts.size(); ++i) {
        const auto map = [&](const char* stat) { return map_name(name, record.contrasts[i], stat).text(); };
        save_map(scanned.contrasts[i].difference, file(map("effect")));
        save_map(scanned.contrasts[i].t, file(map("t")));
    }
    if (scanned.quality) {
        save_map(scanned.quality->mean, file(map_name(name, {}, "mean").text()));
        save_map(scanned.quality->temporal_snr, file(map_name(name, {}, "tsnr").text()));
    }
    record.warnings = warnings;
    std::vector<std::string> sources;
    for (const auto& file_read : input_files(run, options_)) sources.push_back(uri_of(file_read, links_));
    for (const auto& output : record.outputs) record.marks.push_back(mark_of(folder / output));
    // Last, because it says that the others are there.
    const auto json_name = name.with("timeseries", ".json").text();
    record.outputs.push_back(json_name);
    write_text(folder, json_name, json_of(record, signals, sources, options_.formulas));
    folder.publish();
}

Outcome RunWorker::work_on(const Run& run, const roi::StopRequest& stop) const {
    Outcome out;
    std::vector<std::string> inputs;
    const auto failed = [&](const std::exception& error) {
        out.what = Outcome::failed;
        out.status = status_of(error);
        const auto what = examples::said(error);
        out.error =
            what.compare(0, run.file.size(), run.file) == 0 ? what : roi::text(run.name.text(), ": ", what);
    };
    try {
        tidy(roi::text(options_.output_dir, '/', run.folder));
        inputs = inputs_of(run, options_);
        if (auto record = complete_record(run, options_, seg_, inputs)) {
            out.what = Outcome::skipped;
            return out;
        }
        out.replaced = made_otherwise(run, options_, seg_, inputs);
        write(run, inputs, stop, out.warnings);
        return out;
    } catch (const roi::Error& error) {
        if (error.code() == roi::ErrorCode::stopped) throw;
        failed(error);
    } catch (const std::exception& error) {
        failed(error);
    }
    // What older inputs or options gave would pass for the result of these.
    try {
        roi::OutputFolder folder(roi::text(options_.output_dir, '/', run.folder));
        const auto name = result_name(run, seg_);
        for (const auto& output : old_outputs(options_, run, name)) folder.remove(output);
        Members ours("    ");
        ours.add("Version", in_quotes(roi::version)).add("Options", in_quotes(options_.settings));
        ours.add("Inputs", list_of(inputs)).add("Error", in_quotes(out.error));
        write_text(folder, failure_name(name), Members("  ").add("RoiBids", ours.text()).text().append("\n"));
        folder.publish();
    } catch (const std::exception& error) {
        out.error += roi::text("; and this cannot be noted: ", error.what());
    }
    return out;
}

Status status_of(const std::exception& error) {
    if (dynamic_cast<const InvalidDataset*>(&error)) return invalid_dataset;
    if (dynamic_cast<const NothingSelected*>(&error)) return nothing_selected;
    if (dynamic_cast<const WrongUsage*>(&error)) return wrong_usage;
    if (dynamic_cast<const std::bad_alloc*>(&error) || dynamic_cast<const std::system_error*>(&error))
        return try_again;
    if (const auto* ours = dynamic_cast<const roi::Error*>(&error)) {
        switch (ours->code()) {
            case roi::ErrorCode::not_found:
                return no_input;
            case roi::ErrorCode::unreadable:
                return io_error;
            case roi::ErrorCode::unwritable:
                return cannot_create;
            case roi::ErrorCode::out_of_memory:
            case roi::ErrorCode::stopped:
                return try_again;
            default:
                return bad_data;
        }
    }
    return bad_data;
}

void write_text(const std::string& path, const std::string& content) {
    roi::ByteWriter writer(path, roi::Compression::none);
    writer.write(content);
    writer.commit();
}

}  // namespace bids
