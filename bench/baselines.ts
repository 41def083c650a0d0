import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import Fastify, { type FastifyInstance } from 'fastify'
import pg from 'pg'

/**
 * What the service is measured against, each in a process of its own that `bench/run.ts` forks with the name of one. A server tells its
 * port; the hasher tells that it is ready, and takes orders.
 */
export type BaselineName = 'node' | 'fastify' | 'select' | 'rotation' | 'argon2id'

/** What all baselines are given: as JSON in the environment, since they are processes. */
export interface BaselineOptions {
  databaseUrl: string
  /** Parameters of the service's hashes. */
  argon2: { memoryCost: number; timeCost: number; parallelism: number }
  /** The statements of one refresh, in order, with the number of parameters of each. */
  refresh: { findFamily: string; countRefresh: string; rotate: string }
}

/** An order to the hasher: hash, or verify, for so long. Answered with the number a second. */
export interface HashOrder {
  work: 'hash' | 'verify'
  seconds: number
}

const hello = { hello: 'world' }
const helloSchema = { type: 'object', properties: { hello: { type: 'string' } } }
