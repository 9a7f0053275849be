// The options that `signals` and `clean` share.
#pragma once

#include <roi/signals/clean.hpp>
#include <roi/signals/confounds.hpp>
#include <roi/table/table.hpp>

#include "command.hpp"
#include "joined_runs.hpp"
#include "support/cleaning_words.hpp"
#include "support/list_parts.hpp"
#include "support/wording.hpp"
#include "volume_tables.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {

/// What the options of cleaning are read into.
struct Cleaning : examples::CleaningWords {
    std::vector<std::string> confound_columns;
    std::string confounds, sample_mask, baseline, chunks, chunk_table;
    std::int64_t high_variance = 0;
    std::optional<double> t_r;
    bool raw_confounds = false, extrapolate = false, ensure_finite = false;

    /// \param without_chunk_table  whose column --chunks is where there is no --chunk-table
    void declare(const Command& command, const char* without_chunk_table) {
        command.flag("--detrend", detrend, "Subtract mean and linear trend");
        command.choice("--standardize", standardize, {"zscore_sample", "psc"}, "Scale at the end");
        command.maybe_nameless(command.table(
            "--baseline", baseline,
            "Table of the volumes that psc counts from, or one 0 or 1 a volume; all unless told"));
        command.maybe_nameless(
            command.table("--confounds", confounds, "Table of confounds, a row per volume"));
        // Words behind it are names of columns, unless they may as well be one of several files to read.
        const auto positionals =
            command.app().get_options([](const CLI::Option* option) { return option->get_positional(); });
        const bool words_end = std::none_of(positionals.begin(), positionals.end(), [](const auto* option) {
            return option->get_items_expected_max() > 1;
        });
        auto* const columns =
            command.app()
                .add_option("--confound-columns", confound_columns,
                            words_end
                                ? "Columns of it that are taken; all unless told"
                                : "Columns of it that are taken, with commas between, or repeat it; all "
                                  "unless told")
                ->type_name("A,B")
                ->check([](const std::string& word) {
                    return examples::parts_of_list(word).empty()
                               ? std::string("expected a value, found nothing")
                               : std::string();
                });
        if (!words_end)
            columns->expected(1)->allow_extra_args(false)->multi_option_policy(
                CLI::MultiOptionPolicy::TakeAll);
        command
            .number("--high-variance-confounds", high_variance, "N",
                    "Also this many of what the loudest voxels share")
            ->check(above_zero());
        command.flag("--no-standardize-confounds", raw_confounds,
                     "Confounds keep their means: one that is constant takes the mean of the signals away");
        command.number("--low-pass", low_pass, "HZ", "Faster changes go")->check(above_zero());
        command.number("--high-pass", high_pass, "HZ", "Slower changes go")->check(above_zero());
        command
            .choice("--filter", filter, {"butterworth", "cosine"}, "Which filter low and high pass stand for")
            ->default_str("butterworth");
        command.number("--t-r", t_r, "S", "Seconds between volumes")->check(above_zero());
        command.maybe_nameless(command.table("--sample-mask", sample_mask,
                                             "Table of the volumes to keep, or one 0 or 1 a volume"));
        command.flag(
            "--extrapolate", extrapolate,
            "The Butterworth filter also goes over volumes left out at the ends, filled by splines as "
            "those between; without it they are cut off first");
        command.flag("--ensure-finite", ensure_finite,
                     "NaN and infinity of signals count as 0; without it they spoil their own signal");
        auto* const column =
            command.text("--chunks", chunks, "NAME",
                         roi::text("Column with the run of each volume, where several were joined, of the "
                                   "table of --chunk-table, or where that is not told of ",
                                   without_chunk_table, ": each run is cleaned for itself")
                             .c_str());
        command
            .maybe_nameless(
                command.table("--chunk-table", chunk_table, "Table with that column, a row per volume"))
            ->needs(column);
    }

    /// The columns of a table that --confound-columns names: commas stand between them, and blanks; names that hold such are
    /// found as well.
    /// \throws UsageError where a name that holds a comma can be read as those of others
    [[nodiscard]] std::vector<std::string> columns_told(const roi::Table& table) const {
        std::vector<std::string> out;
        for (std::string_view rest : confound_columns) {
            while (!rest.empty()) {
                rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
                const auto piece = longest_name(table, rest);
                rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
                const auto parts = examples::parts_of_list(piece);
                const bool known = std::any_of(parts.begin(), parts.end(),
                                               [&](std::string_view name) { return table.contains(name); });
                if (table.contains(piece) || (!known && !parts.empty())) {
                    out.emplace_back(piece);
                } else {
                    out.insert(out.end(), parts.begin(), parts.end());
                }
            }
        }
        return out;
    }

    /// The longest name of a column that a list begins with and ends or goes on behind with a comma; without one what is before
    /// the first comma.
    static std::string_view longest_name(const roi::Table& table, std::string_view list) {
        const auto first = list.substr(0, list.find(','));
        for (auto name = list; name.size() > first.size(); name = name.substr(0, name.rfind(','))) {
            if (!table.contains(name)) continue;
            bool several = true;
            for (auto rest = name; several && !rest.empty();) {
                const auto part = rest.substr(0, rest.find(','));
                rest.remove_prefix(std::min(part.size() + 1, rest.size()));
                several = table.contains(part.substr(std::min(part.find_first_not_of(' '), part.size())));
            }
            if (several) {
                throw UsageError(
                    roi::text("--confound-columns: \"", name,
                              "\" is one column, and what stands between its commas are others: rename it"));
            }
            return name;
        }
        return first;
    }

    /// The options of `clean` for a run of this length.
    /// \param high_variance_of  to so many high-variance confounds
    /// \param own               the table that is cleaned, where it is one
    /// \param files             the file of each volume, where there are several
    template <class HighVariance>
    [[nodiscard]] roi::CleanOptions read(Session& session, std::int64_t volumes,
                                         std::optional<roi::Seconds> header_t_r,
                                         HighVariance&& high_variance_of, const roi::Table* own = nullptr,
                                         const std::vector<std::string>& files = {}) const {
        require_sense();
        auto out = settings(t_r ? std::optional(roi::Seconds{*t_r}) : header_t_r, session.warning());
        if (const auto wrong = problem(out.t_r.has_value()); !wrong.empty()) throw UsageError(wrong);
        out.standardize_confounds = !raw_confounds;
        out.extrapolate = extrapolate;
        out.ensure_finite = ensure_finite;
        std::optional<Eigen::MatrixXd> found;
        std::optional<roi::Table> of_confounds;
        if (!confounds.empty()) {
            const auto file = session.input(confounds);
            auto asked = confound_columns;
            for (const auto& told : confound_columns) {
                for (const auto name : examples::parts_of_list(told)) asked.emplace_back(name);
            }
            if (!own && chunk_table.empty()) asked.push_back(chunks);
            of_confounds = session.read_table("confounds", file, std::move(asked));
            auto wanted = columns_told(*of_confounds);
            out.runs = runs_in(session, own, of_confounds, files);
            // Which run a volume is of explains nothing.
            if (wanted.empty() && !own && chunk_table.empty() && !chunks.empty()) {
                wanted = of_confounds->columns();
                std::erase(wanted, (*of_confounds)[chunks].name());
            }
            const auto index = index_of_rows(*of_confounds);
            if (wanted.empty() && !index.empty() && of_confounds->columns().size() > index.size()) {
                wanted = of_confounds->columns();
                for (const auto& name : index) {
                    std::erase(wanted, name);
                    session.warn(roi::text(file, ": the column ",
                                           name.empty() ? "without a name" : roi::text('"', name, '"'),
                                           " numbers the rows, as pandas writes the index of a table, and is "
                                           "no confound"));
                }
            }
            found = examples::in_file(file, [&] {
                // Where they are of another number of volumes, `clean` says of how many they should be.
                const bool fit = out.runs && out.runs->size() == of_confounds->rows();
                return roi::confounds_of(
                    *of_confounds,
                    {.columns = wanted, .runs = fit ? out.runs : std::nullopt, .warning = session.warning()});
            });
        } else {
            out.runs = runs_in(session, own, of_confounds, files);
        }
        if (!out.runs && computes()) {
            const bool said = own && warn_of_joined_runs(session, *own, false);
            if (!said && of_confounds) (void)warn_of_joined_runs(session, *of_confounds, true);
        }
        if (high_variance > 0) {
            const Eigen::MatrixXd shared = high_variance_of(high_variance);
            if (!found) {
                found = shared;
            } else if (found->rows() == shared.rows()) {
                Eigen::MatrixXd both(found->rows(), found->cols() + shared.cols());
                both << *found, shared;
                found = std::move(both);
            }  // else the library says how many rows there should be
        }
        out.confounds = std::move(found);
        if (!sample_mask.empty()) out.sample_mask = chosen_in(session, "sample-mask", sample_mask, volumes);
        if (!baseline.empty()) out.baseline = chosen_in(session, "baseline", baseline, volumes);
        return out;
    }

    /// Is there nothing to do?
    /// \throws UsageError where an option changes nothing beside the others: each says what it needs
    [[nodiscard]] bool idle() const {
        require_sense();
        return !computes() && sample_mask.empty() && !ensure_finite;
    }

    /// Is anything computed from a whole series?
    [[nodiscard]] bool computes() const {
        return detrend || !standardize.empty() || !confounds.empty() || high_variance > 0 || low_pass ||
               high_pass;
    }

    /// The column of --chunks in a table that another option names.
    /// \throws InvalidArgument where there is none, with the option that names another table
    [[nodiscard]] roi::Column chunks_of(const roi::Table& table) const {
        try {
            return table[chunks];
        } catch (const roi::InvalidArgument& error) {
            throw roi::InvalidArgument(roi::text(
                error.what(), "; where --chunks is a column of another table, --chunk-table names it"));
        }
    }

private:
    void require_sense() const {
        const bool filters = low_pass || high_pass;
        if (!chunks.empty() && !computes())
            throw UsageError("--chunks says by what to clean, not how: say that too, as with --detrend");
        if (!baseline.empty() && standardize != "psc") throw UsageError("--baseline needs --standardize psc");
        if (!confound_columns.empty() && confounds.empty())
            throw UsageError("--confound-columns needs --confounds");
        if (const auto wrong = problem(true); !wrong.empty()) throw UsageError(wrong);
        if (t_r && !filters) throw UsageError("--t-r is for a filter: it needs --low-pass or --high-pass");
        // Cosines are confounds as well, whose mean is not 0 over the volumes that are kept.
        const bool of_cosines = filter == "cosine" && filters && !sample_mask.empty();
        if (raw_confounds && confounds.empty() && high_variance == 0 && !of_cosines)
            throw UsageError("--no-standardize-confounds needs --confounds or --high-variance-confounds");
        if (extrapolate && (sample_mask.empty() || filter == "cosine" || !filters))
            throw UsageError(
                "--extrapolate is for volumes that --sample-mask leaves out of a Butterworth filter");
    }

    /// The volumes of a file, whatever their list is for.
    /// \param which  the option that names it, without dashes
    [[nodiscard]] static roi::Selection chosen_in(Session& session, std::string_view which,
                                                  const std::string& path, std::int64_t volumes) {
        const auto file = session.input(path);
        return examples::in_file(file, [&] {
            const auto listed = listed_in(session, which, file);
            try {
                return roi::sample_mask(listed, volumes);
            } catch (const roi::InvalidArgument& error) {
                // A baseline is no sample mask.
                std::string problem = error.what();
                constexpr std::string_view speaker = "sample mask: ";
                if (problem.compare(0, speaker.size(), speaker) == 0) problem.erase(0, speaker.size());
                throw roi::InvalidArgument(problem);
            }
        });
    }

    /// The run of each volume, where there are several. Chunks of different files are different ones, whatever they are called.
    [[nodiscard]] std::optional<roi::Column> runs_in(Session& session, const roi::Table* own,
                                                     const std::optional<roi::Table>& of_confounds,
                                                     const std::vector<std::string>& files) const {
        if (chunks.empty()) return files.empty() ? std::nullopt : std::optional(roi::Column(files, "runs"));
        auto out = chunks_in(session, own, of_confounds);
        // Another number of them than of volumes is said by `clean`.
        if (static_cast<std::size_t>(out.size()) != files.size()) return out;
        auto both = files;
        for (std::size_t i = 0; i < both.size(); ++i)
            both[i] = roi::text(both[i], ' ', out[static_cast<std::int64_t>(i)]);
        return roi::Column(std::move(both), "runs");
    }

    /// The column of --chunks.
    [[nodiscard]] roi::Column chunks_in(Session& session, const roi::Table* own,
                                        const std::optional<roi::Table>& of_confounds) const {
        if (!chunk_table.empty()) {
            const auto file = session.input(chunk_table);
            return examples::in_file(
                file, [&] { return session.read_table("chunk-table", file, {chunks})[chunks]; });
        }
        if (own) return chunks_of(*own);
        if (!of_confounds)
            throw UsageError("--chunks is a column of --chunk-table TABLE, or of the table of --confounds");
        return examples::in_file(confounds, [&] { return chunks_of(*of_confounds); });
    }

    /// The only column, with or without a header line. Nobody calls a list of volumes a number, so what may be one is one.
    [[nodiscard]] static std::vector<double> listed_in(Session& session, std::string_view which,
                                                       const std::string& file) {
        const auto told = session.headers.find(which);
        const auto table = roi::read_table(file, {.header = told != session.headers.end() && told->second});
        if (table.columns().size() != 1) {
            throw roi::InvalidArgument(roi::text(
                "expected one column, the numbers of the volumes or one 0 or 1 a volume, a line each, found ",
                table.columns().size(), " columns"));
        }
        const auto& column = table[table.columns().front()];
        std::vector<std::string> rows(column.begin(), column.end());
        const bool header = told == session.headers.end() && !table.has_names() && !rows.empty() &&
                            !roi::is_missing(rows.front()) && !roi::number(rows.front());
        if (header) rows.erase(rows.begin());
        return roi::numbers(roi::Column(std::move(rows), "volumes"));
    }
};

}  // namespace command
