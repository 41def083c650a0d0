let loading: Promise<ReadonlyMap<string, number>> | undefined

/**
 * The most common passwords (S-1), lower-case, each with its rank: 0 is the most common one. There are tens of thousands, so they are
 * loaded at the first call and then kept.
 */
export function commonPasswords(): Promise<ReadonlyMap<string, number>> {
  loading ??= load()
  return loading
}

async function load(): Promise<ReadonlyMap<string, number>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Map(dictionary['passwords-common'].map((password, rank) => [password, rank]))
}
