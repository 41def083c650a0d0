import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** An IPv4 address out of its IPv6-mapped form. */
function unmapped(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped ? mapped[1]! : address
}

/** The first `groups` 16-bit groups of an IPv6 address, written out. */
function ipv6Prefix(address: string, groups: number): string {
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const all = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return all
    .slice(0, groups)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/** What one client address is for rate limits: an IPv4 address, or the /64 of an IPv6 one, which a household or server owns whole. */
export function addressBlock(address: string): string {
  const plain = unmapped(address)
  return isIPv6(plain) ? `${ipv6Prefix(plain, 4)}::/64` : plain
}

/** A coarse place, as sessions show it: the /24 of an IPv4, the /48 of an IPv6 address. */
export function addressPlace(address: string): string {
  const plain = unmapped(address)
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`
  return isIPv6(plain) ? `${ipv6Prefix(plain, 3)}::/48` : 'unknown'
}

const mostPeers = 1000

/** Which peers may name the client in `X-Forwarded-For`. @throws when an entry is no address or subnet. */
export function trustedProxies(list: string): (address: string) => boolean {
  const blocks = new BlockList()
  for (const entry of list.split(',')) {
    const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry.trim()) ?? []
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) blocks.addAddress(address, family)
    else blocks.addSubnet(address, Number(bits), family)
  }
  // Asked about with each request: the proxies, which are few, and whoever stands behind them.
  const known = new Map<string, boolean>()
  return (address) => {
    const found = known.get(address)
    if (found !== undefined) return found
    const plain = unmapped(address)
    const trusted = blocks.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
    if (known.size >= mostPeers) known.clear()
    known.set(address, trusted)
    return trusted
  }
}
