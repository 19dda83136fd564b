#!/usr/bin/env node
// Committed, so that npm can link the command in a checkout before anything is built.
import { existsSync } from 'node:fs'

if (Number(process.versions.node.split('.')[0]) < 24)
  refuse(`braze-simulator needs Node 24 or newer; this is ${process.version}.`)
else if (!existsSync(new URL('../dist/bin.js', import.meta.url)))
  refuse('braze-simulator is not built in this checkout yet: npm run build')
else await import('../dist/bin.js')

function refuse(reason) {
  process.stderr.write(`${reason}\n`)
  process.exitCode = 2
}
