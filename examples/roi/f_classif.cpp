// roi f-classif: do the means of conditions differ, in every voxel?
#include <roi/stats/f_classif.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/say_before.hpp"
#include "support/test_outputs.hpp"
#include "support/volume_tables.hpp"
#include <algorithm>
#include <string>
#include <vector>

namespace command {

void add_f_classif(Cli& cli) {
    struct Options {
        std::string input, labels, column = "labels", chunks, nan_policy = "propagate";
        std::vector<std::string> conditions;
        bool welch = false;
        TestOutputs outputs;
    };
    const auto [command, options] = cli.add<Options>(
        "f-classif", "Statistics",
        "Compares any number of conditions of a run with an F test in every voxel; prints the "
        "numerator's degrees of freedom");
    command.input(options->input, "RUN");
    command.maybe_nameless(command.table("--labels", options->labels, "Table with one row per volume"))
        ->required();
    command.text("--column", options->column, "NAME",
                 "Column of the table that holds the conditions; n/a is none");
    command.text(
        "--chunks", options->chunks, "NAME",
        "Column of --labels with the chunk of each volume, such as its run: the mean of every chunk is "
        "taken out; volumes that have none, n/a, are left out");
    command.app()
        .add_option("--conditions", options->conditions, "The conditions that are compared; all unless told")
        ->type_name("NAME...");
    command.flag("--welch", options->welch, "Variances need not be equal");
    declare_nan_policy(command, options->nan_policy);
    options->outputs.declare(command, "--f");
    command.run([options = options](Session& session) {
        options->outputs.require_any("--f");
        for (const auto& name : options->conditions) {
            if (std::count(options->conditions.begin(), options->conditions.end(), name) > 1)
                throw UsageError(roi::text("--conditions: ", name, " is given twice"));
        }
        const auto nan = nan_policy(options->nan_policy);
        if (options->welch && !options->chunks.empty()) {
            throw UsageError(chunks_without_welch);
        }
        require_conditions(options->conditions);
        const auto table = session.read_table("labels", options->labels, {options->column, options->chunks});
        const auto& conditions = table[options->column];
        roi::FClassifOptions how{.nan_policy = nan,
                                 .equal_var = !options->welch,
                                 .progress = session.progress("f-classif"),
                                 .warning = session.warning(),
                                 .stop = Session::stop()};
        if (!options->chunks.empty()) how.chunks = table[options->chunks];
        with_source(session, options->input, [&](auto source) {
            require_rows(options->labels, conditions, source.frames());
            const auto test = roi::f_classif(source, conditions, options->conditions, how);
            // The denominator's degrees of freedom are a map like those of the t-tests; these are one number.
            say_before(session, roi::text(test.df1), options->outputs.to_stdout(),
                       [&] { options->outputs.write(session, test); });
        });
    });
}

}  // namespace command
