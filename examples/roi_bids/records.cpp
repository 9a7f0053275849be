#include "records.hpp"

#include <sys/stat.h>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>

#include "json_fields.hpp"
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <tuple>
#include <utility>

namespace bids {

namespace {

namespace fs = std::filesystem;

Record record_of(const std::string& path, const std::string& folder, Name name) {
    const auto fields = read_json(path);
    Record out;
    name.suffix.clear();
    name.extension.clear();
    out.name = std::move(name);
    out.folder = folder;
    const auto of = [](const char* key) { return roi::text("RoiBids.", key); };
    out.version = fields.text(of("Version"));
    out.settings = fields.text(of("Options"));
    out.inputs = fields.texts(of("Inputs"));
    out.outputs = fields.texts(of("Outputs"));
    out.marks = fields.texts(of("OutputMarks"));
    out.warnings = fields.texts(of("Warnings"));
    out.lost = fields.texts(of("RegionsLost"));
    out.contrasts = fields.texts(of("Contrasts"));
    out.conditions = fields.texts(of("Conditions"));
    const auto whole = [&](const char* key) {
        return static_cast<std::int64_t>(fields.number(of(key)).value_or(0.0));
    };
    out.volumes = whole("Volumes");
    for (const double volume : fields.numbers(of("VolumesLeftOut")))
        out.left_out.push_back(static_cast<std::int64_t>(volume));
    out.regions = whole("Regions");
    out.non_finite = whole("NonFinite");
    out.t_r = fields.number("RepetitionTime");
    out.temporal_snr = fields.number(of("TemporalSNR"));
    out.error = fields.text(of("Error"));
    return out;
}

std::string seconds(const struct timespec& time) {
    auto nano = roi::text(time.tv_nsec);
    nano.insert(0, 9 - std::min<std::size_t>(9, nano.size()), '0');
    return roi::text(time.tv_sec, '.', nano);
}

/// `desc-failure`, or `desc-denoisedFailure` where the run has a description of its own.
Name with_desc(const Name& result, std::string word) {
    Name out = result;
    const auto own = result.get("desc");
    if (!own.empty()) word = label_of(roi::text(own, ' ', word));
    return out.set("desc", word);
}

/// Takes back what `with_desc` has done; false where it was another word.
bool without_desc(Name& name, std::string_view word) {
    const auto desc = name.get("desc");
    if (desc == word) {
        name.remove("desc");
        return true;
    }
    const auto tail = label_of(roi::text("x ", word)).substr(1);
    if (desc.size() <= tail.size() || desc.compare(desc.size() - tail.size(), tail.size(), tail) != 0)
        return false;
    name.set("desc", desc.substr(0, desc.size() - tail.size()));
    return true;
}

/// The folders of an output that hold records.
std::vector<std::string> run_folders(const std::string& output_dir) {
    std::vector<std::string> out;
    const auto subfolders = [](const std::string& folder, const char* start) {
        std::vector<std::string> names;
        std::error_code error;
        for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
            const auto name = at->path().filename().string();
            if (name.compare(0, 4, start) == 0) names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    };
    for (const auto& subject : subfolders(output_dir, "sub-")) {
        const auto path = roi::text(output_dir, '/', subject);
        out.push_back(subject + "/func");
        for (const auto& session : subfolders(path, "ses-"))
            out.push_back(roi::text(subject, '/', session, "/func"));
    }
    return out;
}

}  // namespace

std::string Record::file(const std::string& suffix, const std::string& extension) const {
    return roi::text(folder, '/', name.with(suffix, extension).text());
}

Name shared_entities(const Name& name) {
    Name out;
    for (const auto& [key, value] : name.entities) {
        if (key != "sub" && key != "ses" && key != "dir" && key != "run") out.set(key, value);
    }
    return out;
}

std::vector<EntityColumn> entity_columns(const std::vector<Record>& records) {
    std::vector<EntityColumn> out;
    for (const auto& [key, name, always] :
         {std::tuple("ses", "session", true), std::tuple("task", "task", true),
          std::tuple("acq", "acquisition", false), std::tuple("ce", "ceagent", false),
          std::tuple("rec", "reconstruction", false), std::tuple("dir", "direction", false),
          std::tuple("run", "run", true), std::tuple("echo", "echo", false),
          std::tuple("part", "part", false), std::tuple("space", "space", true),
          std::tuple("chunk", "chunk", false), std::tuple("seg", "seg", true),
          std::tuple("res", "resolution", false), std::tuple("desc", "description", false)}) {
        if (always || std::any_of(records.begin(), records.end(), [&, entity = key](const Record& record) {
                return record.name.find(entity);
            }))
            out.push_back({key, name});
    }
    return out;
}

Name result_name(const Run& run, const std::string& seg) {
    Name out = run.name;
    if (out.get("desc") == "preproc") out.remove("desc");
    out.set("seg", seg);
    return out.with("timeseries", ".tsv");
}

std::string failure_name(const Name& result) {
    return with_desc(result, "failure").with("log", ".json").text();
}

Name map_name(const Name& result, const std::string& contrast, const std::string& stat) {
    Name out = result.with(contrast.empty() ? "boldmap" : "statmap", ".nii.gz");
    if (!contrast.empty()) out.set("contrast", contrast);
    if (!stat.empty()) out.set("stat", stat);
    return out;
}

Name means_name(const Name& result) { return with_desc(result, "conditions").with("means", ".tsv"); }

std::string mark_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return {};
    const auto size = static_cast<std::int64_t>(file.tellg());
    std::string last(static_cast<std::size_t>(std::min<std::int64_t>(size, 8)), '\0');
    file.seekg(size - static_cast<std::int64_t>(last.size()));
    file.read(last.data(), static_cast<std::streamsize>(last.size()));
    auto out = roi::text(size, ' ');
    for (const char c : last) {
        for (const int shift : {4, 0}) out += "0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 15];
    }
    return out;
}

std::string changed_output(const Record& record, const std::string& output_dir) {
    for (std::size_t i = 0; i < record.outputs.size(); ++i) {
        const auto mark = mark_of(roi::text(output_dir, '/', record.folder, '/', record.outputs[i]));
        // The record comes last, and cannot hold a mark of itself.
        const bool ours = i < record.marks.size() ? mark == record.marks[i] : i + 1 == record.outputs.size();
        if (mark.empty() || !ours) return record.outputs[i];
    }
    return {};
}

std::string stamped(const std::string& path, const std::string& root) {
    struct stat status {};
    const auto shown =
        path.compare(0, root.size() + 1, roi::text(root, '/')) == 0 ? path.substr(root.size() + 1) : path;
    if (::stat(path.c_str(), &status) != 0) return shown + " missing";
    return roi::text(shown, ' ', status.st_size, ' ', seconds(status.st_mtim));
}

std::string path_of(const std::string& stamp) {
    // Two fields are no path, however many blanks the path has.
    const auto size = stamp.find_last_of(' ', stamp.find_last_of(' ') - 1);
    return stamp.substr(0, size);
}

std::vector<DatasetLink> dataset_links(const Places& places) {
    if (!places.derivative) {
        std::vector<DatasetLink> out{{"raw", places.data}};
        if (!places.events.empty() && places.events != places.data) out.push_back({"events", places.events});
        return out;
    }
    std::error_code ignored;
    auto name = label_of(fs::weakly_canonical(places.data, ignored).filename().string());
    if (name.empty() || name == "raw") name = "preprocessed";
    std::vector<DatasetLink> out{{name, places.data}};
    if (!places.events.empty()) out.push_back({"raw", places.events});
    return out;
}

std::string uri_of(const std::string& path, const std::vector<DatasetLink>& links) {
    std::error_code ignored;
    const auto plain = [&](const std::string& any) {
        return fs::absolute(any, ignored).lexically_normal().string();
    };
    const auto escaped = [](std::string_view text) {
        std::string out;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (letter || std::string_view("-._~/+").find(c) != std::string_view::npos) {
                out += c;
                continue;
            }
            out += '%';
            out += "0123456789ABCDEF"[byte >> 4];
            out += "0123456789ABCDEF"[byte & 15];
        }
        return out;
    };
    const auto file = plain(path);
    const DatasetLink* nearest = nullptr;
    std::string root;
    for (const auto& link : links) {
        auto folder = plain(link.folder);
        if (folder.back() != '/') folder += '/';
        if (file.compare(0, folder.size(), folder) != 0 || folder.size() <= root.size()) continue;
        nearest = &link;
        root = folder;
    }
    return nearest ? roi::text("bids:", nearest->name, ':', escaped(file.substr(root.size())))
                   : roi::text("file://", escaped(file));
}

std::vector<std::string> input_files(const Run& run, const Options& options) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& path) {
        if (!path.empty()) out.push_back(path);
    };
    add(run.file);
    for (const auto& sidecar : run.sidecars) add(sidecar);
    add(run.events);
    add(run.conditions);
    if (!options.confounds.empty() || options.max_displacement) add(run.confounds);
    if (options.brain_mask) add(run.brain_mask);
    add(options.atlas);
    add(options.maps);
    add(options.names);
    add(options.spheres);
    return out;
}

std::vector<std::string> inputs_of(const Run& run, const Options& options) {
    auto out = input_files(run, options);
    for (auto& file : out) file = stamped(file, options.bids_dir);
    return out;
}

std::optional<Record> complete_record(const Run& run, const Options& options, const std::string& seg,
                                      const std::vector<std::string>& inputs) {
    const auto name = result_name(run, seg);
    const auto folder = roi::text(options.output_dir, '/', run.folder, '/');
    const auto path = folder + name.with("timeseries", ".json").text();
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::nullopt;
    try {
        auto record = record_of(path, run.folder, name);
        if (record.version != roi::version || record.settings != options.settings || record.inputs != inputs)
            return std::nullopt;
        if (!changed_output(record, options.output_dir).empty()) return std::nullopt;
        return record;
    } catch (const roi::Error&) {
        return std::nullopt;  // it is written anew
    }
}

std::optional<std::string> made_otherwise(const Run& run, const Options& options, const std::string& seg,
                                          const std::vector<std::string>& inputs) {
    const auto name = result_name(run, seg);
    const auto path =
        roi::text(options.output_dir, '/', run.folder, '/', name.with("timeseries", ".json").text());
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::nullopt;
    try {
        const auto record = record_of(path, run.folder, name);
        const auto image = record.inputs.empty() ? std::string() : path_of(record.inputs.front());
        if (image != path_of(inputs.front())) return roi::text("of ", image);
        if (record.settings == options.settings) return std::nullopt;
        return record.settings.empty() ? std::string("without options") : roi::text("with ", record.settings);
    } catch (const roi::Error&) {
        return std::nullopt;
    }
}

std::vector<Record> read_records(const std::string& output_dir) {
    std::vector<Record> out;
    for (const auto& folder : run_folders(output_dir)) {
        std::vector<std::string> names;
        std::error_code error;
        for (fs::directory_iterator at(roi::text(output_dir, '/', folder), error), end; !error && at != end;
             at.increment(error)) {
            names.push_back(at->path().filename().string());
        }
        std::sort(names.begin(), names.end());
        for (const auto& file : names) {
            const auto name = parse_name(file);
            if (!name || name->extension != ".json" || !name->find("seg")) continue;
            auto plain = *name;
            if (name->suffix != "timeseries" && !(name->suffix == "log" && without_desc(plain, "failure")))
                continue;
            const auto path = roi::text(output_dir, '/', folder, '/', file);
            try {
                out.push_back(record_of(path, folder, plain));
            } catch (const roi::Error& problem) {
                out.push_back({});
                out.back().name = plain.with({}, {});
                out.back().folder = folder;
                out.back().error = problem.what();
            }
        }
    }
    return out;
}

}  // namespace bids
