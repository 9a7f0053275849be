// What several test files need: random volumes with seeds that are printed on failure, folders that vanish,
// real data.
#pragma once

#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>

#include "catch.hpp"
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

namespace test {

/// The seed of this run: ROI_TEST_SEED when set, else fixed. `INFO("seed " << seed())` belongs in every
/// random test.
inline std::uint64_t seed() {
    const char* chosen = std::getenv("ROI_TEST_SEED");
    return chosen ? std::strtoull(chosen, nullptr, 10) : 20260122u;
}

using Random = std::mt19937_64;

/// Random voxels: true with `density` for bool, whole type range for integers, standard normal for reals.
template <class T>
roi::Volume<T> random_volume(const roi::Grid& grid, Random& random, double density = 0.5) {
    roi::Volume<T> out(grid);
    for (T& value : out) {
        if constexpr (std::is_same_v<T, bool>) {
            value = std::bernoulli_distribution(density)(random);
        } else if constexpr (std::is_floating_point_v<T>) {
            value = std::normal_distribution<T>()(random);
        } else {
            value = static_cast<T>(random());
        }
    }
    return out;
}

/// Random volumes of normal noise around 100.
template <class T>
roi::Volume4D<T> random_run(const roi::Grid& grid, std::int64_t frames, Random& random) {
    roi::Volume4D<T> out(grid, frames);
    for (T& value : out.values())
        value = static_cast<T>(100.0 + 10.0 * std::normal_distribution<double>()(random));
    return out;
}

/// A small random shape, axes of length 1 included.
inline roi::Shape random_shape(Random& random, std::int64_t most = 9) {
    std::uniform_int_distribution<std::int64_t> length(1, most);
    const auto x = length(random), y = length(random), z = length(random);
    return {x, y, z};
}

/// A folder of its own for one test, removed at its end.
class TemporaryFolder {
public:
    TemporaryFolder() {
        static std::random_device device;
        path_ = std::filesystem::temp_directory_path() / ("roi-test-" + std::to_string(device()));
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }

    /// Names of the files in the folder, sorted.
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            out.push_back(entry.path().filename().string());
        }
        std::sort(out.begin(), out.end());
        return out;
    }

private:
    std::filesystem::path path_;
};

inline void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A file of the real data beside the checkout (or in the folder ROI_TEST_DATA); nothing when it is not
/// there. A test without its data says so and passes: `const auto file = shared_data("..."); if (!file)
/// return;`
inline std::optional<std::string> shared_data(const std::string& name) {
    const char* folder = std::getenv("ROI_TEST_DATA");
    const auto path = std::filesystem::path(folder ? folder : ROI_TEST_DATA) / name;
    if (std::filesystem::exists(path)) return path.string();
    WARN("skipped: no " << name << " (set ROI_TEST_DATA to the folder of the real data)");
    return std::nullopt;
}

}  // namespace test
