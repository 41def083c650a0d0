import type { OrganizationKind } from '../../src/organizations/tables.ts'

// The role tables, by hand. What a cell says of a grant of that role:
//   team    for the whole organization: everywhere; for a team: in that team and nowhere else
//   org     for the whole organization: everywhere; for a team: nothing
//   member  everywhere, whatever the grant is for: it comes with the membership
//   free    like `team`, but never while the member is exclusive
//   .       never
// `owner` and `finance` have no grants for a team.
const tables: Record<OrganizationKind, string> = {
  company: `
                              owner   admin   finance hiring_manager recruiter member
    company.read              member  member  member  member         member    member
    company.update            org     org     .       .              .         .
    company.close             org     .       .       .              .         .
    ownership.transfer        org     .       .       .              .         .
    domain.manage             org     org     .       .              .         .
    join_link.manage          org     org     .       .              .         .
    integration.manage        org     org     .       .              .         .
    audit.read                org     org     .       .              .         .
    team.create               org     org     .       .              .         .
    team.read                 org     team    org     team           team      team
    team.update               org     team    .       .              .         .
    team.hide                 org     .       .       .              .         .
    member.read               org     team    org     team           team      team
    member.invite             org     team    .       team           team      .
    member.invite.assign_team org     team    .       team           .         .
    member.roles.update       org     team    .       .              .         .
    member.remove             org     team    .       .              .         .
    billing.manage            org     org     org     .              .         .
    report.finance.read       org     org     org     .              .         .
    job.post                  org     .       .       team           team      .
    talent.invite             org     .       .       team           team      .
    proposal.review           org     .       .       team           team      .
    offer.send                org     .       .       team           .         .
    contract.manage           org     .       .       team           .         .
    contract.contact          org     .       .       team           .         .
    contract.contact.change   org     team    .       team           .         .
    feedback.give             org     .       .       team           .         .
    report.hours.read         org     team    org     team           .         .
    workdiary.read            org     team    org     team           .         .
    chat.start                org     team    org     team           team      team
    conversation.add_coworker org     team    .       team           team      .
  `,
  agency: `
                                owner   admin   finance business_manager freelancer
    agency.read                 member  member  member  member           member
    agency.update               org     org     .       .                .
    agency.close                org     .       .       .                .
    ownership.transfer          org     .       .       .                .
    audit.read                  org     org     .       .                .
    team.create                 org     .       .       .                .
    team.read                   org     team    org     team             team
    team.update                 org     team    .       .                .
    team.hide                   org     .       .       .                .
    member.read                 org     team    org     team             team
    member.invite               org     team    .       .                .
    member.invite.assign_team   org     team    .       .                .
    member.roles.update         org     team    .       .                .
    member.remove               org     team    .       .                .
    affiliation.propose         org     team    .       .                .
    finance.manage              org     org     org     .                .
    report.earnings.read        org     org     org     .                .
    report.time.read            org     team    org     team             .
    workdiary.read              org     team    org     team             .
    proposal.submit_for_member  org     .       .       team             .
    proposal.manage             org     .       .       team             .
    offer.respond               org     .       .       team             .
    contract.manage             org     .       .       team             .
    milestone.submit_any        org     .       .       team             .
    profile.rate.update         org     .       .       team             .
    profile.visibility.update   org     .       .       team             .
    proposal.submit_own         .       .       .       .                team
    proposal.submit_independent .       .       .       .                free
    milestone.submit_own        .       .       .       .                team
    worklog.write_own           .       .       .       .                team
    message.read                .       .       .       .                .
  `
}

export type Cell = 'team' | 'org' | 'member' | 'free' | '.'
/** Permission → role → cell. */
export type Grid = Record<string, Record<string, string>>

/** The table of a kind as it is written above. */
export function byHand(kind: OrganizationKind): Grid {
  const [roles, ...lines] = tables[kind]
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/)) as [string[], ...string[][]]
  return Object.fromEntries(
    lines.map(([permission, ...cells]) => [permission, Object.fromEntries(roles.map((role, i) => [role, cells[i]!]))])
  )
}

/** What a cell means: answers for a grant for the whole organization, and for one for a team. */
export const meanings: Record<Cell, { whole: string; team: string; exclusive: string }> = {
  team: { whole: '111', team: '010', exclusive: '111' },
  org: { whole: '111', team: '000', exclusive: '111' },
  member: { whole: '111', team: '111', exclusive: '111' },
  free: { whole: '111', team: '010', exclusive: '000' },
  '.': { whole: '000', team: '000', exclusive: '000' }
}
