#include "layout.hpp"

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include "json_fields.hpp"
#include "statuses.hpp"
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

namespace bids {

namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

bool is_there(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// The names in a folder, in order; none of one that is not there.
std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        out.push_back(at->path().filename().string());
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// The files of a folder whose names BIDS makes, each folder read once.
class Listing {
public:
    struct File {
        std::string path;
        Name name;
    };

    [[nodiscard]] const std::vector<File>& operator[](const std::string& folder) {
        const auto [at, first] = files_.try_emplace(folder);
        if (first) {
            for (const auto& name : names_in(folder)) {
                if (auto parsed = parse_name(name))
                    at->second.push_back({roi::text(folder, '/', name), std::move(*parsed)});
            }
        }
        return at->second;
    }

private:
    std::map<std::string, std::vector<File>> files_;
};

/// The folder of a data set, then those below it that lead to a run.
std::vector<std::string> folders_to(const std::string& root, const std::string& folder) {
    std::vector<std::string> out{root};
    for (const auto& part : fs::path(folder)) out.push_back(roi::text(out.back(), '/', part.string()));
    return out;
}

/// The files that hold for a run, from the folder of the data set down; within a folder the more special one last.
std::vector<std::string> inherited(Listing& listing, const std::string& root, const Run& run,
                                   std::string_view suffix, std::string_view extension) {
    std::vector<std::string> out;
    for (const auto& folder : folders_to(root, run.folder)) {
        std::vector<const Listing::File*> found;
        for (const auto& file : listing[folder]) {
            if (file.name.suffix == suffix && file.name.extension == extension &&
                applies(file.name, run.name))
                found.push_back(&file);
        }
        std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
            return a->name.entities.size() < b->name.entities.size();
        });
        for (const auto* file : found) out.push_back(file->path);
    }
    return out;
}

/// A file beside a run that shares all its entities but those of its voxels; of several the most special one.
std::string beside(Listing& listing, const std::string& root, const Run& run, std::string_view desc,
                   std::string_view suffix, std::string_view extension) {
    const Listing::File* found = nullptr;
    for (const auto& file : listing[roi::text(root, '/', run.folder)]) {
        if (file.name.suffix != suffix || file.name.get("desc") != desc) continue;
        if (file.name.extension != extension && extension != ".nii") continue;
        if (extension == ".nii" && file.name.extension != ".nii" && file.name.extension != ".nii.gz")
            continue;
        auto entities = file.name;
        if (applies(entities.remove("desc"), run.name) &&
            (suffix != "mask" || entities.get("space") == run.name.get("space")) &&
            (!found || file.name.entities.size() > found->name.entities.size())) {
            found = &file;
        }
    }
    return found ? found->path : std::string();
}

bool wanted(const std::vector<std::string>& list, const std::string& value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool selected(const Name& name, const Selection& selection) {
    const auto run = name.get("run");
    const bool right_run =
        selection.runs.empty() || std::any_of(selection.runs.begin(), selection.runs.end(),
                                              [&](const auto& wish) { return same_index(wish, run); });
    return right_run && wanted(selection.tasks, name.get("task")) &&
           wanted(selection.spaces, name.get("space")) &&
           (selection.desc.empty() || name.get("desc") == selection.desc);
}

/// Raw runs have neither, whatever a data set says of itself: before fMRIPrep 20 its output did not say.
bool is_derived(const Name& name) { return name.find("space") || name.find("desc"); }

/// Phases, and the parts of complex numbers, are no signal that has a mean.
bool is_magnitude(const Name& name) {
    const auto* part = name.find("part");
    return !part || *part == "mag";
}

/// Does a name say the folder that it lies in? A copy of another subject's run would be taken for one of this subject's.
bool belongs(const Name& name, const std::string& folder) {
    auto expected = roi::text("sub-", name.get("sub"));
    if (const auto* session = name.find("ses")) expected += roi::text("/ses-", *session);
    return folder == expected + "/func";
}

/// Where the echoes of a preprocessed run were combined too, the combination stands for them.
void drop_combined_echoes(std::vector<Run>& found) {
    const auto what = [](Name name) {
        for (const char* key : {"echo", "space", "res"}) name.remove(key);
        return name.with({}, {}).text();
    };
    std::set<std::string> combined;
    for (const auto& run : found) {
        if (is_derived(run.name) && !run.name.find("echo")) combined.insert(what(run.name));
    }
    std::erase_if(
        found, [&](const Run& run) { return run.name.find("echo") && combined.count(what(run.name)) > 0; });
}

/// The runs in `func` of a subject, or of one of its sessions.
void add_runs(std::vector<Run>& out, Listing& listing, const Places& places, const std::string& folder,
              const Selection& selection) {
    std::vector<Run> found;
    bool preprocessed = false;
    for (const auto& file : listing[roi::text(places.data, '/', folder)]) {
        if (file.name.suffix != "bold" || !file.name.find("task")) continue;
        if (file.name.extension != ".nii" && file.name.extension != ".nii.gz") continue;
        if (!is_magnitude(file.name) || !belongs(file.name, folder)) continue;
        if (!selected(file.name, selection)) continue;
        // Compressed and not, a run is one.
        if (!found.empty() && found.back().name.entities == file.name.entities) continue;
        preprocessed = preprocessed || file.name.get("desc") == "preproc";
        Run run;
        run.name = file.name;
        run.file = file.path;
        run.folder = folder;
        found.push_back(std::move(run));
    }
    drop_combined_echoes(found);
    for (auto& run : found) {
        if (selection.desc.empty() && preprocessed && run.name.get("desc") != "preproc") continue;
        run.sidecars = inherited(listing, places.data, run, "bold", ".json");
        const auto events = inherited(listing, places.data, run, "events", ".tsv");
        if (!events.empty()) run.events = events.back();
        if (places.derivative || is_derived(run.name)) {
            run.confounds = beside(listing, places.data, run, "confounds", "timeseries", ".tsv");
            if (run.confounds.empty())
                run.confounds = beside(listing, places.data, run, "confounds", "regressors", ".tsv");
            run.brain_mask = beside(listing, places.data, run, "brain", "mask", ".nii");
            if (run.events.empty() && !places.events.empty()) {
                const auto raw = inherited(listing, places.events, run, "events", ".tsv");
                if (!raw.empty()) run.events = raw.back();
            }
        }
        out.push_back(std::move(run));
    }
}

Subject haxby_subject(const std::string& root, const std::string& folder, const std::string& label) {
    Subject out{label, {}};
    for (const char* file : {"bold.nii.gz", "bold.nii"}) {
        const auto path = roi::text(root, '/', folder, '/', file);
        if (!is_there(path)) continue;
        Run run;
        run.name.set("sub", label).set("task", "objectviewing");
        run.name.suffix = "bold";
        run.name.extension = std::string(file).substr(4);
        run.file = path;
        run.folder = roi::text("sub-", label, "/func");
        const auto labels = roi::text(root, '/', folder, "/labels.txt");
        if (is_there(labels)) run.conditions = labels;
        out.runs.push_back(std::move(run));
        break;
    }
    return out;
}

/// The folders of subjects as labels: `sub-01` is 01, Haxby's `subj1` is 1.
std::vector<std::pair<std::string, std::string>> subject_folders(const Places& places) {
    const std::string start = places.haxby ? "subj" : "sub-";
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& name : names_in(places.data)) {
        if (name.size() <= start.size() || name.compare(0, start.size(), start) != 0) continue;
        if (is_folder(roi::text(places.data, '/', name))) out.emplace_back(name, name.substr(start.size()));
    }
    return out;
}

/// What dataset_description.json says of a data set.
JsonFields description_of(const std::string& folder, bool validate) {
    const auto path = roi::text(folder, "/dataset_description.json");
    JsonFields fields;
    try {
        fields = read_json(path);
    } catch (const roi::FileError& error) {
        if (validate) {
            throw InvalidDataset(roi::text(
                error.what(), "; a BIDS data set needs this file (--skip-bids-validator goes on without)"));
        }
        return {};
    }
    for (const char* needed : {"Name", "BIDSVersion"}) {
        if (!validate || !fields.text(needed).empty()) continue;
        throw InvalidDataset(
            roi::text(path, ": \"", needed, "\" is missing (--skip-bids-validator goes on without)"));
    }
    return fields;
}

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

void require_folder(const std::string& path) {
    if (is_folder(path)) return;
    throw roi::FileError(roi::ErrorCode::not_found, path, "there is no such folder");
}

}  // namespace

Places places_of(const std::string& folder, const std::string& derivatives, const std::string& events,
                 bool validate) {
    Places out{without_slash(folder), without_slash(events), false, false};
    require_folder(out.data);
    if (!out.events.empty()) require_folder(out.events);
    if (!is_there(roi::text(out.data, "/dataset_description.json"))) {
        const auto names = names_in(out.data);
        out.haxby = std::any_of(names.begin(), names.end(), [&](const auto& name) {
            return name.compare(0, 4, "subj") == 0 &&
                   (is_there(roi::text(out.data, '/', name, "/bold.nii.gz")) ||
                    is_there(roi::text(out.data, '/', name, "/bold.nii")));
        });
        if (out.haxby) return out;
    }
    const auto description = description_of(out.data, validate);
    out.derivative = description.text("DatasetType") == "derivative";
    if (!derivatives.empty()) {
        if (out.events.empty()) out.events = out.data;
        const auto below = roi::text(out.data, "/derivatives/", derivatives);
        out.data = without_slash(is_folder(derivatives) || !is_folder(below) ? derivatives : below);
        require_folder(out.data);
        (void)description_of(out.data, validate);
        out.derivative = true;
    } else if (out.derivative && out.events.empty()) {
        // BIDS keeps them in derivatives/ of the raw data set.
        std::error_code ignored;
        const auto parent = fs::absolute(out.data, ignored).lexically_normal().parent_path();
        if (parent.filename() == "derivatives" && is_there((parent / "../dataset_description.json").string()))
            out.events = parent.parent_path().string();
    }
    return out;
}

std::vector<Subject> find_runs(const Places& places, const Selection& selection) {
    std::vector<Subject> out;
    Listing listing;
    for (const auto& [folder, label] : subject_folders(places)) {
        if (!wanted(selection.participants, label)) continue;
        if (places.haxby) {
            out.push_back(haxby_subject(places.data, folder, label));
            std::erase_if(out.back().runs, [&](const Run& run) { return !selected(run.name, selection); });
            continue;
        }
        Subject subject{label, {}};
        if (selection.sessions.empty())
            add_runs(subject.runs, listing, places, roi::text(folder, "/func"), selection);
        for (const auto& name : names_in(roi::text(places.data, '/', folder))) {
            if (name.compare(0, 4, "ses-") != 0 || !wanted(selection.sessions, name.substr(4))) continue;
            add_runs(subject.runs, listing, places, roi::text(folder, '/', name, "/func"), selection);
        }
        out.push_back(std::move(subject));
    }
    return out;
}

}  // namespace bids
