// Runs calculated with: with other runs, with volumes that meet every volume, with numbers.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/arithmetic.hpp>
#include <roi/image/comparison.hpp>
#include <roi/image/view.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/transform.hpp>

#include <cmath>
#include <concepts>
#include <functional>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace roi {

/// A run on at least one side of an operator.
template <class A, class B>
concept CalculableRuns = RunOfNumbers<A> || RunOfNumbers<B>;

namespace detail {

template <class A, class B>
inline constexpr bool are_run_operands = is_run_operand<A>&& is_run_operand<B>;

/// Bits of the whole numbers that a run or volume in memory holds; 0 of all others.
template <class Operand>
inline constexpr int whole_bits = 0;
template <class Operand>
requires requires { typename Operand::value_type; }
inline constexpr int whole_bits<Operand> = std::integral<typename Operand::value_type>
                                               ? std::numeric_limits<typename Operand::value_type>::digits
                                               : 0;

/// What two runs are calculated in, so that whole numbers stay what they are: float holds sums of 16 bits, and of products
/// those of few bits.
template <class Operation, class A, class B>
using RealOfRuns =
    std::conditional_t<std::same_as<Operation, std::multiplies<>> &&
                           (whole_bits<std::remove_cvref_t<A>> + whole_bits<std::remove_cvref_t<B>> >
                            std::numeric_limits<float>::digits),
                       double, RealOfBoth<ShownOfRunT<A>, ShownOfRunT<B>>>;

/// `operation(a, b)` at every place of every volume; types as of volumes.
template <class Operation, class A, class B>
[[nodiscard]] auto calculated_runs(std::string_view name, const Operation& operation, A&& a, B&& b) {
    if constexpr (!are_run_operands<A, B>) {
        return no_run<gives_source<A, B>>();
    } else if constexpr (Scalar<std::remove_cvref_t<B>>) {
        using R = ShownOfRunT<A>;
        using W = WorkingType<R, R, std::remove_cvref_t<B>>;
        return of_operands(
            name,
            [operation, right = static_cast<W>(b)](R left) {
                return static_cast<R>(operation(static_cast<W>(left), right));
            },
            std::forward<A>(a));
    } else if constexpr (Scalar<std::remove_cvref_t<A>>) {
        using R = ShownOfRunT<B>;
        using W = WorkingType<R, R, std::remove_cvref_t<A>>;
        return of_operands(
            name,
            [operation, left = static_cast<W>(a)](R right) {
                return static_cast<R>(operation(left, static_cast<W>(right)));
            },
            std::forward<B>(b));
    } else {
        using R = RealOfRuns<Operation, A, B>;
        return of_operands(
            name,
            [operation](auto left, auto right) {
                return static_cast<R>(operation(static_cast<R>(left), static_cast<R>(right)));
            },
            std::forward<A>(a), std::forward<B>(b));
    }
}

/// 1 where `Comparison` holds between two values, else 0.
template <class Comparison>
struct Truth {
    static constexpr bool only_zeros_and_ones = true;
    [[nodiscard]] float operator()(auto x, auto y) const { return holds<Comparison>(x, y) ? 1.0F : 0.0F; }
};
/// The same of a number and a value.
template <class Comparison, Scalar Number>
struct TruthAfter {
    static constexpr bool only_zeros_and_ones = true;
    Number number;
    [[nodiscard]] float operator()(auto y) const { return holds<Comparison>(number, y) ? 1.0F : 0.0F; }
};
/// The same of a value and a number.
template <class Comparison, Scalar Number>
struct TruthBefore {
    static constexpr bool only_zeros_and_ones = true;
    Number number;
    [[nodiscard]] float operator()(auto x) const { return holds<Comparison>(x, number) ? 1.0F : 0.0F; }
};

/// 1 where `Comparison` holds between the values of `a` and `b`, else 0.
template <class Comparison, class A, class B>
[[nodiscard]] auto compared_runs(A&& a, B&& b) {
    if constexpr (!are_run_operands<A, B>) {
        return no_run<gives_source<A, B>>();
    } else if constexpr (Scalar<std::remove_cvref_t<B>>) {
        using Number = ShownOfRunT<A>;
        return of_operands("comparison", TruthBefore<Comparison, Number>{static_cast<Number>(b)},
                           std::forward<A>(a));
    } else if constexpr (Scalar<std::remove_cvref_t<A>>) {
        using Number = ShownOfRunT<B>;
        return of_operands("comparison", TruthAfter<Comparison, Number>{static_cast<Number>(a)},
                           std::forward<B>(b));
    } else {
        return of_operands("comparison", Truth<Comparison>{}, std::forward<A>(a), std::forward<B>(b));
    }
}

/// `f` of every value, calculated in double.
template <class F, class R>
[[nodiscard]] auto function_of_run(std::string_view name, F f, R&& run) {
    using T = ShownOfRunT<R>;
    return of_operands(
        name, [f](T value) { return static_cast<T>(f(static_cast<double>(value))); }, std::forward<R>(run));
}

}  // namespace detail

/// \name Arithmetic of runs
/// Voxel by voxel, volume by volume: `open(a) - open(b)`, `run / mean(run)`, `open(path) * 2.0`.
///
/// \param a, b  two runs of one length, each a source or in memory; or a run and a volume, which meets every volume of it, or a
///              number, in either order; a mask counts as 0 and 1
/// \returns     where one is a source a source, of which nothing is read yet, else a run in memory. With the header fields of
///              the first run. float, or double where one side is double or holds integers of 32 bits and more, and of a
///              product of whole numbers in memory that float does not hold, as of two of 16 bits; a number takes the
///              precision of the run beside it
/// \throws GridMismatch when the two lie on different grids; InvalidArgument when one run has more volumes than the other
///
/// `transform` with an operator, which says what becomes part of a source. Sources of your own that live in another namespace need `using roi::operator-` there.
/// Memory of a source: one volume of each side a thread.
/// \{
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator+(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: + takes volumes, runs and numbers");
    return detail::calculated_runs("+", std::plus<>{}, std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator-(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: - takes volumes, runs and numbers");
    return detail::calculated_runs("-", std::minus<>{}, std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator*(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: * takes volumes, runs and numbers");
    return detail::calculated_runs("*", std::multiplies<>{}, std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator/(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: / takes volumes, runs and numbers");
    return detail::calculated_runs("/", std::divides<>{}, std::forward<A>(a), std::forward<B>(b));
}
template <RunOfNumbers R>
[[nodiscard]] auto operator-(R&& run) {
    return detail::function_of_run(
        "-", [](double value) { return -value; }, std::forward<R>(run));
}
/// \}

/// \name Comparisons of runs
/// Voxel by voxel, volume by volume: `run > mean(run)`, `open(path) >= 2.0`, `open(a) != open(b)`.
///
/// \param a, b  as for arithmetic of runs
/// \returns     1 where the relation holds and 0 elsewhere, as float: of sources a source, of runs in memory such a run; so
///              `mean(run > 2.0)` is how often it holds, and `run * (run > 2.0)` what is left of the run
/// \throws      as arithmetic of runs
///
/// Numbers compare as those of volumes do: every relation with NaN is false but `!=`, and a number takes the precision of the
/// run beside it.
/// \{
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator==(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: == takes volumes, runs and numbers");
    return detail::compared_runs<std::equal_to<>>(std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator!=(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: != takes volumes, runs and numbers");
    return detail::compared_runs<std::not_equal_to<>>(std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator<(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: < takes volumes, runs and numbers");
    return detail::compared_runs<std::less<>>(std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator<=(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: <= takes volumes, runs and numbers");
    return detail::compared_runs<std::less_equal<>>(std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator>(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: > takes volumes, runs and numbers");
    return detail::compared_runs<std::greater<>>(std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator>=(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: >= takes volumes, runs and numbers");
    return detail::compared_runs<std::greater_equal<>>(std::forward<A>(a), std::forward<B>(b));
}
/// \}

/// The smaller of two at every place of every volume: `minimum(run, 0.0)`, `minimum(open(a), open(b))`.
///
/// \param a, b      as for arithmetic of runs
/// \returns, \throws  as arithmetic of runs; NaN where either is NaN
///
/// NumPy's function of the same name. `minimum(run)` is the least value of every voxel over time.
template <class A, class B>
requires CalculableRuns<A, B> &&(!std::same_as<std::remove_cvref_t<B>, ScanOptions>)  //
    [[nodiscard]] auto minimum(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: minimum takes volumes, runs and numbers");
    return detail::calculated_runs("minimum", detail::Smaller{}, std::forward<A>(a), std::forward<B>(b));
}
/// The larger of two at every place of every volume; otherwise as `minimum`.
template <class A, class B>
requires CalculableRuns<A, B> &&(!std::same_as<std::remove_cvref_t<B>, ScanOptions>)  //
    [[nodiscard]] auto maximum(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: maximum takes volumes, runs and numbers");
    return detail::calculated_runs("maximum", detail::Larger{}, std::forward<A>(a), std::forward<B>(b));
}

/// One to the power of the other at every place of every volume: `pow(run, 2.0)`, `pow(open(path), exponents)`.
///
/// \param a, b        as for arithmetic of runs
/// \returns, \throws  as arithmetic of runs; NaN where `a` is below 0 and `b` is no whole number
///
/// Calculated in double. NumPy's function of the same name.
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto pow(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>, "roi: pow takes volumes, runs and numbers");
    return detail::calculated_runs("pow", detail::Power{}, std::forward<A>(a), std::forward<B>(b));
}

/// The absolute value, square root, e to the power and natural logarithm of every value of a run: a source of a source, of a
/// run in memory such a run; otherwise as those of volumes.
/// \{
template <RunOfNumbers R>
[[nodiscard]] auto abs(R&& run) {
    return detail::function_of_run(
        "abs", [](double value) { return std::abs(value); }, std::forward<R>(run));
}
template <RunOfNumbers R>
[[nodiscard]] auto sqrt(R&& run) {
    return detail::function_of_run(
        "sqrt", [](double value) { return std::sqrt(value); }, std::forward<R>(run));
}
template <RunOfNumbers R>
[[nodiscard]] auto exp(R&& run) {
    return detail::function_of_run(
        "exp", [](double value) { return std::exp(value); }, std::forward<R>(run));
}
template <RunOfNumbers R>
[[nodiscard]] auto log(R&& run) {
    return detail::function_of_run(
        "log", [](double value) { return std::log(value); }, std::forward<R>(run));
}
/// \}

namespace detail {

// Some sources live here, and operators are looked for where their operands live.
using roi::operator+;
using roi::operator-;
using roi::operator*;
using roi::operator/;
using roi::operator==;
using roi::operator!=;
using roi::operator<;
using roi::operator<=;
using roi::operator>;
using roi::operator>=;

}  // namespace detail

}  // namespace roi
