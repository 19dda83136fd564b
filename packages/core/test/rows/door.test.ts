import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Layout, Partition } from '../../src/index.ts'

const PACKAGES = join(import.meta.dirname, '../../..')
/** Who may know where a row keeps what. */
const INSIDE = /^core\/src\/(rows|fold)\//
/**
 * Members that are bytes, and places in them; the word before one tells ours from others of the
 * name.
 */
const BYTES = [
  /\b(rows|partition|picked|whole|open)\.(words|times|ids|idAt|origins)\b/,
  /\{[^{}\n]*\b(words|idAt)\b[^{}\n]*\} = [\w.#]*(rows|partition|picked|open)\b/,
  /\bstride\b/,
  /\blayout\.(offsets|offsetOf|wordsOf)\b/,
  /\bpending\.(head|next|flags|column|value|length|arena|candidates|before(Low|High|Time))\b/,
  /\.byPlace\b/,
  /\bnotes\.bits\b/,
  /\b(hashOut|hashBytes|hashUser|hashText)\b/,
  /\+ 2\) >> 1/,
  /from '[^']*\/(murmur|arena|candidate-pool|origins|row-words)\.ts'/,
]

function sourcesOf(directory: string): readonly string[] {
  return readdirSync(join(PACKAGES, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${directory}/${name.replaceAll('\\', '/')}`)
}

/** Of those who hold rows; the others have words, times and pending things of their own. */
const sources = ['core', 'runner'].flatMap((name) => sourcesOf(`${name}/src`))

/** Lines that look at bytes, `file:line`. */
function lookingAtBytes(files: readonly string[]): readonly string[] {
  return files.flatMap((file) =>
    readFileSync(join(PACKAGES, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        BYTES.some((pattern) => pattern.test(line)) ? [`${file}:${index + 1} ${line.trim()}`] : [],
      ),
  )
}

describe('the bytes of rows', () => {
  it('are known to rows and fold alone; everybody else goes through their door', () => {
    expect(sources.length).toBeGreaterThan(300)
    expect(lookingAtBytes(sources.filter((file) => !INSIDE.test(file)))).toEqual([])
  })

  it('are looked at inside, so that the patterns above say what they mean', () => {
    const inside = lookingAtBytes(sources.filter((file) => INSIDE.test(file)))
    for (const pattern of BYTES)
      expect(inside.filter((line) => pattern.test(line)).length, String(pattern)).toBeGreaterThan(0)
  })

  it('are no part of what the package declares', () => {
    const partition = new Partition(0, new Layout([]))
    // @ts-expect-error -- marked as internal, so that only core's own sources see it
    expect(partition.words).toBeDefined()
    // @ts-expect-error -- so is this
    expect(partition.layout.stride).toBe(2)
  })
})
