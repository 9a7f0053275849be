// Passes over the voxels of volumes on one grid: a function of the voxels at one place, for all places.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace roi {

/// A number that voxels can be compared with, or calculated with.
template <class T>
concept Scalar = std::is_arithmetic_v<T>;

namespace detail {

/// What nobody calculates with or compares voxels with on purpose, and has no operators for volumes of its own, as types of other
/// libraries may: several values, a place for them, a pointer.
template <class T>
concept NoOperand = std::same_as<T, Grid> || std::same_as<T, Shape> || std::is_pointer_v<T> ||
    std::is_null_pointer_v<T> || requires(const T& values) {
    values.begin();
    values.end();
};

/// The voxels of a volume; those of a mask as bytes 0 and 1, which GCC vectorises beside numbers, as it does not `bool`.
template <Voxel T>
[[nodiscard]] auto numbers(const VolumeView<const T>& volume) {
    if constexpr (std::same_as<T, bool>) {
        return reinterpret_cast<const unsigned char*>(volume.data());
    } else {
        return volume.data();
    }
}

/// \throws GridMismatch when not all volumes lie on one grid
template <AnyVolume First, AnyVolume... Rest>
void require_one_grid([[maybe_unused]] std::string_view function, [[maybe_unused]] const First& first,
                      const Rest&... rest) {
    (require_same_grid(first.grid(), view_of(rest).grid(), text(function, ": the volumes")), ...);
}

/// out[i] = relation(voxels[i]...) for `count` voxels.
template <class Relation, class... T>
ROI_ALWAYS_INLINE void where_body(const Relation& relation, std::int64_t count, bool* out,
                                  const T*... voxels) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = relation(voxels[i]...);
}

template <class Relation, class... T>
ROI_TARGET_AVX2 void where_avx2(const Relation& relation, std::int64_t count, bool* out, const T*... voxels) {
    where_body(relation, count, out, voxels...);
}

template <class Relation, class... T>
void where(const Relation& relation, std::int64_t count, bool* out, const T*... voxels) {
    if (use_avx2()) return where_avx2(relation, count, out, voxels...);
    where_body(relation, count, out, voxels...);
}

/// The mask of `relation(voxel of first, voxel of each other)`; masks show bytes.
///
/// \param function  names the caller for the error message
template <class Relation, AnyVolume First, AnyVolume... Rest>
[[nodiscard]] Mask mask_where(std::string_view function, const Relation& relation, const First& first,
                              const Rest&... rest) {
    const auto view = view_of(first);
    require_one_grid(function, view, rest...);
    auto out = like<bool>(view);
    const auto part = [&](std::int64_t begin, std::int64_t end, const auto*... voxels) {
        where(relation, end - begin, out.data() + begin, voxels + begin...);
    };
    // What a thread costs is more than it saves below a quarter of a million voxels.
    parallel_for(out.size(), 1 << 18, [&](std::int64_t begin, std::int64_t end) {
        part(begin, end, numbers(view), numbers(view_of(rest))...);
    });
    return out;
}

/// Which of the operands that are no numbers each one is; 0 for numbers.
template <class... Operands>
[[nodiscard]] constexpr auto places_of_images() {
    std::array<std::size_t, sizeof...(Operands)> out{};
    std::size_t k = 0, next = 0;
    ((out[k++] = Scalar<Operands> ? 0 : next++), ...);
    return out;
}

/// `f` as a function of the values of those operands that are no numbers, with the numbers in their places.
template <class F, class... Operands>
[[nodiscard]] auto with_numbers(const F& f, const Operands&... operands) {
    if constexpr (!(Scalar<Operands> || ...)) {
        return f;
    } else {
        using All = std::tuple<Operands...>;
        const auto number = [](const auto& operand) {
            if constexpr (Scalar<std::remove_cvref_t<decltype(operand)>>) {
                return operand;
            } else {
                return 0;
            }
        };
        return [f, numbers = std::tuple(number(operands)...)](auto... values) {
            const std::tuple of_images(values...);
            const auto value = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
                if constexpr (Scalar<std::tuple_element_t<K, All>>) {
                    return std::get<K>(numbers);
                } else {
                    return std::get<places_of_images<Operands...>()[K]>(of_images);
                }
            };
            return [&]<std::size_t... K>(std::index_sequence<K...>) {
                return f(value(std::integral_constant<std::size_t, K>{})...);
            }
            (std::index_sequence_for<Operands...>{});
        };
    }
}

/// The volume of `f(voxel of first, voxel of each other)`, as voxels of type `R`; masks show bytes.
template <Voxel R, class F, AnyVolume First, AnyVolume... Rest>
[[nodiscard]] Volume<R> volume_of(std::string_view function, const F& f, const First& first,
                                  const Rest&... rest) {
    const auto view = view_of(first);
    require_one_grid(function, view, rest...);
    auto out = like<R>(view);
    if constexpr (RealVoxel<R>) out.metadata().intent = {};  // what was calculated of a t map is none
    const auto apply = [&](R* to, std::int64_t begin, std::int64_t end, const auto*... voxels) {
        for (std::int64_t i = begin; i < end; ++i) to[i] = f(voxels[i]...);
    };
    // What a thread costs is more than it saves below a quarter of a million voxels.
    parallel_for(out.size(), 1 << 18, [&](std::int64_t begin, std::int64_t end) {
        apply(out.data(), begin, end, numbers(view), numbers(view_of(rest))...);
    });
    return out;
}

}  // namespace detail
}  // namespace roi
