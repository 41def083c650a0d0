// What a piece of each kind is worth, in bits. A character is worth no more for being a capital or a symbol: that would be a composition
// rule in disguise.
const characterBits = 5
const runBits = 5
const yearBits = 7
const personalBits = 1

const shortestRun = 3
const longestListed = 20

const keyboardRows = [
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
  'йцукенгшщзхъ',
  'фывапролджэ',
  'ячсмитьбю'
]
const keyboardRuns = keyboardRows.map(foldPassword).flatMap((row) => [row, [...row].reverse().join('')])

/**
 * The text as a guesser sees it: without case, compatibility variants and the accents of European scripts. The marks of other scripts are
 * letters there, and stay.
 */
export function foldPassword(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .normalize('NFC')
}

/**
 * About how many guesses, as a power of two, find a folded password (S-1): the cheapest way to write it as listed passwords (worth the
 * logarithm of their rank), words about the person, years, runs (one character repeated, or characters in alphabetical or numerical order
 * or along a row of a keyboard, either way round) and single characters. A low number is certainly weak; a high one promises nothing.
 */
export function guessBits(folded: string, ranks: ReadonlyMap<string, number>, personal: readonly string[]): number {
  // The fewest bits for the text up to each place.
  const bits = [0]
  const offer = (end: number, value: number) => {
    bits[end] = Math.min(bits[end] ?? Number.POSITIVE_INFINITY, value)
  }
  for (let start = 0; start < folded.length; start++) {
    const before = bits[start]!
    offer(start + 1, before + characterBits)
    for (let end = start + shortestRun; end <= Math.min(start + longestListed, folded.length); end++) {
      const rank = ranks.get(folded.slice(start, end))
      if (rank !== undefined) offer(end, before + Math.log2(rank + 2))
    }
    for (const word of personal) {
      if (folded.startsWith(word, start)) offer(start + word.length, before + personalBits)
    }
    if (/^(?:19|20)[0-9]{2}/.test(folded.slice(start, start + 4))) offer(start + 4, before + yearBits)
    const runEnd = endOfRun(folded, start)
    for (let end = start + shortestRun; end <= runEnd; end++) offer(end, before + runBits)
  }
  return bits[folded.length]!
}

function endOfRun(text: string, start: number): number {
  return Math.max(endOfSteps(text, start), ...keyboardRuns.map((row) => endOfRowRun(text, start, row)))
}

/** Where the characters from `start` on cease to follow each other by one step of -1, 0 or 1. */
function endOfSteps(text: string, start: number): number {
  const stepTo = (place: number) => text.charCodeAt(place) - text.charCodeAt(place - 1)
  const step = stepTo(start + 1)
  let end = start + 1
  while (end < text.length && Math.abs(step) <= 1 && stepTo(end) === step) end++
  return end
}

/** Where the characters from `start` on cease to lie side by side on the row. */
function endOfRowRun(text: string, start: number, row: string): number {
  const place = row.indexOf(text[start]!)
  let length = 0
  while (place >= 0 && start + length < text.length && text[start + length] === row[place + length]) length++
  return start + length
}
