// roi info: what an image is; the same as nifti_info.
#include "commands.hpp"
#include "support/describe.hpp"
#include <cstdio>
#include <string>
#include <vector>

namespace command {

void add_info(Cli& cli) {
    struct Options {
        std::vector<std::string> inputs;
        bool json = false;
    };
    const auto [command, options] = cli.add<Options>(
        "info", "Images", "Says what an image is: shape, voxel type, affine, range of values");
    command.inputs(options->inputs, "IMAGE...");
    command.flag("--json", options->json, "Print a JSON object, or an array of them for several images");
    command.run([options = options](Session& session) {
        std::string out, problem;
        for (const auto& path : options->inputs) {
            const auto described = describe::image(session.input(path), session.as_given(path), options->json,
                                                   session.warning());
            const bool first = out.empty();
            out += first ? "" : options->json ? ",\n" : "\n";
            out += described.text;
            if (problem.empty()) problem = described.problem;
        }
        if (options->json && options->inputs.size() > 1) out = roi::text("[", out, "]");
        if (options->json) out += "\n";
        (void)std::fwrite(out.data(), 1, out.size(), stdout);
        // A header whose voxels are missing is described as far as it goes, and still an error.
        if (!problem.empty()) throw roi::Error(roi::ErrorCode::truncated, problem);
    });
}

}  // namespace command
