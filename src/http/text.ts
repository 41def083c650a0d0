import { z } from 'zod'

// C0 and C1 controls, line and paragraph separators, bidirectional controls, zero-width characters, lone surrogates:
// text that reads differently from what it is, or breaks a log line or a mail header.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u

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
