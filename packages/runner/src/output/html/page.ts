import { markup, Markup, NOTHING } from './markup.ts'
import type { Part } from './markup.ts'
import { STYLE } from './style.ts'

/** A page, part by part. */
export interface Page {
  readonly title: string
  /** Stands in `main`, first to last. */
  readonly body: readonly Part[]
  /** What holds of the whole page. */
  readonly foot?: Part
  /** Style beside the shared one. */
  readonly style?: string
  /** Address of a module, of a page that a server sends. Default: the page is closed, runs and loads nothing. */
  readonly script?: string
}

/** Nothing is loaded, from nowhere. */
const CLOSED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/**
 * The text of a page in one file.
 *
 * Its style stands in it. One with a script is sent by a server, which says in its headers what may be loaded; the
 * policy of every other one stands in it, too.
 */
export function pageText({ title, body, foot = null, style = '', script }: Page): string {
  const head =
    script === undefined
      ? markup`<meta http-equiv="Content-Security-Policy" content="${CLOSED}">`
      : markup`<script src="${script}" type="module"></script>`
  return documentText({ title, body, foot }, { head, style: STYLE + style })
}

function documentText(
  { title, body, foot = null }: Page,
  { head, style }: { readonly head: Markup; readonly style: string },
): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${head}
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body><main>
${body.map((part) => markup`${part}\n`)}
${foot === null ? NOTHING : markup`<footer>${foot}</footer>`}
</main></body>
</html>
`.text
}
