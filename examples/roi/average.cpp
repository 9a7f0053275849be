// roi average: signals by condition, as means or as average courses after the events.
#include <roi/core/units.hpp>
#include <roi/plot/plot_event_average.hpp>
#include <roi/signals/condition_average.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/events.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/overlap_rule.hpp"
#include "support/parse.hpp"
#include "support/signal_table.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace command {

namespace {

struct AverageChoices {
    std::string input, output, format, labels, column = "labels", chunks, event_column = "trial_type";
    std::vector<std::string> events;
    std::vector<double> volumes;
    std::string rest = "rest", baseline, change = "none", overlap = "error", plot, title;
    std::vector<std::string> regions, conditions;
    std::vector<double> window;
    std::optional<double> t_r, step;
    double slice_time = 0.0, delay = 0.0;
};

/// The signals that are asked for: volumes x regions, and their names.
std::pair<Eigen::MatrixXd, std::vector<std::string>> read_signals(Session& session,
                                                                  const AverageChoices& options) {
    const auto file = session.input(options.input);
    const auto table = session.read_table("signals", file, options.regions);
    require_volumes(table, file, "they are for --events, and the signals come first");
    const auto names = options.regions.empty() ? signal_names(table, file) : options.regions;
    Eigen::MatrixXd values(static_cast<Eigen::Index>(table.rows()), static_cast<Eigen::Index>(names.size()));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto column = examples::in_file(file, [&] { return roi::numbers(table[names[i]]); });
        values.col(static_cast<Eigen::Index>(i)) =
            Eigen::Map<const Eigen::VectorXd>(column.data(), static_cast<Eigen::Index>(column.size()));
    }
    return {std::move(values), names};
}

/// Volumes of each run that events are given for.
std::vector<std::int64_t> volumes_of(const AverageChoices& options, std::int64_t rows) {
    const auto runs = static_cast<std::int64_t>(options.events.size());
    if (options.volumes.empty() && runs > 0) {
        if (rows % runs != 0) {
            throw UsageError(roi::text("--events: ", rows, " volumes are no equal shares of ", runs,
                                       " runs; --volumes says how many each has"));
        }
        return std::vector<std::int64_t>(static_cast<std::size_t>(runs), rows / runs);
    }
    std::vector<std::int64_t> out;
    std::int64_t all = 0;
    for (const double volumes : options.volumes) {
        if (!(volumes >= 1.0) || volumes != std::floor(volumes) || volumes > 1e9) {
            throw UsageError("--volumes: expected whole numbers above 0");
        }
        out.push_back(static_cast<std::int64_t>(volumes));
        all += out.back();
    }
    if (runs != static_cast<std::int64_t>(out.size())) {
        throw UsageError(
            roi::text("--volumes: expected a number for each of ", runs, " runs, found ", out.size()));
    }
    if (all != rows && runs > 0) {
        throw roi::InvalidArgument(
            roi::text("--volumes: the runs have ", all, " volumes, the signals ", rows));
    }
    return out;
}

}  // namespace

void add_average(Cli& cli) {
    const auto [command, options] = cli.add<AverageChoices>(
        "average", "Signals",
        "Signals by condition: means and percent change, or with --window courses after events");
    command
        .maybe_nameless(command.tables(command.app().add_option(
            "signals", options->input, "Table of signals, a row per volume; - for standard input")))
        ->type_name("SIGNALS")
        ->required();
    command.output_table(options->output, options->format);
    command.app()
        .add_option("--region", options->regions, "Columns of signals; all unless told")
        ->type_name("NAME");
    auto* const labels = command.maybe_nameless(
        command.table("--labels", options->labels, "Table with the condition of each volume"));
    command.text("--column", options->column, "NAME", "Column of that table that holds the conditions")
        ->needs(labels);
    auto* const chunks = command
                             .text("--chunks", options->chunks, "NAME",
                                   "Column of that table with the run of each volume: no course "
                                   "goes from one into the next")
                             ->needs(labels);
    auto* const event_file =
        command
            .tables(command.app().add_option(
                "--events", options->events,
                "Table with columns onset, duration and trial_type; one for each run, in their order"))
            ->type_name("FILE")
            ->excludes(labels);
    command
        .numbers("--volumes", options->volumes, "N,N",
                 "Volumes of each run; equal shares of the rows unless told")
        ->needs(event_file);
    command.text("--event-column", options->event_column, "NAME", "Column of it that says what happens")
        ->needs(event_file);
    command.app()
        .add_option("--condition", options->conditions, "Conditions to show; all unless told")
        ->type_name("NAME");
    auto* const rest =
        command.text("--rest", options->rest, "NAME", "Condition of volumes where nothing is on");
    auto* const t_r =
        command.number("--t-r", options->t_r, "S", "Seconds between volumes")->check(above_zero());
    auto* const slice_time =
        command
            .number("--slice-time", options->slice_time, "F", "When in its volume a volume was taken, 0 to 1")
            ->check(CLI::Range(0.0, 1.0));
    auto* const delay =
        command.number("--delay", options->delay, "S", "Of the response behind an event, for means")
            ->needs(event_file);
    auto* const overlap = command
                              .choice("--overlap", options->overlap, overlap_words(),
                                      "Which condition counts for a volume in two, for means")
                              ->needs(event_file);
    command.text("--baseline", options->baseline, "NAME",
                 "Condition that the percent change of means counts from; all volumes unless told");
    auto* const window =
        command.numbers("--window", options->window, "FROM,TO",
                        "Average courses, from and to these seconds after the onset of events");
    command.number("--step", options->step, "S", "Between the points of a course; --t-r unless told")
        ->check(above_zero())
        ->needs(window);
    command
        .choice("--change", options->change, {"none", "difference", "percent"},
                "Courses as they are, or from each event's own mean up to its onset")
        ->needs(window);
    auto* const plot = command.written("--plot", options->plot, "Also draw the courses: .svg or .png")
                           ->needs(window)
                           ->check(picture_problem);
    command.text("--title", options->title, "TEXT", "Above a picture of one region")->needs(plot);
    command.run([options = options, chunks, rest, t_r, slice_time, delay, overlap](Session& session) {
        if (options->labels.empty() && options->events.empty())
            throw UsageError("conditions: --labels or --events is needed");
        const bool courses = !options->window.empty(), of_labels = !options->labels.empty();
        require_effect(chunks, courses, "is for courses: it needs --window");
        require_effect(
            rest, courses == of_labels,
            "is for means of --events and for courses of --labels: elsewhere no volume is named by it");
        for (const auto* option : {t_r, slice_time})
            require_effect(option, courses || !of_labels,
                           "is for --events and for courses, which --window asks for");
        for (const auto* option : {delay, overlap})
            require_effect(option, !courses, "is for means; courses begin at the onset, whatever else is on");
        if (courses && (options->window.size() != 2 || !(options->window[0] <= options->window[1])))
            throw UsageError("--window: expected two numbers of seconds, the first not above the second");
        if (courses && !options->baseline.empty())
            throw UsageError(
                "--baseline is for means; courses have --change, from each event's own baseline");
        if ((courses || !options->events.empty()) && !options->t_r)
            throw UsageError("--t-r, the seconds between volumes, is needed");
        const auto [values, names] = read_signals(session, *options);
        const roi::Seconds seconds{options->t_r.value_or(1.0)};
        std::optional<roi::Column> labels_of_volumes, runs;
        if (!options->labels.empty()) {
            const auto table =
                session.read_table("labels", options->labels, {options->column, options->chunks});
            const auto volumes_of_signals = values.rows();
            examples::in_file(options->labels, [&, volumes_of_signals] {
                labels_of_volumes = table[options->column];
                if (!options->chunks.empty()) runs = table[options->chunks];
                if (table.rows() != volumes_of_signals) {
                    throw roi::InvalidArgument(roi::text("expected a row for each of the ",
                                                         volumes_of_signals, " volumes in ", options->input,
                                                         ", found ", table.rows()));
                }
            });
        }
        std::vector<roi::Event> events;
        const auto volumes = volumes_of(*options, static_cast<std::int64_t>(values.rows()));
        std::vector<std::vector<roi::Event>> of_runs;
        for (const auto& path : options->events) {
            const auto file = session.input(path);
            of_runs.push_back(examples::in_file(file, [&] {
                return roi::events_of(roi::read_table(file, {.header = true}),
                                      {.column = options->event_column, .warning = session.warning()});
            }));
        }
        if (of_runs.size() == 1) {
            events = of_runs.front();
        } else if (!of_runs.empty() && courses) {
            auto joined = roi::join_events(of_runs, volumes, seconds, session.warning());
            events = std::move(joined.events);
            runs = std::move(joined.runs);
        } else if (courses) {
            events = roi::blocks_of(*labels_of_volumes, seconds, {.rest = options->rest, .runs = runs});
        }
        const auto wanted = [&](const std::string& condition) {
            const auto& all = options->conditions;
            return all.empty() || std::find(all.begin(), all.end(), condition) != all.end();
        };
        const auto require_known = [&](const auto& known) {
            for (const auto& condition : options->conditions) {
                if (std::find(known.begin(), known.end(), condition) != known.end()) continue;
                throw roi::InvalidArgument(roi::text("there is no condition \"", condition,
                                                     "\"; there are: ", roi::joined(known, ", ")));
            }
        };
        if (!courses) {
            if (!labels_of_volumes) {
                std::vector<std::string> all;
                for (std::size_t run = 0; run < of_runs.size(); ++run) {
                    const auto of_run = examples::in_file(options->events[run], [&] {
                        return roi::conditions_of(of_runs[run], volumes[run], seconds,
                                                  {.delay = roi::Seconds{options->delay},
                                                   .slice_time = options->slice_time,
                                                   .overlap = overlap_rule(options->overlap),
                                                   .rest = options->rest,
                                                   .warning = session.warning()});
                    });
                    all.insert(all.end(), of_run.begin(), of_run.end());
                }
                labels_of_volumes = roi::Column(std::move(all));
            }
            require_known(labels_of_volumes->unique());
            auto means = roi::condition_means(values, names, *labels_of_volumes,
                                              {.baseline = options->baseline, .warning = session.warning()});
            std::erase_if(means, [&](const auto& row) { return !wanted(row.condition); });
            if (means.empty())
                throw roi::InvalidArgument("no volume has a condition, there is nothing to average");
            return session.output_table(roi::to_table(means), options->output, options->format);
        }
        std::vector<std::string> known;
        for (const auto& event : events) {
            if (std::find(known.begin(), known.end(), event.type) == known.end()) known.push_back(event.type);
        }
        require_known(known);
        std::erase_if(events, [&](const auto& event) { return !wanted(event.type); });
        const auto average =
            roi::event_average(values, names, events, seconds,
                               {.from = roi::Seconds{options->window[0]},
                                .to = roi::Seconds{options->window[1]},
                                .step = roi::Seconds{options->step.value_or(0.0)},
                                .slice_time = options->slice_time,
                                .change = options->change == "percent"      ? roi::SignalChange::percent
                                          : options->change == "difference" ? roi::SignalChange::difference
                                                                            : roi::SignalChange::none,
                                .runs = runs,
                                .warning = session.warning()});
        if (!options->title.empty() && names.size() != 1)
            throw UsageError(
                "--title is for a picture of one signal, others have their names; --region chooses one");
        if (!options->plot.empty()) {
            session.output_picture("--plot", options->plot, [&](const std::string& file) {
                roi::plot_event_average(average, {.title = options->title}).save(file);
            });
        }
        session.output_table(roi::to_table(average), options->output, options->format);
    });
}

}  // namespace command
