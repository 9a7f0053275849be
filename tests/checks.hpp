// How the tests look at failures, threads and bytes.
#pragma once

#include <roi/core/parallel.hpp>

#include "catch.hpp"
#include <cstddef>
#include <cstring>
#include <span>
#include <string>

namespace test {

/// What the exception of type `Expected` that `action` throws has to say; the test fails when there is none.
template <class Expected, class Action>
std::string message_of(Action&& action) {
    try {
        action();
    } catch (const Expected& error) {
        const std::string message = error.what();
        CHECK(message.find('\n') == std::string::npos);
        return message;
    }
    FAIL("nothing was thrown");
    return {};
}

inline bool contains(const std::string& text, const std::string& part) {
    UNSCOPED_INFO("text: " << text << "\npart: " << part);
    return text.find(part) != std::string::npos;
}

/// A number of threads for one scope.
class Threads {
public:
    explicit Threads(int number) { roi::set_threads(number); }
    ~Threads() { roi::set_threads(0); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
};

/// Are both the same to the bit? NaN equals NaN of the same bits.
template <class T>
bool same_bytes(std::span<const T> a, std::span<const T> b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}
template <class Image>
bool same_bytes(const Image& a, const Image& b) {
    return same_bytes(std::span<const typename Image::value_type>(a.values()),
                      std::span<const typename Image::value_type>(b.values()));
}

/// The same for matrices of the same shape.
template <class Matrix>
bool same_matrix(const Matrix& a, const Matrix& b) {
    const auto values = [](const Matrix& matrix) {
        return std::span<const typename Matrix::Scalar>(matrix.data(),
                                                        static_cast<std::size_t>(matrix.size()));
    };
    return a.rows() == b.rows() && a.cols() == b.cols() && same_bytes(values(a), values(b));
}

}  // namespace test
