// What the tests of every voxel share: the maps they write, the words for alternatives and NaN.
#pragma once

#include <roi/core/text.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/test_result.hpp>

#include "images.hpp"
#include "subject_maps.hpp"
#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace command {

/// Why runs are no nuisance beside Welch's test.
inline constexpr const char* chunks_without_welch =
    "--chunks and --welch exclude each other: Welch's degrees of freedom are of independent values, which "
    "those are not "
    "whose chunks' means are taken out";

/// `--t FILE --p FILE --log-p FILE --df FILE --z FILE --max-log-p X`.
struct TestOutputs {
    std::string statistic, p, log_p, df, z;
    double max_log_p = std::numeric_limits<double>::infinity();
    CLI::Option* clip = nullptr;  ///< --max-log-p, once it is declared

    /// \param name  of the statistic: "--t"
    void declare(const Command& command, const char* name) {
        const auto map = [&](const char* option, std::string& file, const char* what) {
            command.written(option, file, what)->check(image_problem);
        };
        map(name, statistic, "Map of the statistic to write");
        map("--p", p, "Map of p to write");
        map("--log-p", log_p, "Map of -log10 p to write");
        map("--df", df, "Map of degrees of freedom to write");
        map("--z", z, "Map of normal values with the same upper tail to write");
        clip = command.number("--max-log-p", max_log_p, "X", "Clips -log10 p of --log-p");
    }

    /// \throws UsageError when nothing is to be written
    void require_any(const char* name, bool others = false) const {
        if (!(max_log_p >= 0.0)) {
            throw UsageError(roi::text("--max-log-p: expected 0 or more, found ", max_log_p));
        }
        if (clip->count() > 0 && log_p.empty()) throw UsageError("--max-log-p is for --log-p");
        if (others || !(statistic.empty() && p.empty() && log_p.empty() && df.empty() && z.empty())) return;
        throw UsageError(std::string("nothing to write: at least one of ") + name +
                         ", --p, --log-p, --df, --z is needed");
    }

    /// Puts maps in the place of the folders that lists of maps name.
    ///
    /// \param name  of the statistic: "--t"
    /// \throws UsageError when one of the results would lie in such a folder; what `maps_of` throws
    void replace_folders(const char* name, std::initializer_list<std::vector<std::string>*> lists) const {
        for (auto* const paths : lists) {
            require_apart(*paths,
                          {{name, &statistic}, {"--p", &p}, {"--log-p", &log_p}, {"--df", &df}, {"--z", &z}});
            *paths = maps_of(*paths);
        }
    }

    /// Does standard output carry one of the maps?
    [[nodiscard]] bool to_stdout() const {
        return statistic == "-" || p == "-" || log_p == "-" || df == "-" || z == "-";
    }

    void write(Session& session, const roi::TTest& test) const {
        if (!df.empty()) write_image(session, test.df, df);
        write(session, test.t, test);
    }
    void write(Session& session, const roi::FTest& test) const {
        write_df(session, test.f, test.df2, test.df2_map);
        write(session, test.f, test);
    }
    void write(Session& session, const roi::Correlation& test) const {
        write_df(session, test.r, test.df, test.df_map);
        write(session, test.r, test);
    }

private:
    template <class Test>
    void write(Session& session, const roi::Volume<double>& map, const Test& test) const {
        if (!statistic.empty()) write_image(session, map, statistic);
        if (!p.empty()) write_image(session, test.p, p);
        if (!log_p.empty()) write_image(session, roi::neg_log10(test, {.max = max_log_p}), log_p);
        if (!z.empty()) write_image(session, roi::z_map(test), z);
    }

    void write_df(Session& session, const roi::Volume<double>& like, double value,
                  const std::optional<roi::Volume<double>>& map) const {
        if (df.empty()) return;
        if (map) return write_image(session, *map, df);
        write_image(session, roi::Volume<double>(like.grid(), value, like.metadata()), df);
    }
};

/// Says which file stands more than once in lists of maps: it would count as if it were of several subjects.
inline void warn_of_repeated(Session& session, std::initializer_list<const std::vector<std::string>*> lists) {
    std::set<std::string> seen;
    for (const auto* const paths : lists) {
        for (const auto& path : *paths) {
            std::error_code ignored;
            auto file = std::filesystem::canonical(path, ignored).string();
            if (file.empty() || seen.insert(std::move(file)).second) continue;
            if (const auto tell = session.warning()) tell(path + " is given twice, and counts twice");
            return;
        }
    }
}

/// The words of `--alternative`.
[[nodiscard]] inline roi::Alternative alternative(const std::string& word) {
    return word == "less"      ? roi::Alternative::less
           : word == "greater" ? roi::Alternative::greater
                               : roi::Alternative::two_sided;
}

/// \throws UsageError when clusters cannot be formed at `p`: of one side a p of a half and more is that of a t below 0
inline void require_cluster_p(double p, const std::string& sides) {
    const double most = alternative(sides) == roi::Alternative::two_sided ? 1.0 : 0.5;
    if (p > 0.0 && p < most) return;
    throw UsageError(roi::text("--cluster-p: expected a number above 0 and below ", most,
                               most < 1.0 ? roi::text(" with --alternative ", sides) : std::string(),
                               ", found ", p));
}

/// The words of `--nan-policy`.
[[nodiscard]] inline roi::NanPolicy nan_policy(const std::string& word) {
    return word == "omit"    ? roi::NanPolicy::omit
           : word == "raise" ? roi::NanPolicy::raise
                             : roi::NanPolicy::propagate;
}

inline void declare_nan_policy(const Command& command, std::string& nan_policy) {
    command.choice("--nan-policy", nan_policy, {"propagate", "omit", "raise"}, "What NaN does");
}

/// `--alternative` and `--nan-policy`.
inline void declare_test(const Command& command, std::string& alternative, std::string& nan_policy) {
    command.choice("--alternative", alternative, {"two-sided", "less", "greater"}, "Which difference counts");
    declare_nan_policy(command, nan_policy);
}

}  // namespace command
