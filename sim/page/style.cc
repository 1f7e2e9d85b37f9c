// The page's look. Colours of lines differ in brightness as well as in hue; text has at least 4.5:1
// against its ground in both schemes.
#include "sim/page/parts.h"

namespace sudare::sim {

namespace {

constexpr const char* kStyle = R"css(
:root {
  --ground: #fbfaf7; --card: #ffffff; --ink: #1d2329; --soft: #59636d; --rule: #dcd8cf;
  --good: #1a6b45; --good-ground: #e3f2e9; --bad: #a3261f; --bad-ground: #fbe6e3;
  --note-ground: #fff4d6; --note-ink: #5c4300; --accent: #215a8c;
  --s0: #215a8c; --s1: #b4500b; --s2: #1a7a5e; --s3: #8b3a86; --s4: #6b5a00; --s5: #b0244c;
  --quiet: #8b9299; --raw: #9aa1a8; --released: #215a8c; --home: #b0244c; --cells: #e4e0d6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181c; --card: #1b2126; --ink: #e7e9ea; --soft: #a4adb5; --rule: #343c43;
    --good: #7fd3a6; --good-ground: #17362a; --bad: #ff9d92; --bad-ground: #44201d;
    --note-ground: #3a3014; --note-ink: #f1d58a; --accent: #86bdf0;
    --s0: #86bdf0; --s1: #f3a05f; --s2: #6fd0b0; --s3: #d99ad4; --s4: #d3c060; --s5: #ff91a8;
    --quiet: #7d868e; --raw: #69727a; --released: #86bdf0; --home: #ff91a8; --cells: #2b3238;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", "Hiragino Sans", "Noto Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
header { border-top: 6px solid var(--accent); padding-top: 1.25rem; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.015em; margin: .1rem 0 .5rem; }
h2 { font-size: 1.35rem; letter-spacing: -.01em; margin: 3rem 0 .4rem; padding-top: 1rem;
  border-top: 1px solid var(--rule); }
h3 { font-size: 1.02rem; margin: 1.8rem 0 .5rem; }
p { max-width: 46rem; margin: .4rem 0 .9rem; }
.kicker { text-transform: uppercase; letter-spacing: .12em; font-size: .78rem; font-weight: 600;
  color: var(--accent); margin: 0; }
.facts, .small, .lead { color: var(--soft); }
.facts b { color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
.small { font-size: .86rem; margin: .25rem 0; }
.banner { background: var(--note-ground); color: var(--note-ink); padding: .7rem 1rem;
  border-radius: 6px; max-width: none; }
code { font: .88em ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace;
  overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 1rem;
  margin: 1.5rem 0 .5rem; padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: 1rem 1.1rem; }
.cards .figure { display: block; font-size: 1.75rem; font-weight: 650; line-height: 1.2;
  letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.cards .what { display: block; font-size: .88rem; color: var(--soft); margin-top: .25rem; }
.cards .name { display: block; font-weight: 600; font-size: .92rem; margin-bottom: .35rem; }
.verdict { border-left: 5px solid var(--good); background: var(--good-ground);
  padding: .85rem 1.1rem; border-radius: 0 8px 8px 0; font-size: 1.08rem; max-width: none;
  margin: 1.4rem 0 0; }
.verdict.bad { border-color: var(--bad); background: var(--bad-ground); }
.scroll { overflow-x: auto; margin: .8rem 0 1.4rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .3rem 0 .45rem; }
th, td { text-align: left; padding: .42rem .9rem .42rem 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; font-size: .82rem; border-bottom-width: 2px;
  white-space: nowrap; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
td.number:last-child, th.number:last-child { padding-right: 0; }
tr.group th { padding-top: 1.1rem; font-weight: 650; border-bottom-width: 2px; }
tr.note td { color: var(--soft); font-size: .86rem; padding-top: .1rem; }
tr.noted > * { border-bottom: 0; }
.badge { display: inline-block; border-radius: 4px; padding: 0 .4rem; font-size: .82rem;
  font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr));
  gap: 1.1rem; margin: .6rem 0 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: .8rem .9rem .6rem; break-inside: avoid; min-width: 0; }
figcaption { font-weight: 600; font-size: .92rem; margin-bottom: .4rem; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 11.5px; fill: var(--soft); }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .line { fill: none; stroke-width: 2.1; stroke-linejoin: round; }
svg .dashed { stroke-dasharray: 5 4; }
svg .quiet.line { stroke: var(--quiet); stroke-width: 1; opacity: .7; }
svg .name { font-weight: 600; font-size: 10.8px; } svg .name.quiet { font-weight: 400; fill: var(--soft); }
svg .leader { fill: none; stroke: var(--rule); stroke-width: 1; }
svg .bound { fill: none; stroke: var(--ink); stroke-width: 2.4; }
svg .bound-name { font-weight: 600; fill: var(--ink); paint-order: stroke; stroke: var(--card);
  stroke-width: 3px; }
svg .line.s0 { stroke: var(--s0); } svg .mark.s0, svg .name.s0 { fill: var(--s0); }
svg .line.s1 { stroke: var(--s1); } svg .mark.s1, svg .name.s1 { fill: var(--s1); }
svg .line.s2 { stroke: var(--s2); } svg .mark.s2, svg .name.s2 { fill: var(--s2); }
svg .line.s3 { stroke: var(--s3); } svg .mark.s3, svg .name.s3 { fill: var(--s3); }
svg .line.s4 { stroke: var(--s4); } svg .mark.s4, svg .name.s4 { fill: var(--s4); }
svg .line.s5 { stroke: var(--s5); } svg .mark.s5, svg .name.s5 { fill: var(--s5); }
.map svg { border-radius: 4px; background: var(--ground); }
svg .cells { stroke: var(--cells); stroke-width: 1; }
svg .ring { fill: var(--home); fill-opacity: .07; stroke: var(--home); stroke-width: 1.4;
  stroke-dasharray: 6 4; }
svg .raw { fill: none; stroke: var(--raw); stroke-width: 1.6; stroke-linecap: round; }
svg .released { fill: var(--released); }
svg .home { fill: var(--home); stroke: var(--card); stroke-width: 1.2; }
svg .scale { fill: none; stroke: var(--ink); stroke-width: 1.4; }
svg .halo { fill: none; stroke: var(--ground); stroke-width: 10; opacity: .8; }
svg .haloed { fill: var(--ink); paint-order: stroke; stroke: var(--ground); stroke-width: 4px; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0;
  font-size: .88rem; color: var(--soft); }
.key svg { display: inline-block; width: 26px; height: 16px; vertical-align: -3px;
  margin-right: .35rem; }
details { margin: .4rem 0 1rem; }
summary { cursor: pointer; color: var(--accent); font-size: .92rem; font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 600px) {
  main { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.6rem; }
  .figures { grid-template-columns: 1fr; }
}
@media print {
  :root { --ground: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #bbb;
    --good: #0d5533; --good-ground: #fff; --bad: #8f1a14; --bad-ground: #fff;
    --note-ground: #fff; --note-ink: #000; --accent: #16446b; --cells: #ddd; --raw: #888;
    --s0: #16446b; --s1: #8f3d00; --s2: #0d5c45; --s3: #6d2a69; --s4: #4f4200; --s5: #8a1237;
    --quiet: #777; --released: #16446b; --home: #8a1237; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  h2, h3, caption { break-after: avoid; } tr, .cards li { break-inside: avoid; }
  .badge, .verdict, .banner { border: 1px solid currentColor; }
  .figures { grid-template-columns: repeat(2, 1fr); } .scroll { overflow: visible; }
  @page { margin: 16mm; }
}
)css";

}  // namespace

const char* page_style() { return kStyle + 1; }

}  // namespace sudare::sim
