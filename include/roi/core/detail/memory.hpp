// How much memory there is left to get.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#ifdef __linux__
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace roi::detail {

/// More than any machine has: what is said where nothing is known.
inline constexpr std::int64_t unlimited_memory = std::numeric_limits<std::int64_t>::max();

/// The number behind a name that begins a line, as in "MemAvailable:   19409084 kB"; of an empty name, the number that a
/// text begins with. Nothing where there is none, as in "max".
[[nodiscard]] inline std::optional<std::int64_t> number_behind(std::string_view text, std::string_view name) {
    std::size_t at = 0;
    while (at < text.size() && text.substr(at, name.size()) != name) {
        const auto end = text.find('\n', at);
        at = end == std::string_view::npos ? text.size() : end + 1;
    }
    if (at == text.size()) return std::nullopt;
    at = text.find_first_not_of(": \t", at + name.size());
    std::optional<std::int64_t> out;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        if (out.value_or(0) > (unlimited_memory - 9) / 10) return unlimited_memory;
        out = out.value_or(0) * 10 + (text[at] - '0');
    }
    return out;
}

#ifdef __linux__

/// The text of one of the small files in which Linux says what it knows; empty where it cannot be read.
[[nodiscard]] inline std::string small_file(const std::string& path) {
    std::string out(8192, '\0');
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const auto count = file < 0 ? 0 : ::read(file, out.data(), out.size());
    if (file >= 0) (void)::close(file);
    out.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return out;
}

/// What a group of processes, a container or a job of a cluster, may still take: its limit without what it holds, where
/// pages of files do not count, which are given back when memory is asked for.
/// \param folder  of the group; a group without a limit takes what there is
[[nodiscard]] inline std::int64_t left_in_group(const std::string& folder, const char* limit_file,
                                                const char* used_file, std::string_view total) {
    const auto limit = number_behind(small_file(folder + limit_file), "");
    const auto used = number_behind(small_file(folder + used_file), "");
    if (!limit || !used) return unlimited_memory;
    const auto held = small_file(folder + "/memory.stat");
    std::int64_t files = 0;
    for (const char* name : {"inactive_file", "active_file"}) {
        files += number_behind(held, std::string(total) + name + " ").value_or(0);
    }
    return *limit - std::max<std::int64_t>(*used - files, 0);
}

/// The same of the group that this process is in and of all that hold it, in either version of the system's tree.
[[nodiscard]] inline std::int64_t left_in_groups() {
    const std::string groups = small_file("/proc/self/cgroup");
    const auto path_behind = [&](std::string_view name) -> std::optional<std::string> {
        const auto at = groups.find(name);
        if (at == std::string::npos) return std::nullopt;
        const auto from = at + name.size();
        return groups.substr(from, groups.find('\n', from) - from);
    };
    std::int64_t out = unlimited_memory;
    const auto upwards = [&](const std::optional<std::string>& path, const std::string& top, auto left) {
        if (!path) return;
        for (std::string group = *path;; group.resize(group.rfind('/'))) {
            out = std::min(out, left(top + group));
            if (group.find('/') == std::string::npos) return;
        }
    };
    upwards(path_behind("0::"), "/sys/fs/cgroup", [](const std::string& folder) {
        return left_in_group(folder, "/memory.max", "/memory.current", "");
    });
    upwards(path_behind(":memory:"), "/sys/fs/cgroup/memory", [](const std::string& folder) {
        return left_in_group(folder, "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_");
    });
    return out;
}

/// Bytes that this process can still be given, as far as the system says; else the largest number there is.
///
/// Linux promises memory that it does not have and ends the program when that is written to, so whoever is about to fill
/// much asks first: what is free or can be freed without losing anything, and the limits of the process and its groups.
[[nodiscard]] inline std::int64_t available_memory() {
    const std::string machine = small_file("/proc/meminfo");
    std::int64_t out = unlimited_memory;
    if (const auto free = number_behind(machine, "MemAvailable:")) {
        out = (*free + number_behind(machine, "SwapFree:").value_or(0)) * 1024;
    }
    rlimit space{};
    if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        const auto pages = number_behind(small_file("/proc/self/statm"), "");
        const auto limit = static_cast<std::int64_t>(
            std::min<std::uint64_t>(space.rlim_cur, static_cast<std::uint64_t>(unlimited_memory)));
        if (pages) out = std::min(out, limit - *pages * std::int64_t{::sysconf(_SC_PAGESIZE)});
    }
    return std::max<std::int64_t>(std::min(out, left_in_groups()), 0);
}

#else

[[nodiscard]] inline std::int64_t available_memory() { return unlimited_memory; }

#endif

/// Is there memory for so many values?
[[nodiscard]] inline bool is_memory_for(std::int64_t count, std::size_t each) {
    // Asking takes longer than a small allocation.
    constexpr std::int64_t worth_asking = std::int64_t{128} << 20;
    // Where nothing is known: no processor has addresses for more.
    constexpr std::int64_t addresses = std::int64_t{1} << 47;
    const auto size = static_cast<std::int64_t>(each);
    return count < worth_asking / size || count <= std::min(available_memory(), addresses) / size;
}

}  // namespace roi::detail
