// The interactive view of a report: a browser build of niivue that the user gives, inlined with the images it shows.
#pragma once

#include <string>
#include <string_view>

namespace viewer {

/// Bytes as text that may stand in HTML.
[[nodiscard]] std::string base64(std::string_view bytes);

/// A gzip member of the text.
[[nodiscard]] std::string gzipped(std::string_view text);

/// How a build of niivue gives its classes away.
enum class Kind { script, module };

/// A browser build of niivue.
struct Code {
    std::string text;
    Kind kind = Kind::script;
};

/// Reads the file given to --viewer and refuses what cannot be a build of niivue.
///
/// \throws roi::FileError not_found, unreadable, or bad_format with what the file seems to be
[[nodiscard]] Code read_code(const std::string& path);

/// niivue's licence, which asks to be passed on with its code.
extern const char* const licence;

/// What the page holds where the view is.
extern const char* const markup;

/// What drives it.
extern const char* const script;

}  // namespace viewer
