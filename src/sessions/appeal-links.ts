import type { Config } from '../config.ts'
import { publicId } from '../http/ids.ts'
import { hmac, sameBytes } from '../keyring.ts'

const days = 30

/**
 * A link with which somebody who cannot sign in opens an appeal (S-2, E-4). Signed and dated, not stored: its bearer knew the password of this
 * account or reads its mail, and has shown nothing else.
 */
export function signedAppealUrl(config: Config, accountId: string): string {
  const payload = `${publicId('account', accountId)}.${Math.floor(Date.now() / 1000) + days * 86_400}`
  return `${config.appUrl}/appeal#token=${payload}.${hmac(config.keys.derive('appeal-link'), payload).toString('base64url')}`
}

/** The account that a signed link stands for, or undefined when it was changed or its time is over. */
export function accountOfAppealToken(config: Config, token: string): string | undefined {
  const [account = '', until = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0) return undefined
  // It lives longer than a key may stay the first one.
  const signed = config.keys.ids.some((keyId) =>
    sameBytes(Buffer.from(signature, 'base64url'), hmac(config.keys.derive('appeal-link', keyId), `${account}.${until}`))
  )
  return signed && Number(until) * 1000 > Date.now() ? account : undefined
}
