#!/usr/bin/env node
// Committed, so that npm can link the command in a checkout before anything is built.
import '../dist/bin.js'
