import { describe, expect, it } from 'vitest'
import { renderAnnotations } from '../../../src/output/formats/github.ts'
import type { Annotation } from '../../../src/output/formats/github.ts'
import { obeyed } from '../../../src/process/marks.ts'

const annotations = (level: Annotation['level'], count: number): Annotation[] =>
  Array.from({ length: count }, (_, at) => ({
    level,
    title: `CODE_${at + 1}`,
    message: `what\nhint`,
    path: 'configs/shop.yaml',
    line: at + 1,
    column: 3,
  }))

const render = (all: readonly Annotation[]) => obeyed(renderAnnotations(all)).trim().split('\n')

describe('annotations', () => {
  it('are all shown where GitHub shows them', () => {
    const lines = render([...annotations('error', 10), ...annotations('warning', 10)])

    expect(lines.filter((line) => line.startsWith('::'))).toHaveLength(20)
    expect(lines.join('\n')).not.toContain('more')
  })

  it('say how many more there are, which the log has', () => {
    const lines = render([...annotations('error', 12), ...annotations('warning', 1)])

    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10)
    expect(lines[9]).toContain('title=and 3 more::')
    expect(lines[10]).toMatch(/^::warning/)
    expect(lines.slice(11)).toEqual([
      'configs/shop.yaml:10:3  error  CODE_10  what · hint',
      'configs/shop.yaml:11:3  error  CODE_11  what · hint',
      'configs/shop.yaml:12:3  error  CODE_12  what · hint',
    ])
  })

  it('are nothing where there are none', () => {
    expect(renderAnnotations([])).toBe('')
  })
})
