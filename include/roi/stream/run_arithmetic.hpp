// Runs calculated with: with other runs, with volumes that meet every volume, with numbers.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/arithmetic.hpp>
#include <roi/image/comparison.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/repeated.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>
#include <roi/stream/transform.hpp>

#include <cmath>
#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace roi {

/// A run in memory, an opened file, a filter over one, a source of your own.
template <class R>
concept RunOfNumbers = FrameSource<std::remove_cvref_t<R>>;

/// A run on at least one side of an operator.
template <class A, class B>
concept CalculableRuns = RunOfNumbers<A> || RunOfNumbers<B>;

namespace detail {

/// A side of an operator on runs that can be calculated with, beside the other.
template <class A, class B>
inline constexpr bool is_run_operand = Scalar<std::remove_cvref_t<A>> || AnyVolume<std::remove_cvref_t<A>> ||
                                       (RunOfNumbers<A> &&
                                        (!RunOfNumbers<B> || StreamedSource<A> == StreamedSource<B>));

template <class A, class B>
inline constexpr bool are_run_operands = is_run_operand<A, B>&& is_run_operand<B, A>;

/// May it stand in an operator? A source passes once: one with a name has to be given away.
template <class R>
inline constexpr bool moves_in =
    !StreamedSource<R> || !std::is_lvalue_reference_v<R> || std::copy_constructible<std::remove_cvref_t<R>>;

/// A run as the inner source of another: a source moves in, a run in memory is looked at.
template <class R>
[[nodiscard]] auto as_inner(R&& run) {
    if constexpr (StreamedSource<R>) {
        return in_stages(std::remove_cvref_t<R>(std::forward<R>(run)));
    } else {
        return staged(std::as_const(run));
    }
}

template <class R>
using InnerOf = decltype(as_inner(std::declval<R>()));
template <class R>
using ValueOf = typename InnerOf<R>::value_type;

/// What a run of values gives that are made of `R` or `Rest`: a source of sources, of runs in memory such a run.
template <bool Streamed, class F, class... Inner>
[[nodiscard]] auto run_of_values(F f, Inner... inner) {
    auto source = transform(std::move(f), std::move(inner)...);
    if constexpr (Streamed) {
        return source;
    } else {
        Collect<typename decltype(source)::value_type> kept;
        scan(source, kept);
        return std::move(kept).result();
    }
}

/// The values of a volume beside every volume of a run, whose header fields it takes over.
template <AnyVolume V, class Inner>
[[nodiscard]] auto beside(const V& volume, const Inner& run) {
    Volume<RealFor<VoxelOf<V>>> values = as<RealFor<VoxelOf<V>>>(volume);
    values.metadata() = run.metadata();
    return repeated(values, run.frames());
}

/// `f` of the values of two runs, or of a run and a volume in either order.
template <bool Streamed, class F, class A, class B>
[[nodiscard]] auto of_pairs(F f, A&& a, B&& b) {
    if constexpr (AnyVolume<std::remove_cvref_t<B>>) {
        auto left = as_inner(std::forward<A>(a));
        auto right = beside(b, left);
        return run_of_values<Streamed>(std::move(f), std::move(left), std::move(right));
    } else if constexpr (AnyVolume<std::remove_cvref_t<A>>) {
        auto right = as_inner(std::forward<B>(b));
        auto left = beside(a, right);
        return run_of_values<Streamed>(std::move(f), std::move(left), std::move(right));
    } else {
        return run_of_values<Streamed>(std::move(f), as_inner(std::forward<A>(a)),
                                       as_inner(std::forward<B>(b)));
    }
}

/// `operation(a, b)` at every place of every volume; types as of volumes.
template <class Operation, class A, class B>
[[nodiscard]] auto calculated_runs(const Operation& operation, A&& a, B&& b) {
    using PlainA = std::remove_cvref_t<A>;
    using PlainB = std::remove_cvref_t<B>;
    constexpr bool streamed = StreamedSource<A> || StreamedSource<B>;
    static_assert(
        moves_in<A> && moves_in<B>,
        "roi: a source that has a name moves in: write std::move(source), or open(path) in its place");
    if constexpr (!moves_in<A> || !moves_in<B>) {
        return;
    } else if constexpr (Scalar<PlainB>) {
        using R = ValueOf<A>;
        using W = WorkingType<R, R, PlainB>;
        return run_of_values<streamed>(
            [operation, right = static_cast<W>(b)](R left) {
                return static_cast<R>(operation(static_cast<W>(left), right));
            },
            as_inner(std::forward<A>(a)));
    } else if constexpr (Scalar<PlainA>) {
        using R = ValueOf<B>;
        using W = WorkingType<R, R, PlainA>;
        return run_of_values<streamed>(
            [operation, left = static_cast<W>(a)](R right) {
                return static_cast<R>(operation(left, static_cast<W>(right)));
            },
            as_inner(std::forward<B>(b)));
    } else {
        return of_pairs<streamed>(
            [operation](auto x, auto y) {
                using R = RealOfBoth<decltype(x), decltype(y)>;
                return operation(static_cast<R>(x), static_cast<R>(y));
            },
            std::forward<A>(a), std::forward<B>(b));
    }
}

/// 1 where `Comparison` holds between the values of `a` and `b`, else 0.
template <class Comparison, class A, class B>
[[nodiscard]] auto compared_runs(A&& a, B&& b) {
    constexpr bool streamed = StreamedSource<A> || StreamedSource<B>;
    constexpr auto truth = [](auto x, auto y) { return holds<Comparison>(x, y) ? 1.0F : 0.0F; };
    static_assert(
        moves_in<A> && moves_in<B>,
        "roi: a source that has a name moves in: write std::move(source), or open(path) in its place");
    if constexpr (!moves_in<A> || !moves_in<B>) {
        return;
    } else if constexpr (Scalar<std::remove_cvref_t<B>>) {
        using R = ValueOf<A>;
        return run_of_values<streamed>(
            [truth, right = static_cast<R>(b)](R left) { return truth(left, right); },
            as_inner(std::forward<A>(a)));
    } else if constexpr (Scalar<std::remove_cvref_t<A>>) {
        using R = ValueOf<B>;
        return run_of_values<streamed>(
            [truth, left = static_cast<R>(a)](R right) { return truth(left, right); },
            as_inner(std::forward<B>(b)));
    } else {
        return of_pairs<streamed>(truth, std::forward<A>(a), std::forward<B>(b));
    }
}

/// `f` of every value, calculated in double.
template <class F, class R>
[[nodiscard]] auto function_of_run(F f, R&& run) {
    static_assert(
        moves_in<R>,
        "roi: a source that has a name moves in: write std::move(source), or open(path) in its place");
    if constexpr (moves_in<R>) {
        using T = ValueOf<R>;
        return run_of_values<StreamedSource<R>>(
            [f](T value) { return static_cast<T>(f(static_cast<double>(value))); },
            as_inner(std::forward<R>(run)));
    }
}

}  // namespace detail

/// \name Arithmetic of runs
/// Voxel by voxel, volume by volume: `open(a) - open(b)`, `run / mean(run)`, `open(path) * 2.0`.
///
/// \param a, b  two sources or two runs in memory, of one length; or a run and a volume, which meets every volume of it, or a
///              number, in either order; a mask counts as 0 and 1
/// \returns     of sources a source, of which nothing is read yet; of runs in memory such a run. With the header fields of
///              the first run. float, or double where one side is double or holds integers of 32 bits and more; a number
///              takes the precision of the run beside it
/// \throws GridMismatch when the two lie on different grids; InvalidArgument when one run has more volumes than the other
///
/// `transform` with an operator. Sources of your own that live in another namespace need `using roi::operator-` there.
/// Memory of a source: one volume of each side a thread.
/// \{
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator+(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: + takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::calculated_runs(std::plus<>{}, std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator-(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: - takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::calculated_runs(std::minus<>{}, std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator*(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: * takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::calculated_runs(std::multiplies<>{}, std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator/(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: / takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::calculated_runs(std::divides<>{}, std::forward<A>(a), std::forward<B>(b));
    }
}
template <RunOfNumbers R>
[[nodiscard]] auto operator-(R&& run) {
    return detail::function_of_run([](double value) { return -value; }, std::forward<R>(run));
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
    static_assert(detail::are_run_operands<A, B>,
                  "roi: == takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::compared_runs<std::equal_to<>>(std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator!=(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: != takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::compared_runs<std::not_equal_to<>>(std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator<(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: < takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::compared_runs<std::less<>>(std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator<=(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: <= takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::compared_runs<std::less_equal<>>(std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator>(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: > takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::compared_runs<std::greater<>>(std::forward<A>(a), std::forward<B>(b));
    }
}
template <class A, class B>
requires CalculableRuns<A, B>
[[nodiscard]] auto operator>=(A&& a, B&& b) {
    static_assert(detail::are_run_operands<A, B>,
                  "roi: >= takes two sources or two runs in memory, or one and a volume or a number");
    if constexpr (detail::are_run_operands<A, B>) {
        return detail::compared_runs<std::greater_equal<>>(std::forward<A>(a), std::forward<B>(b));
    }
}
/// \}

/// The absolute value, square root, e to the power and natural logarithm of every value of a run: a source of a source, of a
/// run in memory such a run; otherwise as those of volumes.
/// \{
template <RunOfNumbers R>
[[nodiscard]] auto abs(R&& run) {
    return detail::function_of_run([](double value) { return std::abs(value); }, std::forward<R>(run));
}
template <RunOfNumbers R>
[[nodiscard]] auto sqrt(R&& run) {
    return detail::function_of_run([](double value) { return std::sqrt(value); }, std::forward<R>(run));
}
template <RunOfNumbers R>
[[nodiscard]] auto exp(R&& run) {
    return detail::function_of_run([](double value) { return std::exp(value); }, std::forward<R>(run));
}
template <RunOfNumbers R>
[[nodiscard]] auto log(R&& run) {
    return detail::function_of_run([](double value) { return std::log(value); }, std::forward<R>(run));
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
