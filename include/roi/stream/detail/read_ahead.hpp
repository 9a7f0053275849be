// Pulls blocks of volumes from a source, on a thread of its own when that pays.
#pragma once

#include <roi/core/detail/function_ref.hpp>
#include <roi/core/detail/on_calling_thread.hpp>
#include <roi/core/parallel.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <new>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

namespace roi::detail {

/// A ring of two blocks: while the caller works on one, the other is being filled.
class ReadAhead {
public:
    /// \param pull      fills the next volume, and lives as long as this
    /// \param length    volumes in a block
    /// \param threaded  fill on another thread; otherwise `next` fills on the caller's
    ReadAhead(FunctionRef<void(RawFrame&)> pull, std::int64_t frames, std::int64_t length, bool threaded)
        : pull_(pull), frames_(frames), length_(length) {
        if (!threaded || frames <= 0) return;
        try {
            thread_ = std::thread([this, number = threads_of_call()] {
                threads_of_call() = number;
                CallsToMake::of_this_thread() = &calls_;
                fill_all();
            });
        } catch (const std::system_error&) {
            // The system allows no more threads; `next` fills on the caller's.
        } catch (const std::bad_alloc&) {
            // No memory for one.
        }
    }

    ~ReadAhead() {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// The next block, valid until the following call; makes the calls that the source wants made and rethrows what it
    /// threw.
    [[nodiscard]] std::span<const RawFrame> next() {
        if (!thread_.joinable()) {
            fill(blocks_[0], taken_++ * length_);
            return blocks_[0];
        }
        std::unique_lock lock(mutex_);
        released_ = taken_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return filled_ > taken_ || failure_; });
        lock.unlock();
        calls_.make();
        lock.lock();
        if (filled_ <= taken_) std::rethrow_exception(failure_);
        return blocks_[static_cast<std::size_t>(taken_++ % 2)];
    }

private:
    void fill(std::vector<RawFrame>& block, std::int64_t first) {
        block.resize(static_cast<std::size_t>(std::min(length_, frames_ - first)));
        for (RawFrame& raw : block) pull_(raw);
    }

    void fill_all() {
        for (std::int64_t index = 0; index * length_ < frames_; ++index) {
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [&] { return stopping_ || index - released_ < 2; });
                if (stopping_) return;
            }
            std::exception_ptr failure;
            try {
                fill(blocks_[static_cast<std::size_t>(index % 2)], index * length_);
            } catch (...) {
                failure = std::current_exception();
            }
            {
                const std::lock_guard lock(mutex_);
                if (failure) {
                    failure_ = failure;
                } else {
                    ++filled_;
                }
            }
            changed_.notify_all();
            if (failure) return;
        }
    }

    FunctionRef<void(RawFrame&)> pull_;
    std::int64_t frames_;
    std::int64_t length_;
    std::array<std::vector<RawFrame>, 2> blocks_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    CallsToMake calls_;
    std::int64_t filled_ = 0;    // blocks ready for the caller, counted from the start
    std::int64_t taken_ = 0;     // blocks handed out
    std::int64_t released_ = 0;  // blocks the caller is done with
    bool stopping_ = false;
    std::exception_ptr failure_;
};

}  // namespace roi::detail
