import type { Diagnostic } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/output/text/colours.ts'
import { renderDiagnostic } from '../../../src/output/diagnostics/human.ts'

function render(excerpt: string, range: Partial<Diagnostic>, columns = 80): readonly string[] {
  const place = { path: 'configs/x.yaml', line: 7, column: 1, endLine: 7, endColumn: 2 }
  const diagnostic: Diagnostic = {
    ...place,
    severity: 'error',
    code: 'SOME_CODE',
    message: 'wrong',
    excerpt,
    ...range,
  }
  return renderDiagnostic(diagnostic, { colours: PLAIN, columns }).split('\n')
}

/** What stands above the carets. */
function marked([, source, carets]: readonly string[]): string {
  return source!.slice(carets!.indexOf('^'), carets!.lastIndexOf('^') + 1)
}

describe('renderDiagnostic', () => {
  it('marks the range below the line', () => {
    expect(render('  a: wrong', { column: 6, endColumn: 11 })).toEqual([
      'configs/x.yaml:7:6  error  SOME_CODE  wrong',
      '  7 │   a: wrong',
      '    │      ^^^^^',
    ])
  })

  it('marks to the end of the line where a range goes on below', () => {
    expect(marked(render('  a: |', { column: 6, endLine: 9 }))).toBe('|')
  })

  it('marks one place where a range is empty, even behind the line', () => {
    expect(render('  a:', { column: 5, endColumn: 5 })[2]).toBe('    │     ^')
  })

  it('shows no source where there is none', () => {
    expect(render('', { hint: 'Do this.' })).toEqual([
      'configs/x.yaml:7:1  error  SOME_CODE  wrong',
      '    Do this.',
    ])
  })

  it.each([0, 40, 90, 150, 300])('keeps the range in sight of a long line, at %i', (at) => {
    const excerpt = `${'x'.repeat(at)}WRONG${'y'.repeat(300 - at)}`

    const lines = render(excerpt, { column: at + 1, endColumn: at + 6 })

    expect(marked(lines)).toBe('WRONG')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('keeps the carets below wide characters and tabs', () => {
    expect(render('\t名前: x', { column: 6, endColumn: 7 })[2]).toBe(
      `    │ ${' '.repeat(2 + 4 + 2)}^`,
    )
  })
})
