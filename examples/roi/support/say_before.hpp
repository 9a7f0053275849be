// A line that is printed before files are written.
#pragma once

#include "command.hpp"
#include <string_view>

namespace command {

/// Prints one line, and calls `write` once it is out, so that files stay as they were where it cannot be printed.
///
/// \param to_stdout  `write` needs standard output itself: the line follows
/// \throws Error when standard output cannot be written
template <class Write>
void say_before(Session& session, std::string_view line, bool to_stdout, Write&& write) {
    if (!to_stdout) {
        session.say(line);
        session.flush();
    }
    write();
    if (to_stdout) session.say(line);
}

}  // namespace command
