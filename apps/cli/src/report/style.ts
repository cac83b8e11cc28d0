/** The report's only style sheet: system fonts, one accent, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#16202c, #e6ebf1); --soft: light-dark(#5b6876, #93a1b0);
  --line: light-dark(#dfe4ea, #2b3541); --page: light-dark(#ffffff, #12171d);
  --tint: light-dark(#f5f7f9, #1a2129); --accent: light-dark(#0b6bcb, #58a6ff);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 28px 72px; }
header p, .hint { color: var(--soft); }
h1 { margin: 0; font-size: 26px; font-weight: 650; letter-spacing: -.01em; }
header p { margin: 4px 0 0; }
h2 { margin: 48px 0 4px; font-size: 17px; font-weight: 650; }
.hint { margin: 0 0 16px; font-size: 13.5px; max-width: 78ch; }
.headline { display: flex; flex-wrap: wrap; gap: 14px 44px; margin: 28px 0 0; padding: 18px 0; border: solid var(--line); border-width: 1px 0; }
.headline div { min-width: 84px; }
.headline dt { color: var(--soft); font-size: 13px; }
.headline dd { margin: 0; font-size: 26px; font-weight: 620; font-variant-numeric: tabular-nums; line-height: 1.25; }
.headline small { font-size: 14px; font-weight: 400; color: var(--soft); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-size: 12.5px; font-weight: 500; color: var(--soft); }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
td:has(> .swatch:first-child) { white-space: nowrap; }
.classes td:has(> .swatch:first-child) { white-space: normal; }
.swatch { display: inline-block; width: 10px; height: 10px; margin-right: 8px; border-radius: 2px; }
.meter { width: 30%; }
.meter span { display: block; height: 8px; border-radius: 2px; }
tfoot td { font-weight: 620; border-bottom: 0; }
.scroll { overflow-x: auto; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 0 48px; align-items: start; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 20px; }
.plots.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 28px; }
figure { margin: 0; }
figcaption { font-size: 13.5px; display: flex; justify-content: space-between; gap: 8px; }
figcaption span { color: var(--soft); font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; }
.grid line { stroke: var(--line); stroke-width: 1; }
.diagonal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
.ticks text { fill: var(--soft); font-size: 10px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13.5px; margin: 6px 0 0; }
.stages { display: flex; height: 16px; border-radius: 3px; overflow: hidden; margin-bottom: 12px; }
.matrix td, .matrix th { text-align: center; padding: 5px 8px; min-width: 44px; border: 1px solid var(--page); }
.matrix th[scope=row] { text-align: right; white-space: nowrap; }
.matrix { width: auto; }
.toggles { display: flex; gap: 20px; margin: 0 0 16px; font-size: 14px; }
.toggles label { display: flex; gap: 6px; align-items: center; }
.toggles input { accent-color: var(--accent); }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 24px; }
.pictures svg { border-radius: 3px; background: var(--tint); }
body:has(#show-truth:not(:checked)) .truth, body:has(#show-right:not(:checked)) .right, body:has(#show-wrong:not(:checked)) .wrong { display: none; }
figure .hint { margin-top: 10px; }
@media (max-width: 640px) {
  main { padding: 24px 16px 48px; }
  .headline { gap: 12px 28px; }
  .headline dd { font-size: 22px; }
  h2 { margin-top: 36px; }
  th, td { padding-right: 8px; }
  table { font-size: 13.5px; }
  th { font-size: 12px; }
  .classes td:first-child { overflow-wrap: anywhere; }
  .plots:not(.wide) { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 14px; }
  .classes th:last-child, .classes td:last-child { display: none; }
  .toggles { flex-wrap: wrap; gap: 8px 16px; }
  .details td { display: block; width: auto; padding-right: 0; }
  .details td:first-child { border-bottom: 0; padding-bottom: 0; width: auto; }
}
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--accent); }
pre { background: var(--tint); padding: 14px 16px; border-radius: 4px; overflow-x: auto; font-size: 12.5px; line-height: 1.45; }
code { font-size: 13px; overflow-wrap: anywhere; }
.details td:first-child { color: var(--soft); white-space: nowrap; width: 1%; padding-right: 32px; }
`;
