import { CONFIG_CODE_GROUPS } from '../src/config/document/codes.ts'
import { VALUE_CODES } from '../src/braze/codes.ts'
import { markdownTable } from './markdown-table.ts'

/** The codes of this package as Markdown tables: those of the configuration by group, and `values`. */
export function codeTables(): ReadonlyMap<string, string> {
  const groups = Object.entries(CONFIG_CODE_GROUPS).map(([group, codes]): [string, string] => {
    const rows = Object.entries(codes).map(([code, { severity, meaning }]) => [
      `\`${code}\``,
      severity,
      meaning,
    ])
    return [group, markdownTable([['code', 'severity', 'meaning'], ...rows])]
  })
  const values = Object.entries(VALUE_CODES).map(([code, meaning]) => [`\`${code}\``, meaning])
  return new Map([...groups, ['values', markdownTable([['code', 'meaning'], ...values])]])
}
