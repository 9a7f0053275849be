// Two sources as a user would write them, that count what is asked of them.
#pragma once

#include <roi/image/volume4d.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

namespace test {

/// The simplest source: hands out the volumes of a run, and fails on request.
template <class T>
class PlainSource {
public:
    using value_type = T;

    explicit PlainSource(const roi::Volume4D<T>& run, std::int64_t fails_at = -1)
        : run_(&run), fails_at_(fails_at) {}

    const roi::Grid& grid() const { return run_->grid(); }
    const roi::Metadata& metadata() const { return run_->metadata(); }
    std::int64_t frames() const { return run_->frames(); }
    void read(std::span<T> out) {
        if (next_ == fails_at_) throw std::runtime_error("the disk is on fire");
        const auto values = run_->frame(next_++).values();
        std::copy(values.begin(), values.end(), out.begin());
    }
    std::int64_t reads() const { return next_; }

private:
    const roi::Volume4D<T>* run_;
    std::int64_t fails_at_;
    std::int64_t next_ = 0;
};

/// What a `StoredSource` was asked for.
struct Account {
    std::atomic<std::int64_t> pulled{0};
    std::mutex mutex;
    std::set<const void*> buffers;          // memory that volumes were pulled into
    std::multiset<std::int64_t> converted;  // numbers of the volumes that became values
};

/// Volumes stored as integers and converted on demand, like those of a file.
class StoredSource {
public:
    using value_type = float;
    struct Workspace {
        std::vector<float> scratch;
    };

    StoredSource(const roi::Volume4D<std::int16_t>& run, Account& account) : run_(&run), account_(&account) {}

    const roi::Grid& grid() const { return run_->grid(); }
    const roi::Metadata& metadata() const { return run_->metadata(); }
    std::int64_t frames() const { return run_->frames(); }
    bool reads_ahead() const { return true; }

    void pull(roi::RawFrame& raw) {
        const auto bytes = grid().size() * static_cast<std::int64_t>(sizeof(std::int16_t));
        if (raw.bytes.size() != bytes) {
            raw.bytes = roi::detail::Buffer<std::byte>(bytes, roi::detail::Uninitialized{});
        }
        raw.index = account_->pulled++;
        const std::lock_guard lock(account_->mutex);
        account_->buffers.insert(raw.bytes.data());
        std::memcpy(raw.bytes.data(), run_->frame(raw.index).data(), static_cast<std::size_t>(bytes));
    }

    std::span<const float> convert(const roi::RawFrame& raw, std::span<float> out, Workspace& work) const {
        // Through the workspace, so that sharing one between threads would show.
        work.scratch.resize(out.size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            std::int16_t value = 0;
            std::memcpy(&value, raw.bytes.data() + i * sizeof value, sizeof value);
            work.scratch[i] = static_cast<float>(value);
        }
        std::copy(work.scratch.begin(), work.scratch.end(), out.begin());
        const std::lock_guard lock(account_->mutex);
        account_->converted.insert(raw.index);
        return out;
    }

private:
    const roi::Volume4D<std::int16_t>* run_;
    Account* account_;
};

/// Volumes stored as small integers that are values as they are.
template <class V>
class IntegerSource {
public:
    using value_type = float;
    struct Workspace {};

    explicit IntegerSource(const roi::Volume4D<V>& run) : run_(&run) {}

    const roi::Grid& grid() const { return run_->grid(); }
    const roi::Metadata& metadata() const { return run_->metadata(); }
    std::int64_t frames() const { return run_->frames(); }
    bool reads_ahead() const { return true; }
    void pull(roi::RawFrame& raw) { raw.index = next_++; }
    std::span<const float> convert(const roi::RawFrame& raw, std::span<float> out, Workspace&) const {
        const auto values = stored<V>(raw);
        std::copy(values.begin(), values.end(), out.begin());
        return out;
    }
    template <class Visit>
    bool visit_stored(Visit&& visit) const {
        visit(V{});
        return true;
    }
    template <class As>
    std::span<const As> stored(const roi::RawFrame& raw) const {
        const auto values = run_->frame(raw.index).values();
        return {reinterpret_cast<const As*>(values.data()), values.size()};
    }

private:
    const roi::Volume4D<V>* run_;
    std::int64_t next_ = 0;
};

/// The same run with every value as another type.
template <class To, class From>
roi::Volume4D<To> converted(const roi::Volume4D<From>& run) {
    roi::Volume4D<To> out(run.grid(), run.frames(), To{}, run.metadata());
    std::transform(run.values().begin(), run.values().end(), out.values().begin(),
                   [](From value) { return static_cast<To>(value); });
    return out;
}

}  // namespace test
