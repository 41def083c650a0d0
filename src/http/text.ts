import { z } from 'zod'

// Controls, bidirectional and other format characters (zero-width ones, soft hyphens, tags), line and paragraph separators, lone
// surrogates: text that reads differently from what it is, or breaks a log line or a mail header.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** One line of text for people, counted in code points; never with control, bidirectional or invisible characters, never blank. */
export const line = (least: number, most: number) =>
  z
    .string()
    .max(most * 4)
    .refine((value) => [...value].length >= least && [...value].length <= most, `must have ${least} to ${most} characters`)
    .refine((value) => !unsafe.test(value), 'must not contain control or invisible characters')
    .refine((value) => value.trim() === value && value !== '', 'must not begin or end with a space')
    .meta({ override: { type: 'string', minLength: least, maxLength: most } })

/** A person's name as they write it. */
export const personName = line(1, 100)
