import { CONFIG_CODES } from '@engage-sync/core'
import type { Diagnostic } from '@engage-sync/core'

/**
 * Mistakes as a SARIF log, for code scanning.
 *
 * Shape: version 2.1.0, one run; paths are relative URIs, columns count UTF-16 code units.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifLog(diagnostics: readonly Diagnostic[], version: string): unknown {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'engage-sync',
            semanticVersion: version,
            rules: codes.map(ruleOf),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => result(diagnostic, codes)),
      },
    ],
  }
}

/** What every code means. */
const MEANINGS: ReadonlyMap<string, string> = new Map(
  Object.entries(CONFIG_CODES).map(([code, { meaning }]) => [code, meaning]),
)

const CODES_PAGE = 'https://github.com/engage-sync/engage-sync/blob/main/docs/errors.md'

function ruleOf(id: string): unknown {
  const meaning = MEANINGS.get(id)
  return {
    id,
    ...(meaning !== undefined && { shortDescription: { text: meaning } }),
    helpUri: CODES_PAGE,
  }
}

function result(diagnostic: Diagnostic, codes: readonly string[]): unknown {
  const { code, severity, message, hint, path, line, endLine, column, endColumn } = diagnostic
  const region = { startLine: line, startColumn: column, endLine, endColumn }
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) }, region } }],
  }
}

function uriOf(path: string): string {
  const parts = path.replaceAll('\\', '/').split('/').map(encodeURIComponent)
  return path.startsWith('/') ? `file://${parts.join('/')}` : parts.join('/')
}
