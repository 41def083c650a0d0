import { once } from 'node:events'
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import Fastify from 'fastify'
import pg from 'pg'
import { z } from 'zod'
import { decision, evaluationInput } from '../src/access/schemas.ts'
import type { Operation, Recordings } from './recording.ts'
import { prepared, type Variables } from './templates.ts'

/**
 * What the service is measured against, each in a process of its own that `bench/run.ts` forks with the name of one and sends its options.
 * A server tells its port once it listens; the hasher tells `ready`, and from then on takes orders.
 */
export type BaselineName = 'node' | 'fastify' | 'select' | 'rotation' | 'replay' | 'questions' | 'argon2id'

/** What a baseline is given, as the first message to its process. */
export interface BaselineOptions {
  databaseUrl: string
  poolSize: number
  /** Parameters of one hash. */
  argon2: { memoryCost: number; timeCost: number; parallelism: number }
  /** The statements that the service runs for one refresh. */
  refresh: { find: string; count: string; rotate: string }
  /** The statements that the service runs for other operations. */
  recordings: Recordings
}

/** An order to the hasher, answered with the number of hashes a second. */
export interface HashOrder {
  work: 'hash' | 'verify'
  rampSeconds: number
  seconds: number
}

const [options] = (await once(process, 'message')) as [BaselineOptions]
const hello = { hello: 'world' }
const text = { type: 'string' }
const helloSchema = { type: 'object', properties: { hello: text } }

/** The least that Node answers with. */
async function nodeServer(): Promise<number> {
  const body = JSON.stringify(hello)
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  const server = createServer((_, response) => response.writeHead(200, headers).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

const listen = async (app: ReturnType<typeof Fastify>): Promise<number> =>
  Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)

function fastifyServer(): Promise<number> {
  const app = Fastify()
  app.get('/', { schema: { response: { 200: helloSchema } } }, async () => hello)
  return listen(app)
}

/** One row by its primary key, as wide as an account, and the account's reply: with nothing that a service has to add. */
function selectServer(): Promise<number> {
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: options.poolSize })
  const email = { type: 'object', properties: { address: text, primary: { type: 'boolean' }, verified: { type: 'boolean' } } }
  const names = ['id', 'status', 'firstName', 'lastName', 'countryCode', 'intent', 'locale', 'enforcement']
  const account = {
    type: 'object',
    properties: {
      ...Object.fromEntries(names.map((name) => [name, text])),
      secondFactor: { type: 'boolean' },
      emails: { type: 'array', items: email },
      createdAt: text
    }
  }
  const select = { name: 'account', text: 'select * from bench.accounts where key = $1' }
  const app = Fastify()
  app.get<{ Params: { key: string } }>('/accounts/:key', { schema: { response: { 200: account } } }, async (request) => {
    const { rows } = await pool.query({ ...select, values: [request.params.key] })
    return rows[0]
  })
  return listen(app)
}

/** Values of the statements of one refresh, byte strings in hex. */
export interface Rotation {
  count: [key: string, seconds: number, amount: number, limit: number]
  rotate: {
    hash: string
    device: string
    place: string
    windowSeconds: number
    confirmedDays: number
    signalId: string
    successorHash: string
    idleSeconds: number
  }
}

/** The statements of a refresh, prepared, in one transaction: what the database alone allows. */
function rotationServer(): Promise<number> {
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: options.poolSize })
  const { find, count, rotate } = options.refresh
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
  const app = Fastify()
  app.post<{ Body: Rotation }>('/rotations', { schema: { response: { 200: helloSchema } } }, async ({ body }) => {
    const [key, ...limit] = body.count
    const { hash, device, place, windowSeconds, confirmedDays, signalId, successorHash, idleSeconds } = body.rotate
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query({ name: 'find', text: find, values: [bytes(hash)] })
      await client.query({ name: 'count', text: count, values: [bytes(key), ...limit] })
      const rotated = await client.query({
        name: 'rotate',
        text: rotate,
        values: [bytes(hash), device, place, place, windowSeconds, confirmedDays, signalId, bytes(successorHash), idleSeconds]
      })
      await client.query('commit')
      if (rotated.rowCount !== 1) throw new Error('nothing was rotated')
      return hello
    } finally {
      client.release()
    }
  })
  return listen(app)
}

/** Recorded statements, prepared, in one transaction: what the database alone allows. */
function replayServer(): Promise<number> {
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: options.poolSize })
  const names = new Map<string, string>()
  const operations = new Map(Object.entries(options.recordings).map(([name, recorded]) => [name, prepared(recorded, names)]))
  const app = Fastify()
  app.post<{ Body: { name: Operation; variables: Variables } }>(
    '/replay',
    { schema: { response: { 200: helloSchema } } },
    async ({ body }) => {
      const statements = operations.get(body.name)!(body.variables)
      const client = await pool.connect()
      try {
        await client.query('begin')
        for (const statement of statements) await client.query(statement)
        await client.query('commit')
        client.release()
        return hello
      } catch (error) {
        client.release(true)
        throw error
      }
    }
  )
  return listen(app)
}

/** A question and its answer with the schemas of the service: answered alike to everybody, or with one row by its primary key. */
async function questionServer(): Promise<number> {
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: options.poolSize })
  const { rows } = await pool.query<{ key: string }>('select key from bench.accounts limit 1')
  // The schemas bring words along that are for the documentation.
  const app = Fastify({ ajv: { customOptions: { strict: false } } })
  const select = { name: 'account', text: 'select * from bench.accounts where key = $1', values: [rows[0]!.key] }
  const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') => z.toJSONSchema(schema, { target: 'draft-7', io })
  const schema = { body: jsonSchema(evaluationInput, 'input'), response: { 200: jsonSchema(decision, 'output') } }
  const token = 'x'.repeat(200)
  const answer = {
    decision: true,
    context: { reason: 'granted', grants: [{ role: 'recruiter' }], missing: [], consistencyToken: token }
  }
  app.post('/constant', { schema }, async () => answer)
  app.post('/select', { schema }, async () => {
    const found = await pool.query(select)
    return { ...answer, decision: found.rows.length === 1 }
  })
  return listen(app)
}

/** As many hashes at once as the machine has cores, one after another, and nothing else. */
async function hasher(): Promise<void> {
  const parameters = { algorithm: 2, outputLen: 32, ...options.argon2 }
  // As long as a peppered password: an HMAC in base64.
  const password = 'x'.repeat(44)
  const stored = await hash(password, parameters)
  process.on('message', async ({ work, rampSeconds, seconds }: HashOrder) => {
    const from = performance.now() + rampSeconds * 1000
    const until = from + seconds * 1000
    let done = 0
    const loop = async () => {
      while (performance.now() < until) {
        if (work === 'hash') await hash(password, parameters)
        else await verify(stored, password)
        const now = performance.now()
        if (now >= from && now < until) done++
      }
    }
    await Promise.all(Array.from({ length: availableParallelism() }, loop))
    process.send!(done / seconds)
  })
}

const servers = {
  node: nodeServer,
  fastify: fastifyServer,
  select: selectServer,
  rotation: rotationServer,
  replay: replayServer,
  questions: questionServer
}
const name = process.argv[2] as BaselineName
if (name === 'argon2id') {
  await hasher()
  process.send!('ready')
} else process.send!(await servers[name]())
