// Ways of writing files that tests of failures and of crashes try.
#pragma once

#include <roi/io.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// A way of writing files: all of them, or only what a next run does before it writes.
struct Way {
    std::string name;
    std::vector<std::string> names;
    std::function<void(const std::string& folder, const roi::Volume4D<float>& image)> write;
    std::function<void(const std::string& folder)> begin;
};

inline Way saving(const std::string& name, std::vector<std::string> names) {
    return {"save " + name, std::move(names),
            [name](const std::string& folder, const auto& run) { roi::save(run, folder + "/" + name); },
            [name](const std::string& folder) {
                roi::RunWriter<float>(folder + "/" + name, roi::Shape(1, 1, 1), 1);
            }};
}

inline void write_bytes_of(const roi::Volume4D<float>& run, const std::string& path) {
    roi::ByteWriter text(path, roi::Compression::none);
    text.write(std::as_bytes(std::span(run.values().first(3))));
    text.commit();
}

inline std::vector<Way> ways_of_writing() {
    return {saving("a.nii", {"a.nii"}),
            saving("a.nii.gz", {"a.nii.gz"}),
            saving("a.hdr", {"a.hdr", "a.img"}),
            {"publish three",
             {"a.nii", "b.nii.gz", "c.txt"},
             [](const std::string& path, const auto& run) {
                 roi::OutputFolder folder(path);
                 roi::save(run, folder / "a.nii");
                 roi::save(run, folder / "b.nii.gz");
                 write_bytes_of(run, folder / "c.txt");
                 folder.publish();
             },
             [](const std::string& path) { roi::OutputFolder folder(path); }},
            {"publish anywhere",
             {"a.hdr", "a.img", "b.txt"},
             [](const std::string& path, const auto& run) {
                 roi::OutputFiles files;
                 roi::save(run, files.add(path + "/a.hdr"));
                 write_bytes_of(run, files.add(path + "/b.txt"));
                 files.publish();
             },
             [](const std::string& path) { (void)roi::OutputFiles().add(path + "/a.hdr"); }}};
}

}  // namespace test
