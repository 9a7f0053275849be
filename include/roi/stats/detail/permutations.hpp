// What a permutation test exchanges: the design, made of columns at right angles, and its permutations.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// Random bits that depend on a seed and a counter alone (Steele, Lea and Flood's SplitMix64).
class CountedBits {
public:
    CountedBits(std::uint64_t seed, std::uint64_t counter)
        : state_(mixed(seed + 0x9E3779B97F4A7C15U) ^ mixed(counter * 0xD1342543DE82EF95U + 1)) {}

    std::uint64_t operator()() { return mixed(state_ += 0x9E3779B97F4A7C15U); }

    /// A number below `end`, all equally likely.
    std::uint64_t below(std::uint64_t end) {
        const std::uint64_t least = (0 - end) % end;
        for (;;) {
            const std::uint64_t bits = (*this)();
            if (bits >= least) return bits % end;
        }
    }

private:
    [[nodiscard]] static std::uint64_t mixed(std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

[[nodiscard]] inline double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Takes out of a column what others of length 1 hold of it; twice, so that rounding does not stay.
inline void take_out(std::vector<double>& column, const std::vector<std::vector<double>>& units) {
    for (int pass = 0; pass < 2; ++pass) {
        for (const auto& unit : units) {
            const double share = dot(column, unit);
            for (std::size_t t = 0; t < column.size(); ++t) column[t] -= share * unit[t];
        }
    }
}

/// A number as messages show it.
[[nodiscard]] inline std::string in_four_digits(double value) {
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.4g", value);
    return out.data();
}

/// What messages call a nuisance column: by its name, or counted from 1.
[[nodiscard]] inline std::string nuisance_column(std::size_t column, const std::vector<std::string>& names) {
    return column < names.size() ? text("nuisance column \"", names[column], '"')
                                 : text("nuisance column ", column + 1);
}

/// What is tested, made of columns that are at right angles and of length 1.
struct Design {
    std::vector<double> tested;
    std::vector<std::vector<double>> nuisance;  ///< without the intercept, which no permutation changes
    bool flips = false;                         ///< is the mean tested, by flipping signs?
    double df = 0.0;

    [[nodiscard]] std::size_t volumes() const { return tested.size(); }
};

/// What is tested beside the nuisance columns.
/// \param names    what messages call the nuisance columns; none: by number
/// \param warning  told of columns that are so nearly made of others that t loses digits
[[nodiscard]] inline Design design_of(std::span<const double> tested,
                                      const std::vector<std::vector<double>>& nuisance,
                                      const std::vector<std::string>& names = {},
                                      const WarningHandler& warning = nullptr) {
    const auto n = tested.size();
    const auto check = [&](std::span<const double> column, std::string_view what) {
        if (column.size() != n) {
            throw InvalidArgument(text("permute: ", what, " has ", column.size(), " values, expected ", n));
        }
        for (std::size_t i = 0; i < n; ++i) {
            if (std::isfinite(column[i])) continue;
            throw InvalidArgument(text("permute: ", what, " holds ", column[i], " for volume ", i,
                                       ", expected finite numbers"));
        }
    };
    if (n < 2) throw InvalidArgument(text("permute: at least 2 maps, a volume each, are needed, found ", n));
    check(tested, "the tested variable");
    for (std::size_t i = 0; i < nuisance.size(); ++i) check(nuisance[i], nuisance_column(i, names));
    Design out;
    out.tested.assign(tested.begin(), tested.end());
    out.flips = std::all_of(tested.begin(), tested.end(), [&](double value) { return value == tested[0]; });
    const auto less_first = [](std::vector<double>& column) {
        for (const double first = column[0]; double& value : column) value -= first;
    };
    // By a power of two, which changes no digit: squares of 1e200 are infinite, of 1e-200 they are 0.
    const auto near_one = [](std::vector<double>& column) {
        double largest = 0.0;
        for (const double value : column) largest = std::max(largest, std::abs(value));
        if (!(largest > 0.0)) return;
        const int exponent = std::ilogb(largest);
        for (double& value : column) value = std::scalbn(value, -exponent);
    };
    std::vector<std::vector<double>> units;
    if (!out.flips) units.emplace_back(n, 1.0 / std::sqrt(static_cast<double>(n)));
    const auto length = [](const std::vector<double>& column) { return std::sqrt(dot(column, column)); };
    // Of a column of which a share of 1e-9 is left, 1e-16 of rounding is 1e-7 of what t goes by.
    const auto warn_of_nearly = [&](std::string_view what, double share) {
        if (!warning || share > 1e-7) return;
        warning(text("permute: ", what, " is nearly made of the other columns: only ", in_four_digits(share),
                     " of it is its own, so that t may be wrong by as much as ",
                     in_four_digits(1e-15 / share),
                     " of itself; leave it out, or give what it differs by from them in its place"));
    };
    for (std::size_t k = 0; k < nuisance.size(); ++k) {
        auto column = nuisance[k];
        near_one(column);
        // Beside an intercept a level says nothing, and a large one, of times say, would hide what differs.
        if (!out.flips) less_first(column);
        const double before = length(column);
        take_out(column, units);
        const double after = length(column);
        // Constant, or made of the columns before it: nothing new.
        if (!(after > 1e-10 * before)) {
            // Sums of doubles that are equal differ by less.
            if (warning && after > 1e-13 * before) {
                warning(text("permute: ", nuisance_column(k, names),
                             " counts as made of the other columns and so for nothing: only ",
                             in_four_digits(after / before),
                             " of it is its own; leave it out, or give what it differs by from them in its "
                             "place"));
            }
            continue;
        }
        warn_of_nearly(nuisance_column(k, names), after / before);
        for (double& value : column) value /= after;
        units.push_back(column);
        out.nuisance.push_back(std::move(column));
    }
    near_one(out.tested);
    if (!out.flips) less_first(out.tested);
    const double before = length(out.tested);
    take_out(out.tested, units);
    const double after = length(out.tested);
    require(before > 0.0 && after > 1e-10 * before,
            "permute: the tested variable is 0, or made of the nuisance columns: there is nothing to test");
    warn_of_nearly("the tested variable", after / before);
    for (double& value : out.tested) value /= after;
    out.df = static_cast<double>(n) - static_cast<double>(units.size()) - 1.0;
    if (!(out.df >= 1.0)) {
        throw InvalidArgument(
            text("permute: ", n, " volumes are too few for ", units.size() + 1, " columns"));
    }
    return out;
}

/// The permutations of a design: which row, with which sign, each volume gets.
class Permutations {
public:
    /// \param blocks  empty, or one number per volume
    Permutations(const Design& design, std::int64_t permutations, std::uint64_t seed,
                 std::vector<std::int64_t> blocks)
        : design_(&design), seed_(seed), blocks_(std::move(blocks)) {
        const std::size_t n = design.volumes();
        if (!blocks_.empty() && blocks_.size() != n) {
            throw InvalidArgument(text("permute: blocks has ", blocks_.size(), " values, expected ", n));
        }
        require(
            !design.flips || blocks_.empty(),
            "permute: .blocks say which volumes are exchanged, but the tested variable is the same for all: "
            "its mean is tested by flipping signs, which exchanges none");
        if (blocks_.empty()) blocks_.assign(n, 0);
        const double most = static_cast<double>(permutations);
        if (design.flips) {
            exact_ = n < 62 && std::ldexp(1.0, static_cast<int>(n)) <= most;
            count_ = exact_ ? std::int64_t{1} << n : permutations;
            return;
        }
        std::map<std::int64_t, std::vector<std::size_t>> members;
        for (std::size_t t = 0; t < n; ++t) members[blocks_[t]].push_back(t);
        for (auto& [block, volumes] : members) members_.push_back(std::move(volumes));
        rank_rows();
        double all = 1.0;
        for (const auto& volumes : members_) all *= arrangements(volumes);
        exact_ = all <= most;
        if (exact_) list_arrangements();
        count_ = exact_ ? static_cast<std::int64_t>(std::llround(all)) : permutations;
    }

    [[nodiscard]] bool exact() const { return exact_; }
    [[nodiscard]] std::int64_t count() const { return count_; }

    /// Rows and signs of permutation k.
    void get(std::int64_t k, std::vector<std::size_t>& rows, std::vector<double>& signs) const {
        const std::size_t n = design_->volumes();
        rows.resize(n);
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        signs.assign(n, 1.0);
        CountedBits bits(seed_, static_cast<std::uint64_t>(k));
        if (exact_) k = scattered(k);
        if (design_->flips) {
            std::uint64_t pool = static_cast<std::uint64_t>(k);
            for (std::size_t t = 0; t < n; ++t) {
                if (!exact_ && t % 64 == 0) pool = bits();
                if ((pool >> (t % 64)) & 1U) signs[t] = -1.0;
            }
        } else if (exact_) {
            for (std::size_t b = 0; b < members_.size(); ++b) {
                const auto size = static_cast<std::int64_t>(listed_[b].size());
                const auto& ranks = listed_[b][static_cast<std::size_t>(k % size)];
                k /= size;
                for (std::size_t i = 0; i < ranks.size(); ++i) rows[members_[b][i]] = row_of_rank_[ranks[i]];
            }
        } else {
            for (const auto& volumes : members_) {
                for (std::size_t i = volumes.size(); i > 1; --i) {
                    std::swap(rows[volumes[i - 1]], rows[volumes[static_cast<std::size_t>(bits.below(i))]]);
                }
            }
        }
    }

private:
    /// The same numbers below `count_` in another order, so that those of a call that was stopped are a sample of all.
    [[nodiscard]] std::int64_t scattered(std::int64_t k) const {
        const auto count = static_cast<std::uint64_t>(count_);
        const auto bits = static_cast<int>(std::bit_width(count - 1));
        if (bits < 2) return k;
        const std::uint64_t below = (std::uint64_t{1} << bits) - 1;
        auto out = static_cast<std::uint64_t>(k);
        // Each step is undone by another, so no two numbers meet, and 0 stays; what lands above the end goes on.
        do {
            for (int round = 0; round < 4; ++round) {
                out = (out * 0x9E3779B97F4A7C15U) & below;
                out ^= out >> (bits / 2);
            }
        } while (out >= count);
        return static_cast<std::int64_t>(out);
    }

    /// Rows that are equal in all columns have one rank: to exchange them changes nothing.
    void rank_rows() {
        std::map<std::vector<double>, std::size_t> ranks;
        for (std::size_t t = 0; t < design_->volumes(); ++t) {
            std::vector<double> row{design_->tested[t]};
            for (const auto& column : design_->nuisance) row.push_back(column[t]);
            // Equal numbers that different sums have led to.
            for (double& value : row) value = std::round(value * 1e12);
            const auto [at, fresh] = ranks.try_emplace(row, ranks.size());
            if (fresh) row_of_rank_.push_back(t);
            rank_.push_back(at->second);
        }
    }

    /// n! / (n1! n2! ...) with the numbers of equal rows.
    [[nodiscard]] double arrangements(const std::vector<std::size_t>& volumes) const {
        std::map<std::size_t, double> seen;
        double out = 1.0, n = 0.0;
        for (const std::size_t t : volumes) out *= ++n / ++seen[rank_[t]];
        return out;
    }

    void list_arrangements() {
        for (const auto& volumes : members_) {
            std::vector<std::size_t> ranks;
            for (const std::size_t t : volumes) ranks.push_back(rank_[t]);
            std::sort(ranks.begin(), ranks.end());
            auto& list = listed_.emplace_back();
            do list.push_back(ranks);
            while (std::next_permutation(ranks.begin(), ranks.end()));
        }
    }

    const Design* design_;
    std::uint64_t seed_;
    std::vector<std::int64_t> blocks_;
    std::vector<std::vector<std::size_t>> members_;  // volumes of each block
    std::vector<std::size_t> rank_, row_of_rank_;
    std::vector<std::vector<std::vector<std::size_t>>> listed_;  // all arrangements of each block
    bool exact_ = false;
    std::int64_t count_ = 0;
};

}  // namespace roi::detail
