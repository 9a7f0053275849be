// A line that is printed before files are written.
#pragma once

#include "command.hpp"
#include <string_view>

namespace command {

/// Prints one line, and calls `write` once it is out, so that files stay as they were where it cannot be printed.
///
/// \param to_stdout  `write` needs standard output itself: the line follows
/// \throws Error when standard output cannot be written, or a signal has asked the program to end
template <class Write>
void say_before(Session& session, std::string_view line, bool to_stdout, Write&& write) {
    // The line says that the work is done: with a signal that came before, nothing of it is written.
    if (Session::stop()()) throw roi::Error(roi::ErrorCode::stopped, "stopped");
    if (!to_stdout) {
        session.say(line);
        session.flush();
    }
    write();
    if (to_stdout) session.say(line);
}

}  // namespace command
