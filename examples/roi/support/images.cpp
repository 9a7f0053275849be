#include "images.hpp"

namespace roi {
template Volume<float> load<float>(const std::string&, const LoadOptions&);
template Volume<double> load<double>(const std::string&, const LoadOptions&);
template Volume<bool> load<bool>(const std::string&, const LoadOptions&);
template ImageSource<float> open<float>(const std::string&, const LoadOptions&);
template ImageSource<double> open<double>(const std::string&, const LoadOptions&);
template void save(const Volume<float>&, const std::string&, const SaveOptions&);
template void save(const Volume<double>&, const std::string&, const SaveOptions&);
template void save(const Mask&, const std::string&, const SaveOptions&);
template void save(const Labels&, const std::string&, const SaveOptions&);
template void save(const Volume4D<float>&, const std::string&, const SaveOptions&);
template void save(const Volume4D<double>&, const std::string&, const SaveOptions&);
}  // namespace roi
