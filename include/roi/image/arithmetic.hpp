// Volumes and numbers calculated with, voxel by voxel.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/detail/elementwise.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace roi {

namespace detail {

/// Bits of the magnitude of the numbers of a type.
template <Scalar T>
inline constexpr int bits_of = std::numeric_limits<T>::digits;

/// The smallest type, but no smaller than 32 bits, for whole numbers of so many bits and a sign; double when there is none.
template <int Bits>
using SignedOf =
    std::conditional_t<Bits <= 31, std::int32_t, std::conditional_t<Bits <= 63, std::int64_t, double>>;

/// float where it holds every `T` exactly, else double; a mask holds 0 and 1.
template <Scalar T>
using RealFor =
    std::conditional_t<std::same_as<T, float> || (std::integral<T> && bits_of<T> <= 16), float, double>;

/// A voxel beside a voxel: double as soon as one of them needs it.
template <Scalar A, Scalar B>
using RealOfBoth =
    std::conditional_t<std::same_as<RealFor<A>, float> && std::same_as<RealFor<B>, float>, float, double>;

/// The type of real results of `a` and `b`, volumes or one a number; a number takes the precision of the volume beside it.
template <class A, class B>
struct RealResult {
    using type = RealOfBoth<VoxelOf<A>, VoxelOf<B>>;
};
template <AnyVolume A, Scalar B>
struct RealResult<A, B> {
    using type = RealFor<VoxelOf<A>>;
};
template <Scalar A, AnyVolume B>
struct RealResult<A, B> {
    using type = RealFor<VoxelOf<B>>;
};

/// The voxel type of a volume, the type of a number.
template <class T>
struct NumberType {
    using type = T;
};
template <AnyVolume V>
struct NumberType<V> {
    using type = VoxelOf<V>;
};
template <class T>
using NumberOf = typename NumberType<T>::type;

/// The type in which `a` and `b` meet: real when one is, else whole numbers of `Bits` bits.
template <class A, class B, int Bits>
struct MeetingType {
    using type = typename RealResult<A, B>::type;
};
template <class A, class B, int Bits>
requires std::integral<NumberOf<A>> && std::integral<NumberOf<B>>
struct MeetingType<A, B, Bits> {
    using type = SignedOf<Bits>;
};

template <class A, class B>
using SumOf = typename MeetingType<A, B, std::max(bits_of<NumberOf<A>>, bits_of<NumberOf<B>>) + 1>::type;
template <class A, class B>
using ProductOf = typename MeetingType<A, B, bits_of<NumberOf<A>> + bits_of<NumberOf<B>>>::type;
template <class A, class B>
using QuotientOf = typename RealResult<A, B>::type;
template <class A, class B>
using EitherOf = typename MeetingType<A, B, std::max(bits_of<NumberOf<A>>, bits_of<NumberOf<B>>)>::type;

/// The type to calculate in: whole numbers in the type of the result, reals in double unless float is exact.
template <class R, class A, class B>
using WorkingType = std::conditional_t<
    std::integral<R>, R,
    std::conditional_t<std::same_as<R, float> && std::same_as<RealOfBoth<A, B>, float>, float, double>>;

/// `operation(a, b)` for two volumes, or a volume and a number in either order, as voxels of type `R`.
template <Voxel R, class Operation, class A, class B>
[[nodiscard]] Volume<R> calculated(std::string_view name, const Operation& operation, const A& a,
                                   const B& b) {
    using W = WorkingType<R, NumberOf<A>, NumberOf<B>>;
    if constexpr (Scalar<A>) {
        const auto left = static_cast<W>(a);
        return volume_of<R>(
            name, [&](auto right) { return static_cast<R>(operation(left, static_cast<W>(right))); }, b);
    } else if constexpr (Scalar<B>) {
        const auto right = static_cast<W>(b);
        return volume_of<R>(
            name, [&](auto left) { return static_cast<R>(operation(static_cast<W>(left), right)); }, a);
    } else {
        return volume_of<R>(
            name,
            [&](auto left, auto right) {
                return static_cast<R>(operation(static_cast<W>(left), static_cast<W>(right)));
            },
            a, b);
    }
}

/// `f` of every voxel in double, as real numbers that hold the voxels of `V`.
template <class F, AnyVolume V>
[[nodiscard]] auto function_of(std::string_view name, const F& f, const V& volume) {
    using R = RealFor<VoxelOf<V>>;
    return volume_of<R>(
        name, [&](auto value) { return static_cast<R>(f(static_cast<double>(value))); }, volume);
}

template <class T>
inline constexpr bool is_operand = AnyVolume<T> || Scalar<T>;

/// The smaller of two, NaN where either is.
struct Smaller {
    [[nodiscard]] auto operator()(auto left, decltype(left) right) const {
        return left < right || left != left ? left : right;
    }
};
/// The larger of two, NaN where either is.
struct Larger {
    [[nodiscard]] auto operator()(auto left, decltype(left) right) const {
        return left > right || left != left ? left : right;
    }
};
/// One to the power of the other; a square, which is asked for most, is the product to the last bit.
struct Power {
    [[nodiscard]] double operator()(double left, double right) const {
        return right == 2.0 ? left * left : std::pow(left, right);
    }
};

}  // namespace detail

namespace detail {

/// Runs and sources of them, with which the stream family calculates.
template <class T>
inline constexpr bool has_frames = AnyRun<T> || requires(const T& run) {
    run.frames();
};

/// What functions of voxels are given by mistake: a text, a list, a grid. What another library calculates with is left to it.
template <class T>
concept NothingCalculated =
    NoOperand<std::decay_t<T>> && !AnyVolume<T> && !has_frames<T> && !requires(const T& value) {
    value * 2;
};

/// Two operands of which one at least is nothing to calculate with, and none a volume or a run.
template <class A, class B>
concept NothingPaired = (NothingCalculated<A> && (NothingCalculated<B> || std::is_arithmetic_v<B>)) ||
                        (std::is_arithmetic_v<A> && NothingCalculated<B>);

/// What `f` is shown of an operand: the bytes of a mask, other voxels and numbers as they are.
template <class Operand>
using ShownOf = std::conditional_t<AnyVolume<Operand> && std::same_as<NumberOf<Operand>, bool>, unsigned char,
                                   NumberOf<Operand>>;

/// A volume, looked at; nothing of a number.
template <class Operand>
[[nodiscard]] auto volume_alone(const Operand& operand) {
    if constexpr (AnyVolume<Operand>) {
        return std::tuple<const Operand&>(operand);
    } else {
        return std::tuple<>{};
    }
}

/// What a function of the values gives; nothing where it takes others.
template <class F, class... Values>
struct ResultOf {
    using type = void;
};
template <class F, class... Values>
requires std::invocable<const F&, Values...>
struct ResultOf<F, Values...> {
    using type = std::remove_cvref_t<std::invoke_result_t<const F&, Values...>>;
};

}  // namespace detail

/// A volume on at least one side of an operator, and no run: those have operators of their own.
template <class... Operands>
concept Calculable = (AnyVolume<Operands> || ...) && !(detail::has_frames<Operands> || ...);

/// \name Arithmetic
/// Voxel by voxel: `a - b`, `map * 2.0`, `1 / map`, `-map`.
///
/// \param a, b  two volumes on one grid, or a volume and a number in either order; a mask counts as 0 and 1
/// \returns     a volume on the grid of the first, with its metadata. Of reals: float, or double when a volume is double or
///              holds integers of 32 bits and more; a number takes the precision of the volume beside it. Of whole numbers:
///              `+`, `-` and `*` give int32 or int64, whichever no result can overflow, or double when none can hold all;
///              `/` gives real numbers always
/// \throws GridMismatch when two volumes lie on different grids
///
/// One pass, no temporary but the result. Division by 0 gives infinity or NaN. As NumPy's operators, but whole numbers never
/// wrap, and float is calculated with numbers in double and rounded once. `as<T>(volume)` goes to a smaller type again.
/// \{
template <class A, class B>
requires Calculable<A, B>
[[nodiscard]] auto operator+(const A& a, const B& b) {
    static_assert(detail::is_operand<A> && detail::is_operand<B>, "roi: + takes volumes, runs and numbers");
    if constexpr (detail::is_operand<A> && detail::is_operand<B>) {
        return detail::calculated<detail::SumOf<A, B>>("+", std::plus<>{}, a, b);
    } else {
        return Volume<float>{};
    }
}
template <class A, class B>
requires Calculable<A, B>
[[nodiscard]] auto operator-(const A& a, const B& b) {
    static_assert(detail::is_operand<A> && detail::is_operand<B>, "roi: - takes volumes, runs and numbers");
    if constexpr (detail::is_operand<A> && detail::is_operand<B>) {
        return detail::calculated<detail::SumOf<A, B>>("-", std::minus<>{}, a, b);
    } else {
        return Volume<float>{};
    }
}
template <class A, class B>
requires Calculable<A, B>
[[nodiscard]] auto operator*(const A& a, const B& b) {
    static_assert(detail::is_operand<A> && detail::is_operand<B>, "roi: * takes volumes, runs and numbers");
    if constexpr (detail::is_operand<A> && detail::is_operand<B>) {
        return detail::calculated<detail::ProductOf<A, B>>("*", std::multiplies<>{}, a, b);
    } else {
        return Volume<float>{};
    }
}
template <class A, class B>
requires Calculable<A, B>
[[nodiscard]] auto operator/(const A& a, const B& b) {
    static_assert(detail::is_operand<A> && detail::is_operand<B>, "roi: / takes volumes, runs and numbers");
    if constexpr (detail::is_operand<A> && detail::is_operand<B>) {
        return detail::calculated<detail::QuotientOf<A, B>>("/", std::divides<>{}, a, b);
    } else {
        return Volume<float>{};
    }
}
template <AnyVolume V>
[[nodiscard]] auto operator-(const V& volume) {
    using T = VoxelOf<V>;
    using R = std::conditional_t<RealVoxel<T>, T, detail::SignedOf<detail::bits_of<T> + 1>>;
    return detail::volume_of<R>(
        "-", [](auto value) { return -static_cast<R>(value); }, volume);
}
/// \}

/// The smaller of two at every place.
///
/// \param a, b  two volumes on one grid, or a volume and a number in either order
/// \returns     the type of `a + b` in which both fit; NaN where either is NaN
/// \throws GridMismatch when two volumes lie on different grids
///
/// One pass. NumPy's function of the same name. Of runs and sources see run_arithmetic.hpp.
template <class A, class B>
requires Calculable<A, B>
[[nodiscard]] auto minimum(const A& a, const B& b) {
    static_assert(detail::is_operand<A> && detail::is_operand<B>,
                  "roi: minimum takes volumes, runs and numbers");
    if constexpr (detail::is_operand<A> && detail::is_operand<B>) {
        return detail::calculated<detail::EitherOf<A, B>>("minimum", detail::Smaller{}, a, b);
    } else {
        return Volume<float>{};
    }
}
/// The larger of two at every place; otherwise as `minimum`.
template <class A, class B>
requires Calculable<A, B>
[[nodiscard]] auto maximum(const A& a, const B& b) {
    static_assert(detail::is_operand<A> && detail::is_operand<B>,
                  "roi: maximum takes volumes, runs and numbers");
    if constexpr (detail::is_operand<A> && detail::is_operand<B>) {
        return detail::calculated<detail::EitherOf<A, B>>("maximum", detail::Larger{}, a, b);
    } else {
        return Volume<float>{};
    }
}

/// `a` to the power of `b` at every place: `pow(map, 2.0)`, `pow(2.0, map)`, `pow(map, other)`.
///
/// \param a, b  two volumes on one grid, or a volume and a number in either order
/// \returns     the type of `a / b`; NaN where `a` is below 0 and `b` is no whole number
/// \throws GridMismatch when two volumes lie on different grids
///
/// One pass, calculated in double and rounded once. NumPy's function of the same name, but whole numbers give real ones.
template <class A, class B>
requires Calculable<A, B>
[[nodiscard]] auto pow(const A& a, const B& b) {
    static_assert(detail::is_operand<A> && detail::is_operand<B>, "roi: pow takes volumes, runs and numbers");
    if constexpr (detail::is_operand<A> && detail::is_operand<B>) {
        return detail::calculated<detail::QuotientOf<A, B>>("pow", detail::Power{}, a, b);
    } else {
        return Volume<float>{};
    }
}

/// The absolute value of every voxel: the type of the volume for reals, the type of `-volume` for whole numbers.
template <AnyVolume V>
[[nodiscard]] auto abs(const V& volume) {
    using T = VoxelOf<V>;
    if constexpr (RealVoxel<T>) {
        return detail::volume_of<T>(
            "abs", [](T value) { return std::abs(value); }, volume);
    } else {
        using R = detail::SignedOf<detail::bits_of<T> + 1>;
        return detail::volume_of<R>(
            "abs",
            [](auto value) {
                const auto wide = static_cast<R>(value);
                return wide < R{0} ? -wide : wide;
            },
            volume);
    }
}

/// The square root of every voxel, NaN below 0; float, or double for double and integers of 32 bits and more. Calculated
/// in double and rounded once, as are `exp` and `log`.
template <AnyVolume V>
[[nodiscard]] auto sqrt(const V& volume) {
    return detail::function_of(
        "sqrt", [](double value) { return std::sqrt(value); }, volume);
}

/// e to the power of every voxel; otherwise as `sqrt`.
template <AnyVolume V>
[[nodiscard]] auto exp(const V& volume) {
    return detail::function_of(
        "exp", [](double value) { return std::exp(value); }, volume);
}

/// The natural logarithm of every voxel, minus infinity at 0, NaN below; otherwise as `sqrt`.
template <AnyVolume V>
[[nodiscard]] auto log(const V& volume) {
    return detail::function_of(
        "log", [](double value) { return std::log(value); }, volume);
}

/// What is nothing to calculate with: refused in one line.
/// \{
template <class T>
requires detail::NothingCalculated<T>
[[nodiscard]] Volume<float> abs(const T&) {
    static_assert(detail::never<T>, "roi: abs takes a volume or a run");
    return {};
}
template <class T>
requires detail::NothingCalculated<T>
[[nodiscard]] Volume<float> sqrt(const T&) {
    static_assert(detail::never<T>, "roi: sqrt takes a volume or a run");
    return {};
}
template <class T>
requires detail::NothingCalculated<T>
[[nodiscard]] Volume<float> exp(const T&) {
    static_assert(detail::never<T>, "roi: exp takes a volume or a run");
    return {};
}
template <class T>
requires detail::NothingCalculated<T>
[[nodiscard]] Volume<float> log(const T&) {
    static_assert(detail::never<T>, "roi: log takes a volume or a run");
    return {};
}
template <class A, class B>
requires detail::NothingPaired<A, B>
[[nodiscard]] Volume<float> pow(const A&, const B&) {
    static_assert(detail::never<A>, "roi: pow takes volumes, runs and numbers");
    return {};
}
template <class A, class B>
requires detail::NothingPaired<A, B>
[[nodiscard]] Volume<float> minimum(const A&, const B&) {
    static_assert(detail::never<A>, "roi: minimum takes volumes, runs and numbers");
    return {};
}
template <class A, class B>
requires detail::NothingPaired<A, B>
[[nodiscard]] Volume<float> maximum(const A&, const B&) {
    static_assert(detail::never<A>, "roi: maximum takes volumes, runs and numbers");
    return {};
}
/// \}

/// Any function of the voxels at one place, for all places.
///
/// \param f         `f(one value of each operand, in their order)`; called from several threads at once, in no order
/// \param operands  volumes on one grid, at least one, and numbers, which `f` is given at every place; the voxels of a mask
///                  are bytes 0 and 1
/// \returns         a volume of what `f` returns, on the grid of the first volume and with its metadata
/// \throws GridMismatch when the volumes lie on different grids
///
/// One pass: `transform([](float a, float b) { return a > 0 ? a / b : 0; }, map, error)`.
template <class F, class... Operands>
requires Calculable<Operands...>
[[nodiscard]] auto transform(const F& f, const Operands&... operands) {
    constexpr bool known = (detail::is_operand<Operands> && ...);
    static_assert(known, "roi: transform takes volumes, runs and numbers");
    if constexpr (known) {
        constexpr bool fits = std::invocable<const F&, detail::ShownOf<Operands>...>;
        static_assert(fits,
                      "roi::transform: f must take one value of each volume, run and number, in their order, "
                      "and not be mutable");
        using R = typename detail::ResultOf<F, detail::ShownOf<Operands>...>::type;
        static_assert(
            Voxel<R> || !fits,
            "roi::transform: f must return bool, an integer, float or double, the voxels of the result");
        if constexpr (Voxel<R>) {
            return std::apply(
                [&](const auto&... volumes) {
                    return detail::volume_of<R>("transform", detail::with_numbers(f, operands...),
                                                volumes...);
                },
                std::tuple_cat(detail::volume_alone(operands)...));
        } else {
            return Volume<float>{};
        }
    } else {
        return Volume<float>{};
    }
}

/// What is nothing to calculate with: refused in one line, as is an image in the place of the function.
/// \{
template <class F, class... Operands>
requires((detail::NothingCalculated<Operands> || ...) && !(AnyVolume<Operands> || ...) &&
         !(detail::has_frames<Operands> || ...))  //
    [[nodiscard]] Volume<float> transform(const F&, const Operands&...) {
    static_assert(detail::never<F>, "roi: transform takes volumes, runs and numbers behind the function");
    return {};
}
template <AnyVolume V, class F>
requires(!Calculable<F> && !detail::has_frames<F>)  //
    [[nodiscard]] Volume<float> transform(const V&, const F&) {
    static_assert(detail::never<F>, "roi: transform takes the function first: write transform(f, volume)");
    return {};
}
/// \}

/// A volume with voxels of another type, every value kept.
///
/// \tparam T      voxel type of the result
/// \param volume  any voxel type
/// \throws InvalidArgument when a value does not fit: a fraction or NaN in whole numbers, a number out of range, for a mask
///         anything but 0 and 1
///
/// One pass. Reals are rounded to float; write `as<std::int32_t>(labels + 1000)`, or `as<float>(mask)`.
template <Voxel T, AnyVolume V>
[[nodiscard]] Volume<T> as(const V& volume) {
    const auto view = view_of(volume);
    const auto* values = detail::numbers(view);
    auto out = like<T>(view);
    for (std::int64_t i = 0; i < out.size(); ++i) {
        const auto value = values[i];
        bool fits = true;
        if constexpr (std::same_as<T, bool>) {
            fits = value == 0 || value == 1;
        } else if constexpr (std::integral<T> && std::floating_point<VoxelOf<V>>) {
            const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
            fits = value >= (std::is_signed_v<T> ? -end : 0.0) && value < end && value == std::floor(value);
        } else if constexpr (std::integral<T>) {
            fits = std::in_range<T>(value);
        }
        if (!fits) {
            const auto at = view.shape().voxel(i);
            throw InvalidArgument(
                text("as: voxel (", joined(at), ") is ", value, ", which the new type does not hold"));
        }
        out[i] = static_cast<T>(value);
    }
    return out;
}

}  // namespace roi
