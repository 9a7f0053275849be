// What the nine step programs share: which subject, where the results go, and the steps before the one shown.
#pragma once

#include <roi/plot.hpp>
#include <roi/roi.hpp>

#include "program.hpp"
#include "synthetic_subject.hpp"
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace examples {

/// One step of the notebook: its subject, and what earlier steps would have left in memory.
///
/// Every step can be run alone; what comes before it is computed again, with one function per step.
class Step {
public:
    Step(roi::HaxbySubject files, std::string output)
        : subject(std::move(files)), output_(std::move(output)) {}

    const roi::HaxbySubject subject;

    /// Step 1: one condition name per volume.
    [[nodiscard]] roi::Column conditions() const { return roi::read_table(subject.labels)["labels"]; }

    /// Step 2: the run, smoothed by 6 mm.
    [[nodiscard]] roi::Volume4D<float> smoothed() const {
        return roi::smooth(roi::load4d<float>(subject.bold), roi::Fwhm{6.0});
    }

    /// Step 3: -log10 p of faces against houses, clipped at 10.
    [[nodiscard]] roi::Volume<double> log_p(const roi::Volume4D<float>& bold) const {
        const auto names = conditions();
        return roi::neg_log10(roi::ttest_ind(bold, names == "face", names == "house"), {.max = 10.0});
    }

    /// Steps 4 and 5: where -log10 p is 5 or more inside ventral temporal cortex.
    [[nodiscard]] roi::Mask selected(const roi::Volume4D<float>& bold) const {
        const auto kept = roi::threshold(log_p(bold), 5.0);
        return roi::logical_and(kept != 0.0, roi::load<bool>(subject.mask_vt));
    }

    /// Steps 6 and 7: numbered regions.
    [[nodiscard]] roi::Labelling labelled(const roi::Volume4D<float>& bold) const {
        return roi::label(roi::dilate(selected(bold)));
    }

    /// Where every picture is cut: through the voxels that the data set itself calls selective for faces, else
    /// through ventral temporal cortex.
    [[nodiscard]] roi::Cuts place() const {
        const auto& faces = subject.mask_face;
        return roi::find_xyz_cut_coords(roi::load<bool>(faces.exists() ? faces : subject.mask_vt), 0.5);
    }

    /// How maps of -log10 p are drawn: from black through red to light yellow at 10, transparent at 0.
    [[nodiscard]] roi::PlotOptions p_values(const std::string& title) const {
        return {.cut = place(), .title = title, .vmin = 0.0, .vmax = 10.0, .cmap = roi::Colormap::inferno()};
    }

    /// Writes a figure to the output folder, as SVG and as PNG, and says so.
    ///
    /// A format that the program was built without is left out, with a line that says what it needs.
    void draw(const roi::Figure& figure, const std::string& name) const {
        for (const char* suffix : {".svg", ".png"}) {
            const auto path = output_ + "/" + name + suffix;
            try {
                figure.save(path);
                std::printf("wrote %s\n", path.c_str());
            } catch (const roi::Error& error) {
                if (error.code() != roi::ErrorCode::unsupported) throw;
                std::printf("left out %s: %s\n", path.c_str(), error.what());
            }
        }
    }

    /// Writes an image to the output folder and says so.
    template <class Image>
    void save(const Image& image, const std::string& name, const roi::SaveOptions& options = {}) const {
        const auto path = output_ + "/" + name;
        roi::save(image, path, options);
        std::printf("wrote %s\n", path.c_str());
    }

    /// Writes a text file to the output folder and says so.
    void save_text(std::string_view content, const std::string& name) const {
        const auto path = output_ + "/" + name;
        roi::ByteWriter writer(path, roi::Compression::none);
        writer.write(std::as_bytes(std::span(content)));
        writer.commit();
        std::printf("wrote %s\n", path.c_str());
    }

private:
    std::string output_;
};

/// Prints one line put together from texts and numbers.
template <class... Parts>
void say(const Parts&... parts) {
    std::printf("%s\n", roi::text(parts...).c_str());
}

/// The `main` of a step program.
///
/// \param name  name of the program
/// \param what  what the step shows, for --help
/// \param body  called with a `Step`
template <class Body>
int run_step(int argc, char** argv, const char* name, const char* what, Body&& body) {
    CLI::App app(what, name);
    std::string haxby, output = "results/steps";
    int subject = 2;
    auto* folder =
        app.add_option("--haxby", haxby, "Folder of the Haxby 2001 data set; without it a synthetic subject");
    app.add_option("--subject", subject, "Subject of the data set, 1 to 6")
        ->needs(folder)
        ->capture_default_str();
    app.add_option("--output", output, "Folder for what the step writes")->capture_default_str();
    return run(app, argc, argv, [&] {
        make_output_folder(output);
        body(Step(haxby.empty() ? ensure_synthetic_subject(output + "/synthetic_haxby")
                                : roi::haxby(haxby, subject),
                  output));
    });
}

}  // namespace examples
