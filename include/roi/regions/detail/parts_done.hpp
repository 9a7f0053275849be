// Tells the caller of work on several threads how far it has come, and asks whether it shall stop.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>

namespace roi::detail {

/// Counts parts of work. Any thread may say that one is done; progress is told and stop is asked on the thread that made this
/// object only.
class PartsDone {
public:
    /// \param who    whose work it is, and
    /// \param parts  what is counted, for the message when it is stopped
    PartsDone(std::string_view who, std::string_view parts, std::int64_t total, const Progress& progress,
              const StopRequest& stop)
        : who_(who), parts_(parts), total_(total), progress_(progress), stop_(stop) {
        tell(0);
    }

    /// \throws Error stopped when the caller asks for it
    void add(std::int64_t number = 1) { tell(done_.fetch_add(number) + number); }

private:
    void tell(std::int64_t done) {
        if (std::this_thread::get_id() == caller_) {
            if (progress_) progress_(done, total_);
            if (stop_ && stop_()) stopped_ = true;
        }
        if (stopped_) {
            throw Error(ErrorCode::stopped,
                        text(who_, ": stopped on request after ", done, " of ", total_, ' ', parts_));
        }
    }

    std::string_view who_, parts_;
    std::int64_t total_;
    const Progress& progress_;
    const StopRequest& stop_;
    const std::thread::id caller_ = std::this_thread::get_id();
    std::atomic<std::int64_t> done_{0};
    std::atomic<bool> stopped_{false};
};

}  // namespace roi::detail
