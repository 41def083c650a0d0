import pg from 'pg'
import type { Organization, Sides } from './companies.ts'
import { UnequalWork } from './turns.ts'

type Counts = Record<string, number>

/** Counts what service and baseline answered and what they changed in their companies: the same for each answer. */
export class Work {
  private readonly url: string
  private readonly sides: Sides
  private readonly answers = { service: 0, baseline: 0 }
  private before: Record<keyof Sides, Counts> | undefined

  constructor(url: string, sides: Sides) {
    this.url = url
    this.sides = sides
  }

  count(side: keyof Sides): () => void {
    return () => {
      this.answers[side]++
    }
  }

  prepare(work: (client: pg.Client) => Promise<void>): Promise<void> {
    return this.connected(async (client) => {
      await client.query('begin')
      await work(client)
      await client.query('commit')
      Object.assign(this.answers, { service: 0, baseline: 0 })
      this.before = await this.counts(client)
    })
  }

  verify(): Promise<void> {
    return this.connected(async (client) => {
      const after = await this.counts(client)
      const changed = (side: keyof Sides): string =>
        JSON.stringify(Object.entries(after[side]).map(([name, count]) => [name, (count - this.before![side][name]!) / this.answers[side]]))
      const [service, baseline] = [changed('service'), changed('baseline')]
      if (service !== baseline) throw new UnequalWork(`for each request the service changed ${service}, the baseline ${baseline}`)
      if (this.answers.service === 0 || after.service.audited === this.before!.service.audited) throw new UnequalWork('nothing was changed')
    })
  }

  private async counts(client: pg.Client): Promise<Record<keyof Sides, Counts>> {
    const of = async (places: Organization[]): Promise<Counts> => {
      const table = (name: string, counted: string) =>
        `(select coalesce(${counted}, 0)::int from ${name} where organization_id = any($1)) as ${name}`
      const { rows } = await client.query<Counts>(
        `select ${table('memberships', 'count(*)')}, ${table('ended_memberships', 'count(*)')}, ${table('team_members', 'count(*)')},
          ${table('role_grants', 'count(*)')}, ${table('events', 'count(*)')}, ${table('invitations', 'count(*)')},
          (select coalesce(sum(revision), 0)::int from invitations where organization_id = any($1)) as "invitationRevisions",
          (select count(*)::int from outbox o join invitations i on i.id = (o.data ->> 'invitationId')::uuid where i.organization_id = any($1)) as mails,
          (select count(*)::int from graphile_worker.jobs j join outbox o on j.key = 'mail:' || o.id
            join invitations i on i.id = (o.data ->> 'invitationId')::uuid where i.organization_id = any($1)) as jobs,
          (select count(*)::int from audit_personal p join audit_events a on a.id = p.event_id
            where a.chain_kind = 'organization' and a.chain_id = any($1)) as personal,
          (select coalesce(sum(revision), 0)::int from memberships where organization_id = any($1)) as revisions,
          (select sum(version)::int from organizations where id = any($1)) as versions,
          (select coalesce(sum(sequence), 0)::int from audit_chains where chain_kind = 'organization' and chain_id = any($1)) as audited`,
        [places.map(({ id }) => id)]
      )
      return rows[0]!
    }
    return { service: await of(this.sides.service), baseline: await of(this.sides.baseline) }
  }

  private async connected(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: this.url })
    await client.connect()
    try {
      await work(client)
    } finally {
      await client.end()
    }
  }
}
