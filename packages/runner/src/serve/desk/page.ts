import { createHash } from 'node:crypto'
import { markup, pageText } from '../../output/html/index.ts'

/** What the page of a server tells before anything came. */
export interface PageOptions {
  readonly environment: string
  /** Mappings and segments, for the filter. */
  readonly mappings: readonly string[]
  /** Whether values may be seen. */
  readonly mayShowValues: boolean
}

const STYLE = `
.filters { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin: 1.2rem 0 .6rem }
.filters label { display: grid; gap: .15rem; color: var(--soft); font-size: .83rem } .filters .check { display: flex; align-items: center; gap: .4rem; padding: .4rem 0 }
input, select, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .6rem; max-width: 100% }
.filters :is(input[type=search], select, button) { box-sizing: border-box; height: 2.2rem } input[type=search] { width: 15rem } .check input { padding: 0 } button { cursor: pointer } .filters select { max-width: 16rem }
.entry summary { display: grid; grid-template-columns: 6.5rem minmax(6rem, 1fr) minmax(8rem, 2fr) 8.5rem 4.5rem; gap: .2rem .9rem; align-items: baseline; font-weight: 400 }
.entry summary > * { overflow-wrap: anywhere } .entry { margin: .4rem 0 } .entry > summary:last-child { margin-bottom: 0 } .entry .pill { justify-self: start } .took { color: var(--soft); text-align: right; min-width: 4.5rem; font-variant-numeric: tabular-nums }
.entry > .steps { margin: .2rem 1.4rem 1rem } .steps { list-style: none; padding: 0; overflow-wrap: anywhere; border-left: 2px solid var(--line) } .steps > li { position: relative; padding: .1rem 0 .7rem 1.1rem }
.steps > li::before { content: ''; position: absolute; left: -.41rem; top: .5rem; width: .65rem; height: .65rem; border-radius: 50%; background: var(--fill-6) }
.steps > li.good::before { background: var(--good) } .steps > li.bad::before { background: var(--bad) } .steps > li.warn::before { background: var(--warn) } .steps > li { color: var(--ink) }
.steps h3 { display: flex; flex-wrap: wrap; gap: 0 .7rem; margin: 0; } .steps h3 .soft { font-weight: 400; font-variant-numeric: tabular-nums }
pre { margin: .3rem 0; padding: .6rem .8rem; overflow: auto; max-height: 22rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--page); white-space: pre-wrap; overflow-wrap: anywhere }
.spark { display: flex; align-items: end; gap: 2px; height: 2rem; margin-top: .5rem } .spark i { flex: 1; min-height: 2px; border-radius: 1px; background: var(--fill-1) }
.notice { overflow-wrap: anywhere } .members { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .8rem } .member { display: flex; flex-direction: column; min-width: 0; margin: 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card) } .member.frozen { border-color: var(--warn) }
.member .id { overflow-wrap: anywhere; color: var(--soft); font-size: .87rem } .member .now { font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums } .member .since { color: var(--soft); font-size: .83rem; font-variant-numeric: tabular-nums } .member svg { display: block; width: 100%; height: 2.6rem; margin-top: auto; padding-top: .5rem; overflow: hidden }
.member .line { fill: none; stroke: var(--fill-1); stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round } .member .area { fill: var(--fill-1); opacity: .14 }
.empty { padding: 1.6rem; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: .7rem }
@media (max-width: 44rem) { .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)) } .entry summary { grid-template-columns: 1fr auto } .entry summary .what { grid-column: 1 / -1 } .entry summary > :nth-child(2) { text-align: right } .filters label, .filters input[type=search], .filters select { width: 100%; max-width: none } .filters .check { width: auto } .filters .check input { width: auto } }
`

const TILES = [
  ['windows', 'Windows'],
  ['lag', 'Waiting'],
  ['held', 'Held users'],
  ['speed', 'Arrival to Braze'],
] as const

/** The page of a server, and the policy of what it may load: its own script, and its own events. */
export function debugPage({ environment, mappings, mayShowValues }: PageOptions): {
  readonly text: string
  readonly policy: string
} {
  const text = pageText({
    title: `engage-sync · ${environment} · server`,
    style: STYLE,
    script: '/debug/page.js',
    body: [
      markup`<p class="eyebrow"><b>engage-sync</b> ${environment} · server <span id="connection" class="pill quiet" role="status">connecting</span></p>
<section id="verdict" class="band plain" aria-live="polite" aria-label="How the server stands"><h1>Looking …</h1><div id="reasons"></div></section>`,
      markup`<div class="tiles">${TILES.map(
        ([id, name]) =>
          markup`<dl class="tile" id="${id}"><dt>${name}</dt><dd class="value">–</dd><dd class="note"></dd></dl>`,
      )}</div>`,
      markup`<div id="frozen"></div><section id="fleet" hidden><h2>Workers</h2><p class="soft small">Each works on users of its own: a page shows the windows and records of one process.</p><ul id="workers"></ul></section><section id="members" hidden><h2>Members</h2><div class="members" id="memberships"></div></section>`,
      markup`<h2>Records on their way</h2>
<p class="soft small">Records of identified users alone are shown, as in Segment’s own debugger; of many, some. ${
        mayShowValues
          ? 'Identifiers are shortened and values hidden until you ask for them.'
          : 'Identifiers are shortened and values hidden; with an admin token they can be shown.'
      }</p>`,
      filters(mappings, mayShowValues),
      markup`<p id="left" class="soft small"></p><div id="owner"></div><div id="entries"><p class="empty">Nothing came since you look.</p></div>`,
    ],
    foot: markup`Nothing is collected while nobody looks. <a href="/readyz">readyz</a> · <a href="/metrics">metrics</a>`,
  })
  return { text, policy: policyFor(text) }
}

function filters(mappings: readonly string[], mayShowValues: boolean) {
  return markup`<form class="filters" id="filters"><label>User<input type="search" id="user" placeholder="external id, exactly" autocomplete="off"></label>
<label>Mapping<select id="mapping"><option value="">all</option>${mappings.map((id) => markup`<option>${id}</option>`)}</select></label>
<label>Outcome<select id="outcome"><option value="">all</option>${OUTCOMES.map((each) => markup`<option>${each}</option>`)}</select></label>
${mayShowValues ? markup`<label class="check"><input type="checkbox" id="values">values</label>` : ''}<button type="button" id="pause" aria-pressed="false">Pause</button></form>`
}

const OUTCOMES = [
  'accepted',
  'refused',
  'failed',
  'sent',
  'waiting',
  'held',
  'nothing to send',
  'skipped',
  'rejected',
]

/** The style that stands in the page is known by its digest; nothing else stands in it. */
function policyFor(text: string): string {
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? ''
  const digest = createHash('sha256').update(style).digest('base64')
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'sha256-${digest}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
