// roi_extraction from its command line to its exit status.
#pragma once

namespace notebook {

/// What `main` does: it stands alone, so that other programs can be compiled together with this one.
int program(int argc, char** argv);

}  // namespace notebook
