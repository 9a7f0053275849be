// roi concat, roi frames: runs one after the other, and some volumes of one.
#include <roi/image/selection.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/select.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace command {

namespace {

template <class T>
void write_joined(Session& session, const std::vector<std::string>& files, const std::string& output,
                  roi::Datatype type) {
    std::vector<decltype(roi::open<T>(files.front()))> sources;
    for (const auto& file : files) sources.push_back(roi::open<T>(file, reading(session)));
    write_source(session, roi::concat(std::move(sources)), output, type);
}

}  // namespace

void add_concat(Cli& cli) {
    struct Options {
        std::vector<std::string> inputs;
        std::string output;
    };
    const auto [command, options] =
        cli.add<Options>("concat", "Images", "Joins volumes and runs to one run, in the order given");
    command.inputs(options->inputs, "IMAGE...");
    command.output(options->output);
    command.run([options = options](Session& session) {
        std::vector<std::string> files;
        for (const auto& path : options->inputs) files.push_back(session.input(path));
        // The type of the files where it is the same in all of them.
        auto type = stored_type(files.front());
        bool small = true;
        for (const auto& file : files) {
            if (stored_type(file) != type) type = roi::Datatype::unknown;
            small = small && fits_float(roi::read_header(file));
        }
        if (small) return write_joined<float>(session, files, options->output, type);
        write_joined<double>(session, files, options->output, type);
    });
}

void add_frames(Cli& cli) {
    struct Options {
        std::string input, output, numbers, labels, column = "labels";
        std::vector<std::string> conditions;
    };
    const auto [command, options] = cli.add<Options>("frames", "Images", "Takes some volumes of a run");
    command.input(options->input, "RUN");
    command.output(options->output);
    auto* numbers =
        command.ranges("--select", options->numbers, "Volumes to take, counted from 0, ascending");
    auto* labels =
        command.file("--labels", options->labels, "Table with one row per volume")->excludes(numbers);
    command.text("--column", options->column, "NAME", "Column of the table that holds the conditions")
        ->needs(labels);
    auto* conditions =
        command.app()
            .add_option("--condition", options->conditions, "Takes the volumes of these conditions")
            ->type_name("NAME")
            ->needs(labels);
    labels->needs(conditions);
    command.run([options = options](Session& session) {
        if (options->numbers.empty() && options->labels.empty()) {
            throw UsageError("which volumes? --select, or --labels with --condition is needed");
        }
        const auto file = session.input(options->input);
        const auto take = [&](const auto& choice) {
            with_source(session, file, [&](auto source) {
                write_source(session, roi::select(std::move(source), choice), options->output,
                             stored_type(file));
            });
        };
        if (!options->numbers.empty()) return take(indices("--select", options->numbers));
        const auto table = roi::read_table(options->labels);
        const auto& column = table[options->column];
        auto chosen = column == options->conditions.front();
        for (const auto& name : options->conditions) chosen = chosen || column == name;
        take(chosen);
    });
}

}  // namespace command
