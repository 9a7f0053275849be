// A picture that cannot be drawn costs that picture, and not the run.
#pragma once

#include <roi/core/error.hpp>

#include <new>
#include <optional>
#include <string>

namespace examples {

/// Calls `draw`; where that fails, says why. What a disk refuses is not caught.
template <class Draw>
[[nodiscard]] std::optional<std::string> drawing_problem(Draw&& draw) {
    try {
        draw();
        return std::nullopt;
    } catch (const roi::FileError&) {
        throw;
    } catch (const roi::Error& error) {
        return error.what();
    } catch (const std::bad_alloc&) {
        return "not enough memory for it";
    }
}

}  // namespace examples
