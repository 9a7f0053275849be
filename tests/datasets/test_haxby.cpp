// The folder of the Haxby data: which file stands under which name, and what is said when one is missing.
#include <roi/datasets/haxby.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <filesystem>
#include <string>
#include <vector>

namespace {

/// Calls `action` and returns what it throws; a test fails when that is nothing.
template <class Failure, class Action>
Failure failure(Action&& action) {
    try {
        action();
    } catch (const Failure& error) {
        return error;
    }
    FAIL("nothing was thrown");
    throw 0;
}

bool says(const roi::Error& error, const std::string& part) {
    if (std::string(error.what()).find(part) != std::string::npos) return true;
    WARN("\"" << part << "\" is not in: " << error.what());
    return false;
}

void touch(const test::TemporaryFolder& folder, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        std::filesystem::create_directories(std::filesystem::path(folder / name).parent_path());
        test::write_file(folder / name, "x");
    }
}

/// What a function that takes a path gets, such as `load`.
std::string as_path(const std::string& path) { return path; }

std::string relative(const std::string& path, const test::TemporaryFolder& folder) {
    return std::filesystem::path(path).lexically_relative(folder.path()).generic_string();
}

}  // namespace

TEST_CASE("the files of a whole subject have nilearn's names") {
    const test::TemporaryFolder folder;
    touch(folder, {"mask.nii.gz", "subj2/bold.nii.gz", "subj2/labels.txt", "subj2/anat.nii.gz",
                   "subj2/mask4_vt.nii.gz", "subj2/mask8b_face_vt.nii.gz", "subj2/mask8b_house_vt.nii.gz",
                   "subj2/mask8_face_vt.nii.gz", "subj2/mask8_house_vt.nii.gz"});
    const auto subject = roi::haxby(folder.path(), 2);
    CHECK(subject.number == 2);
    CHECK(subject.repetition_time == roi::Seconds{2.5});
    CHECK(relative(subject.folder, folder) == "subj2");
    CHECK(relative(subject.bold, folder) == "subj2/bold.nii.gz");
    CHECK(relative(subject.labels, folder) == "subj2/labels.txt");
    CHECK(relative(as_path(subject.mask_vt), folder) == "subj2/mask4_vt.nii.gz");
    CHECK(relative(as_path(subject.mask_face), folder) == "subj2/mask8b_face_vt.nii.gz");
    CHECK(relative(as_path(subject.mask_house), folder) == "subj2/mask8b_house_vt.nii.gz");
    CHECK(relative(as_path(subject.mask_face_little), folder) == "subj2/mask8_face_vt.nii.gz");
    CHECK(relative(as_path(subject.mask_house_little), folder) == "subj2/mask8_house_vt.nii.gz");
    CHECK(relative(as_path(subject.anat), folder) == "subj2/anat.nii.gz");
    CHECK(relative(as_path(subject.mask), folder) == "mask.nii.gz");
    CHECK(subject.mask_vt.exists());
}

TEST_CASE("a trailing slash changes nothing") {
    const test::TemporaryFolder folder;
    touch(folder, {"subj1/bold.nii.gz", "subj1/labels.txt"});
    const auto subject = roi::haxby(folder.path() + "/", 1);
    CHECK(relative(subject.bold, folder) == "subj1/bold.nii.gz");
}

TEST_CASE("images may be unpacked; the packed one is taken when both are there") {
    const test::TemporaryFolder folder;
    touch(folder,
          {"mask.nii", "subj1/bold.nii", "subj1/labels.txt", "subj1/mask4_vt.nii", "subj1/mask4_vt.nii.gz"});
    const auto subject = roi::haxby(folder.path(), 1);
    CHECK(relative(subject.bold, folder) == "subj1/bold.nii");
    CHECK(relative(as_path(subject.mask), folder) == "mask.nii");
    CHECK(relative(as_path(subject.mask_vt), folder) == "subj1/mask4_vt.nii.gz");
}

TEST_CASE("a mask that is missing is missed on use only") {
    const test::TemporaryFolder folder;
    touch(folder, {"subj6/bold.nii.gz", "subj6/labels.txt"});
    const auto subject = roi::haxby(folder.path(), 6);
    CHECK_FALSE(subject.mask_vt.exists());
    CHECK(relative(subject.mask_vt.path(), folder) == "subj6/mask4_vt.nii.gz");
    const auto error = failure<roi::FileError>([&] { (void)as_path(subject.mask_vt); });
    CHECK(error.code() == roi::ErrorCode::not_found);
    CHECK(error.path() == subject.mask_vt.path());
    CHECK(says(error, "ventral temporal"));
    CHECK(says(error, "that folder holds: bold.nii.gz, labels.txt"));
    CHECK(says(error, "cmake/FetchHaxby.cmake"));

    CHECK_FALSE(subject.anat.exists());
    CHECK(says(failure<roi::FileError>([&] { (void)as_path(subject.anat); }), "subject 6 has none"));
    CHECK(says(failure<roi::FileError>([&] { (void)as_path(subject.mask); }), "that folder holds: subj6"));

    touch(folder, {"subj6/mask4_vt.nii.gz"});
    CHECK(as_path(subject.mask_vt) == subject.mask_vt.path());
}

TEST_CASE("the run and the labels have to be there") {
    const test::TemporaryFolder folder;
    touch(folder, {"subj1/labels.txt", "subj2/bold.nii.gz"});
    std::filesystem::create_directories(folder / "subj3");
    const auto run = failure<roi::FileError>([&] { (void)roi::haxby(folder.path(), 1); });
    CHECK(run.code() == roi::ErrorCode::not_found);
    CHECK(says(run, "bold.nii.gz: there is no run"));
    CHECK(says(run, "that folder holds: labels.txt"));
    const auto labels = failure<roi::FileError>([&] { (void)roi::haxby(folder.path(), 2); });
    CHECK(says(labels, "labels.txt: there is no table of labels"));
    CHECK(says(failure<roi::FileError>([&] { (void)roi::haxby(folder.path(), 3); }), "is empty"));
}

TEST_CASE("a folder without the subject says what is there") {
    const test::TemporaryFolder folder;
    CHECK(says(failure<roi::FileError>([&] { (void)roi::haxby(folder.path(), 2); }), "is empty"));
    touch(folder, {"subj1/bold.nii.gz", "subj4/bold.nii.gz", "subj77/bold.nii.gz", "file"});
    const auto error = failure<roi::FileError>([&] { (void)roi::haxby(folder.path(), 2); });
    CHECK(error.code() == roi::ErrorCode::not_found);
    CHECK(error.path() == folder.path());
    CHECK(says(error, "no folder subj2"));
    CHECK(says(error, "subjects there are: subj1, subj4"));
    CHECK(says(error, "cmake/FetchHaxby.cmake"));

    const auto inside = failure<roi::FileError>([&] { (void)roi::haxby(folder / "subj1", 1); });
    CHECK(says(inside, "that folder holds: bold.nii.gz"));
    CHECK(says(failure<roi::FileError>([&] { (void)roi::haxby(folder / "none", 1); }), "no such folder"));
    CHECK(says(failure<roi::FileError>([&] { (void)roi::haxby(folder / "file", 1); }), "found a file"));
}

TEST_CASE("a crowded folder is not listed to its end") {
    const test::TemporaryFolder folder;
    std::vector<std::string> names;
    for (int i = 100; i < 130; ++i) names.push_back(std::string("f").append(std::to_string(i)));
    touch(folder, names);
    const auto error = failure<roi::FileError>([&] { (void)roi::haxby(folder.path(), 1); });
    CHECK(says(error, "f100, f101"));
    CHECK(says(error, "f119 and 10 more"));
}

TEST_CASE("subjects are 1 to 6") {
    for (const int subject : {-1, 0, 7, 1000}) {
        const auto error = failure<roi::InvalidArgument>([&] { (void)roi::haxby("nowhere", subject); });
        CHECK(says(error, "1 to 6"));
        CHECK(says(error, "found " + std::to_string(subject)));
    }
}

TEST_CASE("reduced copies of the real data are data sets, too") {
    if (const auto folder = test::shared_data("haxby2001-1slice")) {
        const auto subject = roi::haxby(*folder, 1);
        CHECK(std::filesystem::exists(subject.bold));
        CHECK(std::filesystem::exists(subject.labels));
        CHECK(subject.mask.exists());
        CHECK_FALSE(subject.mask_vt.exists());
        CHECK_FALSE(subject.anat.exists());
    }
    if (const auto folder = test::shared_data("haxby2001-25mm")) {
        const auto subject = roi::haxby(*folder, 1);
        CHECK(subject.mask_vt.exists());
        CHECK(subject.anat.exists());
        CHECK_FALSE(subject.mask.exists());
    }
}
