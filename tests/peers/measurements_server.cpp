// Answers requests for labels and measurements on standard input, for peer_measurements.py: a process of its own, so that
// sanitizers work and a crash is seen.
//
// A request is 6 whole numbers (0 to label, 1 to measure, 2 for the values of each label and their places; the shape; how many
// labels are asked for; bins, 0 for none), the limits of the bins, and then for labelling 27 bytes of a structure and a byte a voxel, for
// measuring a double and a 64-bit label a voxel and the labels asked for. To find the brain (3 in a functional image, 4 in one
// with an even background) the last whole numbers are `.opening` and flags (1: connected, 2: exclude zeros; and 4 times the
// size of the border), the limits the cutoffs, and a double a voxel follows; the answer is a byte a voxel. An answer is two whole numbers (0 or 1 for an
// error; bytes that follow) and these bytes: labels of 32 bits, or doubles for every label asked for (of request 2 the
// number of values, the values and their places), or a message.
#include <roi/regions/brain_mask.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/labelled_comprehension.hpp>
#include <roi/regions/measure.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace {

using roi::Shape;

template <class T>
void read(T* values, std::size_t count) {
    if (count > 0 && std::fread(values, sizeof(T), count, stdin) != count) std::exit(1);
}

void answer(std::int64_t status, const void* bytes, std::size_t size) {
    const std::array<std::int64_t, 2> head{status, static_cast<std::int64_t>(size)};
    std::fwrite(head.data(), sizeof(head), 1, stdout);
    if (size > 0) std::fwrite(bytes, size, 1, stdout);
    std::fflush(stdout);
}

void label(const Shape& shape) {
    std::array<unsigned char, 27> values{};
    read(values.data(), values.size());
    roi::Mask mask(shape);
    read(mask.data(), static_cast<std::size_t>(mask.size()));
    const roi::Structure structure(Shape(3, 3, 3), std::vector<bool>(values.begin(), values.end()));
    const auto found = roi::label(mask, {.connectivity = structure});
    answer(0, found.atlas.data(), static_cast<std::size_t>(found.atlas.size()) * sizeof(std::int32_t));
}

void append(std::vector<double>& out, const std::optional<std::array<std::int64_t, 3>>& place) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
        out.push_back(place ? static_cast<double>((*place)[axis]) : -1.0);
    }
}

/// What is measured: values, their labels, and which labels are asked for.
struct Case {
    roi::Volume<double> values;
    roi::Volume<std::int64_t> labels;
    std::vector<std::int64_t> numbers;
};

Case read_case(const Shape& shape, std::size_t asked) {
    Case out{roi::Volume<double>(shape), roi::Volume<std::int64_t>(shape), std::vector<std::int64_t>(asked)};
    read(out.values.data(), static_cast<std::size_t>(out.values.size()));
    read(out.labels.data(), static_cast<std::size_t>(out.labels.size()));
    read(out.numbers.data(), out.numbers.size());
    return out;
}

void gather(const Shape& shape, std::size_t asked) {
    auto [values, labels, numbers] = read_case(shape, asked);
    const auto keep = [](std::span<const double> of_region, std::span<const std::int64_t> places) {
        std::vector<double> kept(of_region.begin(), of_region.end());
        for (const std::int64_t place : places) kept.push_back(static_cast<double>(place));
        return kept;
    };
    std::vector<double> out;
    for (const auto& [label, kept] : roi::labelled_comprehension(values, labels, keep, numbers)) {
        out.push_back(kept ? static_cast<double>(kept->size() / 2) : 0.0);
        if (kept) out.insert(out.end(), kept->begin(), kept->end());
    }
    answer(0, out.data(), out.size() * sizeof(double));
}

void measure(const Shape& shape, std::size_t asked, std::int64_t bins, double low, double high) {
    auto [values, labels, numbers] = read_case(shape, asked);
    roi::MeasureOptions options;
    options.labels = std::move(numbers);
    if (bins > 0) options.histogram = roi::Bins{low, high, bins};
    std::vector<double> out;
    for (const auto& row : roi::measure(values, labels, options)) {
        out.insert(out.end(),
                   {static_cast<double>(row.size), row.sum, row.mean, row.variance, row.std, row.min, row.max,
                    row.median, row.center_of_mass[0], row.center_of_mass[1], row.center_of_mass[2]});
        append(out, row.min_position);
        append(out, row.max_position);
        append(out, row.first);
        append(out, std::array{row.shape.x(), row.shape.y(), row.shape.z()});
        for (const std::int64_t count : row.histogram) out.push_back(static_cast<double>(count));
    }
    answer(0, out.data(), out.size() * sizeof(double));
}

void find_brain(const std::array<std::int64_t, 6>& head, const std::array<double, 2>& cutoffs) {
    roi::Volume<double> image(Shape(head[1], head[2], head[3]));
    read(image.data(), static_cast<std::size_t>(image.size()));
    const bool connected = head[5] % 2 == 1, exclude_zeros = head[5] / 2 % 2 == 1;
    const auto mask = head[0] == 3 ? roi::compute_epi_mask(
                                         image, {cutoffs[0], cutoffs[1], exclude_zeros, head[4], connected})
                                   : roi::compute_background_mask(image, {head[5] / 4, head[4], connected});
    answer(0, mask.data(), static_cast<std::size_t>(mask.size()));
}

}  // namespace

int main() {
    std::array<std::int64_t, 6> head{};
    std::array<double, 2> limits{};
    while (std::fread(head.data(), sizeof(head), 1, stdin) == 1) {
        read(limits.data(), limits.size());
        try {
            const Shape shape(head[1], head[2], head[3]);
            if (head[0] == 0) {
                label(shape);
            } else if (head[0] >= 3) {
                find_brain(head, limits);
            } else if (head[0] == 2) {
                gather(shape, static_cast<std::size_t>(head[4]));
            } else {
                measure(shape, static_cast<std::size_t>(head[4]), head[5], limits[0], limits[1]);
            }
        } catch (const std::exception& error) {
            answer(1, error.what(), std::strlen(error.what()));
        }
    }
    return 0;
}
