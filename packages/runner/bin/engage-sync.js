#!/usr/bin/env node
// Committed, so that npm can link the command in a checkout before anything is built.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import * as module from 'node:module'

const COMPILED = new URL('../dist/bin.js', import.meta.url)
const BUNDLED = new URL('../dist/bundle/bin.js', import.meta.url)

if (Number(process.versions.node.split('.')[0]) < 24)
  refuse(`engage-sync needs Node 24 or newer; this is ${process.version}.`)
else if (!existsSync(COMPILED))
  refuse('engage-sync is not built in this checkout yet: npm run build')
else {
  module.enableCompileCache?.()
  await import(isFresh() ? BUNDLED : COMPILED)
}

/**
 * Whether the bundle was made of what is compiled now. In a checkout `tsc -b` alone leaves one that is older; a
 * published package has no build information, and nothing to be older than.
 */
function isFresh() {
  const record = new URL('made-of.json', BUNDLED)
  if (!existsSync(record)) return false
  return JSON.parse(readFileSync(record, 'utf8')).every(isUnchanged)
}

function isUnchanged({ path, size, mtimeMs, hash }) {
  const file = new URL(path, BUNDLED)
  const now = statSync(file, { throwIfNoEntry: false })
  if (now === undefined) return true
  if (now.size !== size) return false
  return (
    now.mtimeMs === mtimeMs ||
    createHash('sha256').update(readFileSync(file)).digest('hex') === hash
  )
}

function refuse(reason) {
  process.stderr.write(`${reason}\n`)
  process.exitCode = 2
}
