/** The part of the catalogue that is about coming into organizations: invitations, links, domains, requests, conversations. */
export const joiningProblems = {
  // 403
  role_exceeds_inviter: {
    status: 403,
    title: 'The role is more than you may give',
    help: 'Who may change roles in a scope may give every role there; anybody else only roles whose permissions they hold there themselves, never admin or finance. In conversations nobody gives a level above their own.'
  },
  team_assignment_forbidden: {
    status: 403,
    title: 'You may not choose the team',
    help: 'Your roles let you invite, but not decide about the team. Leave `teamId` out, or ask somebody who may.'
  },
  // 409
  invitation_pending: {
    status: 409,
    title: 'The address is invited already',
    help: 'One invitation is pending for an address at a time. Send that one again, change it or revoke it.'
  },
  invitation_not_pending: {
    status: 409,
    title: 'The invitation is no longer pending',
    help: 'It was accepted, declined, revoked or replaced, or its time is over. One that has expired can be sent again; otherwise make a new one.'
  },
  invitation_resend_limit: {
    status: 409,
    title: 'The invitation was sent often enough',
    help: 'An invitation can be sent again a limited number of times. Revoke it and make a new one, or give the person the link another way.'
  },
  invitation_email_mismatch: {
    status: 409,
    title: 'The invitation is for another address',
    help: 'None of your proven addresses is the invited one. `ways` lists what you can do: sign in as the account that has it, add and prove the address, or ask for a new invitation.'
  },
  inviter_no_longer_entitled: {
    status: 409,
    title: 'Whoever invited you may not do so any more',
    help: 'The invitation stays pending, and the admins were told: somebody entitled can send it again.'
  },
  invitation_outdated: {
    status: 409,
    title: 'What the invitation offers is gone',
    help: 'A role or team of the invitation does not exist any more. The invitation stays pending, and the admins were told: somebody can change it.'
  },
  invitation_link_copied: {
    status: 409,
    title: 'The link does not prove the address',
    help: 'A copied link may come from anybody. Register with the link in the mail itself, or at `POST /v1/accounts`, prove your address, and accept the invitation then.'
  },
  account_exists: {
    status: 409,
    title: 'The address belongs to an account',
    help: 'Sign in to the account that has this address, then accept. One person has one account.'
  },
  removed_needs_invitation: {
    status: 409,
    title: 'Only a new invitation brings you back',
    help: 'You were removed from this organization. Somebody there can send you a new invitation.'
  },
  email_domain_mismatch: {
    status: 409,
    title: 'No proven address at the right domain',
    help: "Joining needs a proven address at one of the company's domains; addresses such as support@ do not count. Add and prove one, or ask for an invitation."
  },
  domain_required: {
    status: 409,
    title: 'The company has no verified domain',
    help: "Join links admit addresses at the company's verified domains only. Add a domain and verify it first."
  },
  domain_taken: {
    status: 409,
    title: 'The domain belongs to another company',
    help: 'Another company has proven it. An affiliation yields to DNS: prove that you own the domain, and it is yours; two proofs by DNS leave it with the first.'
  },
  domain_not_proven: {
    status: 409,
    title: 'The domain is not proven',
    help: '`detail` says what is missing. A new DNS record may take a while to be seen everywhere.'
  },
  domain_on_hold: {
    status: 409,
    title: 'The domain was taken over lately',
    help: 'Its former holder may still contest: `heldUntil` of the domain says until when. Nobody joins by it before.'
  },
  domain_not_contestable: {
    status: 409,
    title: 'There is nothing to contest',
    help: 'The domain was not taken from this company, or the time to contest is over.'
  },
  join_request_open: {
    status: 409,
    title: 'You have asked already',
    help: 'One request is open for a company at a time. Wait for its answer, or withdraw it.'
  },
  join_request_not_open: {
    status: 409,
    title: 'The request is no longer open',
    help: 'It was answered or withdrawn, or its time is over. The person can ask again.'
  },
  conversation_closed: {
    status: 409,
    title: 'The conversation is closed',
    help: 'Nobody is added to a closed conversation. Whoever takes part can still leave it.'
  },
  participants_changed: {
    status: 409,
    title: 'The participants were changed meanwhile',
    help: '`currentParticipants` shows them and their revision. Decide again and send that revision.'
  },
  // 422
  public_email_domain: {
    status: 422,
    title: 'The domain is nobody’s own',
    help: 'Domains of mail providers, of throw-away addresses and those under which anybody can register names cannot be claimed, nor what is no domain name.'
  },
  default_role_invalid: {
    status: 422,
    title: 'Nobody joins with this role by themselves',
    help: 'Whoever joins by a domain becomes `recruiter` or `hiring_manager`; other roles are given by a person.'
  },
  coworker_level_required: {
    status: 422,
    title: 'A coworker needs a level',
    help: '`detail` names a participant who is a member of the company: say with which level. Only whoever the company talks with has none.'
  },
  unknown_member: {
    status: 422,
    title: 'There is no such member',
    help: 'The member does not belong to this company, or is suspended.'
  },
  csv_invalid: {
    status: 422,
    title: 'The table cannot be read',
    help: 'Send CSV (RFC 4180) in UTF-8 whose first line names the columns. `detail` says which line is wrong.'
  },
  // 503
  dns_unavailable: {
    status: 503,
    title: 'The DNS does not answer',
    help: 'Whether the record is there could not be found out; nothing was changed. Try again after `Retry-After` seconds.'
  }
} as const
