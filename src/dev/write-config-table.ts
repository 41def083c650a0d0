import { readFileSync, writeFileSync } from 'node:fs'
import { withConfigTable } from './config-table.ts'

/** Writes the table of all variables into the README; a test compares the two. */
writeFileSync('README.md', withConfigTable(readFileSync('README.md', 'utf8')))
