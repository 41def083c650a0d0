import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'
import { fingerprint, slim } from './slim.mjs'

/** Writes `src/schema.ts`: the types of all operations, made from the document of the service. `--check` only says whether it is that. */
const document = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))
const types = astToString(await openapiTS(slim(document)))
  // What an operation does not have need not be said.
  .replace(/^ +(?:get|put|post|delete|options|head|patch|trace|query|header|path|cookie)\?: never;\n/gm, '')
  .replace(/^ +parameters: \{\n +\};\n/gm, '')
  .replace(/^ +requestBody\?: never;\n/gm, '')
  .replace(/ {4}/g, ' ')
const file = new URL('../src/schema.ts', import.meta.url)
const wanted = `// Generated from openapi/openapi.json by \`npm run client:generate\`. Fingerprint: ${fingerprint(document)}\n\n${types}`
if (!process.argv.includes('--check')) writeFileSync(file, wanted)
else if (readFileSync(file, 'utf8') !== wanted) {
  console.error('client/src/schema.ts is not what the document makes: `npm run client:generate`')
  process.exitCode = 1
}
