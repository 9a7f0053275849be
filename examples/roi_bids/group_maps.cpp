#include "group_maps.hpp"

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>
#include <roi/image/grid.hpp>
#include <roi/io/load.hpp>
#include <roi/stats/cluster_table.hpp>
#include <roi/stats/correct.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/ttest_1samp.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/scan.hpp>
#include <roi/table/data_table.hpp>

#include "run.hpp"
#include "scan_run.hpp"
#include "support/json.hpp"
#include "support/signals.hpp"
#include "support/survivors.hpp"
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <utility>

namespace bids {

namespace {

/// A source with a volume a subject: the mean of the maps of its runs.
class SubjectMaps {
public:
    using value_type = double;

    explicit SubjectMaps(std::vector<std::vector<std::string>> files) : files_(std::move(files)) {
        const auto info = roi::read_header(files_.front().front());
        grid_ = info.grid;
        metadata_ = roi::inherited_by_volume(info.metadata);
    }

    [[nodiscard]] const roi::Grid& grid() const { return grid_; }
    [[nodiscard]] const roi::Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(files_.size()); }

    void read(std::span<double> out) {
        const auto& runs = files_[next_++];
        std::fill(out.begin(), out.end(), 0.0);
        for (const auto& file : runs) {
            const auto map = roi::load<double>(file);
            roi::require_same_grid(map.grid(), grid_, roi::text(file, " and ", files_.front().front()));
            for (std::int64_t i = 0; i < map.size(); ++i) out[static_cast<std::size_t>(i)] += map[i];
        }
        for (double& value : out) value /= static_cast<double>(runs.size());
    }

private:
    std::vector<std::vector<std::string>> files_;
    std::size_t next_ = 0;
    roi::Grid grid_;
    roi::Metadata metadata_;
};

/// The maps of effects of one contrast in one space, by subject.
struct Effects {
    Name name;  ///< of what is made of them
    std::map<std::string, std::vector<std::string>> files;
    std::vector<std::string> left_out;  ///< subjects without files here, and why
    std::string problem;                ///< why nothing can be tested
};

/// The file of the effects of a contrast: as it was noted when it was written.
std::string effect_file(const Record& record, const std::string& contrast) {
    for (const auto& output : record.outputs) {
        const auto name = parse_name(output);
        if (name && name->get("contrast") == contrast && name->get("stat") == "effect") return output;
    }
    return map_name(record.name, contrast, "effect").text();
}

std::vector<Effects> effects_of(const Options& options, const std::vector<Record>& records) {
    std::map<std::string, Effects> found;
    for (const auto& record : records) {
        if (!record.error.empty()) continue;
        for (const auto& contrast : record.contrasts) {
            const auto shared = shared_entities(map_name(record.name, contrast));
            auto& effects = found[shared.text()];
            effects.name = shared;
            effects.files[record.name.get("sub")].push_back(
                roi::text(options.output_dir, '/', record.folder, '/', effect_file(record, contrast)));
        }
    }
    std::vector<Effects> out;
    for (auto& [key, effects] : found) out.push_back(std::move(effects));
    return out;
}

std::vector<std::vector<std::string>> files_of(const Effects& effects, const Groups* groups,
                                               const std::string& group) {
    std::vector<std::vector<std::string>> out;
    for (const auto& [label, files] : effects.files) {
        if (!groups || groups->of(label) == group) out.push_back(files);
    }
    return out;
}

/// `faceVsHouse, task blocks, space MNI152NLin2009cAsym`.
std::string title_of(const Name& name) {
    auto out = name.get("contrast");
    for (const auto& [key, value] : name.entities) {
        if (key != "contrast") out += roi::text(", ", key, ' ', value);
    }
    return out;
}

void leave_out(Effects& effects, const std::string& label, const std::string& why,
               const roi::WarningHandler& warning) {
    effects.files.erase(label);
    effects.left_out.push_back(roi::text("sub-", label, ": ", why));
    warning(roi::text(title_of(effects.name), ": sub-", label, " is left out of the maps: ", why));
}

/// Keeps the subjects whose maps lie on the grid of most of them; of as many on two grids the one of the first subject.
void keep_one_grid(Effects& effects, const roi::WarningHandler& warning) {
    struct OnGrid {
        roi::Grid grid;
        std::string file;
        std::vector<std::string> labels;
    };
    std::vector<OnGrid> grids;
    std::vector<std::pair<std::string, std::string>> wrong;
    for (const auto& [label, files] : effects.files) {
        try {
            const auto grid = roi::read_header(files.front()).grid;
            for (const auto& file : files) {
                roi::require_same_grid(roi::read_header(file).grid, grid,
                                       roi::text(file, " and ", files.front()));
            }
            const auto known = std::find_if(grids.begin(), grids.end(), [&](const OnGrid& one) {
                return roi::same_grid(one.grid, grid);
            });
            if (known == grids.end()) {
                grids.push_back({grid, files.front(), {label}});
            } else {
                known->labels.push_back(label);
            }
        } catch (const roi::Error& error) {
            wrong.emplace_back(label, error.what());
        }
    }
    for (const auto& [label, why] : wrong) leave_out(effects, label, why, warning);
    if (grids.size() < 2) return;
    const auto most = std::max_element(grids.begin(), grids.end(), [](const OnGrid& a, const OnGrid& b) {
        return a.labels.size() < b.labels.size();
    });
    if (most->labels.size() < 2) {
        // As in spaces of their own.
        effects.problem =
            roi::text("no two of ", grids.size(), " subjects have maps on one grid; ", grids[0].file, " and ",
                      grids[1].file, ": ", roi::difference(grids[0].grid, grids[1].grid));
        warning(roi::text(title_of(effects.name), ": no test: ", effects.problem));
        return;
    }
    for (const auto& one : grids) {
        if (&one == &*most) continue;
        for (const auto& label : one.labels) {
            leave_out(
                effects, label,
                roi::text("its maps lie on another grid than those of ", most->labels.size(), " subjects; ",
                          one.file, " and ", most->file, ": ", roi::difference(one.grid, most->grid)),
                warning);
        }
    }
}

/// Whose file this is; empty when it is nobody's.
std::string owner_of(const Effects& effects, const std::string& path) {
    for (const auto& [label, files] : effects.files) {
        if (std::find(files.begin(), files.end(), path) != files.end()) return label;
    }
    return {};
}

/// What the words of the command line stand for.
roi::CorrectOptions correction_of(const Options& options) {
    roi::CorrectOptions out;
    if (options.correction == "fdr") out.method = roi::Correction::fdr;
    if (options.correction == "bonferroni") out.method = roi::Correction::bonferroni;
    out.alpha = options.alpha;
    out.two_sided = true;
    out.cluster_size = options.cluster_size;
    return out;
}

/// What reaches the value that the largest |t| of but a share alpha of all permutations stays below.
/// \param tested  a number for every map
roi::Volume<double> surviving_permutations(GroupMap& out, std::vector<std::vector<std::string>> files,
                                           const std::vector<double>& tested, const std::string& file,
                                           const Options& options) {
    const auto found = roi::permute(SubjectMaps(std::move(files)), tested,
                                    {.permutations = options.permutations,
                                     .seed = options.seed,
                                     .tfce = false,
                                     .threads = options.threads,
                                     .stop = [] { return examples::caught_signal() != 0; }});
    if (found.null.size() < found.permutations) throw roi::Error(roi::ErrorCode::stopped, "stopped");
    out.permutations = found.permutations;
    save_map(found.log_p, file);
    auto kept = out.z;
    out.threshold = std::numeric_limits<double>::infinity();
    const double least = -std::log10(options.alpha) - 1e-9;
    for (std::int64_t i = 0; i < kept.size(); ++i) {
        if (found.log_p[i] >= least && std::isfinite(kept[i])) {
            out.threshold = std::min(out.threshold, std::abs(kept[i]));
        } else {
            kept[i] = 0.0;
        }
    }
    return kept;
}

/// z, what survives the correction and its clusters, as files.
/// \param tested  a number for every map: all 1, or 0 and 1 for two groups
void finish(GroupMap& out, const roi::TTest& test, Name name, std::vector<std::vector<std::string>> files,
            const std::vector<double>& tested, const Options& options, roi::OutputFolder& folder) {
    name.suffix = "statmap";
    name.extension = ".nii.gz";
    const auto file = [&](const char* stat) {
        auto map = name;
        return folder / map.set("stat", stat).text();
    };
    out.z = roi::z_map(test);
    save_map(test.t, file("t"));
    save_map(out.z, file("z"));
    roi::Volume<double> survived;
    if (options.correction == "permutation") {
        auto p = name;
        p.set("stat", "logp").set("desc", "permutation");
        survived = surviving_permutations(out, std::move(files), tested, folder / p.text(), options);
    } else {
        auto corrected = roi::correct(out.z, correction_of(options));
        out.threshold = corrected.threshold;
        survived = std::move(corrected.map);
    }
    const auto found = examples::survivors(std::move(survived),
                                           {.min_size = std::max<std::int64_t>(1, options.cluster_size)});
    out.survivors = found.voxels;
    out.clusters = found.cluster_count();
    auto kept = name;
    kept.set("stat", "z").set("desc", options.correction == "none" ? "uncorrected" : options.correction);
    save_map(found.map, folder / kept.text());
    write_text(folder / kept.with("clusters", ".tsv").text(),
               roi::format_table(roi::to_table(found.clusters), roi::TableFormat::tsv));
    json::Object about;
    about.add("Description", json::text(out.title));
    about.add("Subjects", json::number(out.subjects));
    about.add("Correction", json::text(options.correction));
    about.add("Alpha", json::number(options.alpha));
    if (!out.left_out.empty()) {
        std::vector<std::string> lines;
        for (const auto& line : out.left_out) lines.push_back(json::text(roi::valid_utf8(line)));
        about.add("LeftOut", json::list(lines));
    }
    if (out.permutations > 0) about.add("Permutations", json::number(out.permutations));
    about.add("Threshold", json::number(out.threshold));
    about.add("Voxels", json::number(out.survivors));
    write_text(folder / kept.with("statmap", ".json").text(), about.text() + "\n");
}

GroupMap one_sample(const Effects& effects, const Options& options, roi::OutputFolder& folder) {
    GroupMap out;
    auto files = files_of(effects, nullptr, {});
    out.left_out = effects.left_out;
    out.subjects = static_cast<std::int64_t>(files.size());
    out.title = roi::text(title_of(effects.name), ": mean of ", out.subjects,
                          out.subjects == 1 ? " subject" : " subjects");
    if (out.subjects < 2) {
        out.problem = "a test needs two subjects";
        return out;
    }
    roi::TTest1Samp test(0.0);
    roi::Mean mean;
    SubjectMaps maps(files);
    roi::scan(maps, test, mean);
    auto name = effects.name;
    save_map(std::move(mean).result(), folder / name.set("stat", "effect").with("statmap", ".nii.gz").text());
    const std::vector<double> ones(files.size(), 1.0);
    finish(out, test.result(), effects.name, std::move(files), ones, options, folder);
    return out;
}

GroupMap two_samples(const Effects& effects, const Groups& groups, const Options& options,
                     roi::OutputFolder& folder) {
    GroupMap out;
    out.left_out = effects.left_out;
    auto first = files_of(effects, &groups, groups.first), second = files_of(effects, &groups, groups.second);
    out.subjects = static_cast<std::int64_t>(first.size() + second.size());
    out.title = roi::text(title_of(effects.name), ": ", first.size(), ' ', groups.first, " less ",
                          second.size(), ' ', groups.second);
    if (first.size() < 2 || second.size() < 2) {
        out.problem = "a test needs two subjects in each group";
        return out;
    }
    auto name = effects.name;
    name.set("contrast",
             label_of(roi::text(effects.name.get("contrast"), ' ', groups.first, " Vs ", groups.second)));
    const auto test = roi::ttest_ind(SubjectMaps(first), SubjectMaps(second));
    std::vector<double> tested(first.size(), 1.0);
    tested.resize(first.size() + second.size(), 0.0);
    first.insert(first.end(), second.begin(), second.end());
    finish(out, test, name, std::move(first), tested, options, folder);
    return out;
}

}  // namespace

std::string Groups::of(const std::string& label) const {
    for (const auto& [member, group] : members) {
        if (member == label) return group;
    }
    return {};
}

std::vector<GroupMap> group_maps(const Options& options, const std::vector<Record>& records,
                                 const std::optional<Groups>& groups, roi::OutputFolder& folder,
                                 const roi::WarningHandler& warning) {
    std::vector<GroupMap> out;
    const auto add = [&](Effects& effects, const auto& test) {
        GroupMap map;
        map.problem = effects.problem;
        while (map.problem.empty() && map.title.empty()) {
            try {
                map = test();
            } catch (const roi::FileError& error) {
                const auto label = owner_of(effects, error.path());
                if (label.empty() || error.code() == roi::ErrorCode::out_of_memory) throw;
                leave_out(effects, label, error.what(), warning);  // and once more without
            } catch (const roi::InvalidArgument& error) {
                map.problem = error.what();
            }
        }
        if (map.title.empty()) map.title = title_of(effects.name);
        map.left_out = effects.left_out;
        out.push_back(std::move(map));
    };
    for (auto& effects : effects_of(options, records)) {
        keep_one_grid(effects, warning);
        add(effects, [&] { return one_sample(effects, options, folder); });
        if (groups) add(effects, [&] { return two_samples(effects, *groups, options, folder); });
    }
    return out;
}

}  // namespace bids
