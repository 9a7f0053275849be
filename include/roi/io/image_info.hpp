// What a file says about its image, before any voxel is read.
#pragma once

#include <roi/core/datatype.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace roi {

/// What a file says about its image. A `Grid` is in millimetres whatever the file counts in; `file_affine` is not.
struct ImageInfo {
    std::string path;         ///< as given
    std::string header_path;  ///< the file that holds the header
    std::string voxel_path;   ///< the file that holds the voxels; the same for a single file
    std::string format;       ///< "NIfTI-1", "NIfTI-2", "Analyze 7.5" or "MGH"
    int version = 1;          ///< of the format: 1 or 2 for NIfTI, 0 for Analyze 7.5, 1 for MGH
    bool big_endian = false;
    bool compressed = false;               ///< the voxels are gzip
    std::vector<std::int64_t> dimensions;  ///< as in the header; axes of length 1 after the third are dropped
    int rank = 3;                          ///< number of `dimensions`
    Grid grid;                             ///< of every volume, in millimetres
    /// The affine of the image in the file's own unit, `metadata.space_unit`.
    Affine file_affine = Affine::Identity();
    std::int64_t frames = 1;  ///< number of volumes
    bool run = false;         ///< the header has an axis for volumes, be there one only
    Datatype datatype = Datatype::unknown;
    double slope = 1.0;  ///< value = slope * stored + intercept; 1 and 0 when the header asks for no scaling
    double intercept = 0.0;
    std::int64_t voxel_offset = 0;  ///< bytes before the first voxel in the (decoded) voxel file
    Metadata metadata;
    std::string voxel_problem;  ///< why the voxels cannot be there in full, for a header alone; else empty
};

}  // namespace roi
