// How the program ends: the statuses of the BIDS execution draft.
#pragma once

#include <stdexcept>

namespace bids {

inline constexpr const char* program_name = "roi_bids";

enum Status : int {
    done = 0,
    invalid_dataset = 16,
    wrong_level = 17,
    nothing_selected = 18,
    wrong_usage = 64,
    bad_data = 65,
    no_input = 66,
    cannot_create = 73,
    io_error = 74,
    try_again = 75,
};

/// A folder that is no BIDS data set.
struct InvalidDataset : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Options that contradict each other.
struct WrongUsage : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// No run is left.
struct NothingSelected : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace bids
