/**
 * Mail programs make links of whatever looks like an address. Text that people chose, such as a name, could carry a link into
 * a mail of ours that way; so it is changed until no program sees one.
 */

const longest = 100
const wordJoiner = '\u2060'

const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
// Also what is drawn as nothing: it could hide a sign from the rules below, or turn the direction of what follows.
const unseen = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/**
 * A name, or what a browser calls itself, as one line of at most 100 characters that is no link anywhere: every dot is followed by a
 * space, and the signs that begin or part an address are spaces, with all their look-alikes. Invisible joiners would not do here, since
 * some programs take any text without a space for an address, and resolvers ignore them in host names. `J.R. Smith` becomes
 * `J. R. Smith`, which is right too.
 */
export function unlinkedWords(text: string): string {
  const signs = [...oneLine(text)].map((sign) => {
    const plain = sign.normalize('NFKC')
    // Some signs stand for several with a dot among them: ㏂ is a.m. to whoever reads it as plain text.
    if (/[@:/\\]/.test(plain) || /[.。](?![.。]|$)/.test(plain)) return ' '
    return /[.。]/.test(plain) ? `${sign} ` : sign
  })
  return capped(signs.join('').replace(/\s+/g, ' ').trim())
}

/**
 * An address that its reader has to recognise, so it keeps its look: word joiners (U+2060) around its signs keep most programs from
 * linking it. Only for addresses that the service has checked, of mailboxes or networks.
 */
export function unlinkedAddress(text: string): string {
  return capped(oneLine(text)).replace(/[@.:/]/g, `${wordJoiner}$&${wordJoiner}`)
}

const oneLine = (text: string): string => text.replace(breaks, ' ').replace(unseen, '')

function capped(text: string): string {
  const signs = [...text]
  if (signs.length <= longest) return text
  const kept = signs.slice(0, longest - 1).join('')
  return `${kept.trimEnd()}…`
}
