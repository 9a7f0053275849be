// roi and, or, xor, not: masks of masks.
#include <roi/image/logical.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include <string>
#include <vector>

namespace command {

namespace {

struct LogicOptions {
    std::vector<std::string> inputs;
    std::string output;
};

template <class Join>
void add_joined(Cli& cli, const char* name, const char* what, const Join& join) {
    const auto [command, options] = cli.add<LogicOptions>(name, "Masks and regions", what);
    command.inputs(options->inputs, "MASK...");
    command.output(options->output);
    command.run([options = options, join](Session& session) {
        const auto masks = read_masks(session, options->inputs);
        roi::require(!masks.empty(), "there is no volume in these files");
        auto out = masks.front();
        for (std::size_t i = 1; i < masks.size(); ++i) out = join(out, masks[i]);
        write_image(session, out, options->output);
    });
}

}  // namespace

void add_logic(Cli& cli) {
    using roi::Mask;
    add_joined(cli, "and", "Where all masks are true",
               [](const Mask& a, const Mask& b) { return roi::logical_and(a, b); });
    add_joined(cli, "or", "Where at least one mask is true",
               [](const Mask& a, const Mask& b) { return roi::logical_or(a, b); });
    add_joined(cli, "xor", "Where an odd number of masks is true",
               [](const Mask& a, const Mask& b) { return roi::logical_xor(a, b); });

    struct One {
        std::string input, output;
    };
    const auto [command, options] = cli.add<One>("not", "Masks and regions", "Where a mask is false");
    command.input(options->input, "MASK");
    command.output(options->output);
    command.run([options = options](Session& session) {
        write_image(session, roi::logical_not(read_mask(session, options->input)), options->output);
    });
}

}  // namespace command
