/** The part of the catalogue that is about companies, agencies, their members and contracts. */
export const organizationProblems = {
  // 403
  own_rights: {
    status: 403,
    title: 'Nobody raises their own rights',
    help: 'The change would give you a permission that you do not have. `missingPermissions` names it; somebody else with the right to change roles can give it to you.'
  },
  plan_upgrade_required: {
    status: 403,
    title: 'The plan does not include this',
    help: "The organization's plan has no room for it. Upgrade the plan, or make room first. What is there stays as it is."
  },
  account_restricted: {
    status: 403,
    title: 'The account is restricted',
    help: 'Current work goes on, but nothing new can be begun while the restriction lasts. `GET /v1/me` shows it.'
  },
  membership_suspended: {
    status: 403,
    title: 'The membership is suspended',
    help: 'An admin of the organization suspended it. Roles are kept and come back when it is resumed; leaving is possible.'
  },
  organization_requires_second_factor: {
    status: 403,
    title: 'The organization requires a second factor',
    help: 'Set one up with `POST /v1/me/totp`, then try again.'
  },
  organization_suspended: {
    status: 403,
    title: 'The organization is suspended',
    help: 'Its members can look at it, but not change or begin anything.'
  },
  organization_banned: {
    status: 403,
    title: 'The organization is suspended for good',
    help: 'Its members can look at it, but not change or begin anything. Its owner can appeal.'
  },
  organization_restricted: {
    status: 403,
    title: 'The organization is restricted',
    help: 'Current work goes on, but nothing new can be begun through it while the restriction lasts. Its owner can appeal.'
  },
  not_exclusive: {
    status: 403,
    title: 'The member is not exclusive',
    help: 'Rate and visibility of a member can be set by the agency only while the member works exclusively through it.'
  },
  // 409
  organization_closed: {
    status: 409,
    title: 'The organization is closed',
    help: 'Closed organizations can be looked at but not changed. An operator can open it again.'
  },
  owner_must_transfer: {
    status: 409,
    title: 'The owner cannot go',
    help: 'An organization always has exactly one owner. Transfer the ownership first.'
  },
  already_in_team: {
    status: 409,
    title: 'The member is in this team already',
    help: 'There is nothing to move. Roles in the team are changed with the roles of the member.'
  },
  already_member: {
    status: 409,
    title: 'This person is a member already',
    help: 'Everybody is a member of an organization once.'
  },
  contact_on_active_contracts: {
    status: 409,
    title: 'The person is contact on active contracts',
    help: 'The contact person of an active contract cannot be taken away. `blockers` lists the contracts, each with the call that names another contact; or name one for all of them with `reassignContactTo`.'
  },
  version_conflict: {
    status: 409,
    title: 'The same version came with another content',
    help: 'A version of a contract, a proposal or a conversation names one content. Send the change with a higher version.'
  },
  contact_changed: {
    status: 409,
    title: 'The contact was changed meanwhile',
    help: '`currentContact` shows the contact and its `contactRevision`. Decide again and send that revision.'
  },
  freelancer_profile_required: {
    status: 409,
    title: 'An active freelancer profile is needed',
    help: 'Make one with `POST /v1/me/profiles/freelancer`.'
  },
  agency_limit: {
    status: 409,
    title: 'The person owns an agency already',
    help: 'Nobody owns two agencies. Close the other one or transfer it first.'
  },
  company_limit: {
    status: 409,
    title: 'Too many companies',
    help: 'An account may own a limited number of companies. Close one, or transfer it.'
  },
  exclusive_elsewhere: {
    status: 409,
    title: 'The person works exclusively through an agency',
    help: 'Who is exclusive belongs to that one agency only, and who belongs to several agencies cannot be exclusive in one. The other membership has to end or change first.'
  },
  independent_work_active: {
    status: 409,
    title: 'There is independent work',
    help: "Becoming exclusive needs that no contract or proposal of one's own is open. `blockers` lists them."
  },
  active_agency_work: {
    status: 409,
    title: 'There is work through the agency',
    help: 'Contracts and proposals through the agency have to end first; archived proposals count. `blockers` lists them. With `whenClear=true` the membership ends by itself once nothing is left.'
  },
  transfer_pending: {
    status: 409,
    title: 'A transfer is offered already',
    help: 'One transfer is open at a time. Withdraw it first, or wait for its answer.'
  },
  transfer_not_open: {
    status: 409,
    title: 'No transfer is open',
    help: 'It was answered, withdrawn or has expired. The owner can offer it again.'
  },
  affiliation_not_pending: {
    status: 409,
    title: 'Nothing was proposed',
    help: 'There is no proposal of exclusive work to be answered.'
  },
  team_name_taken: {
    status: 409,
    title: 'The name is taken',
    help: 'Another team of the organization, perhaps a hidden one, has this name.'
  },
  team_hidden: {
    status: 409,
    title: 'The team is hidden',
    help: 'Show the team again before anything is added to it.'
  },
  default_team: {
    status: 409,
    title: 'The default team stays',
    help: 'Every organization has its default team; it can be renamed but not hidden.'
  },
  role_exists: {
    status: 409,
    title: 'The role key is taken',
    help: 'Another role has this key.'
  },
  role_in_use: {
    status: 409,
    title: 'The role is in use',
    help: 'Members have this role. `blockers` lists them; take it from them first.'
  },
  limit_reached: {
    status: 409,
    title: 'There are too many already',
    help: 'A fixed limit of the service is reached; no plan raises it.'
  },
  profile_limit: {
    status: 409,
    title: 'No more profiles',
    help: 'An account has one freelancer profile with at most two specialised ones. Change what is there, or remove one first.'
  },
  closure_blocked: {
    status: 409,
    title: 'Something is still open',
    help: '`blockers` lists all that stands in the way, each with the call that clears it or the service that can.'
  },
  // 422
  not_eligible_contact: {
    status: 422,
    title: 'The person cannot be contact',
    help: "A contact is an active member of the company whose roles allow to be contact in the contract's team."
  },
  not_eligible_owner: {
    status: 422,
    title: 'The person cannot be owner',
    help: 'Ownership passes only to an active member with an active account and no enforcement; in an agency also with a freelancer profile and no agency of their own. `reason` says what is missing.'
  },
  unknown_role: {
    status: 422,
    title: 'There is no such role',
    help: '`GET …/roles` lists the roles of the organization. Ownership is no role to be granted: it is transferred.'
  },
  unknown_team: {
    status: 422,
    title: 'There is no such team',
    help: 'The team does not belong to this organization.'
  },
  role_scope_invalid: {
    status: 422,
    title: 'The role cannot be granted for a team',
    help: 'This role is for the whole organization only. Leave out `teamId`.'
  },
  unknown_reference: {
    status: 422,
    title: 'Something named does not exist',
    help: '`detail` says which property names something that is not known here.'
  }
} as const
