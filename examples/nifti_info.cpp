// nifti_info FILE [--json]: what an image is.
#include "support/describe.hpp"
#include "support/program.hpp"
#include "support/program_manual.hpp"
#include <cstdio>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
    CLI::App app("Says what a NIfTI image is: shape, voxel type, affine and the range of its values.",
                 "nifti_info");
    std::string path;
    bool as_json = false;
    app.add_option("file", path, "The image: .nii, .nii.gz, .hdr or .img")->required();
    app.add_flag("--json", as_json, "Print one JSON object");
    app.footer("Exit status: 0 done, 1 unusable data or files, 2 wrong usage.");
    if (examples::print_manual(app, argc, argv)) return examples::done;
    return examples::run(app, argc, argv, [&] {
        const auto warn = [](std::string_view line) { examples::complain("nifti_info: warning", line); };
        const auto out = describe::image(path, path, as_json, warn);
        std::printf("%s%s", out.text.c_str(), as_json ? "\n" : "");
        // A header whose voxels are missing is described as far as it goes, and still an error.
        if (!out.problem.empty()) throw roi::Error(roi::ErrorCode::truncated, out.problem);
    });
}
