import type { Keyring } from '../src/keyring.ts'
import type { Organization } from './companies.ts'
import { requestText, type Traffic } from './load.ts'
import type { MemberPlans } from './members.ts'
import { acceptRequest, bulk, bulkRequest, insertOffers, inviteRequest, newAddresses, type Offer, type Offers, putAway } from './offers.ts'
import { acceptingVariables, invitingVariables, type Operation } from './recording.ts'
import type { Person } from './seed.ts'
import type { Variables } from './templates.ts'
import { eachOnce, remember, turns } from './traffic.ts'
import type { Plan } from './turns.ts'
import { Work } from './work.ts'

export interface InvitationPlans extends MemberPlans {
  offers: Offers
  keys: Keyring
}

/** Inviting and accepting, each beside the same statements without the service. Addresses are made by the client, whoever is sent them. */
export function invitationPlans({ organizations, offers, keys, tokenOf, url, toService, toReplay }: InvitationPlans): Plan[] {
  const { inviting } = organizations
  const { sides } = inviting
  const work = new Work(url, sides)

  const headersOf = remember(tokenOf)
  const post = (person: Person, { url, payload }: { url: string; payload: object }) => requestText('POST', url, headersOf(person), payload)
  const replay = (name: Operation, person: Person, variables: Variables) => post(person, { url: '/replay', payload: { name, variables } })
  const onAnswer = { service: work.count('service'), baseline: work.count('baseline') }

  const invites = (): Traffic => {
    const next = turns(sides.service)
    const request = (client: number): string => {
      const place = next(client)
      return post(place.owner, inviteRequest(place, newAddresses(1)[0]!))
    }
    return { status: 201, request, onAnswer: onAnswer.service }
  }
  const sameInvites = (): Traffic => {
    const next = turns(sides.baseline)
    const request = (client: number): string => {
      const place = next(client)
      return replay('invite', place.owner, invitingVariables(place, newAddresses(1)))
    }
    return { status: 200, request, onAnswer: onAnswer.baseline }
  }
  const bulks = (): Traffic => {
    const next = twice(sides.service)
    const request = (client: number): string => {
      const place = next(client)
      return post(place.owner, bulkRequest(place, newAddresses(bulk)))
    }
    return { status: 200, request, onAnswer: onAnswer.service }
  }
  const sameBulks = (): Traffic => {
    const next = twice(sides.baseline)
    const request = (client: number): string => {
      const place = next(client)
      return replay('bulk', place.owner, invitingVariables(place, newAddresses(bulk)))
    }
    return { status: 200, request, onAnswer: onAnswer.baseline }
  }
  const accepts = (): Traffic => {
    const request = (offer: Offer) => post(offer.person, acceptRequest(offer))
    return { status: 200, request: eachOnce(offers.service.map(request)), onAnswer: onAnswer.service }
  }
  const sameAccepts = (): Traffic => {
    const request = (offer: Offer) => replay('accept', offer.person, acceptingVariables(offer))
    return { status: 200, request: eachOnce(offers.baseline.map(request)), onAnswer: onAnswer.baseline }
  }

  const beside = {
    beside: 'the same SQL',
    least: 0.5,
    prepare: () => work.prepare((client) => putAway(client, inviting)),
    verify: () => work.verify()
  }
  return [
    { subject: 'invite', ...beside, measured: toService(invites), baseline: toReplay(sameInvites) },
    {
      subject: 'accept invitation',
      ...beside,
      measured: toService(accepts),
      baseline: toReplay(sameAccepts),
      prepare: () =>
        work.prepare(async (client) => {
          await putAway(client, inviting)
          await insertOffers(client, keys, [...offers.service, ...offers.baseline])
        })
    },
    { subject: `bulk of ${bulk} invitations`, ...beside, measured: toService(bulks), baseline: toReplay(sameBulks) }
  ]
}

/** No company comes up a third time: its owner would have invited too many. */
function twice(places: Organization[]): (client: number) => Organization {
  return eachOnce([...places, ...places])
}
