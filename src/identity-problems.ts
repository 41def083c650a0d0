/** The part of the catalogue that is about who somebody is, decisions of trust and safety, and closing. */
export const identityProblems = {
  // 403
  four_eyes_required: {
    status: 403,
    title: 'A second operator decides this',
    help: 'Bans and erasures need two operators, and nobody decides on the appeal against their own decision. Ask a colleague.'
  },
  // 409
  appeal_open: {
    status: 409,
    title: 'An appeal is open already',
    help: 'One appeal against an action is open at a time. Add to it with `POST /v1/appeals/{appealId}/answer` when it asks for more.'
  },
  appeal_step: {
    status: 409,
    title: 'The appeal is not at this step',
    help: 'An appeal goes from `submitted` to `in_review`, from there to `more_info`, `granted` or `denied`, and from `more_info` back by an answer or on to a decision. `status` says where it is.'
  },
  appeal_decided: { status: 409, title: 'The appeal is decided', help: 'A decided appeal stays decided. Read it to see how it ended.' },
  appeal_limit: {
    status: 409,
    title: 'There were enough appeals against this',
    help: 'An action can be appealed a limited number of times; all of them were denied.'
  },
  appeal_not_asked: {
    status: 409,
    title: 'The appeal asks for nothing',
    help: 'An answer is possible only while the appeal waits for more information (`more_info`).'
  },
  action_not_in_force: {
    status: 409,
    title: 'The action is over',
    help: 'It was lifted or withdrawn, its time is over, or it waits for approval. There is nothing to lift or to appeal against.'
  },
  action_not_proposed: {
    status: 409,
    title: 'Nothing waits for approval',
    help: 'Only a proposed ban is approved by a second operator; this one was approved or withdrawn already.'
  },
  ban_needs_appeal: {
    status: 409,
    title: 'A ban ends only by an appeal',
    help: 'Nobody lifts a ban directly. The person appeals, and an operator who did not impose it grants the appeal.'
  },
  case_decided: {
    status: 409,
    title: 'The case is decided',
    help: 'What was decided of two accounts is not decided again. An operator can record an exception for the pair.'
  },
  choice_impossible: {
    status: 409,
    title: 'Nobody can choose between these accounts',
    help: 'One of the two is closed, suspended or banned. Decide that the person goes round a decision, that these are two people, or that they are an exception.'
  },
  case_not_yours_to_choose: {
    status: 409,
    title: 'There is nothing to choose in this case',
    help: 'The choice is open in an ordinary case only, while it waits for it. Verify your identity, or appeal.'
  },
  contact_support: {
    status: 409,
    title: 'Support has to help here',
    help: 'The account cannot be opened again by a link: it was closed too long ago, given up for another one, or is under a decision, or there is another account of the same person. Contact support.'
  },
  account_under_enforcement: {
    status: 409,
    title: 'The account is suspended or banned',
    help: 'A suspended or banned account can neither close nor open itself. Appeal first; support erases data on request.'
  },
  erasure_open: {
    status: 409,
    title: 'An erasure is asked for already',
    help: 'One request to erase an account is open at a time. A second operator approves it, or its time comes.'
  },
  erasure_not_open: { status: 409, title: 'No erasure is asked for', help: 'There is no open request to approve or to cancel.' },
  verification_open: {
    status: 409,
    title: 'A verification is under way',
    help: 'One verification of identity is open at a time. Finish it first.'
  },
  verification_used: {
    status: 409,
    title: 'You have started a verification yourself before',
    help: 'A person starts the verification of their identity themselves once. Support can ask for another one.'
  },
  verification_not_open: {
    status: 409,
    title: 'No verification is under way',
    help: 'There is no open verification of identity that this outcome could belong to.'
  },
  // 422
  evidence_invalid: {
    status: 422,
    title: 'The evidence cannot be used',
    help: 'The value does not have the form of its kind; `reason` says what is wrong with it. It was not kept.'
  },
  same_account: { status: 422, title: 'These are one account', help: 'Name two different accounts.' }
} as const
