/** Questions and answers as the documentation shows them. */

export const subject = { type: 'account', id: 'account_01k2v5q0n4eqyba3w1k1m3h1yb' }
export const resource = { type: 'team', id: 'team_01k2v6a1c9f7vts0m5w2r8hq4q' }
const action = { name: 'offer.send' }

export const question = { subject, action, resource }
export const questions = {
  subject,
  resource,
  evaluations: [{ action }, { action: { name: 'billing.manage' } }],
  options: { evaluations_semantic: 'execute_all' }
}

export const allowed = {
  decision: true,
  context: { reason: 'granted', grants: [{ role: 'hiring_manager', teamId: resource.id }], missing: [] }
}
export const denied = { decision: false, context: { reason: 'missing_permission', grants: [], missing: ['billing.manage'] } }

export const whoMay = { subject: { type: 'account' }, action, resource }
export const whereMay = { subject, action, resource: { type: 'team' } }
export const whatMay = { subject, resource }
