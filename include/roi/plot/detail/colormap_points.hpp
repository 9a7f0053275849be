// Control points of the colour maps: position from 0 to 1 and colour as 0xRRGGBB, linear in between.
#pragma once

#include <cstdint>

namespace roi::detail {

struct ColorPoint {
    double at;
    std::uint32_t rgb;
};

inline constexpr ColorPoint gray_points[] = {{0, 0x000000}, {1, 0xffffff}};

// nipy_spectral, gist_ncar and RdBu (ColorBrewer) are the published control points; cold_hot is black-body
// red above its middle and the same in blue below. The perceptual maps are published as 256 colours: here
// the fewest points whose lines stay within 1/255 of every one of them.
inline constexpr ColorPoint nipy_spectral_points[] = {
    {0, 0x000000},   {0.05, 0x770088}, {0.1, 0x880099}, {0.15, 0x0000aa}, {0.2, 0x0000dd}, {0.25, 0x0077dd},
    {0.3, 0x0099dd}, {0.35, 0x00aaaa}, {0.4, 0x00aa88}, {0.45, 0x009900}, {0.5, 0x00bb00}, {0.55, 0x00dd00},
    {0.6, 0x00ff00}, {0.65, 0xbbff00}, {0.7, 0xeeee00}, {0.75, 0xffcc00}, {0.8, 0xff9900}, {0.85, 0xff0000},
    {0.9, 0xdd0000}, {0.95, 0xcc0000}, {1, 0xcccccc},
};

inline constexpr ColorPoint cold_hot_points[] = {
    {0, 0xffffff},     {0.1255, 0x03ffff}, {0.1294, 0x00fcff}, {0.3176, 0x0000ff}, {0.498, 0x00000d},
    {0.502, 0x0d0000}, {0.6824, 0xff0000}, {0.8706, 0xfffc00}, {0.8745, 0xffff03}, {1, 0xffffff},
};

inline constexpr ColorPoint rdbu_r_points[] = {
    {0, 0x053061},   {0.1, 0x2166ac}, {0.2, 0x4393c3}, {0.3, 0x92c5de}, {0.4, 0xd1e5f0}, {0.5, 0xf7f7f7},
    {0.6, 0xfddbc7}, {0.7, 0xf4a582}, {0.8, 0xd6604d}, {0.9, 0xb2182b}, {1, 0x67001f},
};

inline constexpr ColorPoint gist_ncar_points[] = {
    {0, 0x000080},      {0.051, 0x005f06},  {0.1059, 0x0000ee}, {0.1098, 0x000eff}, {0.1569, 0x00b8ff},
    {0.1608, 0x00c0ff}, {0.1647, 0x00c6ff}, {0.2039, 0x00f2ff}, {0.2157, 0x00ffeb}, {0.2588, 0x00faa3},
    {0.2627, 0x00fa9d}, {0.2706, 0x00fa88}, {0.3098, 0x00fe1f}, {0.3176, 0x0dff0b}, {0.3216, 0x13fb00},
    {0.3686, 0x5fce00}, {0.3725, 0x66d100}, {0.4157, 0x7cf500}, {0.4235, 0x80fc08}, {0.4275, 0x84ff0c},
    {0.4745, 0xbbff3c}, {0.5216, 0xf1ff0c}, {0.5333, 0xfff800}, {0.5804, 0xffda00}, {0.6314, 0xffba0e},
    {0.6863, 0xff4701}, {0.6902, 0xff4300}, {0.7373, 0xff0900}, {0.7451, 0xff0023}, {0.7922, 0xff00f8},
    {0.8, 0xf107ff},    {0.8431, 0xa62dff}, {0.8471, 0x9f33fe}, {0.898, 0xeb80ee},  {1, 0xfef8fe},
};

inline constexpr ColorPoint viridis_points[] = {
    {0, 0x440154},      {0.0706, 0x481b6d}, {0.1333, 0x472f7d}, {0.2039, 0x404588}, {0.3255, 0x31668e},
    {0.498, 0x21908d},  {0.5529, 0x1e9d89}, {0.6039, 0x23a983}, {0.651, 0x2fb47c},  {0.7059, 0x46c06f},
    {0.7647, 0x65cb5e}, {0.8431, 0x95d840}, {0.9255, 0xcde11d}, {0.9529, 0xdfe318}, {0.9725, 0xece51b},
    {0.9961, 0xfbe723}, {1, 0xfde725},
};

inline constexpr ColorPoint magma_points[] = {
    {0, 0x000004},      {0.0196, 0x02020b}, {0.0627, 0x0a0822}, {0.1255, 0x1d1147}, {0.1765, 0x311165},
    {0.2118, 0x400f74}, {0.2588, 0x54137d}, {0.3529, 0x792282}, {0.4588, 0xa5317e}, {0.5451, 0xc83e73},
    {0.6039, 0xdf4a68}, {0.6588, 0xef5d5e}, {0.698, 0xf66e5c},  {0.7412, 0xfb835f}, {0.8078, 0xfea36f},
    {0.898, 0xfecd90},  {1, 0xfcfdbf},
};

inline constexpr ColorPoint inferno_points[] = {
    {0, 0x000004},      {0.0157, 0x02010a}, {0.0431, 0x060419}, {0.0863, 0x120a32}, {0.1255, 0x210c4a},
    {0.1569, 0x2f0a5b}, {0.2, 0x420a68},    {0.2588, 0x5a116e}, {0.3451, 0x7d1e6d}, {0.4353, 0xa22b62},
    {0.5137, 0xc03a51}, {0.5725, 0xd44842}, {0.6471, 0xe9612b}, {0.7255, 0xf78212}, {0.7608, 0xfa9207},
    {0.7804, 0xfb9b06}, {0.8, 0xfca50a},    {0.8353, 0xfbb61a}, {0.8863, 0xf8cf3a}, {0.9216, 0xf4e156},
    {0.9569, 0xf1f179}, {0.9843, 0xf6fa96}, {1, 0xfcffa4},
};

inline constexpr ColorPoint plasma_points[] = {
    {0, 0x0d0887},      {0.0275, 0x20068f}, {0.102, 0x43039e},  {0.1922, 0x6700a8},
    {0.251, 0x7e03a8},  {0.2941, 0x8e0ca4}, {0.3647, 0xa62098}, {0.4824, 0xc7427c},
    {0.6196, 0xe56a5d}, {0.7373, 0xf79044}, {0.8431, 0xfeb72d}, {0.902, 0xfcce25},
    {0.9529, 0xf7e425}, {0.9843, 0xf2f227}, {0.9961, 0xf0f724}, {1, 0xf0f921},
};

inline constexpr ColorPoint cividis_points[] = {
    {0, 0x00224e},      {0.0784, 0x003070}, {0.0902, 0x013271}, {0.1098, 0x123570},
    {0.1451, 0x233c6e}, {0.2157, 0x3a486c}, {0.3608, 0x5e626e}, {0.5098, 0x7e7d78},
    {0.6196, 0x999277}, {0.749, 0xbbad6d},  {0.8588, 0xd9c55c}, {0.9373, 0xefd748},
    {0.9765, 0xfbe138}, {0.9843, 0xfde334}, {0.9961, 0xfee636}, {1, 0xfee838},
};
}  // namespace roi::detail
