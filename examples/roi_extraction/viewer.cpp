#include "viewer.hpp"

#include <zlib.h>

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <span>
#include <system_error>

namespace viewer {

namespace {

/// The bytes of a file as they are, compressed or not.
/// \throws roi::FileError not_found, unreadable
std::string bytes_of(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        throw roi::FileError(roi::ErrorCode::not_found, path, "there is no such file");
    std::ifstream file(path, std::ios::binary);
    if (!std::filesystem::is_regular_file(path, error) || !file)
        throw roi::FileError(roi::ErrorCode::unreadable, path, "cannot be read as a file");
    std::string out{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return out;
}

}  // namespace

std::string base64(std::string_view bytes) { return roi::base64(bytes); }

std::string gzipped(std::string_view text) {
    z_stream stream{};
    constexpr int gzip_wrapper = 15 + 16;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_wrapper, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::bad_alloc();
    return out;
}

Code read_code(const std::string& path) {
    constexpr std::uintmax_t most = std::uintmax_t{16} << 20;
    const auto refuse = [&path](const std::string& found) {
        throw roi::FileError(
            roi::ErrorCode::bad_format, path,
            "--viewer needs a browser build of niivue, as dist/niivue.umd.js of the npm package "
            "@niivue/niivue, found " +
                found);
    };
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > most && std::filesystem::is_regular_file(path, error))
        refuse(roi::text("a file of ", size >> 20, " MB, where 16 MB is the most"));
    Code code{bytes_of(path), Kind::script};
    const std::string_view text = code.text;
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) refuse("an empty file");
    if (text.find('\0') != std::string_view::npos) refuse("binary data");
    if (text[start] == '<') refuse("a page of HTML or XML");
    // The last export list of a module names what it gives; a script assigns to `exports`.
    const auto list = std::max(text.rfind("export {") + 1, text.rfind("export{") + 1);
    if (list > 0 && text.substr(list, text.find('}', list) - list).find("Niivue") != std::string_view::npos) {
        code.kind = Kind::module;
    } else if (text.find(".Niivue=") == std::string_view::npos &&
               text.find(".Niivue =") == std::string_view::npos) {
        refuse("a text that does not define Niivue");
    }
    return code;
}

const char* const licence = R"text(BSD 2-Clause License

Copyright (c) 2021, Niivue
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
   disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF
THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
)text";

const char* const markup = R"html(
<noscript><p class="quiet">This view needs JavaScript; everything else on this page is complete without.</p></noscript>
<p class="quiet" id="view-state" role="status">Loading the view.</p>
<div id="view-body" hidden>
<p class="quiet">Drag in any of the three planes to move the cross. When they have the focus, arrow keys move it to the sides, to
the front and back, Page Up and Page Down up and down.</p>
<div class="planes"><canvas id="view-planes" tabindex="0" aria-label="Three planes through the mean image, the map and the regions"></canvas></div>
<div class="controls">
<label>Threshold on -log10 p <output id="threshold-value"></output><input id="threshold" type="range" min="0" step="0.1"></label>
<label>Opacity of the map <output id="map-opacity-value"></output><input id="map-opacity" type="range" min="0" max="1" step="0.05" value="0.8"></label>
<label>Opacity of the regions <output id="atlas-opacity-value"></output><input id="atlas-opacity" type="range" min="0" max="1" step="0.05" value="0.5"></label>
</div>
<dl class="here" aria-live="off">
<div><dt>x, y, z (mm)</dt><dd id="here-mm"></dd></div>
<div><dt>voxel</dt><dd id="here-voxel"></dd></div>
<div><dt>mean</dt><dd id="here-mean"></dd></div>
<div><dt>-log10 p</dt><dd id="here-log-p"></dd></div>
<div><dt>region</dt><dd id="here-label"></dd></div>
</dl>
<figure class="course"><svg id="course" viewBox="0 0 1000 180" role="img" aria-label="Time course"></svg>
<figcaption id="course-caption"></figcaption></figure>
</div>
)html";

const char* const script = R"js(
(async () => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const state = byId("view-state");
  const bytes = (text) => Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  const unpacked = (id) => new Response(new Blob([bytes(byId(id).textContent)]).stream()
    .pipeThrough(new DecompressionStream("gzip"))).text();

  async function library(kind) {
    const url = URL.createObjectURL(new Blob([await unpacked("view-code")], { type: "text/javascript" }));
    if (kind === "module") return import(url);
    await new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = url;
      element.onload = resolve;
      element.onerror = () => reject(new Error("its code does not run"));
      document.head.append(element);
    });
    return globalThis.niivue ?? globalThis;
  }

  const probe = document.createElement("canvas").getContext("webgl2");
  if (!probe || typeof DecompressionStream === "undefined") {
    state.textContent = "This view needs a browser with WebGL 2; everything else on this page is complete without.";
    return;
  }
  probe.getExtension("WEBGL_lose_context")?.loseContext();

  const data = JSON.parse(await unpacked("view-data"));
  const { Niivue, NVImage } = await library(data.kind);
  const nv = new Niivue({ backColor: [0, 0, 0, 1], crosshairColor: [0.3, 1, 0.4, 1], crosshairWidth: 0.15,
    multiplanarShowRender: 0, dragAndDropEnabled: false, logLevel: "error", show3Dcrosshair: false,
    isNearestInterpolation: true });
  byId("view-body").hidden = false;
  await nv.attachToCanvas(byId("view-planes"));

  const image = (id, name, options) => NVImage.loadFromBase64({ base64: byId(id).textContent.trim(), name, ...options });
  nv.addVolume(await image("image-mean", "mean.nii.gz", { colormap: "gray", cal_min: data.mean[0], cal_max: data.mean[1] }));
  nv.addVolume(await image("image-map", "map.nii.gz",
    { colormap: "hot", opacity: 0.8, cal_min: data.threshold, cal_max: data.top }));
  const atlas = await image("image-atlas", "atlas.nii.gz", { opacity: 0.5 });
  const hues = data.colors;
  atlas.setColormapLabel({ R: [0, ...hues.map((c) => c[0])], G: [0, ...hues.map((c) => c[1])],
    B: [0, ...hues.map((c) => c[2])], A: [0, ...hues.map(() => 255)], I: [0, ...data.labels],
    labels: ["", ...(data.names || data.labels.map(String))] });
  nv.addVolume(atlas);
  nv.setInterpolation(true);

  const slider = (id, digits, act) => {
    const element = byId(id);
    const moved = () => {
      byId(id + "-value").textContent = Number(element.value).toFixed(digits);
      act(Number(element.value));
    };
    element.addEventListener("input", moved);
    moved();
  };
  byId("threshold").max = data.top;
  byId("threshold").value = data.threshold;
  slider("threshold", 1, (value) => {
    // Niivue hides what is below; a map's top must stay above its bottom.
    nv.volumes[1].cal_min = Math.min(value, data.top - 1e-3);
    nv.updateGLVolume();
  });
  slider("map-opacity", 2, (value) => nv.setOpacity(1, value));
  slider("atlas-opacity", 2, (value) => nv.setOpacity(2, value));

  const svg = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const called = (label) => data.names ? data.names[data.labels.indexOf(label)] : `Region ${label}`;
  let shown = -1;
  function drawCourse(label) {
    if (label === shown) return;
    shown = label;
    const signal = data.signals[data.labels.indexOf(label)];
    const plot = byId("course");
    plot.replaceChildren();
    if (!signal) {
      byId("course-caption").textContent = label > 0
        ? `The time course of region ${label} is not in this page; roi_signals.tsv has it.`
        : "No region at the cross: drag it into a coloured one to see its time course.";
      return;
    }
    // As wide as it is shown, so that its texts are as large as other texts, on a phone too.
    const width = Math.max(240, plot.clientWidth);
    plot.setAttribute("viewBox", `0 0 ${width} 180`);
    const low = Math.min(...signal), high = Math.max(...signal), range = high - low || 1;
    const x = (frame) => 60 + ((width - 70) * frame) / signal.length, y = (value) => 150 - (135 * (value - low)) / range;
    for (const [from, count, kind] of data.blocks) {
      plot.append(svg("rect", { x: x(from), y: 10, width: x(from + count) - x(from), height: 145,
        class: kind === 0 ? "first" : "second" }));
    }
    plot.append(svg("path", { class: "signal", d: signal.map((value, frame) =>
      `${frame ? "L" : "M"}${x(frame + 0.5).toFixed(1)} ${y(value).toFixed(1)}`).join("") }));
    for (const value of [low, high])
      plot.append(svg("text", { x: 54, y: y(value) + 4, "text-anchor": "end" }, value.toPrecision(4)));
    plot.append(svg("text", { x: 60, y: 172 }, "volume 0"));
    plot.append(svg("text", { x: width - 10, y: 172, "text-anchor": "end" }, String(signal.length - 1)));
    const caption = byId("course-caption");
    const key = document.createElement("span");
    key.className = "key";
    ["first", "second"].forEach((kind) => {
      const patch = document.createElement("i");
      patch.className = kind;
      key.append(patch, data[kind]);
    });
    caption.replaceChildren(`${called(label)}: its signal in every volume; shaded:`, key);
  }

  window.addEventListener("resize", () => {
    const label = shown;
    shown = -1;
    drawCourse(label);
  });

  nv.onLocationChange = (place) => {
    const mm = [place.mm[0], place.mm[1], place.mm[2]];
    const voxel = data.inverse.map((row) => Math.round(row[0] * mm[0] + row[1] * mm[1] + row[2] * mm[2] + row[3]));
    const value = (i) => place.values[i] ? place.values[i].value : NaN;
    const label = Math.round(value(2)) || 0;
    byId("here-mm").textContent = mm.map((v) => v.toFixed(1)).join(", ");
    byId("here-voxel").textContent = voxel.join(", ");
    byId("here-mean").textContent = value(0).toPrecision(6);
    byId("here-log-p").textContent = value(1).toFixed(3);
    byId("here-label").textContent = label > 0 ? (data.names ? `${label}, ${called(label) || "no signal"}` : String(label)) : "none";
    drawCourse(label);
  };
  const steps = { ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowDown: [0, -1, 0], ArrowUp: [0, 1, 0],
    PageDown: [0, 0, -1], PageUp: [0, 0, 1] };
  byId("view-planes").addEventListener("keydown", (event) => {
    if (!steps[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();  // niivue has another use for the arrows
    nv.moveCrosshairInVox(...steps[event.key]);
  }, { capture: true });
  nv.scene.crosshairPos = nv.mm2frac(data.cut);
  nv.drawScene();
  nv.createOnLocationChange();
  state.hidden = true;
})().catch((error) => {
  const state = document.getElementById("view-state");
  state.hidden = false;
  state.textContent = `The view cannot be shown (${error.message}); everything else on this page is complete without.`;
});
)js";

}  // namespace viewer
