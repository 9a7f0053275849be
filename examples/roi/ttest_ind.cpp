// roi ttest-ind: two conditions of a run, compared in every voxel.
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace command {

void add_ttest_ind(Cli& cli) {
    struct Options {
        std::string input, labels, column = "labels";
        std::vector<std::string> conditions;
        std::string alternative = "two-sided", nan_policy = "propagate";
        bool welch = false;
        std::string t, p, log_p, df;
        double max_log_p = std::numeric_limits<double>::infinity();
    };
    const auto [command, options] = cli.add<Options>(
        "ttest-ind", "Statistics", "Compares two conditions of a run with a t-test in every voxel");
    command.input(options->input, "RUN");
    command.file("--labels", options->labels, "Table with one row per volume")->required();
    command.text("--column", options->column, "NAME", "Column of the table that holds the conditions");
    command.app()
        .add_option("--conditions", options->conditions, "Two conditions; t > 0 where the first is larger")
        ->type_name("NAME")
        ->expected(2)
        ->required();
    command.flag("--welch", options->welch, "Variances need not be equal");
    command.choice("--alternative", options->alternative, {"two-sided", "less", "greater"},
                   "Which difference counts");
    command.choice("--nan-policy", options->nan_policy, {"propagate", "omit", "raise"}, "What NaN does");
    command.file("--t", options->t, "Map of t to write");
    command.file("--p", options->p, "Map of p to write");
    command.file("--log-p", options->log_p, "Map of -log10 p to write");
    command.file("--df", options->df, "Map of degrees of freedom to write");
    command.number("--max-log-p", options->max_log_p, "X", "Clips -log10 p");
    command.run([options = options](Session& session) {
        const std::map<std::string, std::string> outputs{
            {"t", options->t}, {"p", options->p}, {"log-p", options->log_p}, {"df", options->df}};
        if (options->t.empty() && options->p.empty() && options->log_p.empty() && options->df.empty()) {
            throw UsageError("nothing to write: at least one of --t, --p, --log-p, --df is needed");
        }
        const auto table = roi::read_table(options->labels);
        const auto& conditions = table[options->column];
        const roi::TTestOptions how{
            .equal_var = !options->welch,
            .alternative = options->alternative == "less"      ? roi::Alternative::less
                           : options->alternative == "greater" ? roi::Alternative::greater
                                                               : roi::Alternative::two_sided,
            .nan_policy = options->nan_policy == "omit"    ? roi::NanPolicy::omit
                          : options->nan_policy == "raise" ? roi::NanPolicy::raise
                                                           : roi::NanPolicy::propagate};
        with_source(session, options->input, [&](auto source) {
            const auto test = roi::ttest_ind(source, conditions == options->conditions[0],
                                             conditions == options->conditions[1], how);
            if (!options->t.empty()) write_image(session, test.t, options->t);
            if (!options->p.empty()) write_image(session, test.p, options->p);
            if (!options->df.empty()) write_image(session, test.df, options->df);
            if (!options->log_p.empty()) {
                write_image(session, roi::neg_log10(test, {.max = options->max_log_p}), options->log_p);
            }
        });
    });
}

}  // namespace command
