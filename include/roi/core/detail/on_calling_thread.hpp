// Handlers of the user, called on the thread that asked for the work, whichever thread has something to tell.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace roi::detail {

/// What a helper's thread wants to be called by the thread that it works for.
class CallsToMake {
public:
    /// What a thread posts to while it works for another; null where it works for itself.
    static CallsToMake*& of_this_thread() noexcept {
        thread_local CallsToMake* calls = nullptr;
        return calls;
    }

    void post(std::function<void()> call) {
        const std::lock_guard lock(mutex_);
        calls_.push_back(std::move(call));
    }

    /// Makes the calls posted so far, in order, on this thread; what one of them throws arrives, the rest is dropped.
    void make() {
        std::vector<std::function<void()>> calls;
        {
            const std::lock_guard lock(mutex_);
            calls.swap(calls_);
        }
        for (const auto& call : calls) call();
    }

private:
    std::mutex mutex_;
    std::vector<std::function<void()>> calls_;
};

/// Makes a call on the calling thread: now, or when that thread next asks its helper for something.
template <class Call>
void on_calling_thread(Call&& call) {
    if (CallsToMake* calls = CallsToMake::of_this_thread()) {
        calls->post(std::forward<Call>(call));
    } else {
        call();
    }
}

}  // namespace roi::detail
