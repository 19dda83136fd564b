import type { DebuggedRecord } from '../../debug/debugged.ts'
import type { DebugRequest } from '../../debug/requests.ts'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'
import { alignRows } from '../text/table.ts'

const PAINT: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  changed: 'green',
  rejected: 'red',
}

/**
 * One record through the whole way, for a terminal: what came in, what was mapped, each request,
 * each answer.
 *
 * @param becomes - what a mapping becomes in Braze, by its id
 */
export function renderDebugged(
  record: DebuggedRecord,
  becomes: ReadonlyMap<string, string>,
  colours: Colours,
): string {
  const paint = colours[PAINT[record.class] ?? 'yellow']
  const head = `${colours.bold(`${record.record}  ${titleOf(record)}`)}  ${paint(record.class)}`
  return [
    head,
    ...factLines(record, becomes, colours),
    ...record.requests.flatMap((request) => requestLines(request, colours)),
    '',
  ].join('\n')
}

function titleOf({ event }: DebuggedRecord): string {
  return event === null ? 'no event of Engage' : `${event.kind} ${safeLine(event.key)}`
}

function factLines(
  record: DebuggedRecord,
  becomes: ReadonlyMap<string, string>,
  colours: Colours,
): readonly string[] {
  const { event, reasons, unmapped, rejected, mappings, anonymous } = record
  const anonymousId = event?.anonymous_id ?? null
  const user = event?.user ?? (anonymousId === null ? 'none' : `anonymous ${anonymousId}`)
  const fact = (label: string, text: string) => ['', colours.dim(label), text] as const
  const rows = [
    ...(event === null
      ? []
      : [fact('came', `${event.call} of ${event.time}, user ${safeLine(user)}`)]),
    ...reasons.map(({ code, message }) =>
      fact('because', `${code}  ${safeLine(message)}`.trimEnd()),
    ),
    ...unmapped.map((key) => fact('unmapped', `${safeLine(key)} is in no mapping`)),
    ...mappings.map((id) =>
      fact('mapped', `${safeLine(id)}  ${colours.dim(safeLine(becomes.get(id) ?? ''))}`),
    ),
    ...rejected.map(({ mapping, code, message }) => {
      const place = mapping === null ? '' : `${safeLine(mapping)}  `
      return fact('rejected', `${place}${code}  ${safeLine(message)}`)
    }),
    ...(anonymous
      ? [
          fact(
            'left out',
            'the user is anonymous; debug shows identified users only, as Segment does',
          ),
        ]
      : []),
  ]
  return alignRows(rows, [])
}

function requestLines({ path, body, answers }: DebugRequest, colours: Colours): readonly string[] {
  const text = JSON.stringify(body, null, 2)
    .split('\n')
    .map((line) => `      ${safeLine(line)}`)
  const answered = (answers ?? []).map(
    (answer) =>
      `    ${answer === 'accepted' ? colours.green('←') : colours.red('←')} ${safeLine(answer)}`,
  )
  return [`    ${colours.cyan('POST')} ${path}`, ...text, ...answered]
}
