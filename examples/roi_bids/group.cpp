#include "group.hpp"

#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/output_folder.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/table.hpp>

#include "group_maps.hpp"
#include "page.hpp"
#include "participants.hpp"
#include "records.hpp"
#include "run.hpp"
#include "support/program.hpp"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace bids {

namespace {

void warn(const Options& options, const std::string& what) {
    if (!options.quiet) examples::complain(program_name, roi::text("warning: ", what));
}

bool among(const std::vector<std::string>& list, const std::string& value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

/// The entity of a name as a field of a table.
std::string field(const Name& name, std::string_view key) {
    const auto* value = name.find(key);
    return value ? *value : std::string("n/a");
}

/// Those of some columns, each with a tab behind it.
std::string fields(const Name& name, const std::vector<EntityColumn>& columns) {
    std::string out;
    for (const auto& column : columns) out.append(field(name, column.key)).append("\t");
    return out;
}

/// The names of some columns, each with a tab behind it.
std::string titles(const std::vector<EntityColumn>& columns) {
    std::string out;
    for (const auto& column : columns) out.append(column.name).append("\t");
    return out;
}

/// `task blocks, space MNI152NLin2009cAsym`.
std::string described(const Name& name) {
    std::vector<std::string> out;
    for (const auto& [key, value] : name.entities) out.push_back(roi::text(key, ' ', value));
    return roi::joined(out);
}

/// The records that were asked for.
std::vector<Record> selected_records(const Options& options) {
    auto out = read_records(options.output_dir);
    const auto& selection = options.selection;
    const bool seg = options.has_regions() || !options.seg.empty();
    const auto wanted_seg = seg ? seg_of(options) : std::string();
    std::erase_if(out, [&](const Record& record) {
        const auto& name = record.name;
        const auto run = name.get("run");
        const bool right_run =
            selection.runs.empty() || std::any_of(selection.runs.begin(), selection.runs.end(),
                                                  [&](const auto& wish) { return same_index(wish, run); });
        return !(among(selection.participants, name.get("sub")) &&
                 among(selection.sessions, name.get("ses")) && among(selection.tasks, name.get("task")) &&
                 among(selection.spaces, name.get("space")) && right_run &&
                 (!seg || name.get("seg") == wanted_seg));
    });
    return out;
}

/// A file that is written line by line, under a name that it gets in the end.
class Lines {
public:
    Lines(const std::string& path, roi::Compression compression) : writer_(path, compression) {}
    void add(std::string_view text) {
        buffer_ += text;
        if (buffer_.size() >= 1 << 18) flush();
    }
    void commit() {
        flush();
        writer_.commit();
    }

private:
    void flush() {
        writer_.write(std::as_bytes(std::span(buffer_)));
        buffer_.clear();
    }
    roi::ByteWriter writer_;
    std::string buffer_;
};

/// Calls `use(line, number)` with every line of a file of this program; number 0 is the header.
template <class Use>
void for_each_line(const std::string& path, Use&& use) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw roi::FileError(roi::ErrorCode::not_found, path, "cannot be opened");
    std::string line;
    for (std::int64_t number = 0; std::getline(file, line); ++number) use(line, number);
}

/// All means of conditions as one tidy table, and those of every subject for the figures.
std::vector<ConditionMeans> write_means(const Options& options, const std::vector<Record>& records,
                                        roi::OutputFolder& folder) {
    struct Sums {
        double sum = 0.0;
        int runs = 0;
    };
    struct Set {
        std::vector<std::string> conditions, regions;
        std::map<std::string, std::map<std::pair<std::string, std::string>, Sums>> subjects;
    };
    std::map<std::string, Set> sets;
    Lines lines(folder / "desc-conditions_means.tsv", roi::Compression::none);
    const auto columns = entity_columns(records);
    lines.add(roi::text("participant_id\t", titles(columns), "region\tcondition\tvolumes\tmean\tsd\n"));
    for (const auto& record : records) {
        if (!record.error.empty() || record.conditions.empty()) continue;
        const auto& name = record.name;
        const auto path = roi::text(options.output_dir, '/', record.folder, '/', means_name(name).text());
        const auto start = roi::text("sub-", field(name, "sub"), '\t', fields(name, columns));
        for_each_line(path, [&](const std::string& line, std::int64_t number) {
            if (number > 0) lines.add(start + line + "\n");
        });
        const auto table = roi::read_table(path);
        const auto means = roi::numbers(table["mean"]);
        auto& set = sets[described(shared_entities(name))];
        const auto noted = [](std::vector<std::string>& list, const std::string& value) {
            if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
        };
        auto& subject = set.subjects[name.get("sub")];
        for (std::size_t row = 0; row < means.size(); ++row) {
            const auto& region = table["region"][static_cast<std::int64_t>(row)];
            const auto& condition = table["condition"][static_cast<std::int64_t>(row)];
            noted(set.regions, region);
            noted(set.conditions, condition);
            auto& sums = subject[{region, condition}];
            sums.sum += means[row];
            ++sums.runs;
        }
    }
    lines.commit();
    std::vector<ConditionMeans> out;
    for (auto& [title, set] : sets) {
        std::sort(set.conditions.begin(), set.conditions.end());
        ConditionMeans means{title, set.conditions, {}, {}};
        std::set<std::string> left_out;
        for (const auto& region : set.regions) {
            std::vector<std::vector<double>> values(set.conditions.size());
            for (const auto& [label, of_subject] : set.subjects) {
                std::vector<double> row;
                for (const auto& condition : set.conditions) {
                    const auto at = of_subject.find({region, condition});
                    if (at == of_subject.end()) break;
                    const double mean = at->second.sum / at->second.runs;
                    if (std::isfinite(mean)) row.push_back(mean);
                }
                // A box for each condition of the same subjects.
                if (row.size() != set.conditions.size()) {
                    left_out.insert("sub-" + label);
                    continue;
                }
                for (std::size_t c = 0; c < row.size(); ++c) values[c].push_back(row[c]);
            }
            means.regions.emplace_back(region, std::move(values));
        }
        means.left_out.assign(left_out.begin(), left_out.end());
        if (!left_out.empty()) {
            warn(options,
                 roi::text(title, ": left out of box plots, because the mean of a condition is missing: ",
                           roi::listed(means.left_out)));
        }
        out.push_back(std::move(means));
    }
    return out;
}

/// The signals of all runs of each task, space and set of regions, a row a volume.
void write_signals(const Options& options, const std::vector<Record>& records, roi::OutputFolder& folder) {
    std::map<std::string, std::vector<const Record*>> sets;
    for (const auto& record : records) {
        if (!record.error.empty()) continue;
        sets[shared_entities(record.name).with("timeseries", ".tsv.gz").text()].push_back(&record);
    }
    // What tells the runs of one file apart.
    auto columns = entity_columns(records);
    std::erase_if(columns, [](const EntityColumn& column) {
        const std::string_view key = column.key;
        return key != "ses" && key != "dir" && key != "run";
    });
    for (const auto& set : sets) {
        const auto& file = set.first;
        const auto& of_set = set.second;
        Lines lines(folder / file, roi::Compression::gzip);
        std::string header;
        for (const auto* record : of_set) {
            const auto& name = record->name;
            const auto path = roi::text(options.output_dir, '/', record->folder, '/',
                                        name.with("timeseries", ".tsv").text());
            const auto start = roi::text("sub-", field(name, "sub"), '\t', fields(name, columns));
            bool fits = true;
            std::int64_t volume = -1;
            auto left_out = record->left_out.begin();
            for_each_line(path, [&](const std::string& line, std::int64_t number) {
                if (number > 0) {
                    for (++volume; left_out != record->left_out.end() && *left_out == volume; ++left_out)
                        ++volume;
                    if (fits) lines.add(roi::text(start, volume, '\t', line, '\n'));
                    return;
                }
                if (header.empty()) {
                    header = line;
                    lines.add(roi::text("participant_id\t", titles(columns), "volume\t", line, '\n'));
                }
                fits = header == line;
                if (!fits) {
                    warn(options, roi::text(path,
                                            ": other regions than those of the runs before, so it is "
                                            "not in ",
                                            file));
                }
            });
        }
        lines.commit();
    }
}

void write_quality(const std::vector<Record>& records, const std::vector<Name>& missing,
                   roi::OutputFolder& folder) {
    roi::DataTable::Texts labels, warnings, errors;
    const auto columns = entity_columns(records);
    std::vector<roi::DataTable::Texts> entities(columns.size());
    roi::DataTable::WholeNumbers volumes, left_out, regions, lost, non_finite;
    roi::DataTable::Numbers t_r, snr;
    const auto add = [&](const Record& record) {
        const auto& name = record.name;
        const bool whole = record.error.empty();
        const auto count = [&](std::int64_t value) { return whole ? std::optional(value) : std::nullopt; };
        labels.push_back(roi::text("sub-", name.get("sub")));
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto* value = name.find(columns[i].key);
            entities[i].push_back(value ? std::optional(*value) : std::nullopt);
        }
        volumes.push_back(count(record.volumes));
        left_out.push_back(count(static_cast<std::int64_t>(record.left_out.size())));
        regions.push_back(count(record.regions));
        lost.push_back(count(static_cast<std::int64_t>(record.lost.size())));
        non_finite.push_back(count(record.non_finite));
        t_r.push_back(record.t_r.value_or(std::nan("")));
        snr.push_back(record.temporal_snr.value_or(std::nan("")));
        warnings.push_back(record.warnings.empty()
                               ? std::nullopt
                               : std::optional(roi::clean_text(roi::joined(record.warnings))));
        errors.push_back(whole ? std::nullopt : std::optional(roi::clean_text(record.error)));
    };
    for (const auto& record : records) add(record);
    for (const auto& name : missing) {
        Record record;
        record.name = name;
        record.error = "not worked on";
        add(record);
    }
    roi::DataTable table;
    table.add("participant_id", std::move(labels));
    for (std::size_t i = 0; i < columns.size(); ++i) table.add(columns[i].name, std::move(entities[i]));
    table.add("volumes", std::move(volumes)).add("volumes_left_out", std::move(left_out));
    table.add("repetition_time", std::move(t_r));
    table.add("regions", std::move(regions)).add("regions_lost", std::move(lost));
    table.add("non_finite", std::move(non_finite)).add("temporal_snr", std::move(snr));
    table.add("warnings", std::move(warnings)).add("error", std::move(errors));
    write_text(folder / "desc-quality_runs.tsv", roi::format_table(table, roi::TableFormat::tsv));
}

/// The runs of the data set that have neither results nor a failure.
std::vector<Name> missing_runs(const std::vector<Subject>& subjects, const std::vector<Record>& records) {
    std::vector<std::string> known;
    const auto plain = [](Name name) { return name.remove("seg").with({}, {}).text(); };
    for (const auto& record : records) known.push_back(plain(record.name));
    std::sort(known.begin(), known.end());
    std::vector<Name> out;
    for (const auto& subject : subjects) {
        for (const auto& run : subject.runs) {
            const auto name = result_name(run, "x");
            if (!std::binary_search(known.begin(), known.end(), plain(name))) {
                auto of_run = name;
                out.push_back(of_run.remove("seg").with({}, {}));
            }
        }
    }
    return out;
}

std::vector<SubjectRow> rows_of(const std::vector<Record>& records, const std::vector<Name>& missing) {
    std::map<std::string, SubjectRow> rows;
    const auto row_of = [&](const Name& name) -> SubjectRow& {
        auto& row = rows[name.get("sub")];
        row.label = name.get("sub");
        return row;
    };
    for (const auto& record : records) {
        auto& row = row_of(record.name);
        if (!record.error.empty()) {
            ++row.failed;
            row.remarks.insert(row.remarks.begin(), record.error);
            continue;
        }
        ++row.runs;
        row.volumes += record.volumes;
        row.non_finite += record.non_finite;
        row.lost = std::max(row.lost, static_cast<std::int64_t>(record.lost.size()));
        if (record.temporal_snr)
            row.temporal_snr =
                std::min(row.temporal_snr.value_or(*record.temporal_snr), *record.temporal_snr);
        for (const auto& warning : record.warnings) {
            if (std::find(row.remarks.begin(), row.remarks.end(), warning) == row.remarks.end())
                row.remarks.push_back(warning);
        }
    }
    for (const auto& name : missing) {
        auto& row = row_of(name);
        ++row.missing;
        auto run = name.text();
        while (!run.empty() && run.back() == '_') run.pop_back();
        row.remarks.push_back(run + ": not worked on");
    }
    std::vector<SubjectRow> out;
    for (auto& [label, row] : rows) out.push_back(std::move(row));
    return out;
}

/// Two groups of participants.tsv.
std::optional<Groups> groups_of(const Options& options, const Places& places) {
    if (options.groups.empty()) return std::nullopt;
    std::string path;
    std::error_code ignored;
    for (const auto& folder : {options.bids_dir, places.data, places.events}) {
        if (!path.empty() || folder.empty()) continue;
        const auto there = folder + "/participants.tsv";
        if (std::filesystem::exists(there, ignored)) path = there;
    }
    if (path.empty()) throw roi::InvalidArgument("--groups: there is no participants.tsv");
    const auto table = roi::read_table(path);
    const auto& ids = table["participant_id"];
    const auto& column = table[options.groups];
    Groups out;
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (std::int64_t row = 0; row < ids.size(); ++row) {
        const auto& group = column[row];
        if (roi::is_missing(group)) continue;
        const auto& id = ids[row];
        if (!seen.insert(id).second)
            throw roi::InvalidArgument(roi::text(path, ": ", id, " stands in two rows"));
        out.members.emplace_back(id.compare(0, 4, "sub-") == 0 ? id.substr(4) : id, group);
        if (std::find(names.begin(), names.end(), group) == names.end()) names.push_back(group);
    }
    if (names.size() != 2) {
        throw roi::InvalidArgument(roi::text(path, ": column \"", options.groups,
                                             "\": expected two groups, found ", roi::listed(names)));
    }
    std::sort(names.begin(), names.end());
    out.first = names[0];
    out.second = names[1];
    return out;
}

/// Those of the comparison: who has results and no group is in none.
void warn_of_groups(const Options& options, const Groups& groups, const std::vector<Record>& records) {
    std::set<std::string> without;
    for (const auto& record : records) {
        const auto label = record.name.get("sub");
        if (record.error.empty() && groups.of(label).empty()) without.insert(roi::text("sub-", label));
    }
    if (without.empty()) return;
    warn(options, roi::text("no ", options.groups, " of ", roi::listed(without),
                            " in participants.tsv, so not in the comparison of groups"));
}

/// Results that somebody has taken away, damaged or replaced are none.
void look_for_outputs(const Options& options, std::vector<Record>& records) {
    std::error_code ignored;
    std::int64_t count = 0;
    std::string first;
    for (auto& record : records) {
        if (!record.error.empty()) continue;
        const auto output = changed_output(record, options.output_dir);
        if (output.empty()) continue;
        const bool there =
            std::filesystem::exists(roi::text(options.output_dir, '/', record.folder, '/', output), ignored);
        record.error =
            roi::text(output, there ? " is damaged, or was written with other options" : " is missing",
                      "; the level participant writes it again");
        if (count++ == 0) first = roi::text(record.folder, '/', record.error);
    }
    if (count == 0) return;
    warn(options, roi::text("left out, because results are damaged, replaced or missing: ", count,
                            count == 1 ? " run: " : " runs, the first: ", first));
}

/// Runs of other options than most, or of another version, are in one table with the rest; that has to be said.
void warn_of_mixture(const Options& options, std::vector<Record>& records) {
    std::map<std::string, std::map<std::string, std::vector<Record*>>> sets;
    for (auto& record : records) {
        if (record.error.empty())
            sets[described(shared_entities(record.name))][roi::text(record.version, ' ', record.settings)]
                .push_back(&record);
    }
    for (const auto& [title, made] : sets) {
        if (made.size() < 2) continue;
        const auto most = std::max_element(made.begin(), made.end(), [](const auto& a, const auto& b) {
            return a.second.size() < b.second.size();
        });
        for (const auto& [how, runs] : made) {
            if (how == most->first) continue;
            warn(options, roi::text(title, ": ", runs.size(), runs.size() == 1 ? " run was" : " runs were",
                                    " made by roi_bids ", how, ", most by ", most->first));
            for (auto* run : runs)
                run->warnings.push_back(roi::text("made by roi_bids ", how, ", most runs by ", most->first));
        }
    }
}

/// A subject that has left the data set counts as long as its results are there.
void warn_of_departed(const Options& options, const Places& places, const std::vector<Subject>& subjects,
                      std::vector<Record>& records) {
    std::set<std::string> departed;
    for (auto& record : records) {
        const auto label = record.name.get("sub");
        if (std::any_of(subjects.begin(), subjects.end(),
                        [&](const auto& subject) { return subject.label == label; }))
            continue;
        departed.insert(roi::text("sub-", label));
        record.warnings.push_back("the subject is not in the data set");
    }
    if (departed.empty()) return;
    warn(options, roi::text("not in ", places.data,
                            ", but among the results, so they count: ", roi::listed(departed)));
}

/// What there is for a group.
struct Gathered {
    Places places;
    std::vector<Record> records;
    std::vector<Name> missing;
};

/// \throws NothingSelected where no run has results
Gathered gathered(const Options& options) {
    Gathered out{places_of(options.bids_dir, options.derivatives, options.events_dir, options.validate),
                 selected_records(options),
                 {}};
    look_for_outputs(options, out.records);
    if (std::none_of(out.records.begin(), out.records.end(),
                     [](const Record& record) { return record.error.empty(); })) {
        throw NothingSelected(
            roi::text(options.output_dir,
                      ": there are no results of those subjects; the level participant comes first"));
    }
    const auto subjects = find_runs(out.places, options.selection);
    out.missing = missing_runs(subjects, out.records);
    warn_of_unknown(options, out.places, subjects);
    warn_of_departed(options, out.places, subjects, out.records);
    warn_of_mixture(options, out.records);
    return out;
}

}  // namespace

Status group_dry_run(const Options& options) {
    const auto all = gathered(options);
    for (const auto& record : all.records) {
        std::printf("%s/%s%s\n", options.output_dir.c_str(), record.file("timeseries", ".tsv").c_str(),
                    record.error.empty() ? " -> group" : " (failed)");
    }
    for (const auto& name : all.missing)
        std::printf("%s (not worked on)\n", name.with("bold", {}).text().c_str());
    return done;
}

Status group(const Options& options) {
    if (const int cores = options.threads > 0 ? options.threads : options.n_cpus; cores > 0)
        roi::set_threads(cores);
    const auto [places, records, missing] = gathered(options);
    const auto groups = groups_of(options, places);
    if (groups) warn_of_groups(options, *groups, records);
    // What stood there is of other subjects or options.
    std::error_code ignored;
    roi::OutputFolder folder(options.output_dir + "/group");
    for (const auto& old : std::filesystem::directory_iterator(options.output_dir + "/group", ignored)) {
        const auto name = old.path().filename().string();
        if (name.front() != '.' && old.is_regular_file(ignored)) folder.remove(name);
    }
    write_quality(records, missing, folder);
    const auto means = write_means(options, records, folder);
    write_signals(options, records, folder);
    const auto maps = group_maps(options, records, groups, folder,
                                 [&](std::string_view line) { warn(options, std::string(line)); });
    const auto rows = rows_of(records, missing);
    write_text(folder / "report.html", group_page(options, rows, maps, means));
    folder.publish();
    std::int64_t troubled = 0;
    for (const auto& row : rows) troubled += row.failed + row.missing > 0 ? 1 : 0;
    if (!options.quiet) {
        std::printf("%s\n", roi::text(rows.size(), rows.size() == 1 ? " subject" : " subjects", ", ",
                                      troubled, " of them without one run or more; ", options.output_dir,
                                      "/group/report.html shows all")
                                .c_str());
    }
    return done;
}

}  // namespace bids
