/** One test of a JUnit report. */
export interface JunitCase {
  readonly name: string
  /** Dotted; readers group by it. */
  readonly className: string
  readonly file: string
  readonly line?: number
  readonly seconds?: number
  /** Undefined when the test passed. */
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string }
  /** What a test that passed has to say. */
  readonly output?: string
}

/** A named group of tests. */
export interface JunitSuite {
  readonly name: string
  readonly cases: readonly JunitCase[]
}

/**
 * A JUnit report, as CI systems read it.
 *
 * Shape: one `<testsuites>` with a line end; characters XML cannot hold are left out.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function renderJunit(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases)
  const head = `<testsuites name="engage-sync" ${totals(all)}>`
  const lines = suites.flatMap(({ name, cases }) => [
    `  <testsuite name="${escape(name)}" ${totals(cases)}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ])
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...lines, '</testsuites>', ''].join('\n')
}

function totals(cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const seconds = cases.reduce((sum, each) => sum + (each.seconds ?? 0), 0)
  return `tests="${cases.length}" failures="${failures}" errors="0" skipped="0" time="${seconds.toFixed(3)}"`
}

function caseLines({
  name,
  className,
  file,
  line,
  seconds,
  failure,
  output,
}: JunitCase): readonly string[] {
  const place = `file="${escape(file)}"${line === undefined ? '' : ` line="${line}"`} time="${(seconds ?? 0).toFixed(3)}"`
  const head = `    <testcase name="${escape(name)}" classname="${escape(className)}" ${place}`
  if (failure === undefined) {
    if (output === undefined) return [`${head}/>`]
    const said = `      <system-out>${escape(output, false)}</system-out>`
    return [`${head}>`, said, '    </testcase>']
  }
  const { type, message, text } = failure
  return [
    `${head}>`,
    `      <failure type="${escape(type)}" message="${escape(message)}">${escape(text, false)}</failure>`,
    '    </testcase>',
  ]
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
}
/** What no XML 1.0 text may hold. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu

/** How lines begin that GitHub takes for commands. */
const OBEYED = /:(?=:)|#(?=#\[)/g

function escape(text: string, inAttribute = true): string {
  return text
    .replace(FORBIDDEN, '')
    .replace(inAttribute ? /[&<>"\n\t]/g : /[&<>]/g, (char) => ENTITIES[char] ?? '')
    .replace(OBEYED, (char) => `&#${char.charCodeAt(0)};`)
}
