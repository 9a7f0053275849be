// How report.html looks: on a screen of any width, light or dark, and on paper.
#pragma once

namespace report {

inline constexpr const char* style = R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2024; --quiet: #5b6570; --line: #d8dde2; --card: #f5f7f9; --accent: #0b62a4;
}
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e6e9ec; --quiet: #9aa4ae; --line: #343a40; --card: #1d2125; --accent: #6cb6f5; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 66rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .8rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .4rem 0 .8rem; }
.lead { font-size: 1.1rem; }
.quiet, figcaption { color: var(--quiet); font-size: .92rem; }
a { color: var(--accent); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { padding: .28rem 1.1rem .28rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
.numbers td, .numbers th { text-align: right; white-space: nowrap; }
.facts td { overflow-wrap: anywhere; }
.warnings { border-left: 4px solid #d08700; padding: .5rem 1rem; background: var(--card); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.4rem; }
figure { margin: 0; min-width: 0; }
figure > svg { display: block; width: 100%; height: auto; border-radius: 4px; border: 1px solid var(--line); }
figcaption { margin-top: .4rem; }
figcaption b { color: var(--ink); }
.view { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .8rem; }
.view h2 { margin-top: 0; }
.planes { position: relative; height: 24rem; background: #000; touch-action: none; }
.planes canvas { display: block; width: 100%; height: 100%; outline: none; cursor: crosshair; }
.planes:focus-within { box-shadow: 0 0 0 2px var(--accent); }
.controls { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .2rem 1.4rem; margin: .7rem 0; }
.controls label { display: flex; flex-wrap: wrap; justify-content: space-between; font-size: .92rem; }
.controls input { flex-basis: 100%; width: 100%; min-height: 1.9rem; accent-color: var(--accent); }
.here { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .3rem 1.2rem; margin: 0 0 .8rem; }
.here dt { color: var(--quiet); font-size: .85rem; }
.here dd { margin: 0; font-variant-numeric: tabular-nums; min-height: 1.5em; }
.course svg { background: var(--paper); border: 1px solid var(--line); border-radius: 4px; }
.course text { user-select: none; fill: var(--quiet); font-size: 12px; }
.course .signal { fill: none; stroke: var(--ink); stroke-width: 1; vector-effect: non-scaling-stroke; }
.course .first, .key .first { fill: #d9480f; background: #d9480f; opacity: .35; }
.course .second, .key .second { fill: #1971c2; background: #1971c2; opacity: .35; }
.key i { display: inline-block; width: 1em; height: .8em; margin: 0 .3em 0 .8em; }
details pre { white-space: pre-wrap; font-size: .8rem; }
@media (max-width: 40rem) {
  body { padding: 1rem .8rem 3rem; }
  h1 { font-size: 1.4rem; }
  th, td { padding-right: .8rem; }
  .planes { height: auto; aspect-ratio: 1; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  p + .wide { break-before: avoid; }
  tr:nth-child(-n+2) { break-after: avoid; }
  tr:nth-last-child(-n+3) { break-before: avoid; }
  .figures { grid-template-columns: 1fr 1fr; gap: .8rem; }
  .view { display: none; }
  .wide { overflow: visible; }
}
)css";

}  // namespace report
