import pino from 'pino'
import { buildApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { openApiDocument } from '../http/openapi.ts'
import { generateKey } from '../keyring.ts'
import type { Parts } from '../parts.ts'
import { ratePolicies } from '../policies.ts'
import { version } from '../version.ts'

/** The OpenAPI document without a database: operations are only described, none is called. */
export async function describeApi(): Promise<object> {
  const config = readConfig({ PUBLIC_URL: 'http://localhost:3000' }, () => generateKey('describe'))
  const parts = { config, policies: ratePolicies(config) } as Parts
  const app = await buildApp(parts, { log: pino({ level: 'silent' }) })
  try {
    return openApiDocument(app.operations, config.publicUrl, version)
  } finally {
    await app.close()
  }
}
