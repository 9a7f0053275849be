// Tests that take the means of chunks out: least squares with a column for every chunk as oracle, what is refused.
#include <roi/stats/correlate.hpp>
#include <roi/stats/f_classif.hpp>
#include <roi/stats/p_values.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/select.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

using roi::Column;
using roi::Shape;

namespace {

struct Fit {
    double squares = 0.0;  ///< that are left
    Eigen::VectorXd effects;
    double rank = 0.0;
};

/// Least squares with a column for every chunk and, if wanted, for every condition.
Fit fit_of(const Eigen::VectorXd& y, const std::vector<int>& condition, const std::vector<int>& chunk,
           int conditions, int chunks) {
    const auto n = y.size();
    Eigen::MatrixXd design = Eigen::MatrixXd::Zero(n, chunks + conditions);
    for (Eigen::Index i = 0; i < n; ++i) {
        design(i, chunk[static_cast<std::size_t>(i)]) = 1.0;
        if (conditions > 0) design(i, chunks + condition[static_cast<std::size_t>(i)]) = 1.0;
    }
    const Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver(design);
    const Eigen::VectorXd solved = solver.solve(y);
    return {(y - design * solved).squaredNorm(), solved.tail(conditions), static_cast<double>(solver.rank())};
}

struct Experiment {
    std::vector<int> condition, chunk;
    Column conditions, chunks;
    int groups = 0, blocks = 0;
};

/// Chunks one after the other, or woven; every condition in at least two of them.
Experiment experiment(test::Random& random, int groups, bool woven) {
    Experiment out;
    out.groups = groups;
    out.blocks = 2 + static_cast<int>(random() % 4);
    std::vector<std::string> names, runs;
    const auto add = [&](int condition, int chunk) {
        out.condition.push_back(condition);
        out.chunk.push_back(chunk);
    };
    for (int block = 0; block < out.blocks; ++block) {
        for (int g = 0; g < groups; ++g) {
            // Some conditions are missing in some chunks, but not in the first two.
            const auto count = block < 2 ? 1 + random() % 4 : random() % 4;
            for (std::uint64_t k = 0; k < count; ++k) add(g, block);
        }
        if (block >= 2) add(static_cast<int>(random() % static_cast<unsigned>(groups)), block);
    }
    add(0, 0);
    add(1, 1);
    if (woven) {
        std::vector<std::size_t> order(out.chunk.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::shuffle(order.begin(), order.end(), random);
        const auto before = out;
        for (std::size_t i = 0; i < order.size(); ++i) {
            out.condition[i] = before.condition[order[i]];
            out.chunk[i] = before.chunk[order[i]];
        }
    }
    for (std::size_t i = 0; i < out.chunk.size(); ++i) {
        names.push_back(roi::text("c", out.condition[i]));
        runs.push_back(roi::text("run ", out.chunk[i]));
    }
    out.conditions = Column(names);
    out.chunks = Column(runs, "chunks");
    return out;
}

/// Noise round effects of conditions and, much larger, of chunks.
roi::Volume4D<double> values_of(test::Random& random, const Experiment& design, double level, double scale) {
    const Shape shape(3, 2, 2);
    const auto frames = static_cast<std::int64_t>(design.chunk.size());
    roi::Volume4D<double> run(shape, frames);
    std::normal_distribution<double> noise;
    for (std::int64_t t = 0; t < frames; ++t) {
        const auto at = static_cast<std::size_t>(t);
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            run.frame(t).data()[i] = scale * (level + 0.3 * design.condition[at] +
                                              5.0 * std::sin(3.0 * design.chunk[at]) + noise(random));
        }
    }
    return run;
}

Eigen::VectorXd series(const roi::Volume4D<double>& run, std::int64_t voxel, double less) {
    Eigen::VectorXd out(static_cast<Eigen::Index>(run.frames()));
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        out[static_cast<Eigen::Index>(t)] = run.frame(t).data()[voxel] - less;
    }
    return out;
}

}  // namespace

TEST_CASE("chunks: F and t of least squares with a column for every chunk") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 60; ++round) {
        const int groups = 2 + round % 4;
        const auto design = experiment(random, groups, round % 2 == 1);
        const double level = round % 3 == 0 ? 1e6 : 0.0;
        const double scales[] = {1e-150, 1e140, 1.0, 1e-200, 1e200, 1.0, 1e-250, 1e280};
        const double scale = scales[round % 8];
        const auto run = values_of(random, design, level, scale);
        const auto test = roi::f_classif(run, design.conditions, {}, {.chunks = design.chunks});
        for (std::int64_t i = 0; i < test.f.size(); ++i) {
            // Without the level, which the oracle could not bear.
            const Eigen::VectorXd y = series(run, i, scale * level) / scale;
            const auto all = fit_of(y, design.condition, design.chunk, groups, design.blocks);
            const auto less = fit_of(y, design.condition, design.chunk, 0, design.blocks);
            const double df1 = all.rank - less.rank, df2 = static_cast<double>(y.size()) - all.rank;
            REQUIRE(test.df1 == df1);
            REQUIRE(test.df2 == df2);
            const double f = (less.squares - all.squares) / df1 / (all.squares / df2);
            INFO("round " << round << ", voxel " << i);
            CHECK(test.f[i] == Approx(f).epsilon(level > 0.0 ? 1e-8 : 1e-10).margin(1e-10));
        }
        test::PlainSource source(run);
        const auto streamed =
            roi::f_classif(source, design.conditions, {}, {.chunks = design.chunks, .threads = 5});
        CHECK(test::same_bytes(streamed.f, test.f));
        CHECK(test::same_bytes(streamed.p, test.p));

        // Two of the conditions: t squared is F, and has the sign of the difference.
        const auto first = design.conditions == "c0", second = design.conditions == "c1";
        const auto f2 = roi::f_classif(run, design.conditions, {"c0", "c1"}, {.chunks = design.chunks});
        const auto t2 = roi::ttest_ind(run, first, second, {.chunks = design.chunks});
        roi::TTestInd sink(first, second, {.chunks = design.chunks});
        roi::scan(run, sink);
        const auto difference = sink.difference();
        for (std::int64_t i = 0; i < f2.f.size(); ++i) {
            CHECK(t2.t[i] * t2.t[i] == Approx(f2.f[i]).epsilon(1e-10));
            CHECK(t2.p[i] == Approx(f2.p[i]).epsilon(1e-9));
            CHECK(t2.df[i] == f2.df2);
            CHECK(std::signbit(t2.t[i]) == std::signbit(difference[i]));
        }
        CHECK(test::same_bytes(std::move(sink).result().t, t2.t));
    }
}

TEST_CASE("chunks: volumes whose condition or chunk is missing count for nothing") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto design = experiment(random, 3, false);
    const auto run = values_of(random, design, 0.0, 1.0);
    std::vector<std::string> conditions(design.conditions.begin(), design.conditions.end());
    std::vector<std::string> chunks(design.chunks.begin(), design.chunks.end());
    const auto without_condition = [&](std::size_t volume, const std::string& missing) {
        auto changed = conditions;
        changed[volume] = missing;
        return Column(changed);
    };
    const auto without_chunk = [&](std::size_t volume, const std::string& missing) {
        auto changed = chunks;
        changed[volume] = missing;
        return Column(changed);
    };
    const std::vector<std::string> all{"c0", "c1", "c2"};
    const auto expected = roi::f_classif(run, without_condition(1, "other"), all, {.chunks = design.chunks});
    for (const std::string missing : {"n/a", ""}) {
        const auto by_condition =
            roi::f_classif(run, without_condition(1, missing), {}, {.chunks = design.chunks});
        const auto by_chunk =
            roi::f_classif(run, design.conditions, {}, {.chunks = without_chunk(1, missing)});
        CHECK(by_condition.df1 == 2.0);
        CHECK(by_condition.df2 == expected.df2);
        CHECK(by_chunk.df2 == expected.df2);
        // Conditions that are not told come in the order of their volumes.
        for (std::int64_t i = 0; i < run.grid().size(); ++i) {
            CHECK(by_condition.f[i] == Approx(expected.f[i]).epsilon(1e-11));
            CHECK(by_chunk.f[i] == Approx(expected.f[i]).epsilon(1e-11));
        }
    }
}

TEST_CASE("chunks: runs that were scanned apart are merged to all runs at once") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto a = experiment(random, 3, false), b = experiment(random, 3, true);
    const auto run_a = values_of(random, a, 0.0, 1.0), run_b = values_of(random, b, 0.0, 1.0);
    std::vector<std::string> conditions(a.conditions.begin(), a.conditions.end()), chunks;
    conditions.insert(conditions.end(), b.conditions.begin(), b.conditions.end());
    for (const auto& chunk : a.chunks) chunks.push_back("a " + chunk);
    for (const auto& chunk : b.chunks) chunks.push_back("b " + chunk);
    const auto together = roi::f_classif(roi::concat(run_a, run_b), Column(conditions), {"c0", "c1", "c2"},
                                         {.chunks = Column(chunks)});
    roi::FClassif one(a.conditions, {"c0", "c1", "c2"}, {.chunks = a.chunks});
    roi::FClassif two(b.conditions, {"c0", "c1", "c2"}, {.chunks = b.chunks});
    roi::scan(run_a, one);
    roi::scan(run_b, two);
    one.merge(two);
    const auto merged = one.result();
    CHECK(merged.df2 == together.df2);
    for (std::int64_t i = 0; i < merged.f.size(); ++i) {
        CHECK(merged.f[i] == Approx(together.f[i]).epsilon(1e-11));
    }
    roi::FClassif plain(a.conditions, {"c0", "c1", "c2"});
    roi::scan(run_a, plain);
    CHECK_THROWS_AS(one.merge(plain), roi::InvalidArgument);
    // Runs in other units: what is far smaller does not show, what is as large does.
    for (const double scale : {1e-200, 1e200}) {
        const auto far_a = values_of(random, a, 0.0, scale), far_b = values_of(random, b, 0.0, scale);
        const auto both = roi::f_classif(roi::concat(far_a, far_b), Column(conditions), {"c0", "c1", "c2"},
                                         {.chunks = Column(chunks)});
        roi::FClassif first(a.conditions, {"c0", "c1", "c2"}, {.chunks = a.chunks});
        roi::FClassif second(b.conditions, {"c0", "c1", "c2"}, {.chunks = b.chunks});
        roi::scan(far_a, first);
        roi::scan(far_b, second);
        auto swapped = second;
        second.merge(one);
        first.merge(swapped);
        for (std::int64_t i = 0; i < both.f.size(); ++i) {
            CHECK(first.result().f[i] == Approx(both.f[i]).epsilon(1e-11));
            CHECK(std::isfinite(second.result().f[i]));
        }
    }
}

TEST_CASE("chunks: no digits are lost where conditions lie millions of standard deviations apart") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int repeat = 0; repeat < 12; ++repeat) {
        const int groups = 2 + repeat % 3;
        auto a = experiment(random, groups, repeat % 2 == 1), b = experiment(random, groups, false);
        const std::size_t half = a.chunk.size();
        auto both = a;
        for (std::size_t i = 0; i < b.chunk.size(); ++i) {
            both.condition.push_back(b.condition[i]);
            both.chunk.push_back(b.chunk[i] + a.blocks);
        }
        std::vector<std::string> names, conditions, chunks;
        for (int g = 0; g < groups; ++g) names.push_back(roi::text("c", g));
        for (std::size_t i = 0; i < both.chunk.size(); ++i) {
            conditions.push_back(roi::text("c", both.condition[i]));
            chunks.push_back(roi::text(both.chunk[i]));
        }
        Eigen::MatrixXd n = Eigen::MatrixXd::Zero(a.blocks + b.blocks, groups);
        for (std::size_t i = 0; i < both.chunk.size(); ++i) n(both.chunk[i], both.condition[i]) += 1.0;
        auto near = values_of(random, both, 0.0, 1.0);
        // Of few digits, so that what is added rounds nothing.
        for (double& value : near.values()) value = std::round(value * 0x1p20) * 0x1p-20;
        for (const double apart : {1.0, 1e3, 1e6, 0x1p30}) {
            auto far = near;
            for (std::int64_t t = 0; t < far.frames(); ++t) {
                for (double& value : far.frame(t).values())
                    value += apart * both.condition[static_cast<std::size_t>(t)];
            }
            const auto part = [&](std::size_t from, std::size_t to) {
                return std::vector<std::string>(chunks.begin() + static_cast<std::ptrdiff_t>(from),
                                                chunks.begin() + static_cast<std::ptrdiff_t>(to));
            };
            const auto said = [&](std::size_t from, std::size_t to) {
                return Column(std::vector<std::string>(conditions.begin() + static_cast<std::ptrdiff_t>(from),
                                                       conditions.begin() + static_cast<std::ptrdiff_t>(to)));
            };
            const auto all = conditions.size();
            const auto once = roi::f_classif(far, said(0, all), names, {.chunks = Column(chunks)});
            roi::FClassif one(said(0, half), names,
                              {.chunks = Column(part(0, half)), .nan_policy = roi::NanPolicy::omit});
            roi::FClassif two(said(half, all), names,
                              {.chunks = Column(part(half, all)), .nan_policy = roi::NanPolicy::omit});
            roi::scan(roi::select(far, roi::FrameRange{0, static_cast<std::int64_t>(half)}), one);
            roi::scan(roi::select(far, roi::FrameRange{static_cast<std::int64_t>(half), far.frames()}), two);
            one.merge(two);
            const auto merged = one.result();
            for (std::int64_t i = 0; i < near.grid().size(); ++i) {
                const auto fit =
                    fit_of(series(near, i, 0.0), both.condition, both.chunk, groups, a.blocks + b.blocks);
                double explained = 0.0;
                for (int g = 0; g < groups; ++g) {
                    for (int h = 0; h < g; ++h) {
                        const double weight =
                            (n.col(g).array() * n.col(h).array() / n.rowwise().sum().array()).sum();
                        explained += weight * std::pow(fit.effects[g] - fit.effects[h] + apart * (g - h), 2);
                    }
                }
                const double f = explained / (groups - 1) / (fit.squares / once.df2);
                INFO("groups " << groups << " apart " << apart);
                // An effect and what it is apart from lose what rounding takes of their sum, 1e-16 of it.
                const double within = std::max(1e-10, 1e-15 * apart);
                CHECK(once.f[i] == Approx(f).epsilon(within));
                CHECK(merged.f[i] == Approx(f).epsilon(within));
            }
            if (groups > 2) continue;
            const auto t = roi::ttest_ind(far, Column(conditions) == "c1", Column(conditions) == "c0",
                                          {.chunks = Column(chunks)});
            for (std::int64_t i = 0; i < near.grid().size(); ++i) {
                CHECK(t.t[i] * t.t[i] == Approx(once.f[i]).epsilon(std::max(1e-11, 1e-15 * apart)));
            }
        }
    }
}

TEST_CASE("chunks: what is 1e158 times smaller than a chunk that does not vary is no t of infinity") {
    const Column conditions({"a", "b", "a", "b", "a", "b", "a", "b"}),
        chunks({"1", "1", "1", "1", "2", "2", "2", "2"});
    const auto t_of = [&](double unit) {
        const roi::Volume4D<double> run(
            Shape(1, 1, 1), 8, std::vector<double>{1, 1, 1, 1, 2 * unit, 2 * unit, 7 * unit, 9 * unit});
        return roi::ttest_ind(run, conditions == "a", conditions == "b", {.chunks = chunks}).t[0];
    };
    CHECK(t_of(1e-150) == Approx(-0.258198889747).epsilon(1e-10));
    CHECK(std::isnan(t_of(1e-170)));
}

TEST_CASE("chunks: correlation of what least squares leaves of voxels and signal") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 40; ++round) {
        auto design = experiment(random, 2, round % 2 == 1);
        const double level = round % 3 == 0 ? 1e6 : 0.0;
        const double scales[] = {1e-150, 1e140, 1.0, 1e-200, 1e200, 1.0, 1e-250, 1e280};
        const double scale = scales[round % 8], of_signal = round % 5 == 0 ? 1e-150 : 1e3;
        const auto run = values_of(random, design, level, scale);
        const auto frames = static_cast<std::size_t>(run.frames());
        std::vector<double> seed(frames);
        Eigen::VectorXd signal(static_cast<Eigen::Index>(frames));
        std::normal_distribution<double> noise;
        for (std::size_t t = 0; t < frames; ++t) {
            const double value = 7.0 * design.chunk[t] + noise(random);
            signal[static_cast<Eigen::Index>(t)] = value;
            seed[t] = of_signal * value;
        }
        const auto left_of = [&](const Eigen::VectorXd& y) {
            Eigen::VectorXd out = y;
            for (int chunk = 0; chunk < design.blocks; ++chunk) {
                double sum = 0.0, n = 0.0;
                for (std::size_t t = 0; t < frames; ++t) {
                    if (design.chunk[t] != chunk) continue;
                    sum += y[static_cast<Eigen::Index>(t)];
                    n += 1.0;
                }
                for (std::size_t t = 0; t < frames; ++t) {
                    if (design.chunk[t] == chunk) out[static_cast<Eigen::Index>(t)] -= sum / n;
                }
            }
            return out;
        };
        const auto test = roi::correlate(run, seed, {.chunks = design.chunks});
        CHECK(test.df == static_cast<double>(frames) - design.blocks - 1.0);
        const Eigen::VectorXd s = left_of(signal);
        for (std::int64_t i = 0; i < test.r.size(); ++i) {
            // Without the level, which the oracle could not bear.
            const Eigen::VectorXd x = left_of(series(run, i, scale * level) / scale);
            INFO("round " << round << ", voxel " << i);
            const double r = x.dot(s) / std::sqrt(x.squaredNorm() * s.squaredNorm());
            CHECK(test.r[i] == Approx(r).epsilon(level > 0.0 ? 1e-8 : 1e-11).margin(1e-11));
            CHECK(test.p[i] ==
                  Approx(roi::p_of_r(test.r[i], static_cast<double>(frames) - design.blocks + 1.0))
                      .epsilon(1e-10));
        }
        test::PlainSource source(run);
        const auto streamed = roi::correlate(source, seed, {.chunks = design.chunks, .threads = 5});
        CHECK(test::same_bytes(streamed.r, test.r));
        CHECK(test::same_bytes(streamed.p, test.p));

        // Runs that were scanned apart: their chunks are others, though they are called the same.
        const auto more = values_of(random, design, level, scale);
        std::vector<std::string> chunks;
        std::vector<double> both = seed;
        for (const auto& chunk : design.chunks) chunks.push_back("a " + chunk);
        for (const auto& chunk : design.chunks) chunks.push_back("b " + chunk);
        for (const double value : seed) both.push_back(-1e-5 * value);
        const auto together = roi::correlate(roi::concat(run, more), both, {.chunks = Column(chunks)});
        roi::Correlate one(seed, {.chunks = design.chunks});
        roi::Correlate two(std::span<const double>(both).subspan(frames), {.chunks = design.chunks});
        roi::scan(run, one);
        roi::scan(more, two);
        one.merge(two);
        CHECK(one.result().df == together.df);
        for (std::int64_t i = 0; i < test.r.size(); ++i) {
            CHECK(one.result().r[i] == Approx(together.r[i]).epsilon(1e-11).margin(1e-12));
        }
    }
}

TEST_CASE("chunks: NaN is left out: F, t and r of least squares on what every voxel has left") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr auto omit = roi::NanPolicy::omit;
    std::normal_distribution<double> noise;
    int tested = 0, not_tested = 0;
    for (int round = 0; round < 60; ++round) {
        const int groups = 2 + round % 4;
        const auto design = experiment(random, groups, round % 2 == 1);
        const double scales[] = {1e-150, 1e140, 1.0, 1e-200, 1e200, 1.0, 1e-250, 1e280};
        const double level = round % 3 == 0 ? 1e6 : 0.0, scale = scales[round % 8];
        const auto whole = values_of(random, design, level, scale);
        auto run = whole;
        const auto frames = static_cast<std::size_t>(run.frames());
        std::vector<double> seed(frames);
        for (std::size_t t = 0; t < frames; ++t) seed[t] = 1e3 + 7.0 * design.chunk[t] + noise(random);
        // The first three voxels have all, some lose volumes, a chunk, a condition, everything.
        for (std::size_t t = 0; t < frames; ++t) {
            double* const values = run.frame(static_cast<std::int64_t>(t)).data();
            for (std::size_t i = 3; i < 9; ++i) {
                if (random() % (2 + i % 4) == 0) values[i] = nan;
            }
            if (design.chunk[t] == 0) values[9] = nan;
            if (design.condition[t] == 1) values[10] = nan;
            values[11] = nan;
        }
        const auto f =
            roi::f_classif(run, design.conditions, {}, {.chunks = design.chunks, .nan_policy = omit});
        const auto f_whole = roi::f_classif(whole, design.conditions, {}, {.chunks = design.chunks});
        const auto first = design.conditions == "c0", second = design.conditions == "c1";
        roi::TTestInd sink(first, second, {.nan_policy = omit, .chunks = design.chunks});
        roi::scan(run, sink);
        const auto difference = sink.difference();
        const auto t = std::move(sink).result();
        const auto t_whole = roi::ttest_ind(whole, first, second, {.chunks = design.chunks});
        const auto f2 = roi::f_classif(run, design.conditions, {"c0", "c1"},
                                       {.chunks = design.chunks, .nan_policy = omit});
        const std::optional r = roi::correlate(run, seed, {.chunks = design.chunks, .nan_policy = omit});
        const std::optional r_whole = roi::correlate(whole, seed, {.chunks = design.chunks});
        for (std::int64_t i = 0; i < f.f.size(); ++i) {
            INFO("round " << round << ", voxel " << i);
            if (i < 3) {
                CHECK(f.f[i] == f_whole.f[i]);
                CHECK(f.p[i] == Approx(f_whole.p[i]).epsilon(1e-12));
                CHECK(f.df2_of(i) == f_whole.df2);
                CHECK(t.t[i] == t_whole.t[i]);
                CHECK(t.df[i] == t_whole.df[i]);
                if (r) CHECK(r->r[i] == r_whole->r[i]);
                if (r) CHECK(r->df_of(i) == r_whole->df);
            }
            // What is left, without the level, which the oracle could not bear.
            std::vector<int> condition, chunk;
            std::vector<double> left, signal;
            for (std::size_t volume = 0; volume < frames; ++volume) {
                const double value = run.frame(static_cast<std::int64_t>(volume)).data()[i];
                if (std::isnan(value)) continue;
                condition.push_back(design.condition[volume]);
                chunk.push_back(design.chunk[volume]);
                left.push_back((value - scale * level) / scale);
                signal.push_back(seed[volume]);
            }
            const auto n = static_cast<Eigen::Index>(left.size());
            const Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(left.data(), n);
            double df1 = 0.0, df2 = 0.0, expected = nan;
            if (n > 0) {
                const auto all = fit_of(y, condition, chunk, groups, design.blocks);
                const auto less = fit_of(y, condition, chunk, 0, design.blocks);
                df1 = all.rank - less.rank, df2 = static_cast<double>(n) - all.rank;
                expected = (less.squares - all.squares) / df1 / (all.squares / df2);
            }
            if (df1 < f.df1 || df2 < 1.0) {
                CHECK(std::isnan(f.f[i]));
                CHECK(std::isnan(f.p[i]));
                CHECK(std::isnan(f.df2_of(i)));
                ++not_tested;
            } else {
                CHECK(f.df2_of(i) == df2);
                CHECK(f.f[i] == Approx(expected).epsilon(level > 0.0 ? 1e-8 : 1e-9).margin(1e-10));
                ++tested;
            }
            // Two of the conditions: t squared is F, and has the sign of the difference.
            if (std::isnan(f2.f[i])) {
                CHECK(std::isnan(t.t[i]));
                CHECK(std::isnan(t.df[i]));
            } else {
                CHECK(t.t[i] * t.t[i] == Approx(f2.f[i]).epsilon(1e-9));
                CHECK(t.p[i] == Approx(f2.p[i]).epsilon(1e-8));
                CHECK(t.df[i] == f2.df2_of(i));
                CHECK(std::signbit(t.t[i]) == std::signbit(difference[i]));
            }
            if (!r) continue;
            if (n < 2) {
                CHECK(std::isnan(r->r[i]));
                CHECK(std::isnan(r->df_of(i)));
                continue;
            }
            const Eigen::VectorXd s = Eigen::Map<const Eigen::VectorXd>(signal.data(), n);
            const auto left_of = [&](const Eigen::VectorXd& values) {
                Eigen::VectorXd out = values;
                for (int c = 0; c < design.blocks; ++c) {
                    double sum = 0.0, count = 0.0;
                    for (Eigen::Index k = 0; k < n; ++k) {
                        if (chunk[static_cast<std::size_t>(k)] == c) sum += values[k], count += 1.0;
                    }
                    for (Eigen::Index k = 0; k < n; ++k) {
                        if (chunk[static_cast<std::size_t>(k)] == c) out[k] -= sum / count;
                    }
                }
                return out;
            };
            const double df =
                static_cast<double>(n) - fit_of(y, condition, chunk, 0, design.blocks).rank - 1.0;
            if (df < 0.0) {
                CHECK(std::isnan(r->r[i]));
                continue;
            }
            CHECK(r->df_of(i) == df);
            const Eigen::VectorXd x = left_of(y), u = left_of(s);
            const double known = x.dot(u) / std::sqrt(x.squaredNorm() * u.squaredNorm());
            CHECK(r->r[i] == Approx(known).epsilon(level > 0.0 ? 1e-8 : 1e-10).margin(1e-10));
            if (df > 0.0) CHECK(r->p[i] == Approx(roi::p_of_r(r->r[i], df + 2.0)).epsilon(1e-9));
        }
        test::PlainSource source(run);
        const roi::FClassifOptions threads{.chunks = design.chunks, .nan_policy = omit, .threads = 5};
        CHECK(test::same_bytes(roi::f_classif(source, design.conditions, {}, threads).f, f.f));
        if (r) {
            const roi::CorrelateOptions five{.chunks = design.chunks, .nan_policy = omit, .threads = 5};
            test::PlainSource again(run);
            CHECK(test::same_bytes(roi::correlate(again, seed, five).r, r->r));
        }
    }
    CHECK(tested > 300);
    CHECK(not_tested > 50);
}

TEST_CASE("chunks: NaN is left out of runs that are merged, of signals with NaN, and counted") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr auto omit = roi::NanPolicy::omit;
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto a = experiment(random, 3, false), b = experiment(random, 3, true);
    auto run_a = values_of(random, a, 0.0, 1.0), run_b = values_of(random, b, 0.0, 1.0);
    for (auto* const run : {&run_a, &run_b}) {
        for (std::int64_t t = 0; t < run->frames(); ++t) {
            for (std::int64_t i = 1; i < 12; ++i) {
                if (random() % 4 == 0) run->frame(t).data()[i] = nan;
            }
        }
    }
    // Of this voxel no run alone could tell, of the second one there is nothing in the first run.
    for (std::int64_t t = 0; t < run_a.frames(); ++t) run_a.frame(t).data()[5] = nan;
    std::vector<std::string> conditions(a.conditions.begin(), a.conditions.end()), chunks;
    conditions.insert(conditions.end(), b.conditions.begin(), b.conditions.end());
    for (const auto& chunk : a.chunks) chunks.push_back("a " + chunk);
    for (const auto& chunk : b.chunks) chunks.push_back("b " + chunk);
    const auto together = roi::f_classif(roi::concat(run_a, run_b), Column(conditions), {"c0", "c1", "c2"},
                                         {.chunks = Column(chunks), .nan_policy = omit});
    roi::FClassif one(a.conditions, {"c0", "c1", "c2"}, {.chunks = a.chunks, .nan_policy = omit});
    roi::FClassif two(b.conditions, {"c0", "c1", "c2"}, {.chunks = b.chunks, .nan_policy = omit});
    roi::scan(run_a, one);
    roi::scan(run_b, two);
    one.merge(two);
    const auto merged = one.result();
    const auto same = [](double x, double y) {
        return std::isnan(x) ? std::isnan(y) : x == Approx(y).epsilon(1e-10).margin(1e-12);
    };
    for (std::int64_t i = 0; i < merged.f.size(); ++i) {
        INFO("voxel " << i);
        CHECK(same(merged.df2_of(i), together.df2_of(i)));
        CHECK(same(merged.f[i], together.f[i]));
    }
    // A signal that is 1e5 times as large in the second run, and NaN somewhere.
    std::vector<double> seed(conditions.size());
    std::normal_distribution<double> noise;
    const auto frames = static_cast<std::size_t>(run_a.frames());
    for (std::size_t t = 0; t < seed.size(); ++t) seed[t] = noise(random) * (t < frames ? 1.0 : 1e5);
    seed[1] = nan;
    const auto r =
        roi::correlate(roi::concat(run_a, run_b), seed, {.chunks = Column(chunks), .nan_policy = omit});
    roi::Correlate first(std::span<const double>(seed).first(frames),
                         {.chunks = a.chunks, .nan_policy = omit});
    roi::Correlate second(std::span<const double>(seed).subspan(frames),
                          {.chunks = b.chunks, .nan_policy = omit});
    roi::scan(run_a, first);
    roi::scan(run_b, second);
    roi::Correlate propagates(std::span<const double>(seed).subspan(frames), {.chunks = b.chunks});
    roi::scan(run_b, propagates);
    CHECK_THROWS_AS(first.merge(propagates), roi::InvalidArgument);
    first.merge(second);
    for (std::int64_t i = 0; i < r.r.size(); ++i) {
        INFO("voxel " << i);
        CHECK(same(first.result().df_of(i), r.df_of(i)));
        CHECK(same(first.result().r[i], r.r[i]));
    }
    CHECK(r.df_of(0) == r.df);
    CHECK(r.df == static_cast<double>(seed.size()) - 1.0 - a.blocks - b.blocks - 1.0);

    std::vector<std::string> lines;
    (void)roi::f_classif(run_a, a.conditions, {},
                         {.chunks = a.chunks, .nan_policy = omit, .warning = [&](std::string_view line) {
                              lines.emplace_back(line);
                          }});
    REQUIRE(!lines.empty());
    CHECK(test::contains(lines[0], "NaN is left out, infinity makes the result NaN"));
    // Infinity stays what it is.
    run_a.frame(0).data()[0] = std::numeric_limits<double>::infinity();
    CHECK(std::isnan(roi::f_classif(run_a, a.conditions, {}, {.chunks = a.chunks, .nan_policy = omit}).f[0]));
    // A signal that left a voxel constant is no signal there, however far its other values are.
    const roi::Volume4D<double> short_run(Shape(2, 1, 1), 5,
                                          std::vector<double>{1, 1, 3, 3, 2, 2, 5, 5, nan, 9});
    const auto spike = roi::correlate(short_run, std::vector<double>{1, 1, 1, 1, 1e9},
                                      {.chunks = Column({"1", "1", "1", "1", "1"}), .nan_policy = omit});
    CHECK(std::isnan(spike.r[0]));
    CHECK(std::isfinite(spike.r[1]));
}

TEST_CASE("chunks: how many volumes of the conditions have no chunk is said") {
    const roi::Volume4D<double> run(Shape(1, 1, 1), 8, std::vector<double>{1, 3, 7, 8, 2, 2, 4, 9});
    const Column conditions({"a", "b", "a", "b", "n/a", "a", "b", "a"});
    const auto said = [&](const Column& chunks, auto&& test) {
        std::vector<std::string> lines;
        test(chunks, [&](std::string_view line) { lines.emplace_back(line); });
        return lines;
    };
    const auto f = [&](const Column& chunks, const roi::WarningHandler& warning) {
        (void)roi::f_classif(run, conditions, {}, {.chunks = chunks, .warning = warning});
    };
    const auto t = [&](const Column& chunks, const roi::WarningHandler& warning) {
        (void)roi::ttest_ind(run, conditions == "a", conditions == "b",
                             {.chunks = chunks, .warning = warning});
    };
    const auto r = [&](const Column& chunks, const roi::WarningHandler& warning) {
        (void)roi::correlate(run, std::vector<double>{1, 2, 9, 4, 4, 5, 3, 1},
                             {.chunks = chunks, .warning = warning});
    };
    // The fifth volume is of no condition.
    const Column two({"1", "1", "", "1", "n/a", "n/a", "2", "2"}, "run"),
        all({"1", "1", "1", "1", "n/a", "2", "2", "2"});
    const std::string rest = " have no chunk in column \"run\", they are left out";
    CHECK(said(two, f) == std::vector{"f_classif: 2 volumes" + rest});
    CHECK(said(two, t) == std::vector{"ttest_ind: 2 volumes" + rest});
    CHECK(said(two, r) == std::vector{"correlate: 3 volumes" + rest});
    CHECK(said(all, f).empty());
    CHECK(said(all, t).empty());
    CHECK(said(all, r) ==
          std::vector<std::string>{"correlate: 1 volume has no chunk in column \"labels\", it is left out"});
}

TEST_CASE("chunks: correlation of volumes without a chunk, of signals that change between chunks only") {
    const std::vector<double> seed{1, 2, 9, 4, 4, 5};
    const roi::Volume4D<double> run(Shape(1, 1, 1), 6, std::vector<double>{1, 3, 7, 8, 2, 2});
    // Within chunks the signal is -0.5 0.5 and -1/3 -1/3 2/3, the voxel -1 1 and 4 -2 -2.
    const auto test = roi::correlate(run, seed, {.chunks = Column({"1", "1", "n/a", "2", "2", "2"})});
    CHECK(test.df == 2.0);
    CHECK(test.r[0] == Approx(-1.0 / std::sqrt((0.5 + 2.0 / 3.0) * 26.0)).epsilon(1e-14));
    const auto refused = [&](const std::vector<double>& signal, const Column& chunks) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::correlate(run, signal, {.chunks = chunks}); });
    };
    CHECK(test::contains(refused({1, 1, 1, 2, 2, 2}, Column({"1", "1", "1", "2", "2", "2"})),
                         "changes within no chunk"));
    CHECK(test::contains(refused(seed, Column({"1", "1"}, "runs")), "column \"runs\" of chunks has 2 rows"));
    // Nothing is left to judge a perfect fit by.
    const auto perfect = roi::correlate(run, seed, {.chunks = Column({"1", "1", "", "2", "", ""})});
    CHECK(perfect.df == 0.0);
    CHECK(perfect.r[0] == 1.0);
    CHECK(perfect.p[0] == 1.0);
    roi::Correlate chunked(seed, {.chunks = Column({"1", "1", "1", "2", "2", "2"})}), plain(seed);
    roi::scan(run, chunked, plain);
    CHECK_THROWS_AS(chunked.merge(plain), roi::InvalidArgument);
}

TEST_CASE("chunks: voxels that do not change, that differ in chunks or conditions only, NaN") {
    const Column conditions({"a", "b", "a", "b", "a", "b", "a", "b"});
    const Column chunks({"1", "1", "1", "1", "2", "2", "2", "2"});
    const auto f_of = [&](const std::vector<double>& values) {
        const roi::Volume4D<double> run(Shape(1, 1, 1), 8, values);
        const auto t = roi::ttest_ind(run, conditions == "a", conditions == "b", {.chunks = chunks});
        const auto f = roi::f_classif(run, conditions, {}, {.chunks = chunks});
        CHECK(f.df2 == 5.0);
        CHECK(t.df[0] == 5.0);
        return std::pair{f.f[0], t.t[0]};
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(std::isnan(f_of({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}).first));
    CHECK(std::isnan(f_of({0.1, 0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 0.7}).second));
    CHECK(f_of({0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2}) == std::pair{infinity, -infinity});
    CHECK(f_of({0.5, 0.25, 0.5, 0.25, 8.5, 8.25, 8.5, 8.25}) == std::pair{infinity, infinity});
    CHECK(std::isnan(f_of({1, 2, std::nan(""), 4, 1, 2, 3, 1}).first));
    CHECK(std::isnan(f_of({1, 2, infinity, 4, 1, 2, 3, 1}).second));
    // The unit of a voxel is that of its largest value, whenever that comes.
    const auto [late, late_t] = f_of({0, 1e-200, 0, 1e-200, 12, 11, 14, 13});
    CHECK(late == Approx(f_of({0, 0, 0, 0, 12, 11, 14, 13}).first));
    CHECK(late_t == Approx(f_of({0, 0, 0, 0, 12, 11, 14, 13}).second));
    // By hand: within chunks a - b is -1 and 1, so nothing is left of it; the rest is 8 and 5 degrees of freedom.
    const auto [f, t] = f_of({1, 2, 3, 4, 12, 11, 14, 13});
    CHECK(f == 0.0);
    CHECK(t == 0.0);
}

TEST_CASE("chunks: what is refused") {
    const Column conditions({"a", "b", "a", "b", "a", "a"});
    const roi::Volume4D<double> run(Shape(1, 1, 1), 6, std::vector<double>{1, 2, 3, 4, 5, 7});
    const auto f = [&](const Column& chunks) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::f_classif(run, conditions, {}, {.chunks = chunks}); });
    };
    CHECK(test::contains(f(Column({"1", "1"}, "runs")), "column \"runs\" of chunks has 2 rows"));
    CHECK(test::contains(f(Column({"1", "2", "1", "2", "1", "1"})), "shares no chunk"));
    CHECK(test::contains(f(Column({"1", "1", "2", "3", "4", "5"})), "need more volumes"));
    const Column chunks({"1", "1", "1", "1", "2", "2"});
    const auto t = [&](roi::TTestOptions options) {
        options.chunks = chunks;
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::ttest_ind(run, conditions == "a", conditions == "b", options); });
    };
    CHECK(test::contains(t({.equal_var = false}), "Welch's test has no chunks, as its degrees of freedom"));
    CHECK(test::contains(t({.trim = 0.1}), "a trim has no chunks, as which values are extreme"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::f_classif(run, conditions, {},
                                                  {.chunks = chunks, .equal_var = false});
                         }),
                         "Welch's test has no chunks, as its degrees of freedom"));
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([&] { (void)roi::ttest_ind(run, run, {.chunks = chunks}); }),
        "volumes of one run"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::TTestInd(conditions == "a", conditions == "a", {.chunks = chunks});
                         }),
                         "belongs to two conditions, \"a\" and \"a\""));
    // Samples are called what the column calls them; those without a name are numbered.
    const Column apart({"1", "2", "1", "2", "1", "1"});
    const auto of = [&](const roi::Selection& one, const roi::Selection& other) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::TTestInd(one, other, {.chunks = apart}); });
    };
    CHECK(test::contains(of(conditions == "a", conditions == "b"), "\"b\" shares no chunk with \"a\""));
    CHECK(test::contains(of(roi::Selection({true, false, true, false, true, true}), conditions == "b"),
                         "condition 2 shares no chunk with condition 1"));
}
