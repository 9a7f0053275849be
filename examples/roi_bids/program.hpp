// roi_bids from its command line to its exit status.
#pragma once

namespace bids {

/// What `main` does: it stands alone, so that other programs can be compiled together with this one.
int program(int argc, char** argv);

}  // namespace bids
