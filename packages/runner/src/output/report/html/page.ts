import { escapeHtml } from './escape.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --dim: #60666d; --line: #dfe3e8; --ground: #fbfcfd; --card: #fff;
  --good: #2a7d4f; --calm: #8fa3b8; --pale: #c3ccd6; --note: #b98a1d; --bad: #c2413b; --deep: #3a5fa8; --soft: #7d96c9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --dim: #99a1ab; --line: #30363d; --ground: #14171b; --card: #1b1f24;
  --good: #4cae79; --calm: #6c8199; --pale: #47525f; --note: #d0a541; --bad: #e26d66; --deep: #6f93dc; --soft: #4a6496; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem } h2 { font-size: 1.05rem; margin: 2.25rem 0 .6rem }
p { margin: .25rem 0 } .dim, footer { color: var(--dim) } .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .9em }
.pill { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .85rem; color: #fff; background: var(--good); vertical-align: .25em; margin-left: .5rem }
.pill.warn { background: var(--note) } .pill.bad { background: var(--bad) }
.cause { border-left: .3rem solid var(--bad); background: var(--card); border-radius: .3rem; padding: .6rem 1rem; margin: 1rem 0 }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem }
.card b { display: block; font-size: 1.55rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.bar { width: 100%; height: 2.1rem; border-radius: .45rem; display: block }
table { border-collapse: collapse; width: 100%; margin-top: .6rem } th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 600; color: var(--dim); font-size: .85rem } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.legend td { border: 0; padding: .12rem 1.1rem .12rem 0 } .legend { width: auto } .scroll { overflow-x: auto }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: .2rem; margin-right: .55rem; vertical-align: -.02em }
.good { fill: var(--good); background: var(--good) } .calm { fill: var(--calm); background: var(--calm) } .pale { fill: var(--pale); background: var(--pale) }
.note { fill: var(--note); background: var(--note) } .bad { fill: var(--bad); background-color: var(--bad) } .deep { fill: var(--deep); background: var(--deep) }
.soft { fill: var(--soft); background: var(--soft) } footer { margin-top: 3rem; font-size: .85rem }
`

/** A whole HTML page in one file: no script, nothing loaded from elsewhere. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`
}

/** A table; columns named in `numbers` stand to the right. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const kind = (column: number) => (numbers.includes(column) ? ' class="n"' : '')
  const th = head.map((cell, column) => `<th${kind(column)}>${escapeHtml(cell)}</th>`).join('')
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((cell, column) => `<td${kind(column)}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<div class="scroll"><table><thead><tr>${th}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}
