// Functions of ITK on raw files, timed as those of driver.cpp; built where ITK is installed.
#include <itkBinaryDilateImageFilter.h>
#include <itkBinaryErodeImageFilter.h>
#include <itkConnectedComponentImageFilter.h>
#include <itkFlatStructuringElement.h>
#include <itkImage.h>

#include "call.hpp"
#include <cstdint>
#include <span>

namespace {

using Mask = itk::Image<std::uint8_t, 3>;
using Labels = itk::Image<std::int32_t, 3>;
using Element = itk::FlatStructuringElement<3>;

template <class Image>
std::span<typename Image::PixelType> values(Image& image) {
    const auto size = image.GetLargestPossibleRegion().GetNumberOfPixels();
    return {image.GetBufferPointer(), static_cast<std::size_t>(size)};
}

Mask::Pointer read_mask(const Call& call) {
    auto mask = Mask::New();
    Mask::SizeType size;
    for (unsigned axis = 0; axis < 3; ++axis)
        size[axis] = static_cast<itk::SizeValueType>(call.integer(axis));
    mask->SetRegions(Mask::RegionType(size));
    mask->Allocate();
    read_values(call.input, mask->GetBufferPointer(), static_cast<std::int64_t>(values(*mask).size()));
    return mask;
}

/// Runs a filter anew for every call, its output included.
template <class Filter, class Prepare>
typename Filter::OutputImageType::Pointer timed(const Call& call, const Mask::Pointer& mask,
                                                Prepare&& prepare) {
    return call.timed([&] {
        auto filter = Filter::New();
        filter->SetInput(mask);
        prepare(*filter);
        filter->Update();
        typename Filter::OutputImageType::Pointer out = filter->GetOutput();
        out->DisconnectPipeline();
        return out;
    });
}

/// NX NY NZ 6|26; beyond the border nothing is set, as in SciPy.
template <template <class, class, class> class Filter>
void morphology(const Call& call) {
    const auto mask = read_mask(call);
    Element::RadiusType radius;
    radius.Fill(1);
    const auto element = call.integer(3) == 6 ? Element::Cross(radius) : Element::Box(radius);
    const auto out = timed<Filter<Mask, Mask, Element>>(call, mask, [&](auto& filter) {
        filter.SetKernel(element);
        filter.SetForegroundValue(1);
        filter.SetBoundaryToForeground(false);
    });
    call.write(std::span<const std::uint8_t>(values(*out)));
}

void dilate(const Call& call) { morphology<itk::BinaryDilateImageFilter>(call); }
void erode(const Call& call) { morphology<itk::BinaryErodeImageFilter>(call); }

/// NX NY NZ 6|26
void label(const Call& call) {
    using Filter = itk::ConnectedComponentImageFilter<Mask, Labels>;
    const auto out = timed<Filter>(call, read_mask(call),
                                   [&](Filter& filter) { filter.SetFullyConnected(call.integer(3) == 26); });
    call.write(std::span<const std::int32_t>(values(*out)));
}

}  // namespace

int main(int words_given, char** words) {
    return run_call("peer_itk", {{"dilate", dilate}, {"erode", erode}, {"label", label}}, words_given, words);
}
