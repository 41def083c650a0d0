import { z } from 'zod'
import { isSignature, type Keyring, signature } from '../keyring.ts'
import { refuse } from '../problems.ts'

export const defaultLimit = 25
export const largestLimit = 100

/** Query parameters of every list. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, `must be a whole number from 1 to ${largestLimit}`)
    .transform(Number)
    .optional()
    .meta({ description: 'Items of one page.', override: { type: 'integer', minimum: 1, maximum: largestLimit, default: defaultLimit } }),
  cursor: z.string().min(1).max(512).optional().meta({ description: 'Where to go on: `nextCursor` of the page before.' })
})

/** A page of a list: complete, or with the cursor of what follows. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' })
  })

export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/**
 * Cursors of one list: opaque, signed, and good only for the same list, filters and caller, which `scope` names.
 * A position is the sort key of the last item, so pages stay in order while items are added.
 */
export function cursors(keys: Keyring, scope: string) {
  const signed = (payload: string): string => `${scope}\n${payload}`
  return {
    write(position: string): string {
      const payload = Buffer.from(position).toString('base64url')
      return `${payload}.${signature(keys, 'cursor', signed(payload))}`
    },
    /** @throws malformed_cursor */
    read(cursor: string | undefined): string | undefined {
      if (cursor === undefined) return undefined
      const [payload = '', ...given] = cursor.split('.')
      if (!isSignature(keys, 'cursor', signed(payload), given.join('.'))) throw refuse('malformed_cursor')
      return Buffer.from(payload, 'base64url').toString()
    }
  }
}

/** The `Link` header of a page that is not the last one (RFC 8288): the same query from where this page ends. */
export function nextLink(path: string, query: Record<string, string | number | undefined>, nextCursor: string | null): { link?: string } {
  if (nextCursor === null) return {}
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, cursor: nextCursor })) if (value !== undefined) parameters.set(name, String(value))
  return { link: `<${path}?${parameters}>; rel="next"` }
}

/** Cuts a page out of `limit + 1` rows: the extra row only tells that there is more. */
export function cutPage<Item>(rows: Item[], limit: number, position: (last: Item) => string): Page<Item> {
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? position(items.at(-1)!) : null }
}
