import { hmac, type Keyring, sha256 } from '../keyring.ts'
import { isToken, tokenText } from '../tokens.ts'

/**
 * What opens an invitation. Only the mailed token proves that its holder reads the invited mailbox: whoever invites sees the copied one, and
 * must not be able to register an account with somebody else's address by it.
 */
export type InvitationToken = 'mailed' | 'copied'

const prefixes = { mailed: 'ghi', copied: 'ghc', preference: 'ghn' } as const

interface Source {
  /** A new one for each sending: the tokens before die with it. */
  tokenId: string
  keyId: string
}

const derived = (keys: Keyring, kind: keyof typeof prefixes, { tokenId, keyId }: Source): string =>
  tokenText(prefixes[kind], hmac(keys.derive(`invitation-token/${kind}`, keyId), tokenId))

/** The token in the mail; derived, so that a mail can be sent again with the same one and none is ever stored. */
export const mailedToken = (keys: Keyring, source: Source): string => derived(keys, 'mailed', source)

/** The token of the link that the inviter may copy. */
export const copiedToken = (keys: Keyring, source: Source): string => derived(keys, 'copied', source)

/** The token that silences the invited address (N-8); derived from the invitation, so that it works as long as the invitation is known. */
export const preferenceToken = (keys: Keyring, { invitationId, keyId }: { invitationId: string; keyId: string }): string =>
  derived(keys, 'preference', { tokenId: invitationId, keyId })

/** The hashes that are kept of an invitation's tokens. */
export const tokenHashes = (keys: Keyring, source: Source & { invitationId: string }) => ({
  mailed: sha256(mailedToken(keys, source)),
  copied: sha256(copiedToken(keys, source)),
  preference: sha256(preferenceToken(keys, source))
})

/** Which of an invitation's tokens a text is by its form, if any. */
export function invitationTokenKind(text: string): InvitationToken | undefined {
  if (isToken(prefixes.mailed, text)) return 'mailed'
  return isToken(prefixes.copied, text) ? 'copied' : undefined
}

export const isPreferenceToken = (text: string): boolean => isToken(prefixes.preference, text)
