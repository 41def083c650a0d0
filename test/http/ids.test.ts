import fc from 'fast-check'
import t from 'tap'
import { TypeID } from 'typeid-js'
import { newId, parseId, publicId } from '../../src/http/ids.ts'

t.test('an id is written and read as the TypeID specification says', async (t) => {
  fc.assert(
    fc.property(fc.uuid({ version: 7 }), (uuid) => {
      const id = publicId('account', uuid)
      t.equal(id, TypeID.fromUUID('account', uuid).toString())
      t.equal(parseId('account', id), uuid)
    })
  )
  const extremes = {
    '00000000-0000-0000-0000-000000000000': '00000000000000000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff': '7zzzzzzzzzzzzzzzzzzzzzzzzz'
  }
  for (const [uuid, suffix] of Object.entries(extremes)) {
    t.equal(publicId('event', uuid), `event_${suffix}`)
    t.equal(parseId('event', `event_${suffix}`), uuid)
  }
})

t.test('what is no id of the kind is none', async (t) => {
  const suffix = '01k2v5p3e8f5nvx4dz7gq9c1tm'
  t.ok(parseId('account', `account_${suffix}`))
  for (const id of [
    `session_${suffix}`,
    suffix,
    `account${suffix}`,
    `account_${suffix.toUpperCase()}`,
    `account_${suffix}0`,
    `account_${suffix.slice(1)}`,
    // One bit more than a uuid has.
    `account_8${suffix.slice(1)}`,
    ...['i', 'l', 'o', 'u', '-', ' ', 'é'].map((letter) => `account_${suffix.slice(1)}${letter}`),
    `account_${suffix}\n`,
    'account_',
    ''
  ]) {
    t.equal(parseId('account', id), undefined, JSON.stringify(id))
  }
})

t.test('an id that is known is still none of another kind, however many are known', async (t) => {
  const ids = Array.from({ length: 6000 }, () => newId())
  for (const _ of ['at first', 'again']) {
    for (const uuid of ids) {
      const id = publicId('team', uuid)
      if (parseId('company', id) !== undefined || parseId('team', id) !== uuid || parseId('company', id) !== undefined) t.fail(id)
    }
  }
  t.equal(parseId('team', publicId('team', ids[0]!)), ids[0])
})
