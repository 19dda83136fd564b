/** Colours of every page: light, or dark where its reader prefers that. All texts reach a contrast of 4.5 to 1. */
const COLOURS = `
:root { color-scheme: light dark;
  --page: light-dark(#f6f6f8, #131318); --card: light-dark(#ffffff, #1b1b22); --line: light-dark(#e4e4ea, #2e2e38);
  --ink: light-dark(#1d1d24, #ececf1); --soft: light-dark(#5f5f6b, #a3a3b0);
  --accent: light-dark(#4f46c8, #9d97ff); --wash: light-dark(#eeedfb, #26253c);
  --good: light-dark(#1a7a4c, #63d29a); --good-wash: light-dark(#e6f5ec, #16291d);
  --warn: light-dark(#8a5200, #f0b35c); --warn-wash: light-dark(#fcf1df, #30241a);
  --bad: light-dark(#b3261e, #ff8f85); --bad-wash: light-dark(#fbe9e7, #351d1b);
  --fill-1: light-dark(#5b52d6, #8f88f5); --fill-2: light-dark(#2f9e6b, #4fc08d); --fill-3: light-dark(#d08a1e, #e0a545);
  --fill-4: light-dark(#c9473f, #e5736a); --fill-5: light-dark(#2b8fb8, #57b4da); --fill-6: light-dark(#8d93a5, #7d8296);
  --fill-7: light-dark(#c3c6d1, #4a4d5a); --mono: ui-monospace, 'SF Mono', 'Cascadia Code', 'DejaVu Sans Mono', monospace }
`

/** Letters, headings, links and code. */
const TEXT = `
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: .94rem/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif }
main { max-width: 70rem; margin: 0 auto; padding: 1.75rem 1.5rem 3rem }
h1 { margin: 0; font-size: 1.55rem; line-height: 1.25; letter-spacing: -.015em; overflow-wrap: anywhere; text-wrap: balance }
h2 { margin: 2.25rem 0 .7rem; font-size: 1.1rem; letter-spacing: -.01em } h3 { margin: 1.25rem 0 .4rem; font-size: .95rem }
p { margin: .3rem 0 } a { color: var(--accent) } ul, ol { margin: .3rem 0; padding-left: 1.25rem }
code, pre, .mono { font-family: var(--mono); font-size: .87em } code { overflow-wrap: anywhere }
.soft, footer { color: var(--soft) } .small { font-size: .87rem } .strong { font-weight: 600 } .whole { white-space: nowrap }
.good { color: var(--good) } .warn { color: var(--warn) } .bad { color: var(--bad) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .87rem }
.eyebrow { display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: baseline; margin: 0 0 .45rem; color: var(--soft); font-size: .87rem }
.eyebrow b { color: var(--ink) }
`

/** The parts of which pages are made. */
const PARTS = `
.band { margin: 0; padding: 1.25rem 1.4rem; border: 1px solid var(--line); border-left: .4rem solid var(--good); border-radius: .7rem; background: var(--good-wash) }
.band.good, .band.warn, .band.bad { color: inherit } .band.good h1 { color: var(--good) } .band.warn h1 { color: var(--warn) } .band.bad h1 { color: var(--bad) }
.band.warn { border-left-color: var(--warn); background: var(--warn-wash) } .band.bad { border-left-color: var(--bad); background: var(--bad-wash) } .band.plain { border-left-color: var(--accent); background: var(--wash) } .band h1 + p { margin-top: .5rem }
.notice { margin: .7rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-left: .3rem solid var(--good); border-radius: .6rem; background: var(--card); color: inherit }
.notice.warn { border-left-color: var(--warn); background: var(--warn-wash) } .notice.bad { border-left-color: var(--bad); background: var(--bad-wash) } .notice.plain { border-left-color: var(--accent); background: var(--wash) }
.command { display: block; margin: .6rem 0 0; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); white-space: pre-wrap; overflow-wrap: anywhere; user-select: all }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .75rem; margin: 1rem 0 0 }
.tile, .card { min-width: 0; margin: 0; padding: .85rem 1rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card) }
.tile dt { color: var(--soft); font-size: .87rem } .tile dd { margin: 0 }
.tile .value { margin: .05rem 0 .1rem; font-size: 1.6rem; font-weight: 600; line-height: 1.25; letter-spacing: -.02em; font-variant-numeric: tabular-nums }
.tile .note { color: var(--soft); font-size: .83rem; line-height: 1.4; min-height: 2.8em } .tile svg { display: block; width: 100%; height: 2rem; margin-top: .5rem }
.pill { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; background: var(--wash); color: var(--accent); font-size: .8rem; white-space: nowrap }
.pill.good { background: var(--good-wash); color: var(--good) } .pill.warn { background: var(--warn-wash); color: var(--warn) } .pill.bad { background: var(--bad-wash); color: var(--bad) }
.pill.quiet { background: none; box-shadow: inset 0 0 0 1px var(--line); color: var(--soft) }
details { margin: .7rem 0; border: 1px solid var(--line); border-radius: .7rem; background: var(--card) }
summary { padding: .7rem 1rem; cursor: pointer; font-weight: 600 } summary .soft { font-weight: 400 } .inside { padding: 0 1rem 1rem } .inside > :last-child { margin-bottom: 0 }
.inside > .table { margin: 0 -1rem -1rem; border-width: 1px 0 0; border-radius: 0 }
`

/** Tables: numbers to the right, wide ones scroll on their own. */
const TABLES = `
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: .7rem; background: var(--card) }
table { width: 100%; border-collapse: collapse } caption { padding: .6rem 1rem 0; text-align: left; color: var(--soft); font-size: .87rem }
th, td { padding: .5rem .6rem; text-align: left; vertical-align: top; font-weight: 400 } th:first-child, td:first-child { padding-left: 1rem } th:last-child, td:last-child { padding-right: 1rem }
thead > tr > * { color: var(--soft); font-size: .82rem; font-weight: 600; white-space: nowrap; border-bottom: 1px solid var(--line); vertical-align: bottom }
tbody tr + tr > * { border-top: 1px solid var(--line) } tbody th .soft, td .soft { font-size: .87rem }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } td.chart { width: 26%; min-width: 9rem; padding-top: .72rem }
td.chart svg { display: block; width: 100%; height: 1rem } .zero { color: var(--soft) }
`

/** Charts: SVG, coloured by class. */
const CHARTS = `
svg { overflow: visible } .f1 { fill: var(--fill-1); background: var(--fill-1) } .f2 { fill: var(--fill-2); background: var(--fill-2) } .f3 { fill: var(--fill-3); background: var(--fill-3) }
.f4 { fill: var(--fill-4); background: var(--fill-4) } .f5 { fill: var(--fill-5); background: var(--fill-5) } .f6 { fill: var(--fill-6); background: var(--fill-6) } .f7 { fill: var(--fill-7); background: var(--fill-7) }
.track { fill: var(--line) } .axis { stroke: var(--soft); stroke-width: 1; vector-effect: non-scaling-stroke } .area { fill: var(--wash) }
.trend { fill: none; stroke: var(--fill-1); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke }
.last { fill: none; stroke: var(--fill-1); stroke-width: 5; stroke-linecap: round; vector-effect: non-scaling-stroke }
.bar { display: block; width: 100%; height: 1.6rem; border-radius: .4rem }
.columns { display: block; width: 100%; height: 7rem; border-bottom: 1px solid var(--line) } .row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem; margin: .3rem 0 }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .6rem 0; padding: 0; list-style: none; font-size: .87rem } .legend li { display: flex; gap: .45rem; align-items: baseline }
.dot { flex: none; display: inline-block; width: .7rem; height: .7rem; border-radius: .2rem; print-color-adjust: exact }
`

/** Small screens, paper, and readers who want no movement. */
const MEDIA = `
@media (max-width: 44rem) { main { padding: 1rem .9rem 2rem } .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)) } .band { padding: 1rem } h1 { font-size: 1.3rem }
  .tile .value { font-size: 1.35rem } th, td { padding: .45rem .5rem } .tile .note { min-height: 4.2em }
  .whole { white-space: normal }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap } thead tr { display: block } .table { position: relative; overflow-x: hidden } table, tbody { display: block } tbody tr { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; padding: .6rem .9rem }
  tbody tr > *, th:first-child, td:last-child { padding: 0; text-align: left } tbody tr + tr { border-top: 1px solid var(--line) } tbody tr + tr > * { border-top: 0 } tbody th[scope='row'], td.chart, td:not([class]) { flex: 1 0 100% }
  td[data-head]::before { content: attr(data-head) ' '; color: var(--soft); font-size: .82rem } td.chart { order: 1; padding: .2rem 0 } }
@media print { :root { color-scheme: light; font-size: 11.5px } * { print-color-adjust: exact } body { background: #fff } td.chart { min-width: 4rem } main { max-width: none; padding: 0 }
  .band, .tile, tr, .notice, .card { break-inside: avoid } h2, h3, summary { break-after: avoid } .table { overflow: visible }
  details::details-content { content-visibility: visible; block-size: auto; display: block } thead { display: table-header-group } }
`

/** The style of every page that the runner writes or serves. */
export const STYLE = [COLOURS, TEXT, PARTS, TABLES, CHARTS, MEDIA].join('')
