import type { components } from './schema.ts'

export type Resource =
  | { type: 'company' | 'agency' | 'contract' | 'conversation' | 'account'; id: string }
  | {
      type: 'team'
      id: string
      /** Its company or agency, where it is known: lets the cache answer before it has seen the team. */
      organization?: string
    }
export type Grant = { role: string; teamId?: string | undefined }
export type Explanation = components['schemas']['AccessExplanation']

/** What the service, or the cache in its stead, has decided. */
export interface Decision {
  allowed: boolean
  /** Stable; `GET /v1/permissions` lists them. */
  reason: string
  /** What allows it. */
  grants: Grant[]
  /** What would be needed. */
  missing: string[]
  /** Of the state that it was decided from; not from the cache. */
  consistencyToken?: string | undefined
  explanation?: Explanation | undefined
  /** Whether it was answered in this process. */
  cached: boolean
}

/** One question of several. */
export interface Question {
  account: string
  action: string
  resource: Resource
}
