import { mkdirSync, writeFileSync } from 'node:fs'
import { describeApi } from './describe-api.ts'

/** Writes `openapi/openapi.json`, the document that the service serves; a test compares the two. */
mkdirSync('openapi', { recursive: true })
writeFileSync('openapi/openapi.json', `${JSON.stringify(await describeApi(), null, 2)}\n`)
