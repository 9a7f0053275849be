// A contender of compare.py as a program: one function on raw files, repeated and timed.
//
//     PROGRAM FUNCTION INPUT OUTPUT REPEAT [ARGUMENT...]
//
// Files hold values of the machine's byte order, x fastest and time slowest, without a header. Prints the CPU
// milliseconds of every call, one a line, then `peak` and the largest memory of the process in MB. Exit status 3: there
// is no such function.
#pragma once

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

inline double cpu_milliseconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

struct Call {
    std::string input, output;
    int repeat;
    std::vector<std::string> arguments;

    [[nodiscard]] std::int64_t integer(std::size_t i) const { return std::stoll(arguments.at(i)); }
    [[nodiscard]] double real(std::size_t i) const { return std::stod(arguments.at(i)); }

    /// Times `function`, keeps what it returns last.
    template <class Function>
    auto timed(Function&& function) const {
        for (int i = 1;; ++i) {
            const double start = cpu_milliseconds();
            auto result = function();
            std::printf("%.3f\n", cpu_milliseconds() - start);
            if (i >= repeat) return result;
        }
    }

    template <class T>
    void write(std::span<const T> values) const {
        std::ofstream file(output, std::ios::binary);
        file.write(reinterpret_cast<const char*>(values.data()),
                   static_cast<std::streamsize>(values.size_bytes()));
        if (!file.flush()) throw std::runtime_error("cannot write " + output);
    }
};

template <class T>
void read_values(const std::string& path, T* values, std::int64_t count) {
    std::ifstream file(path, std::ios::binary);
    const auto bytes = count * static_cast<std::int64_t>(sizeof(T));
    if (!file.read(reinterpret_cast<char*>(values), bytes)) throw std::runtime_error("cannot read " + path);
}

/// The largest memory of this process in MB; `getrusage` would count that of the parent before the start too.
inline double peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word != "VmHWM:") continue;
        double kilobytes = 0.0;
        status >> kilobytes;
        return kilobytes / 1024.0;
    }
    return 0.0;
}

/// The program: calls the function that the words name; returns the exit status.
inline int run_call(const char* program, const std::map<std::string, void (*)(const Call&)>& functions,
                    int words_given, char** words) {
    if (words_given < 5) {
        std::fprintf(stderr, "usage: %s FUNCTION INPUT OUTPUT REPEAT [ARGUMENT...]\n", program);
        return 2;
    }
    const auto function = functions.find(words[1]);
    if (function == functions.end()) return 3;
    try {
        function->second({words[2], words[3], std::stoi(words[4]), {words + 5, words + words_given}});
        std::printf("peak %.1f\n", peak_megabytes());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s: %s\n", program, words[1], error.what());
        return 1;
    }
}
