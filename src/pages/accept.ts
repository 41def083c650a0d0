/**
 * Whether a reader would rather have JSON than a page, by what `Accept` says about either (RFC 9110 section 12.5.1). On a tie
 * the type that is named wins over one that a wildcard covers, and otherwise the page does.
 */
export function prefersJson(accept = '*/*'): boolean {
  return weight(accept, 'application/json') > weight(accept, 'text/html')
}

/** Its quality in thousandths, then how closely it was named: the most specific range rules. */
function weight(accept: string, type: string): number {
  const ranges = ['*/*', `${type.split('/')[0]}/*`, type]
  const named = accept
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';').map((piece) => piece.trim()))
    .map(([range = '', ...parameters]) => ({ closeness: ranges.indexOf(range), quality: qualityOf(parameters) }))
    .filter(({ closeness }) => closeness >= 0)
    .sort((one, other) => other.closeness - one.closeness)[0]
  return named && named.quality > 0 ? named.quality * 10 + named.closeness : 0
}

function qualityOf(parameters: string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = given === undefined ? 1 : Number(given.slice(2))
  return quality >= 0 && quality <= 1 ? Math.round(quality * 1000) : 0
}
