import { describe, expect, it } from 'vitest'
import { markup, prose, table } from '../../../src/output/html/index.ts'

describe('markup', () => {
  it('takes texts as texts, in elements and attributes', () => {
    const hostile = `<img src=x onerror="alert('1')">&`

    expect(markup`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>',
    )
  })

  it('takes markup, lists and nothing as they are', () => {
    const items = ['a', '<b>'].map((text) => markup`<li>${text}</li>`)

    expect(markup`<ul>${items}${null}${7}</ul>`.text).toBe('<ul><li>a</li><li>&lt;b&gt;</li>7</ul>')
  })
})

describe('prose', () => {
  it('sets words between backticks as code, and leaves a lone backtick', () => {
    expect(prose('Declare `type:` now').text).toBe('Declare <code>type:</code> now')
    expect(prose('a ` b\nc').text).toBe('a ` b<br>c')
  })
})

describe('table', () => {
  it('has a row for each, named by its first cell, and heads beside numbers for small screens', () => {
    const { text } = table(
      'Fruit',
      [{ head: 'Name' }, { head: 'Count', kind: 'number' }],
      [['fig', 2]],
    )

    expect(text).toContain('<th scope="row">fig</th><td class="n" data-head="Count">2</td>')
    expect(text).toMatch(/role="region" aria-label="Fruit" tabindex="0"/)
  })
})
