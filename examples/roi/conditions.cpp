// roi conditions: the condition of every volume, from the events of an experiment.
#include <roi/core/units.hpp>
#include <roi/io/read_header.hpp>
#include <roi/table/events.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/overlap_rule.hpp"
#include "support/wording.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace command {

void add_conditions(Cli& cli) {
    struct Options {
        std::string input, output, format, like, overlap = "error", rest = "rest", column = "trial_type";
        std::optional<std::int64_t> volumes;
        std::optional<double> t_r;
        double delay = 0.0, slice_time = 0.0;
    };
    const auto [command, options] =
        cli.add<Options>("conditions", "Signals", "The condition of every volume, from a table of events");
    command
        .tables(command.app().add_option(
            "events", options->input,
            "Table with columns onset, duration and trial_type; - for standard input"))
        ->type_name("EVENTS")
        ->required();
    command.output_table(options->output, options->format);
    command.file("--like", options->like, "Run with the volumes and the time between them");
    command.number("--volumes", options->volumes, "N", "Number of volumes")->check(above_zero());
    command.number("--t-r", options->t_r, "S", "Seconds between volumes")->check(above_zero());
    command.number("--delay", options->delay, "S", "Of the response behind an event");
    command.number("--slice-time", options->slice_time, "F", "When in its volume a volume was taken, 0 to 1")
        ->check(CLI::Range(0.0, 1.0));
    command.choice("--overlap", options->overlap, overlap_words(),
                   "Which condition counts for a volume in two");
    command.text("--rest", options->rest, "NAME", "Condition of volumes where nothing is on");
    command.text("--column", options->column, "NAME", "Column that says what happens");
    command.run([options = options](Session& session) {
        if (!options->like.empty() && options->volumes) {
            throw UsageError("expected either --like or --volumes");
        }
        std::optional<std::int64_t> volumes = options->volumes;
        std::optional<roi::Seconds> t_r;
        if (options->t_r) t_r = roi::Seconds{*options->t_r};
        if (!options->like.empty()) {
            const auto info = roi::read_header(session.input(options->like), reading(session));
            if (!volumes) volumes = info.frames;
            if (!t_r) t_r = roi::repetition_time(info.metadata);
            if (!t_r) throw UsageError("the run has no time between volumes: --t-r is needed");
        }
        if (!volumes || !t_r) throw UsageError("--like, or --volumes and --t-r, are needed");
        const auto file = session.input(options->input);
        const auto events = examples::in_file(file, [&] {
            return roi::events_of(roi::read_table(file, {.header = true}),
                                  {.column = options->column, .warning = session.warning()});
        });
        const auto labels = roi::conditions_of(events, *volumes, *t_r,
                                               {.delay = roi::Seconds{options->delay},
                                                .slice_time = options->slice_time,
                                                .overlap = overlap_rule(options->overlap),
                                                .rest = options->rest,
                                                .warning = session.warning()});
        roi::DataTable table;
        table.add("labels", std::vector<std::string>(labels.begin(), labels.end()));
        session.output_table(table, options->output, options->format);
    });
}

}  // namespace command
