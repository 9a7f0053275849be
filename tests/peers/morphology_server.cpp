// Answers requests for morphology on standard input, for peer_morphology.py: a process of its own, so that sanitizers work
// and a crash is seen.
//
// A request is 19 whole numbers (the operation; the shapes of mask and structure; origin; iterations; border value; is
// there a mask of what may change; shape and origin of a second structure), three voxel sizes, and a byte a voxel of each
// mask and structure. An answer is 5 whole numbers (0 or 1 for an error; a shape; bytes that follow) and these bytes: a mask,
// a structure, distances, or a message.
#include <roi/morphology.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

namespace {

using roi::Mask;
using roi::Shape;
using roi::Structure;

enum Operation : std::int64_t {
    erosion,
    dilation,
    opening,
    closing,
    fill_holes,
    propagation,
    hit_or_miss,
    iterate_structure,
    distance,
    connectivity,
    gradient,
    outer_gradient,
    inner_gradient,
    white_top_hat,
    black_top_hat
};

template <class T>
bool read(T* values, std::size_t count) {
    return count == 0 || std::fread(values, sizeof(T), count, stdin) == count;
}

std::vector<bool> read_truths(std::int64_t size) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(size));
    if (!read(bytes.data(), bytes.size())) std::exit(1);
    return {bytes.begin(), bytes.end()};
}

void answer(std::int64_t status, const Shape& shape, const void* bytes, std::size_t size) {
    const std::array<std::int64_t, 5> head{status, shape.x(), shape.y(), shape.z(),
                                           static_cast<std::int64_t>(size)};
    std::fwrite(head.data(), sizeof(head), 1, stdout);
    if (size > 0) std::fwrite(bytes, size, 1, stdout);
    std::fflush(stdout);
}

void answer(const Mask& mask) { answer(0, mask.shape(), mask.data(), static_cast<std::size_t>(mask.size())); }

void answer(const Structure& structure) {
    Mask out(structure.shape());
    for (std::int64_t i = 0; i < out.size(); ++i) {
        const auto [x, y, z] = out.shape().voxel(i);
        out[i] = structure(x, y, z);
    }
    answer(out);
}

roi::ClosingOptions as_closing(const roi::MorphologyOptions& how) {
    return {how.structure, how.iterations, how.mask, how.border_value, how.origin};
}

void serve(const std::array<std::int64_t, 19>& head, const std::array<double, 3>& voxel_size) {
    const auto shape_at = [&](std::size_t i) { return Shape(head[i], head[i + 1], head[i + 2]); };
    const auto origin_at = [&](std::size_t i) { return std::array{head[i], head[i + 1], head[i + 2]}; };
    const Shape shape = shape_at(1), box = shape_at(4), second = shape_at(13);
    Mask mask(roi::Grid(shape, roi::scaling({voxel_size[0], voxel_size[1], voxel_size[2]})));
    const auto voxels = read_truths(shape.size());
    std::copy(voxels.begin(), voxels.end(), mask.begin());
    roi::MorphologyOptions how;
    if (head[12] != 0) {
        how.mask = Mask(mask.grid());
        const auto changeable = read_truths(shape.size());
        std::copy(changeable.begin(), changeable.end(), how.mask->begin());
    }
    auto values = read_truths(box.size());
    auto more = read_truths(second.size());
    if (box.size() > 0) how.structure = Structure(box, std::move(values));
    how.origin = origin_at(7);
    how.iterations = head[10];
    how.border_value = head[11] != 0;
    switch (static_cast<Operation>(head[0])) {
        case erosion:
            return answer(roi::erode(mask, how));
        case dilation:
            return answer(roi::dilate(mask, how));
        case opening:
            return answer(roi::opening(mask, how));
        case closing:
            return answer(roi::closing(mask, as_closing(how)));
        case gradient:
            return answer(roi::gradient(mask, how));
        case outer_gradient:
            return answer(roi::outer_gradient(mask, how));
        case inner_gradient:
            return answer(roi::inner_gradient(mask, how));
        case white_top_hat:
            return answer(roi::white_top_hat(mask, how));
        case black_top_hat:
            return answer(roi::black_top_hat(mask, as_closing(how)));
        case fill_holes:
            return answer(roi::fill_holes(mask, {how.structure, how.origin}));
        case propagation:
            return answer(roi::propagate(mask, {how.structure, how.mask, how.border_value, how.origin}));
        case hit_or_miss: {
            roi::HitOrMissOptions both{
                .hit = how.structure, .hit_origin = how.origin, .miss_origin = origin_at(16)};
            if (second.size() > 0) both.miss = Structure(second, std::move(more));
            return answer(roi::hit_or_miss(mask, both));
        }
        case iterate_structure:
            return answer(how.structure.iterated(how.iterations));
        case connectivity:
            return answer(Structure(head[10] == 1   ? roi::Connectivity::faces
                                    : head[10] == 2 ? roi::Connectivity::edges
                                                    : roi::Connectivity::corners));
        case distance: {
            const auto out = roi::distance_to(mask);
            return answer(0, out.shape(), out.data(), static_cast<std::size_t>(out.size()) * sizeof(double));
        }
    }
}

}  // namespace

int main() {
    std::array<std::int64_t, 19> head{};
    std::array<double, 3> voxel_size{};
    while (read(head.data(), head.size()) && read(voxel_size.data(), 3)) {
        try {
            serve(head, voxel_size);
        } catch (const std::exception& error) {
            answer(1, Shape(), error.what(), std::strlen(error.what()));
        }
    }
    return 0;
}
