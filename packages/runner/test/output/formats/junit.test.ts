import { expect, it } from 'vitest'
import { renderJunit } from '../../../src/output/formats/junit.ts'

it('writes suites with their counts, and failures with their text', () => {
  const failure = { type: 'case', message: 'a < b', text: '- 1\n+ 2 & "3"' }
  const passed = {
    name: 'one',
    className: 'shop',
    file: 'shop.cases.yaml',
    line: 3,
    seconds: 0.0014,
  }

  expect(renderJunit([{ name: 'shop', cases: [passed, { ...passed, name: 'two', failure }] }]))
    .toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="engage-sync" tests="2" failures="1" errors="0" skipped="0" time="0.003">
  <testsuite name="shop" tests="2" failures="1" errors="0" skipped="0" time="0.003">
    <testcase name="one" classname="shop" file="shop.cases.yaml" line="3" time="0.001"/>
    <testcase name="two" classname="shop" file="shop.cases.yaml" line="3" time="0.001">
      <failure type="case" message="a &lt; b">- 1
+ 2 &amp; "3"</failure>
    </testcase>
  </testsuite>
</testsuites>
`)
})

it('leaves out what XML cannot hold', () => {
  const name = `a\u0000b\uD800c\u001Bd${'e\nf'}`

  expect(renderJunit([{ name, cases: [] }])).toContain('<testsuite name="abcde&#10;f" ')
})
