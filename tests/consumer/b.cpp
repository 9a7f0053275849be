#include <roi/roi.hpp>

roi::Labelling regions_of(const roi::Volume<float>& map);

// Through a file, so that the libraries for NIfTI and gzip are linked as well.
roi::Labelling regions_of(const roi::Volume<float>& map) {
    roi::save(map, "map.nii.gz");
    return roi::label(roi::threshold(roi::load<float>("map.nii.gz"), 5.0f) != 0.0f);
}
