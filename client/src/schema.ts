// Generated from openapi/openapi.json by `npm run client:generate`. Fingerprint: c6c65736b9ecd712

export interface paths {
 "/.well-known/authzen-configuration": {
  /** @description Where permission queries are answered */
  get: operations["getAccessMetadata"];
 };
 "/.well-known/jwks.json": {
  /** @description Public signing keys */
  get: operations["getJwks"];
 };
 "/.well-known/oauth-authorization-server": {
  /** @description Authorization server metadata */
  get: operations["getServerMetadata"];
 };
 "/access/v1/evaluation": {
  /** @description May this person do that? */
  post: operations["evaluateAccess"];
 };
 "/access/v1/evaluations": {
  /** @description Many questions at once */
  post: operations["evaluateAccessMany"];
 };
 "/access/v1/search/action": {
  /** @description What may this person do there? */
  post: operations["searchActions"];
 };
 "/access/v1/search/resource": {
  /** @description Where may this person do that? */
  post: operations["searchResources"];
 };
 "/access/v1/search/subject": {
  /** @description Who may do that? */
  post: operations["searchSubjects"];
 };
 "/v1/accounts": {
  /** @description Find accounts by email */
  get: operations["searchAccounts"];
  /** @description Register */
  post: operations["registerAccount"];
 };
 "/v1/accounts/{accountId}/anonymisation": {
  /** @description Propose to erase somebody */
  post: operations["proposeAnonymisation"];
  /** @description Withdraw a request to erase somebody */
  delete: operations["cancelAnonymisation"];
 };
 "/v1/accounts/{accountId}/anonymisation/approval": {
  /** @description Approve an erasure */
  post: operations["approveAnonymisation"];
 };
 "/v1/accounts/{accountId}/enforcement": {
  /** @description Everything that was decided about the account */
  get: operations["listAccountEnforcement"];
  /** @description Decide about the account */
  post: operations["imposeAccountEnforcement"];
 };
 "/v1/accounts/{accountId}/enforcement/{actionId}": {
  /** @description Lift an action */
  delete: operations["liftAccountEnforcement"];
 };
 "/v1/accounts/{accountId}/enforcement/{actionId}/approval": {
  /** @description Approve a ban */
  post: operations["approveAccountBan"];
 };
 "/v1/accounts/{accountId}/evidence": {
  /** @description Tell of a fact that ties an account to a person */
  post: operations["recordEvidence"];
 };
 "/v1/accounts/{accountId}/identity-verification": {
  /** @description The latest verification of somebody's identity */
  get: operations["getIdentityVerification"];
  /** @description Ask somebody to verify their identity */
  post: operations["requestIdentityVerification"];
 };
 "/v1/accounts/{accountId}/identity-verification/result": {
  /** @description Tell what became of a verification */
  put: operations["recordVerificationResult"];
 };
 "/v1/accounts/{accountId}/permissions": {
  /** @description All that one person may do */
  get: operations["getPermissionMap"];
 };
 "/v1/accounts/{accountId}/sessions": {
  /** @description Sign somebody out everywhere */
  delete: operations["endSessionsOfAccount"];
 };
 "/v1/accounts/{accountId}/signals": {
  /** @description Signs that a login is shared */
  get: operations["listSignals"];
 };
 "/v1/accounts/{accountId}/totp": {
  /** @description Remove a lost second factor */
  delete: operations["removeTotpOfAccount"];
 };
 "/v1/agencies": {
  /** @description Found an agency */
  post: operations["createAgency"];
 };
 "/v1/agencies/{agencyId}": {
  /** @description The agency */
  get: operations["getAgency"];
  /** @description Change the agency */
  patch: operations["updateAgency"];
 };
 "/v1/agencies/{agencyId}/audit": {
  /** @description What was done, by whom and when */
  get: operations["listAgencyAudit"];
 };
 "/v1/agencies/{agencyId}/closure": {
  /** @description Close the agency */
  post: operations["closeAgency"];
 };
 "/v1/agencies/{agencyId}/enforcement": {
  /** @description Everything that was decided about the agency */
  get: operations["listAgencyEnforcement"];
  /** @description Decide about the agency */
  post: operations["imposeAgencyEnforcement"];
 };
 "/v1/agencies/{agencyId}/enforcement/{actionId}": {
  /** @description Lift an action */
  delete: operations["liftAgencyEnforcement"];
 };
 "/v1/agencies/{agencyId}/enforcement/{actionId}/approval": {
  /** @description Approve a ban */
  post: operations["approveAgencyBan"];
 };
 "/v1/agencies/{agencyId}/invitations": {
  /** @description Invitations */
  get: operations["listAgencyInvitations"];
  /** @description Invite somebody */
  post: operations["inviteAgencyMember"];
 };
 "/v1/agencies/{agencyId}/invitations/{invitationId}": {
  /** @description One invitation */
  get: operations["getAgencyInvitation"];
  /** @description Change a pending invitation */
  patch: operations["editAgencyInvitation"];
 };
 "/v1/agencies/{agencyId}/invitations/{invitationId}/resend": {
  /** @description Send an invitation again */
  post: operations["resendAgencyInvitation"];
 };
 "/v1/agencies/{agencyId}/invitations/{invitationId}/revoke": {
  /** @description Take an invitation back */
  post: operations["revokeAgencyInvitation"];
 };
 "/v1/agencies/{agencyId}/invitations/bulk": {
  /** @description Invite up to fifty people */
  post: operations["inviteAgencyMembers"];
 };
 "/v1/agencies/{agencyId}/invitations/preview": {
  /** @description See the mail of an invitation */
  post: operations["previewAgencyInvitation"];
 };
 "/v1/agencies/{agencyId}/members": {
  /** @description Members */
  get: operations["listAgencyMembers"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}": {
  /** @description One member */
  get: operations["getAgencyMember"];
  /** @description Remove a member, or leave */
  delete: operations["removeAgencyMember"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/affiliation": {
  /** @description Propose exclusive work, or release from it */
  post: operations["proposeAffiliation"];
  /** @description Say no to exclusive work, or take the proposal back */
  delete: operations["withdrawAffiliation"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/affiliation/accept": {
  /** @description Say yes to exclusive work */
  post: operations["acceptAffiliation"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/move": {
  /** @description Move a member to another team */
  post: operations["moveAgencyMember"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/permissions": {
  /** @description What a member may do, and why */
  get: operations["getAgencyMemberPermissions"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/profile": {
  /** @description A member's freelancer profile */
  get: operations["getAgencyMemberProfile"];
  /** @description Set rate and visibility of an exclusive member */
  patch: operations["updateAgencyMemberProfile"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/removal": {
  /** @description What a removal would meet */
  get: operations["previewAgencyMemberRemoval"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/roles": {
  /** @description Change the roles of a member */
  patch: operations["changeAgencyMemberRoles"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/scheduled-leave": {
  /** @description Stay after all */
  delete: operations["cancelAgencyMemberLeave"];
 };
 "/v1/agencies/{agencyId}/members/{memberId}/suspension": {
  /** @description Suspend a membership */
  post: operations["suspendAgencyMember"];
  /** @description Resume a membership */
  delete: operations["resumeAgencyMember"];
 };
 "/v1/agencies/{agencyId}/ownership-transfer": {
  /** @description The open offer of ownership */
  get: operations["getAgencyOwnershipTransfer"];
  /** @description Offer the ownership to a member */
  post: operations["offerAgencyOwnership"];
  /** @description Take the offer back */
  delete: operations["cancelAgencyOwnershipTransfer"];
 };
 "/v1/agencies/{agencyId}/ownership-transfer/accept": {
  /** @description Become the owner */
  post: operations["acceptAgencyOwnership"];
 };
 "/v1/agencies/{agencyId}/ownership-transfer/decline": {
  /** @description Say no to the ownership */
  post: operations["declineAgencyOwnership"];
 };
 "/v1/agencies/{agencyId}/ownership-transfer/forced": {
  /** @description Transfer for an absent owner */
  post: operations["forceAgencyOwnershipTransfer"];
 };
 "/v1/agencies/{agencyId}/plan": {
  /** @description Set the plan of the agency */
  put: operations["setAgencyPlan"];
 };
 "/v1/agencies/{agencyId}/reopening": {
  /** @description Open a closed agency again */
  post: operations["reopenAgency"];
 };
 "/v1/agencies/{agencyId}/roles": {
  /** @description Roles */
  get: operations["listAgencyRoles"];
 };
 "/v1/agencies/{agencyId}/teams": {
  /** @description Teams */
  get: operations["listAgencyTeams"];
  /** @description Make a team */
  post: operations["createAgencyTeam"];
 };
 "/v1/agencies/{agencyId}/teams/{teamId}": {
  /** @description One team */
  get: operations["getAgencyTeam"];
  /** @description Rename, hide or show a team */
  patch: operations["updateAgencyTeam"];
 };
 "/v1/agencies/{agencyId}/teams/{teamId}/members/{memberId}": {
  /** @description Add a member to a team */
  put: operations["addAgencyTeamMember"];
  /** @description Take a member out of a team */
  delete: operations["removeAgencyTeamMember"];
 };
 "/v1/anonymisations": {
  /** @description Requests to erase somebody */
  get: operations["listAnonymisations"];
 };
 "/v1/appeals": {
  /** @description Appeals */
  get: operations["listAppeals"];
  /** @description Appeal */
  post: operations["submitAppeal"];
 };
 "/v1/appeals/{appealId}": {
  /** @description An appeal */
  get: operations["getAppeal"];
 };
 "/v1/appeals/{appealId}/answer": {
  /** @description Answer what an appeal asks */
  post: operations["answerAppeal"];
 };
 "/v1/appeals/{appealId}/decision": {
  /** @description Decide about an appeal */
  post: operations["decideAppeal"];
 };
 "/v1/companies": {
  /** @description Open a company */
  post: operations["createCompany"];
 };
 "/v1/companies/{companyId}": {
  /** @description The company */
  get: operations["getCompany"];
  /** @description Change the company */
  patch: operations["updateCompany"];
 };
 "/v1/companies/{companyId}/audit": {
  /** @description What was done, by whom and when */
  get: operations["listCompanyAudit"];
 };
 "/v1/companies/{companyId}/closure": {
  /** @description Close the company */
  post: operations["closeCompany"];
 };
 "/v1/companies/{companyId}/contracts": {
  /** @description Contracts and their contacts */
  get: operations["listContracts"];
 };
 "/v1/companies/{companyId}/contracts/{contractId}/contact": {
  /** @description Name another contact person */
  put: operations["changeContact"];
 };
 "/v1/companies/{companyId}/domains": {
  /** @description Email domains */
  get: operations["listDomains"];
  /** @description Add an email domain */
  post: operations["addDomain"];
 };
 "/v1/companies/{companyId}/domains/{domainId}": {
  /** @description One email domain */
  get: operations["getDomain"];
  /** @description Give a domain up */
  delete: operations["removeDomain"];
  /** @description Set who joins by a domain */
  patch: operations["updateDomain"];
 };
 "/v1/companies/{companyId}/domains/{domainId}/contest": {
  /** @description Win a domain back */
  post: operations["contestDomain"];
 };
 "/v1/companies/{companyId}/domains/{domainId}/verify": {
  /** @description Prove a domain */
  post: operations["verifyDomain"];
 };
 "/v1/companies/{companyId}/enforcement": {
  /** @description Everything that was decided about the company */
  get: operations["listCompanyEnforcement"];
  /** @description Decide about the company */
  post: operations["imposeCompanyEnforcement"];
 };
 "/v1/companies/{companyId}/enforcement/{actionId}": {
  /** @description Lift an action */
  delete: operations["liftCompanyEnforcement"];
 };
 "/v1/companies/{companyId}/enforcement/{actionId}/approval": {
  /** @description Approve a ban */
  post: operations["approveCompanyBan"];
 };
 "/v1/companies/{companyId}/invitations": {
  /** @description Invitations */
  get: operations["listCompanyInvitations"];
  /** @description Invite somebody */
  post: operations["inviteCompanyMember"];
 };
 "/v1/companies/{companyId}/invitations/{invitationId}": {
  /** @description One invitation */
  get: operations["getCompanyInvitation"];
  /** @description Change a pending invitation */
  patch: operations["editCompanyInvitation"];
 };
 "/v1/companies/{companyId}/invitations/{invitationId}/resend": {
  /** @description Send an invitation again */
  post: operations["resendCompanyInvitation"];
 };
 "/v1/companies/{companyId}/invitations/{invitationId}/revoke": {
  /** @description Take an invitation back */
  post: operations["revokeCompanyInvitation"];
 };
 "/v1/companies/{companyId}/invitations/bulk": {
  /** @description Invite up to fifty people */
  post: operations["inviteCompanyMembers"];
 };
 "/v1/companies/{companyId}/invitations/preview": {
  /** @description See the mail of an invitation */
  post: operations["previewCompanyInvitation"];
 };
 "/v1/companies/{companyId}/join": {
  /** @description Join a company by a domain */
  post: operations["joinCompany"];
 };
 "/v1/companies/{companyId}/join-links": {
  /** @description Join links */
  get: operations["listJoinLinks"];
  /** @description Make a join link */
  post: operations["createJoinLink"];
 };
 "/v1/companies/{companyId}/join-links/{linkId}": {
  /** @description One join link */
  get: operations["getJoinLink"];
  /** @description Revoke a join link */
  delete: operations["revokeJoinLink"];
 };
 "/v1/companies/{companyId}/join-links/{linkId}/uses": {
  /** @description Who joined by a link */
  get: operations["listJoinLinkUses"];
 };
 "/v1/companies/{companyId}/join-requests": {
  /** @description Requests to join */
  get: operations["listJoinRequests"];
 };
 "/v1/companies/{companyId}/join-requests/{requestId}": {
  /** @description Withdraw a request to join */
  delete: operations["withdrawJoinRequest"];
 };
 "/v1/companies/{companyId}/join-requests/{requestId}/decision": {
  /** @description Answer a request to join */
  post: operations["decideJoinRequest"];
 };
 "/v1/companies/{companyId}/members": {
  /** @description Members */
  get: operations["listCompanyMembers"];
 };
 "/v1/companies/{companyId}/members/{memberId}": {
  /** @description One member */
  get: operations["getCompanyMember"];
  /** @description Remove a member, or leave */
  delete: operations["removeCompanyMember"];
 };
 "/v1/companies/{companyId}/members/{memberId}/move": {
  /** @description Move a member to another team */
  post: operations["moveCompanyMember"];
 };
 "/v1/companies/{companyId}/members/{memberId}/permissions": {
  /** @description What a member may do, and why */
  get: operations["getCompanyMemberPermissions"];
 };
 "/v1/companies/{companyId}/members/{memberId}/removal": {
  /** @description What a removal would meet */
  get: operations["previewCompanyMemberRemoval"];
 };
 "/v1/companies/{companyId}/members/{memberId}/roles": {
  /** @description Change the roles of a member */
  patch: operations["changeCompanyMemberRoles"];
 };
 "/v1/companies/{companyId}/members/{memberId}/scheduled-leave": {
  /** @description Stay after all */
  delete: operations["cancelCompanyMemberLeave"];
 };
 "/v1/companies/{companyId}/members/{memberId}/suspension": {
  /** @description Suspend a membership */
  post: operations["suspendCompanyMember"];
  /** @description Resume a membership */
  delete: operations["resumeCompanyMember"];
 };
 "/v1/companies/{companyId}/ownership-transfer": {
  /** @description The open offer of ownership */
  get: operations["getCompanyOwnershipTransfer"];
  /** @description Offer the ownership to a member */
  post: operations["offerCompanyOwnership"];
  /** @description Take the offer back */
  delete: operations["cancelCompanyOwnershipTransfer"];
 };
 "/v1/companies/{companyId}/ownership-transfer/accept": {
  /** @description Become the owner */
  post: operations["acceptCompanyOwnership"];
 };
 "/v1/companies/{companyId}/ownership-transfer/decline": {
  /** @description Say no to the ownership */
  post: operations["declineCompanyOwnership"];
 };
 "/v1/companies/{companyId}/ownership-transfer/forced": {
  /** @description Transfer for an absent owner */
  post: operations["forceCompanyOwnershipTransfer"];
 };
 "/v1/companies/{companyId}/plan": {
  /** @description Set the plan of the company */
  put: operations["setCompanyPlan"];
 };
 "/v1/companies/{companyId}/reopening": {
  /** @description Open a closed company again */
  post: operations["reopenCompany"];
 };
 "/v1/companies/{companyId}/roles": {
  /** @description Roles */
  get: operations["listCompanyRoles"];
  /** @description Make a custom role */
  post: operations["createRole"];
 };
 "/v1/companies/{companyId}/roles/{key}": {
  /** @description One role */
  get: operations["getCompanyRole"];
  /** @description Delete a custom role */
  delete: operations["deleteRole"];
  /** @description Change a custom role */
  patch: operations["updateRole"];
 };
 "/v1/companies/{companyId}/teams": {
  /** @description Teams */
  get: operations["listCompanyTeams"];
  /** @description Make a team */
  post: operations["createCompanyTeam"];
 };
 "/v1/companies/{companyId}/teams/{teamId}": {
  /** @description One team */
  get: operations["getCompanyTeam"];
  /** @description Rename, hide or show a team */
  patch: operations["updateCompanyTeam"];
 };
 "/v1/companies/{companyId}/teams/{teamId}/members/{memberId}": {
  /** @description Add a member to a team */
  put: operations["addCompanyTeamMember"];
  /** @description Take a member out of a team */
  delete: operations["removeCompanyTeamMember"];
 };
 "/v1/conflicts-of-interest": {
  /** @description Do two parties share a person? */
  post: operations["findConflict"];
 };
 "/v1/contracts/{contractId}": {
  /** @description Tell the state of a contract */
  put: operations["putContract"];
 };
 "/v1/conversations/{conversationId}": {
  /** @description One conversation */
  get: operations["getConversation"];
  /** @description Tell the state of a conversation */
  put: operations["putConversation"];
 };
 "/v1/conversations/{conversationId}/participants": {
  /** @description Add a coworker */
  post: operations["addCoworker"];
 };
 "/v1/conversations/{conversationId}/participants/{accountId}": {
  /** @description Leave a conversation, or take a coworker out of it */
  delete: operations["removeParticipant"];
 };
 "/v1/duplicate-cases": {
  /** @description Duplicate cases */
  get: operations["listDuplicateCases"];
 };
 "/v1/duplicate-cases/{caseId}": {
  /** @description One duplicate case */
  get: operations["getDuplicateCase"];
 };
 "/v1/duplicate-cases/{caseId}/decision": {
  /** @description Decide a duplicate case */
  post: operations["decideDuplicateCase"];
 };
 "/v1/duplicate-exceptions": {
  /** @description Let two accounts be alike */
  post: operations["recordDuplicateException"];
 };
 "/v1/email-changes/undo": {
  /** @description Undo a change of the primary email */
  post: operations["undoEmailChange"];
 };
 "/v1/email-verifications": {
  /** @description Prove the email of a registration */
  post: operations["verifyEmail"];
 };
 "/v1/email-verifications/resend": {
  /** @description Ask for a new proof mail */
  post: operations["requestEmailProof"];
 };
 "/v1/enforcement-actions": {
  /** @description Actions on everybody */
  get: operations["listEnforcementActions"];
 };
 "/v1/enforcement-reasons": {
  /** @description Why decisions are taken */
  get: operations["listReasons"];
 };
 "/v1/events": {
  /** @description What has changed, in order */
  get: operations["listEvents"];
 };
 "/v1/invitation-preferences": {
  /** @description Silence an address for invitations, or open it again */
  post: operations["setInvitationPreference"];
 };
 "/v1/invitation-preferences/one-click": {
  /** @description Silence an address with one click */
  post: operations["unsubscribeFromInvitations"];
 };
 "/v1/invitations/accept": {
  /** @description Accept an invitation */
  post: operations["acceptInvitation"];
 };
 "/v1/invitations/decline": {
  /** @description Decline an invitation */
  post: operations["declineInvitation"];
 };
 "/v1/invitations/lookup": {
  /** @description Look at an invitation */
  post: operations["lookUpInvitation"];
 };
 "/v1/join-links/accept": {
  /** @description Join by a link */
  post: operations["acceptJoinLink"];
 };
 "/v1/join-links/lookup": {
  /** @description Where a join link leads */
  post: operations["lookUpJoinLink"];
 };
 "/v1/me": {
  /** @description Own account */
  get: operations["getAccount"];
  /** @description Change own account */
  patch: operations["updateAccount"];
 };
 "/v1/me/anonymisation": {
  /** @description Have the own data erased */
  post: operations["requestAnonymisation"];
 };
 "/v1/me/closure": {
  /** @description What closing would meet */
  get: operations["getClosure"];
  /** @description Close the own account */
  post: operations["closeAccount"];
 };
 "/v1/me/contexts": {
  /** @description Whom the person can act as */
  get: operations["listContexts"];
 };
 "/v1/me/duplicate-case": {
  /** @description The duplicate case that waits for me */
  get: operations["getOwnDuplicateCase"];
  /** @description Report my own second account */
  post: operations["reportDuplicate"];
 };
 "/v1/me/duplicate-case/choice": {
  /** @description Choose which account to keep */
  post: operations["chooseAccount"];
 };
 "/v1/me/duplicate-case/proof": {
  /** @description Prove that I am signed in to this account */
  post: operations["proveSignIn"];
 };
 "/v1/me/emails": {
  /** @description Add an email address */
  post: operations["addEmail"];
 };
 "/v1/me/emails/{email}": {
  /** @description Remove an address */
  delete: operations["removeEmail"];
 };
 "/v1/me/emails/{email}/primary": {
  /** @description Make a proven address the primary one */
  put: operations["makeEmailPrimary"];
 };
 "/v1/me/emails/{email}/verify": {
  /** @description Prove an added address */
  post: operations["verifyOwnEmail"];
 };
 "/v1/me/enforcement": {
  /** @description What was decided about me */
  get: operations["listOwnEnforcement"];
 };
 "/v1/me/export": {
  /** @description All data about oneself */
  get: operations["exportPersonalData"];
 };
 "/v1/me/identity-verification": {
  /** @description The latest verification of my identity */
  get: operations["getOwnIdentityVerification"];
  /** @description Start the verification of my identity */
  post: operations["startIdentityVerification"];
 };
 "/v1/me/invitation-preferences": {
  /** @description Which of the own addresses may be invited */
  get: operations["listInvitationPreferences"];
 };
 "/v1/me/invitations": {
  /** @description Invitations that wait for an answer */
  get: operations["listOwnInvitations"];
 };
 "/v1/me/join-requests": {
  /** @description Own requests to join */
  get: operations["listOwnJoinRequests"];
 };
 "/v1/me/joinable-companies": {
  /** @description Companies that the person may join */
  get: operations["listJoinableCompanies"];
 };
 "/v1/me/password": {
  /** @description Change the password */
  put: operations["changePassword"];
 };
 "/v1/me/profiles/freelancer": {
  /** @description Own freelancer profile */
  get: operations["getFreelancerProfile"];
  /** @description Become a freelancer */
  post: operations["createFreelancerProfile"];
  /** @description Close the freelancer profile */
  delete: operations["closeFreelancerProfile"];
  /** @description Change the freelancer profile */
  patch: operations["updateFreelancerProfile"];
 };
 "/v1/me/profiles/freelancer/specialised": {
  /** @description Add a specialised profile */
  post: operations["addSpecialisedProfile"];
 };
 "/v1/me/profiles/freelancer/specialised/{place}": {
  /** @description Remove a specialised profile */
  delete: operations["removeSpecialisedProfile"];
  /** @description Change a specialised profile */
  patch: operations["updateSpecialisedProfile"];
 };
 "/v1/me/reauthentication": {
  /** @description Prove again that it is you */
  post: operations["reauthenticate"];
 };
 "/v1/me/recovery-codes": {
  /** @description Replace the recovery codes */
  post: operations["replaceRecoveryCodes"];
 };
 "/v1/me/sessions": {
  /** @description Live sessions */
  get: operations["listSessions"];
  /** @description Sign out everywhere else */
  delete: operations["endOtherSessions"];
 };
 "/v1/me/sessions/{sessionId}": {
  /** @description End one session */
  delete: operations["endSession"];
 };
 "/v1/me/totp": {
  /** @description Begin to set up an authenticator app */
  post: operations["startTotp"];
  /** @description Remove the second factor */
  delete: operations["removeTotp"];
 };
 "/v1/me/totp/confirmation": {
  /** @description Confirm the authenticator app */
  post: operations["confirmTotp"];
 };
 "/v1/oauth/token": {
  /** @description Token for a service, an operator, or to act for a member */
  post: operations["grantClientToken"];
 };
 "/v1/password-resets": {
  /** @description Ask for a password reset */
  post: operations["requestPasswordReset"];
 };
 "/v1/password-resets/confirm": {
  /** @description Set a new password by mail */
  post: operations["resetPassword"];
 };
 "/v1/permissions": {
  /** @description All permissions and reasons */
  get: operations["listPermissions"];
 };
 "/v1/proposals/{proposalId}": {
  /** @description Tell the state of a proposal */
  put: operations["putProposal"];
 };
 "/v1/reactivations": {
  /** @description Ask to open a closed account again */
  post: operations["requestReactivation"];
 };
 "/v1/reactivations/confirm": {
  /** @description Open a closed account again */
  post: operations["confirmReactivation"];
 };
 "/v1/service-clients": {
  /** @description Make a service client */
  post: operations["createServiceClient"];
 };
 "/v1/sessions": {
  /** @description Sign in */
  post: operations["signIn"];
 };
 "/v1/sessions/refresh": {
  /** @description Get a new access token */
  post: operations["refreshSession"];
 };
}
export type webhooks = Record<string, never>;
export interface components {
 schemas: {
  Accepted: {
   /** @constant */
   status: "accepted";
  };
  /** @description The permission. */
  AccessAction: {
   name: string;
   /** @description Ignored: what decides is here. */
   properties?: Record<string, never>;
  };
  AccessAnswerContext: {
   /** @description Stable; `GET /v1/permissions` lists them. */
   reason: string;
   /** @description What allows it. */
   grants: {
    role: string;
    teamId?: string;
   }[];
   /** @description What would be needed. */
   missing: string[];
   /** @description Of the state that this answer is from. */
   consistencyToken?: string;
   explanation?: components["schemas"]["AccessExplanation"];
   /** @description What is wrong with this question of a batch. */
   error?: {
    status: number;
    code: string;
    message: string;
   };
  };
  AccessContext: {
   /** @description `full`, or a `Consistency-Token` that the answer must be no older than. */
   consistency?: string;
   /** @description Who acts for the subject (account id), through which agency: decided for the member, as far as it can be delegated. */
   delegation?: {
    actor: string;
    agency: string;
   };
   /** @description With `offer.send`: the `account` or `agency` that the offer goes to. */
   counterparty?: {
    type: string;
    id: string;
   };
   /** @description Say how a denied person could be allowed. */
   explain?: boolean;
  };
  AccessDecision: {
   decision: boolean;
   context: components["schemas"]["AccessAnswerContext"];
  };
  AccessDecisions: {
   evaluations: components["schemas"]["AccessDecision"][];
  };
  AccessExplanation: {
   /** @description The nearest way to be allowed; null where there is none. */
   way: string | null;
   description: string | null;
   /** @description Each would be enough; the least first. */
   roles: {
    role: string;
    teamId?: string;
   }[];
   /** @description The permission of whoever can help. */
   by: string | null;
   /** @description For services: accounts of some who can. */
   people?: string[];
   /** @description There are more: search for subjects with the permission `by`. */
   morePeople: boolean;
  };
  AccessMetadata: {
   policy_decision_point: string;
   access_evaluation_endpoint: string;
   access_evaluations_endpoint: string;
   search_subject_endpoint: string;
   search_resource_endpoint: string;
   search_action_endpoint: string;
  };
  /** @description `company`, `agency`, `team`, `contract`, `conversation` or `account`, with its id. */
  AccessResource: {
   type: string;
   id: string;
   /** @description Ignored: what decides is here. */
   properties?: Record<string, never>;
  };
  AccessResourceType: {
   type: string;
   id?: string;
   /** @description Ignored: what decides is here. */
   properties?: Record<string, never>;
  };
  /** @description The person: `account` with an account id. */
  AccessSubject: {
   type: string;
   id: string;
   /** @description Ignored: what decides is here. */
   properties?: Record<string, never>;
  };
  AccessSubjectType: {
   type: string;
   id?: string;
   /** @description Ignored: what decides is here. */
   properties?: Record<string, never>;
  };
  Account: {
   /** @description TypeID with the prefix `account`. */
   id: string;
   /** @enum {string} */
   status: "pending_email" | "active" | "closed" | "anonymised";
   firstName: string;
   lastName: string;
   countryCode: string;
   /** @enum {string} */
   intent: "client" | "freelancer";
   locale: string;
   /** @enum {string} */
   enforcement: "none" | "notice" | "warning" | "restricted" | "suspended" | "banned";
   /** @description Whether signing in needs a second factor. */
   secondFactor: boolean;
   emails: components["schemas"]["Email"][];
   /** Format: date-time */
   createdAt: string;
  };
  AccountChanges: {
   firstName?: string;
   lastName?: string;
   /** @description Country of residence, ISO 3166-1 alpha-2. */
   countryCode?: string;
   /** @description Language of mails, BCP 47. */
   locale?: string;
  };
  AccountClosure: {
   /** @description All that stands in the way (K-8). Empty when the account can be closed. */
   blockers: components["schemas"]["Blocker"][];
   effects: components["schemas"]["AccountClosureEffects"];
  };
  AccountClosureEffects: {
   /** @description Owned organizations without other members: they close with the account. */
   organizations: {
    /** @description TypeID with the prefix `company` or `agency`. */
    id: string;
    name: string;
   }[];
   /** @description Memberships that end; they do not come back with the account. */
   memberships: {
    /** @description TypeID with the prefix `company` or `agency`. */
    id: string;
    name: string;
    memberId: string;
   }[];
   /** @description Whether there is a freelancer profile that closes. */
   freelancerProfile: boolean;
  };
  AccountClosurePreview: {
   /** @description All that stands in the way (K-8). Empty when the account can be closed. */
   blockers: components["schemas"]["Blocker"][];
   effects: components["schemas"]["AccountClosureEffects"];
   /** @constant */
   dryRun: true;
  };
  ActionSearch: {
   subject: components["schemas"]["AccessSubject"];
   resource: components["schemas"]["AccessResource"];
   context?: components["schemas"]["AccessContext"];
   page?: {
    /** @description `next_token` of the page before. */
    token?: string;
    /** @description Most results of one page; never more than 100. */
    limit?: number;
    /** @description Ignored: what decides is here. */
    properties?: Record<string, never>;
   };
  };
  Affiliation: {
   /**
    * @description Exclusive work waits for the yes of the member; releasing is at once.
    * @enum {string}
    */
   affiliation: "exclusive" | "non_exclusive";
  };
  AffiliationPreview: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  Agency: {
   /** @description TypeID with the prefix `agency`. */
   id: string;
   name: string;
   tagline: string | null;
   description: string | null;
   skills: string[];
   countryCode: string | null;
   website: string | null;
   logoUrl: string | null;
   /** @enum {string} */
   plan: "basic" | "plus" | "business" | "enterprise";
   /** @enum {string} */
   status: "active" | "suspended" | "closed";
   enforcement: string;
   ownerAccountId: string;
   defaultTeamId: string;
   securityPolicy: components["schemas"]["SecurityPolicy"];
   /** Format: date-time */
   createdAt: string;
  };
  AgencyChanges: {
   name?: string;
   tagline?: string | null;
   description?: string | null;
   skills?: string[] | null;
   countryCode?: string | null;
   website?: string | null;
   logoUrl?: string | null;
   securityPolicy?: components["schemas"]["SecurityPolicy"];
  };
  AgencyClosure: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  AgencyInput: {
   name: string;
   tagline?: string | null;
   description?: string | null;
   skills?: string[] | null;
   countryCode?: string | null;
   website?: string | null;
   logoUrl?: string | null;
  };
  AgencyInvitationChanges: {
   grants?: components["schemas"]["Grant"][];
   message?: string | null;
   /**
    * @description In agencies: how the person will work through it. `exclusive` needs `affiliation.propose`.
    * @enum {string}
    */
   affiliation?: "non_exclusive" | "exclusive";
  };
  AgencyInvitationInput: {
   /** @description An email address as its owner writes it. */
   email: string;
   /** @description Roles; a grant without `teamId` is for the whole agency. None: `freelancer` in the default team (N-2). */
   grants?: components["schemas"]["Grant"][];
   /** @description Shown in the mail as text of the inviter. Nothing in it becomes a link. */
   message?: string;
   /** @description Days until it ends. */
   expiresInDays?: number;
   /** @description Language of the mail. The inviter's own unless given. */
   locale?: string;
   /**
    * @description In agencies: how the person will work through it. `exclusive` needs `affiliation.propose`.
    * @enum {string}
    */
   affiliation?: "non_exclusive" | "exclusive";
  };
  AgencyInvitations: {
   invitations?: components["schemas"]["AgencyInvitationInput"][];
   /** @description The table as text, instead of `invitations`. */
   csv?: string;
  };
  AgencyPlan: {
   /** @enum {string} */
   plan: "basic" | "plus";
  };
  AnonymisationProposal: {
   /** @description Kept with the audit. */
   reason: string;
  };
  AnonymisationRequest: {
   /** @description Of the reactivation mail, for an account that is closed already. Without it the caller is signed in. */
   token?: string;
  };
  Appeal: {
   /** @description TypeID with the prefix `appeal`. */
   id: string;
   actionId: string;
   subject: components["schemas"]["EnforcementSubject"];
   /** @enum {string} */
   status: "submitted" | "in_review" | "more_info" | "granted" | "denied";
   /** Format: date-time */
   createdAt: string;
   decidedAt: string | null;
   /** @description Who made it. For operators only. */
   appellantAccountId?: string;
   /** @description For operators only. */
   decidedBy?: string | null;
   /** @description What was said, in order. */
   messages: components["schemas"]["AppealMessage"][];
  };
  AppealAnswer: {
   /** @description The answer to what was asked. */
   text: string;
  };
  AppealDecision: {
   /**
    * @description The next step: taken into review, a question, or the end.
    * @enum {string}
    */
   decision: "in_review" | "more_info" | "granted" | "denied";
   /** @description For the person: the question, or the reasons. Needed but for `in_review`, which takes none. */
   text?: string;
  };
  AppealInput: {
   /** @description Against which action; the hardest in force on the account otherwise. */
   actionId?: string;
   /** @description Why the decision is wrong, or what was put right. */
   statement: string;
  };
  AppealMessage: {
   /** @enum {string} */
   author: "person" | "operator";
   /** @description For operators only. */
   operatorId?: string | null;
   text: string;
   /** Format: date-time */
   createdAt: string;
  };
  AuditEntry: {
   id: string;
   /** Format: date-time */
   at: string;
   actor: {
    kind: string;
    id: string | null;
   };
   action: string;
   resource: string;
   requestId: string | null;
   /** @description State before; null where there was none. */
   before: {
    [key: string]: unknown;
   } | null;
   /** @description State after; null where there is none. */
   after: {
    [key: string]: unknown;
   } | null;
   detail: {
    [key: string]: unknown;
   };
   /** @description Names and words as they were; null once they were erased. */
   personal: {
    [key: string]: unknown;
   } | null;
  };
  Blocker: {
   /** @description Why it blocks; programs decide by it. */
   code: string;
   /** @description Id of what blocks. */
   resource: string;
   /** @description What to call it before people. */
   label: string;
   /** @description The call that clears it, or the service that can. */
   resolve: {
    method: string;
    /** @description Path of this API, with what is known already filled in. */
    href: string;
    /** @description `If-Match` of the call, where it needs one: the version that was decided on. */
    ifMatch?: string;
    /** @description Body of the call. `<…>` stands for what the caller chooses. */
    body?: {
     [key: string]: unknown;
    };
   } | {
    /** @description The service that owns the cure. */
    service: string;
   };
  };
  ClientToken: {
   access_token: string;
   /** @constant */
   token_type: "Bearer";
   expires_in: number;
   scope: string;
   /** @description Of a token exchange. */
   issued_token_type?: string;
  };
  ClosedAccount: {
   /**
    * @description The account is closed, and all its sessions have ended.
    * @constant
    */
   status: "closed";
   effects: components["schemas"]["AccountClosureEffects"];
  };
  Closure: {
   /** @description Kept with the audit. */
   reason?: string;
  };
  CloudEvent: {
   /** @constant */
   specversion: "1.0";
   /** @description The same however often it is handed out: whoever remembers it deals with each event once. */
   id: string;
   /** @description Public URL of this service. */
   source: string;
   /** @description Noun and participle. */
   type: string;
   /** @description Id of what was changed. */
   subject: string;
   /**
    * Format: date-time
    * @description When the change began; the order is that of `sequence`.
    */
   time: string;
   /** @constant */
   datacontenttype: "application/json";
   /** @description Place in the feed, of fixed width: it sorts as text, and `after` takes it. */
   sequence: string;
   /** @description Company or agency, where it belongs to one. */
   organizationid?: string;
   /** @description `account`, `service`, `operator`, `anonymous` or `system`. */
   actorkind: string;
   /** @description Who did it, where it was somebody. */
   actorid?: string;
   data: {
    /** @description State before; null where there was none. */
    before: {
     [key: string]: unknown;
    } | null;
    /** @description State after; null where there is none. */
    after: {
     [key: string]: unknown;
    } | null;
   };
  };
  Company: {
   /** @description TypeID with the prefix `company`. */
   id: string;
   displayName: string;
   legalName: string | null;
   website: string | null;
   size: string | null;
   countryCode: string | null;
   vatNumber: string | null;
   timeZone: string | null;
   logoUrl: string | null;
   /** @enum {string} */
   plan: "basic" | "plus" | "business" | "enterprise";
   /** @enum {string} */
   status: "active" | "suspended" | "closed";
   enforcement: string;
   ownerAccountId: string;
   defaultTeamId: string;
   securityPolicy: components["schemas"]["SecurityPolicy"];
   /** Format: date-time */
   createdAt: string;
  };
  CompanyChanges: {
   /** @description What people call it. */
   displayName?: string;
   legalName?: string | null;
   website?: string | null;
   size?: ("1" | "2-9" | "10-49" | "50-249" | "250-999" | "1000+") | null;
   countryCode?: string | null;
   vatNumber?: string | null;
   timeZone?: string | null;
   logoUrl?: string | null;
   securityPolicy?: components["schemas"]["SecurityPolicy"];
  };
  CompanyClosure: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  CompanyInput: {
   /** @description What people call it. */
   displayName: string;
   legalName?: string | null;
   website?: string | null;
   size?: ("1" | "2-9" | "10-49" | "50-249" | "250-999" | "1000+") | null;
   countryCode?: string | null;
   vatNumber?: string | null;
   timeZone?: string | null;
   logoUrl?: string | null;
  };
  CompanyPlan: {
   /** @enum {string} */
   plan: "basic" | "plus" | "business" | "enterprise";
  };
  ConflictAnswer: {
   /** @description They share a person. */
   conflict: boolean;
  };
  ConflictQuestion: {
   /** @description The two that are asked about. */
   parties: {
    /** @enum {string} */
    type: "account" | "company" | "agency";
    /** @description TypeID; one that is not known shares nobody. */
    id: string;
   }[];
  };
  ContactChange: {
   /** @description The new contact. */
   memberId: string;
  };
  Context: {
   /** @enum {string} */
   kind: "freelancer" | "company" | "agency";
   /** @description The company or agency; null for the freelancer's own capacity. */
   id: string | null;
   title: string;
   logoUrl: string | null;
   status: string;
   enforcement: string;
   memberId: string | null;
   membershipStatus: ("active" | "suspended") | null;
   affiliation: ("non_exclusive" | "exclusive_pending" | "exclusive") | null;
   /** @description The owner first. Without `teamId`: for all of it. */
   roles: {
    role: string;
    teamId?: string;
   }[];
   teams: {
    id: string;
    name: string;
   }[];
   /** @description An offer of ownership waits for the person's answer. */
   offeredOwnership: boolean;
  };
  Contexts: {
   items: components["schemas"]["Context"][];
  };
  Contract: {
   id: string;
   version: number;
   companyId: string;
   teamId: string;
   contactAccountId: string;
   /** @description While the contract is active. */
   contactMemberId: string | null;
   contactRevision: number;
   freelancerAccountId: string;
   agencyId: string | null;
   businessManagerAccountId: string | null;
   /** @enum {string} */
   status: "active" | "closed";
  };
  ContractApplied: {
   /** @description False when a newer version is known: nothing was changed. */
   applied: boolean;
   contract: components["schemas"]["Contract"];
  };
  ContractUpdate: {
   /** @description Rises with every change; what is older than known is not applied. */
   version: number;
   companyId: string;
   teamId: string;
   /** @description The contact person; of a known contract changed only together with `contactRevision` (K-5). */
   contactAccountId: string;
   /** @description Revision of the contact that the sender has seen. */
   contactRevision?: number;
   freelancerAccountId: string;
   agencyId?: string;
   businessManagerAccountId?: string;
   /** @enum {string} */
   status: "active" | "closed";
  };
  Conversation: {
   id: string;
   version: number;
   companyId: string;
   teamId: string | null;
   /** @enum {string} */
   status: "open" | "closed";
   participants: {
    accountId: string;
    memberId: string | null;
    level: ("recruiter" | "hiring_manager" | "full") | null;
   }[];
   participantsRevision: number;
  };
  ConversationApplied: {
   /** @description False when a newer version is known: nothing was changed. */
   applied: boolean;
   conversation: components["schemas"]["Conversation"];
  };
  ConversationUpdate: {
   /** @description Rises with every change; what is older than known is not applied. */
   version: number;
   companyId: string;
   teamId?: string;
   /** @enum {string} */
   status: "open" | "closed";
   /** @description Revision of the participants that the sender has seen; those of a known conversation change only with it. */
   participantsRevision?: number;
   participants: {
    accountId: string;
    /**
     * @description Of coworkers: members of the company. Whoever the company talks with has none.
     * @enum {string}
     */
    level?: "recruiter" | "hiring_manager" | "full";
   }[];
  };
  ConversationView: {
   id: string;
   companyId: string;
   /** @description Shown to the company's own people. */
   teamId: string | null;
   /** @enum {string} */
   status: "open" | "closed";
   participants: components["schemas"]["Participant"][];
   participantsRevision: number;
   /** @description Coworkers who are invited and take part once they accept; shown to the company's own people. */
   pending: {
    invitationId: string;
    email: string;
    /**
     * @description `full` is above `hiring_manager`, and that above `recruiter` (H-1).
     * @enum {string}
     */
    level: "recruiter" | "hiring_manager" | "full";
   }[];
  };
  CoworkerInput: {
   /** @description A member of the company. */
   memberId?: string;
   /** @description Or an address: of a member, or of somebody who is invited with it (H-2). */
   email?: string;
   /**
    * @description No higher than one's own.
    * @enum {string}
    */
   level: "recruiter" | "hiring_manager" | "full";
   /** @description Of the invitation, where one is made. */
   message?: string;
   /** @description Of the invitation, where one is made. */
   locale?: string;
  };
  /** @description The person takes part once they accept. */
  CoworkerInvited: {
   /** @constant */
   outcome: "invited";
   invitationId: string;
  };
  Domain: {
   id: string;
   /** @description Lower-case A-labels; only addresses at exactly this domain count (D-4). */
   domain: string;
   /**
    * @description `lost`: another company has proven that it owns the domain.
    * @enum {string}
    */
   status: "added" | "verified" | "lost";
   /** @enum {string} */
   mode: "off" | "suggest" | "request" | "automatic";
   /** @enum {string} */
   defaultRole: "recruiter" | "hiring_manager";
   /** @description Whoever joins gets the default role in those that are shown; without any in the default team. While all are hidden they become `member` there. */
   teams: {
    id: string;
    name: string;
   }[];
   proofs: {
    /** @description Somebody who runs the company has a proven address there. */
    affiliation: string | null;
    /** @description The DNS record was seen. Without it `automatic` becomes `suggest`. */
    ownership: string | null;
   };
   /** @description The DNS TXT record that proves ownership. */
   challenge: {
    recordName: string;
    recordValue: string;
    /** @description Null once the record was seen: it has to stay, and is looked at every day. */
    expiresAt: string | null;
   };
   /** @description The proof was lost: nobody joins by the domain until it is proven again (D-8). */
   paused: boolean;
   /** @description Another company lost it lately and may contest until then: nobody joins before. */
   heldUntil: string | null;
   /** @description Of a lost domain: until when it can be contested. */
   contestUntil: string | null;
  };
  DomainChanges: {
   /**
    * @description `suggest` offers joining, `request` takes an admin, `automatic` joins at registration and needs ownership (D-5).
    * @enum {string}
    */
   mode?: "off" | "suggest" | "request" | "automatic";
   /** @description `recruiter` or `hiring_manager` (D-6). */
   defaultRole?: string;
   /** @description All teams that whoever joins is put into; none for the default team. */
   teamIds?: string[];
  };
  DomainInput: {
   /** @description As in addresses: `okafor.example`, also in its own script. */
   domain: string;
  };
  DomainPreview: {
   /** @constant */
   dryRun: true;
   /** @description People with an account and an address at the domain who could come; 0 while it is not verified. */
   matching: number;
  };
  DomainProof: {
   /** @enum {string} */
   proof: "affiliation" | "dns";
  };
  DuplicateCase: {
   id: string;
   /** @description The older account first. */
   accountIds: string[];
   /** @description The one that was registered later: the only one that anything follows for by itself. */
   newerAccountId: string;
   /**
    * @description `circumvention`: one of the two is suspended or banned (P-8).
    * @enum {string}
    */
   kind: "ordinary" | "circumvention";
   /** @enum {string} */
   status: "open" | "awaiting_choice" | "kept" | "not_duplicate" | "exception" | "circumvention";
   /**
    * @description Strong evidence, the score of weak evidence, or the person themselves.
    * @enum {string}
    */
   origin: "strong" | "score" | "reported";
   /** @description What both accounts hold. */
   evidenceKinds: ("government_id" | "tax_id" | "phone" | "payout_account" | "mailbox" | "email" | "device" | "ip" | "address" | "name_birth_date")[];
   /** @description Points of weak evidence (P-6). */
   score: number;
   /** @description The account that the person kept. */
   keptAccountId: string | null;
   /** @description `system` where a rule did. */
   decidedBy: {
    kind: string;
    id: string | null;
   } | null;
   decisionReason: string | null;
   /** Format: date-time */
   createdAt: string;
   decidedAt: string | null;
  };
  DuplicateCaseDecision: {
   /**
    * @description What the case turned out to be.
    * @enum {string}
    */
   decision: "same_person" | "not_duplicate" | "exception" | "circumvention";
   /** @description For operators, kept with the case. */
   reason: string;
  };
  DuplicateCaseFile: {
   id: string;
   /** @description The older account first. */
   accountIds: string[];
   /** @description The one that was registered later: the only one that anything follows for by itself. */
   newerAccountId: string;
   /**
    * @description `circumvention`: one of the two is suspended or banned (P-8).
    * @enum {string}
    */
   kind: "ordinary" | "circumvention";
   /** @enum {string} */
   status: "open" | "awaiting_choice" | "kept" | "not_duplicate" | "exception" | "circumvention";
   /**
    * @description Strong evidence, the score of weak evidence, or the person themselves.
    * @enum {string}
    */
   origin: "strong" | "score" | "reported";
   /** @description What both accounts hold. */
   evidenceKinds: ("government_id" | "tax_id" | "phone" | "payout_account" | "mailbox" | "email" | "device" | "ip" | "address" | "name_birth_date")[];
   /** @description Points of weak evidence (P-6). */
   score: number;
   /** @description The account that the person kept. */
   keptAccountId: string | null;
   /** @description `system` where a rule did. */
   decidedBy: {
    kind: string;
    id: string | null;
   } | null;
   decisionReason: string | null;
   /** Format: date-time */
   createdAt: string;
   decidedAt: string | null;
   accounts: {
    id: string;
    /** @enum {string} */
    status: "pending_email" | "active" | "closed" | "anonymised";
    /** @enum {string} */
    enforcement: "none" | "notice" | "warning" | "restricted" | "suspended" | "banned";
    firstName: string;
    lastName: string;
    /** Format: date-time */
    createdAt: string;
   }[];
   /** @description Kinds and dates, never values; shared and strong pieces first, at most 200. */
   evidence: {
    accountId: string;
    /** @enum {string} */
    kind: "government_id" | "tax_id" | "phone" | "payout_account" | "mailbox" | "email" | "device" | "ip" | "address" | "name_birth_date";
    /** @enum {string} */
    source: "verification" | "email" | "session";
    strong: boolean;
    verified: boolean;
    /** @description The other account holds the same. */
    shared: boolean;
    country: string | null;
    documentType: string | null;
    /** Format: date-time */
    recordedAt: string;
   }[];
   /** @description What the case has caused. */
   actions: {
    id: string;
    accountId: string;
    /** @enum {string} */
    kind: "notice" | "warning" | "restricted" | "suspended" | "banned";
    /** @enum {string} */
    status: "proposed" | "active" | "pending" | "ended" | "lifted" | "withdrawn";
    reasonCode: string;
    /** Format: date-time */
    startsAt: string;
    liftedAt: string | null;
   }[];
   verifications: components["schemas"]["IdentityVerificationFile"][];
  };
  DuplicateCaseOutcome: {
   id: string;
   /** @enum {string} */
   kind: "ordinary" | "circumvention";
   /** @enum {string} */
   status: "open" | "awaiting_choice" | "kept" | "not_duplicate" | "exception" | "circumvention";
   /** @description Which account stays; null while that is not chosen. */
   kept: ("this" | "other") | null;
  };
  DuplicateChoice: {
   /**
    * @description Closes the account that is signed in.
    * @constant
    */
   giveUp?: "this";
   /**
    * @description Keeps the account that is signed in and closes the other; needs `proof`.
    * @constant
    */
   keep?: "this";
   /** @description Made by `POST /v1/me/duplicate-case/proof` while signed in to the other account. */
   proof?: string;
  };
  DuplicateException: {
   accountIds: string[];
   /** @description The case of this pair, if there ever was one. */
   case: components["schemas"]["DuplicateCase"] | null;
  };
  DuplicateExceptionInput: {
   /** @description The two accounts that may be alike. */
   accountIds: string[];
   /** @description For operators, kept with the exception. */
   reason: string;
  };
  Email: {
   address: string;
   primary: boolean;
   verified: boolean;
  };
  EmailOnly: {
   /** @description An email address as its owner writes it. */
   email: string;
  };
  EmailRemoval: {
   /** @constant */
   dryRun: true;
   removed: string;
  };
  EmailVerification: {
   /** @description The token out of the link that was mailed. */
   token: string;
   /**
    * @description `cookie` sends the refresh token as an HttpOnly `__Host-` cookie and leaves it out of the body: for browsers.
    * @enum {string}
    */
   refreshTransport?: "body" | "cookie";
  };
  EmailVerified: {
   account: components["schemas"]["Account"];
   session: components["schemas"]["Tokens"];
   joinableCompanies: components["schemas"]["JoinableCompany"][];
   /** @description The company that the person is a member of by their address now (D-5). */
   joined: {
    companyId: string;
    memberId: string;
    name: string;
   } | null;
  };
  EmptyBody: Record<string, never>;
  EndedSessions: {
   /** @description Sessions that were live. */
   ended: number;
  };
  EnforcementAction: {
   /** @description TypeID with the prefix `action`. */
   id: string;
   subject: components["schemas"]["EnforcementSubject"];
   /** @enum {string} */
   kind: "notice" | "warning" | "restricted" | "suspended" | "banned";
   /**
    * @description `proposed`: a ban that nobody approved yet; `pending`: begins later; `ended`: its time is over; `withdrawn`: was never in force.
    * @enum {string}
    */
   status: "proposed" | "pending" | "active" | "ended" | "lifted" | "withdrawn";
   /** @enum {string} */
   reasonCode: "identity_unclear" | "identity_unverified" | "duplicate_account" | "ban_evasion" | "account_sharing" | "account_compromised" | "false_information" | "payment_fraud" | "off_platform_payment" | "unpaid_invoices" | "spam" | "harassment" | "prohibited_work" | "fake_feedback" | "underage" | "sanctions" | "legal_order" | "terms_violation";
   /** @description The clause of the terms that it rests on. */
   policy: string;
   remedy: string;
   note: string | null;
   imposedBy: components["schemas"]["Imposer"];
   /** @description The second operator of a ban. */
   approvedBy: string | null;
   /** Format: date-time */
   startsAt: string;
   endsAt: string | null;
   liftedAt: string | null;
   liftReason: ("remedy" | "appeal" | "operator" | "case") | null;
   /** @description The duplicate case that caused it. */
   caseId: string | null;
   /** @description The identity verification that it waits for. */
   verificationId: string | null;
   /** Format: date-time */
   createdAt: string;
  };
  EnforcementReason: {
   /** @enum {string} */
   code: "identity_unclear" | "identity_unverified" | "duplicate_account" | "ban_evasion" | "account_sharing" | "account_compromised" | "false_information" | "payment_fraud" | "off_platform_payment" | "unpaid_invoices" | "spam" | "harassment" | "prohibited_work" | "fake_feedback" | "underage" | "sanctions" | "legal_order" | "terms_violation";
   title: string;
   /** @description The clause that it rests on unless a decision names another. */
   policy: string;
   /** @description What the person can do unless a decision says something else. */
   remedy: string;
  };
  EnforcementReasons: {
   items: components["schemas"]["EnforcementReason"][];
  };
  EnforcementSubject: {
   /** @enum {string} */
   kind: "account" | "company" | "agency";
   /** @description TypeID of the account or organization. */
   id: string;
  };
  Erasure: {
   /** @description TypeID with the prefix `erasure`. */
   id: string;
   accountId: string;
   /**
    * @description `proposed` by an operator; `scheduled`: asked for by the person, and waiting for its time.
    * @enum {string}
    */
   status: "proposed" | "scheduled" | "done" | "cancelled";
   /** @enum {string} */
   requestedBy: "account" | "operator";
   /** @description The account or the operator. */
   requestedById: string;
   /** @description Of the own request of a person. */
   dueAt: string | null;
   /** @description The second operator. */
   approvedById: string | null;
   /** Format: date-time */
   createdAt: string;
   endedAt: string | null;
  };
  Evaluation: {
   subject: components["schemas"]["AccessSubject"];
   action: components["schemas"]["AccessAction"];
   resource: components["schemas"]["AccessResource"];
   context?: components["schemas"]["AccessContext"];
  };
  Evaluations: {
   subject?: {
    type?: string;
    id?: string;
    /** @description Ignored: what decides is here. */
    properties?: Record<string, never>;
   };
   action?: {
    name?: string;
    /** @description Ignored: what decides is here. */
    properties?: Record<string, never>;
   };
   resource?: {
    type?: string;
    id?: string;
    /** @description Ignored: what decides is here. */
    properties?: Record<string, never>;
   };
   context?: components["schemas"]["AccessContext"];
   options?: {
    /** @enum {string} */
    evaluations_semantic?: "execute_all" | "deny_on_first_deny" | "permit_on_first_permit";
   };
   /** @description Each a question; what it leaves out is taken from above. Without any, the whole is one question. */
   evaluations?: Record<string, never>[];
  };
  EventPage: {
   items: components["schemas"]["CloudEvent"][];
   /** @description Where to go on. It is there on an empty page too, and may be ahead of the last item. */
   nextCursor: string;
   /** @description Whether the next page can be had at once, also after an empty one. If not, ask again in a while. */
   more: boolean;
  };
  EvidenceInput: {
   /**
    * @description What it is. Government id, personal tax id, phone and payout account are strong once they are verified.
    * @enum {string}
    */
   kind: "government_id" | "tax_id" | "phone" | "payout_account" | "device" | "ip" | "address" | "name_birth_date";
   /** @description The number, address, name or fingerprint of a device as it was given; how it is written makes no difference. Neither kept nor logged: only keyed hashes are. */
   value: string;
   /** @description Country that issued it, or that the address is in (ISO 3166-1 alpha-2): with `government_id`, `tax_id` and `address`; with `phone` for a national number. */
   country?: string;
   /**
    * @description With `government_id`.
    * @enum {string}
    */
   documentType?: "passport" | "national_id" | "driving_licence" | "residence_permit";
   /**
    * Format: date
    * @description With `name_birth_date`, whose value is the name.
    */
   birthDate?: string;
   /** @description It was proven, by a document or a code. What is not reserves nothing and has no effect. */
   verified: boolean;
  };
  ForcedTransfer: {
   /** @description TypeID of a member. */
   memberId: string;
   /** @description What proves that the owner is gone; kept with the audit. */
   evidence: string;
  };
  FoundActions: {
   results: {
    name: string;
   }[];
   page: {
    /** @description Empty on the last page. */
    next_token: string;
    count: number;
   };
  };
  FoundResources: {
   results: {
    type: string;
    id: string;
   }[];
   page: {
    /** @description Empty on the last page. */
    next_token: string;
    count: number;
   };
  };
  FoundSubjects: {
   results: {
    type: string;
    id: string;
   }[];
   page: {
    /** @description Empty on the last page. */
    next_token: string;
    count: number;
   };
  };
  FreelancerProfile: {
   /** @description TypeID with the prefix `account`. */
   accountId: string;
   /** @enum {string} */
   status: "active" | "closed";
   title: string;
   overview: string;
   hourlyRate: components["schemas"]["HourlyRate"] | null;
   /** @enum {string} */
   visibility: "public" | "marketplace" | "private";
   skills: string[];
   specialised: components["schemas"]["SpecialisedProfile"][];
   /** Format: date-time */
   createdAt: string;
  };
  FreelancerProfileChanges: {
   title?: string;
   /** @description Text of several lines. */
   overview?: string;
   hourlyRate?: {
    /** @description For an hour, in the smallest unit of the currency. */
    amount: number;
    /** @description ISO 4217. */
    currency: string;
   } | null;
   skills?: string[];
   /**
    * @description Who finds the profile: everybody, who is signed in to the marketplace, or nobody.
    * @enum {string}
    */
   visibility?: "public" | "marketplace" | "private";
  };
  FreelancerProfileInput: {
   title: string;
   /** @description Text of several lines. */
   overview: string;
   /** @default null */
   hourlyRate: {
    /** @description For an hour, in the smallest unit of the currency. */
    amount: number;
    /** @description ISO 4217. */
    currency: string;
   } | null;
   /** @default [] */
   skills: string[];
   /**
    * @description Who finds the profile: everybody, who is signed in to the marketplace, or nobody.
    * @default marketplace
    * @enum {string}
    */
   visibility: "public" | "marketplace" | "private";
  };
  Grant: {
   /** @description Key of a role. */
   role: string;
   /** @description Without it the grant is for the whole organization. */
   teamId?: string;
  };
  GrantedRole: {
   role: string;
   teamId?: string;
  };
  HourlyRate: {
   amount: number;
   currency: string;
  };
  IdentityVerification: {
   id: string;
   accountId: string;
   /** @enum {string} */
   status: "requested" | "submitted" | "verified" | "failed" | "cancelled";
   /** @description When the account is restricted. Null where there is no deadline, or while what was sent in is looked at and the clock stands still. */
   deadline: string | null;
   /** @description All that was wrong with the last try. */
   defects: ("document_unreadable" | "document_incomplete" | "document_expired" | "document_not_accepted" | "document_altered" | "name_differs" | "birth_date_differs" | "photo_differs" | "photo_missing")[];
   /** Format: date-time */
   createdAt: string;
   submittedAt: string | null;
   decidedAt: string | null;
  };
  IdentityVerificationFile: {
   id: string;
   accountId: string;
   /** @enum {string} */
   status: "requested" | "submitted" | "verified" | "failed" | "cancelled";
   /** @description When the account is restricted. Null where there is no deadline, or while what was sent in is looked at and the clock stands still. */
   deadline: string | null;
   /** @description All that was wrong with the last try. */
   defects: ("document_unreadable" | "document_incomplete" | "document_expired" | "document_not_accepted" | "document_altered" | "name_differs" | "birth_date_differs" | "photo_differs" | "photo_missing")[];
   /** Format: date-time */
   createdAt: string;
   submittedAt: string | null;
   decidedAt: string | null;
   /**
    * @description Who or what asked for it.
    * @enum {string}
    */
   origin: "operator" | "evidence" | "person";
   /** @description The duplicate case that asks for it. */
   caseId: string | null;
  };
  IdentityVerificationRequest: {
   /** @description Days until the account is restricted; as configured otherwise. */
   deadlineDays?: number;
   /** @description For operators, kept with the audit. */
   reason: string;
  };
  IdentityVerificationResult: {
   /**
    * @description What has become of it.
    * @enum {string}
    */
   outcome: "submitted" | "verified" | "failed";
   /** @description Which verification it is about, so that a late answer does not count for a newer one. The latest when absent. */
   verificationId?: string;
   /** @description With `failed`: everything that was wrong, at once. */
   defects?: ("document_unreadable" | "document_incomplete" | "document_expired" | "document_not_accepted" | "document_altered" | "name_differs" | "birth_date_differs" | "photo_differs" | "photo_missing")[];
  };
  /** @description An operator, a service, or the system itself. */
  Imposer: {
   kind: string;
   id: string | null;
  };
  Imposition: {
   /**
    * @description From the mildest to the hardest. A ban waits for the approval of a second operator.
    * @enum {string}
    */
   kind: "notice" | "warning" | "restricted" | "suspended" | "banned";
   /**
    * @description A code of `GET /v1/enforcement-reasons`; the person reads its words in their language.
    * @enum {string}
    */
   reasonCode: "identity_unclear" | "identity_unverified" | "duplicate_account" | "ban_evasion" | "account_sharing" | "account_compromised" | "false_information" | "payment_fraud" | "off_platform_payment" | "unpaid_invoices" | "spam" | "harassment" | "prohibited_work" | "fake_feedback" | "underage" | "sanctions" | "legal_order" | "terms_violation";
   /** @description The clause it rests on; that of the reason otherwise. */
   policy?: string;
   /** @description What the person can do, passed on as it is; the words of the reason otherwise. */
   remedy?: string;
   /** @description For operators only. */
   note?: string;
   /**
    * Format: date-time
    * @description When it ends by itself (E-5); without end otherwise. A ban has none.
    */
   until?: string;
  };
  Invitation: {
   id: string;
   email: string;
   /**
    * @description `expired`: pending past its time; it can be sent again.
    * @enum {string}
    */
   status: "pending" | "expired" | "accepted" | "declined" | "revoked" | "superseded";
   grants: components["schemas"]["GrantedRole"][];
   message: string | null;
   locale: string;
   affiliation: ("non_exclusive" | "exclusive") | null;
   inviter: {
    accountId: string;
    name: string;
   };
   /** @description What became of the last mail: on its way, taken by the mail server, or given up. Null once that is forgotten. */
   delivery: ("queued" | "sent" | "undelivered") | null;
   resends: number;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   sentAt: string;
   /** Format: date-time */
   expiresAt: string;
   endedAt: string | null;
   /** @description The account that accepted. */
   acceptedBy: string | null;
  };
  InvitationAcceptance: {
   /** @description The token out of the link. */
   token?: string;
   /** @description Signed in, instead of `token`: one of `GET /v1/me/invitations`. */
   invitationId?: string;
   registration?: components["schemas"]["InvitedRegistration"];
   /**
    * @description `cookie` sends the refresh token as an HttpOnly `__Host-` cookie and leaves it out of the body: for browsers.
    * @enum {string}
    */
   refreshTransport?: "body" | "cookie";
  };
  InvitationAccepted: {
   organization: {
    /** @enum {string} */
    kind: "company" | "agency";
    id: string;
    name: string;
   };
   memberId: string;
   /** @description With registration data: the account that was made. */
   account?: components["schemas"]["Account"];
   /** @description With registration data: a first sign-in. */
   session?: components["schemas"]["Tokens"];
  };
  InvitationChanges: {
   grants?: components["schemas"]["Grant"][];
   message?: string | null;
  };
  InvitationDeclined: {
   /** @constant */
   status: "declined";
  };
  InvitationInput: {
   /** @description An email address as its owner writes it. */
   email: string;
   /** @description Roles; a grant without `teamId` is for the whole company. None: `member` in the default team (N-2). */
   grants?: components["schemas"]["Grant"][];
   /** @description Shown in the mail as text of the inviter. Nothing in it becomes a link. */
   message?: string;
   /** @description Days until it ends. */
   expiresInDays?: number;
   /** @description Language of the mail. The inviter's own unless given. */
   locale?: string;
  };
  InvitationOutcomes: {
   invited: number;
   refused: number;
   items: {
    /** @description From 1, in the order they were sent; in CSV the header is not counted. */
    row: number;
    email: string;
    /** @enum {string} */
    outcome: "invited" | "refused";
    invitation?: components["schemas"]["Invited"];
    problem?: components["schemas"]["InvitationRefused"];
   }[];
  };
  InvitationPreference: {
   /** @description The token out of an invitation mail: for the address it was sent to. */
   token?: string;
   /** @description Signed in, instead of `token`: a proven address of the person. */
   email?: string;
   /** @description `true`: no more invitations are mailed to the address. Whoever invites it is not told. */
   doNotInvite: boolean;
  };
  InvitationPreferences: {
   items: {
    email: string;
    doNotInvite: boolean;
   }[];
  };
  InvitationPreferenceSet: {
   doNotInvite: boolean;
  };
  InvitationRefusal: {
   /** @description The token out of the link. */
   token?: string;
   /** @description Signed in, instead of `token`: one of `GET /v1/me/invitations`. */
   invitationId?: string;
  };
  InvitationRefused: {
   code: string;
   status: number;
   title: string;
   detail: string;
   retryAfter?: number;
   errors?: {
    pointer: string;
    message: string;
   }[];
   missingPermissions?: string[];
  };
  InvitationResend: {
   /** @description Days until it ends. */
   expiresInDays?: number;
  };
  Invitations: {
   invitations?: components["schemas"]["InvitationInput"][];
   /** @description The table as text, instead of `invitations`. */
   csv?: string;
  };
  Invited: {
   id: string;
   email: string;
   /**
    * @description `expired`: pending past its time; it can be sent again.
    * @enum {string}
    */
   status: "pending" | "expired" | "accepted" | "declined" | "revoked" | "superseded";
   grants: components["schemas"]["GrantedRole"][];
   message: string | null;
   locale: string;
   affiliation: ("non_exclusive" | "exclusive") | null;
   inviter: {
    accountId: string;
    name: string;
   };
   /** @description What became of the last mail: on its way, taken by the mail server, or given up. Null once that is forgotten. */
   delivery: ("queued" | "sent" | "undelivered") | null;
   resends: number;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   sentAt: string;
   /** Format: date-time */
   expiresAt: string;
   endedAt: string | null;
   /** @description The account that accepted. */
   acceptedBy: string | null;
   /** @description To be copied, shown this once. It opens the invitation, but unlike the link in the mail it proves no address. */
   link: string;
  };
  InvitedRegistration: {
   /**
    * Format: password
    * @description Taken exactly as it is, after NFC.
    */
   password: string;
   firstName: string;
   lastName: string;
   /** @description Country of residence, ISO 3166-1 alpha-2. */
   countryCode: string;
   /** @enum {string} */
   intent: "client" | "freelancer";
   /** @description Language of mails, BCP 47. */
   locale?: string;
   /** @description Makes a freelancer profile as well: an agency needs it of its freelancers (G-1). */
   freelancerProfile?: components["schemas"]["FreelancerProfileInput"];
  };
  JoinableCompanies: {
   items: components["schemas"]["JoinableCompany"][];
  };
  JoinableCompany: {
   id: string;
   name: string;
   logoUrl: string | null;
   /**
    * @description `request`: an admin decides.
    * @enum {string}
    */
   how: "join" | "request";
  };
  JoinedByLink: {
   memberId: string;
   companyId: string;
   name: string;
  };
  JoinedCompany: {
   /** @constant */
   outcome: "joined";
   memberId: string;
  };
  JoinInput: {
   /** @description For those who decide, where somebody does. */
   message?: string;
  };
  JoinLink: {
   id: string;
   /** @enum {string} */
   status: "live" | "revoked" | "expired" | "used_up";
   /** @description Only addresses at these; empty: at every verified domain of the company. */
   domains: string[];
   maxUses: number;
   uses: number;
   /** @description TypeID of the member who made it; null when they are none any more. */
   createdBy: string | null;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   expiresAt: string;
   revokedAt: string | null;
  };
  JoinLinkInput: {
   /** @default 7 */
   expiresInDays: number;
   /**
    * @description How many people it lets in.
    * @default 10
    */
   maxUses: number;
   /** @description Only addresses at these of the verified domains of the company; without it at any of them. */
   domainIds?: string[];
  };
  JoinLinkPreview: {
   company: {
    name: string;
    logoUrl: string | null;
   };
   /** Format: date-time */
   expiresAt: string;
  };
  JoinLinkToken: {
   /** @description The token out of the link. */
   token: string;
  };
  JoinLinkUse: {
   memberId: string;
   accountId: string;
   /** Format: date-time */
   at: string;
  };
  JoinRequest: {
   id: string;
   /** @enum {string} */
   status: "open" | "approved" | "refused" | "withdrawn" | "superseded" | "expired";
   /** @description The proven address by which the person asks. */
   email: string;
   message: string | null;
   /** @description Of a refusal. */
   reason: string | null;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   expiresAt: string;
   endedAt: string | null;
   accountId: string;
   firstName: string;
   lastName: string;
  };
  JoinRequestDecision: {
   /** @enum {string} */
   decision: "approve" | "refuse";
   /** @description With `approve`: the roles. Without it those that the domain gives, or else `member` in the default team. */
   grants?: components["schemas"]["Grant"][];
   /** @description With `refuse`, and needed there: what the person reads. */
   reason?: string;
  };
  JoinRequested: {
   /** @constant */
   outcome: "requested";
   request: components["schemas"]["OwnJoinRequest"];
  };
  JwkSet: {
   keys: {
    kty: string;
    crv: string;
    x: string;
    use: string;
    alg: string;
    kid: string;
   }[];
  };
  ListedAppeal: {
   /** @description TypeID with the prefix `appeal`. */
   id: string;
   actionId: string;
   subject: components["schemas"]["EnforcementSubject"];
   /** @enum {string} */
   status: "submitted" | "in_review" | "more_info" | "granted" | "denied";
   /** Format: date-time */
   createdAt: string;
   decidedAt: string | null;
   /** @description Who made it. For operators only. */
   appellantAccountId?: string;
   /** @description For operators only. */
   decidedBy?: string | null;
  };
  MailPreview: {
   from: string;
   to: string;
   subject: string;
   text: string;
   html: string;
   /** @description The language that it is written in. */
   locale: string;
  };
  Member: {
   id: string;
   accountId: string;
   firstName: string;
   lastName: string;
   email: string;
   /** @enum {string} */
   status: "active" | "suspended";
   owner: boolean;
   /** @enum {string} */
   source: "founder" | "invitation" | "join_link" | "domain" | "join_request" | "import";
   /** @description In agencies only. */
   affiliation: ("non_exclusive" | "exclusive_pending" | "exclusive") | null;
   grants: components["schemas"]["GrantedRole"][];
   teams: {
    id: string;
    name: string;
   }[];
   /** @description The membership ends like this once nothing blocks it. */
   endsWhenClear: ("left" | "removed") | null;
   /** Format: date-time */
   joinedAt: string;
  };
  MemberPermissions: {
   memberId: string;
   accountId: string;
   /** @description What denies everything at present, such as `membership_suspended`; null otherwise. */
   denied: string | null;
   /** @description What holds in the whole organization. */
   organization: {
    key: string;
    sources: {
     role: string;
     teamId?: string;
    }[];
   }[];
   /** @description What holds in each team of the member. */
   teams: {
    id: string;
    name: string;
    permissions: {
     key: string;
     sources: {
      role: string;
      teamId?: string;
     }[];
    }[];
   }[];
  };
  MemberPreview: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  MemberProfileChanges: {
   hourlyRate?: {
    /** @description For an hour, in the smallest unit of the currency. */
    amount: number;
    /** @description ISO 4217. */
    currency: string;
   } | null;
   /**
    * @description Who finds the profile: everybody, who is signed in to the marketplace, or nobody.
    * @enum {string}
    */
   visibility?: "public" | "marketplace" | "private";
  };
  MemberRoles: {
   grants: components["schemas"]["Grant"][];
  };
  MemberRolesPreview: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
   added: {
    role: string;
    teamId?: string;
   }[];
   removed: {
    role: string;
    teamId?: string;
   }[];
  };
  Move: {
   fromTeamId: string;
   toTeamId: string;
  };
  NewJoinLink: {
   id: string;
   /** @enum {string} */
   status: "live" | "revoked" | "expired" | "used_up";
   /** @description Only addresses at these; empty: at every verified domain of the company. */
   domains: string[];
   maxUses: number;
   uses: number;
   /** @description TypeID of the member who made it; null when they are none any more. */
   createdBy: string | null;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   expiresAt: string;
   revokedAt: string | null;
   /** @description To be passed on. Shown this once: only a hash of its token is kept. */
   url: string;
  };
  NewServiceClient: {
   name: string;
   scopes: ("access.evaluate" | "contracts.write" | "proposals.write" | "conversations.write" | "plans.write" | "evidence.write" | "events.read")[];
  };
  OAuthError: {
   /** @enum {string} */
   error: "invalid_request" | "invalid_client" | "unsupported_grant_type" | "invalid_scope";
   error_description: string;
  };
  OneClickUnsubscribe: {
   /** @constant */
   "List-Unsubscribe": "One-Click";
  };
  OwnAppeal: {
   id: string;
   /** @enum {string} */
   status: "submitted" | "in_review" | "more_info" | "granted" | "denied";
   /** Format: date-time */
   createdAt: string;
   decidedAt: string | null;
  };
  OwnDuplicateCase: {
   id: string;
   /**
    * @description `circumvention`: the other account is suspended or banned.
    * @enum {string}
    */
   kind: "ordinary" | "circumvention";
   /** @enum {string} */
   status: "open" | "awaiting_choice" | "kept" | "not_duplicate" | "exception" | "circumvention";
   /** @description What both accounts hold; never its value. */
   evidenceKinds: ("government_id" | "tax_id" | "phone" | "payout_account" | "mailbox" | "email" | "device" | "ip" | "address" | "name_birth_date")[];
   /** @description The other account as its owner would recognise it, without anything that names it. */
   otherAccount: string;
   /** @description The account that is signed in was registered later than the other. */
   thisIsNewer: boolean;
   /** @description Until when to verify the identity, if that is asked for. */
   verifyBy: string | null;
   /** @description From when this account is restricted for the case: at the deadline of the choice, or since it was found. It lifts with the case. */
   restrictedFrom: string | null;
   /** @description What can be done about it. */
   options: {
    /** @enum {string} */
    does: "give_up_this" | "keep_this" | "verify_identity" | "appeal";
    /** @constant */
    method: "POST";
    /** @description Path of this API. */
    href: string;
    /** @description Body of the call. `<…>` stands for what the caller fills in. */
    body?: {
     [key: string]: string;
    };
   }[];
   /** Format: date-time */
   createdAt: string;
  };
  OwnDuplicateReport: {
   /** @description Made by `POST /v1/me/duplicate-case/proof` while signed in to the other account. */
   proof: string;
  };
  OwnEnforcement: {
   items: components["schemas"]["OwnEnforcementAction"][];
   /** @description Cursor of the next page; null on the last one. */
   nextCursor: string | null;
   /**
    * @description The hardest in force on the account itself.
    * @enum {string}
    */
   enforcement: "none" | "notice" | "warning" | "restricted" | "suspended" | "banned";
  };
  OwnEnforcementAction: {
   id: string;
   subject: components["schemas"]["OwnSubject"];
   /** @enum {string} */
   kind: "notice" | "warning" | "restricted" | "suspended" | "banned";
   /**
    * @description `pending`: it has not begun.
    * @enum {string}
    */
   status: "pending" | "active" | "ended" | "lifted";
   /** @enum {string} */
   reasonCode: "identity_unclear" | "identity_unverified" | "duplicate_account" | "ban_evasion" | "account_sharing" | "account_compromised" | "false_information" | "payment_fraud" | "off_platform_payment" | "unpaid_invoices" | "spam" | "harassment" | "prohibited_work" | "fake_feedback" | "underage" | "sanctions" | "legal_order" | "terms_violation";
   /** @description In the language of the account. */
   reason: string;
   policy: string;
   /** @description How to put it right. */
   remedy: string;
   /** @description Null where it has no date to begin at yet. */
   since: string | null;
   until: string | null;
   liftedAt: string | null;
   /** @description How to appeal; null while an appeal is open, after too many, or when it is over. */
   appeal: components["schemas"]["WayOfAppeal"] | null;
   /** @description The appeal that is open. */
   openAppeal: string | null;
   /** @description Newest first. */
   appeals: components["schemas"]["OwnAppeal"][];
  };
  OwnershipOffer: {
   /** @description TypeID of a member. */
   memberId: string;
  };
  OwnershipTransfer: {
   id: string;
   /** @enum {string} */
   status: "offered" | "accepted" | "declined" | "cancelled" | "expired";
   fromAccountId: string;
   toAccountId: string;
   toMemberId: string | null;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   expiresAt: string;
  };
  OwnInvitation: {
   organization: {
    /** @enum {string} */
    kind: "company" | "agency";
    name: string;
    logoUrl: string | null;
   };
   /** @description Name of whoever invites. */
   inviter: string;
   roles: {
    role: string;
    name: string;
   }[];
   affiliation: ("non_exclusive" | "exclusive") | null;
   /** Format: date-time */
   expiresAt: string;
   id: string;
   /** @description The address of yours that was invited. */
   email: string;
   message: string | null;
  };
  OwnInvitations: {
   items: components["schemas"]["OwnInvitation"][];
  };
  OwnJoinRequest: {
   id: string;
   /** @enum {string} */
   status: "open" | "approved" | "refused" | "withdrawn" | "superseded" | "expired";
   /** @description The proven address by which the person asks. */
   email: string;
   message: string | null;
   /** @description Of a refusal. */
   reason: string | null;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   expiresAt: string;
   endedAt: string | null;
   company: {
    id: string;
    name: string;
    logoUrl: string | null;
   };
  };
  OwnSubject: {
   /** @enum {string} */
   kind: "account" | "company" | "agency";
   /** @description TypeID of the account or organization. */
   id: string;
   /** @description The organization's. */
   name: string | null;
  };
  /** @description Shown to the company's own people with all of it; to the other side with the account alone. */
  Participant: {
   accountId: string;
   memberId: string | null;
   level: ("recruiter" | "hiring_manager" | "full") | null;
   /** @description Of coworkers. */
   name: string | null;
  };
  ParticipantAdded: {
   /** @enum {string} */
   outcome: "added" | "changed" | "unchanged";
   participant: components["schemas"]["Participant"];
  };
  PasswordChange: {
   /**
    * Format: password
    * @description Taken exactly as it is, after NFC.
    */
   currentPassword: string;
   /**
    * Format: password
    * @description Taken exactly as it is, after NFC.
    */
   newPassword: string;
  };
  PasswordReset: {
   /** @description The token out of the link that was mailed. */
   token: string;
   /**
    * Format: password
    * @description Taken exactly as it is, after NFC.
    */
   password: string;
  };
  PasswordWasReset: {
   recentChanges: {
    action: string;
    /** Format: date-time */
    at: string;
   }[];
  };
  PermissionCatalogue: {
   items: {
    key: string;
    /**
     * @description `team`: a role for one team gives it there. `account`: asked about oneself only.
     * @enum {string}
     */
    scope: "organization" | "team" | "account";
    /** @description What it can be asked about; teams as their organization. */
    kinds: ("company" | "agency" | "account")[];
    description: string;
    /** @description No role but the owner ever has it. */
    ownerOnly: boolean;
    /** @description Denied while the account or the organization is restricted (E-2). */
    newBusiness: boolean;
    /** @description The reasons that a decision about it can have, in the order they are looked for. */
    reasons: string[];
   }[];
   reasons: {
    code: string;
    description: string;
   }[];
  };
  PermissionMap: {
   accountId: string;
   /** @description As themselves, with a freelancer profile. */
   own: {
    key: string;
    sources: {
     role: string;
     teamId?: string;
    }[];
   }[];
   organizations: {
    id: string;
    /** @enum {string} */
    kind: "company" | "agency";
    /** @description What denies everything there at present; null otherwise. */
    denied: string | null;
    /** @description What holds in the whole organization, and so in every team. */
    organization: {
     key: string;
     sources: {
      role: string;
      teamId?: string;
     }[];
    }[];
    /** @description What holds in each team of the person. */
    teams: {
     id: string;
     permissions: {
      key: string;
      sources: {
       role: string;
       teamId?: string;
      }[];
     }[];
    }[];
   }[];
   /** @description When an enforcement on the person or an organization begins or ends by the clock, of which no event tells; null where none does. */
   changesAt: string | null;
  };
  PersonalDataExport: {
   /**
    * @description Rises when a reader of the former form would not understand it.
    * @constant
    */
   schemaVersion: 1;
   /** Format: date-time */
   exportedAt: string;
   account: {
    id: string;
    status: string;
    firstName: string;
    lastName: string;
    countryCode: string;
    intent: string;
    locale: string;
    /** @description What is in force now. */
    enforcement: string;
    /** Format: date-time */
    createdAt: string;
    activatedAt: string | null;
    closedAt: string | null;
   };
   emails: {
    address: string;
    primary: boolean;
    verifiedAt: string | null;
    /** Format: date-time */
    createdAt: string;
    doNotInvite: boolean;
   }[];
   /** @description That there is one; its secret is in no export. */
   secondFactor: {
    /** Format: date-time */
    enabledAt: string;
    recoveryCodesLeft: number;
   } | null;
   /** @description Sign-ins, as long as they are kept. */
   sessions: {
    id: string;
    device: string;
    userAgent: string;
    /** @description The network that it was last used from, not the whole address. */
    place: string;
    /** Format: date-time */
    createdAt: string;
    /** Format: date-time */
    lastUsedAt: string;
    endedAt: string | null;
    endReason: string | null;
   }[];
   /** @description Days on which the login was in use at two places at once (S-5). */
   sharingSignals: {
    device: string;
    place: string;
    otherDevice: string;
    otherPlace: string;
    /** Format: date */
    day: string;
   }[];
   freelancerProfile: {
    title: string;
    overview: string;
    /** @description In the smallest unit of the currency. */
    hourlyRate: {
     amount: number;
     currency: string;
    } | null;
    skills: string[];
    status: string;
    visibility: string;
    /** Format: date-time */
    createdAt: string;
    closedAt: string | null;
    specialised: {
     place: number;
     title: string;
     overview: string;
     /** @description In the smallest unit of the currency. */
     hourlyRate: {
      amount: number;
      currency: string;
     } | null;
     skills: string[];
    }[];
   } | null;
   memberships: {
    id: string;
    /** @description TypeID with the prefix `company` or `agency`. */
    organizationId: string;
    /** @description Its name. */
    organization: string;
    status: string;
    owner: boolean;
    /** @enum {string} */
    source: "founder" | "invitation" | "join_link" | "domain" | "join_request" | "import";
    affiliation: ("non_exclusive" | "exclusive_pending" | "exclusive") | null;
    /** @description Without a team: for the whole organization. */
    roles: {
     role: string;
     teamId?: string;
    }[];
    teams: {
     id: string;
     name: string;
    }[];
    /** Format: date-time */
    joinedAt: string;
   }[];
   formerMemberships: {
    id: string;
    /** @description TypeID with the prefix `company` or `agency`. */
    organizationId: string;
    source: string;
    affiliation: string | null;
    reason: string;
    /** Format: date-time */
    joinedAt: string;
    /** Format: date-time */
    endedAt: string;
   }[];
   ownedOrganizations: {
    /** @description TypeID with the prefix `company` or `agency`. */
    id: string;
    name: string;
    status: string;
    plan: string;
    website: string | null;
    countryCode: string | null;
    logoUrl: string | null;
    legalName: string | null;
    size: string | null;
    vatNumber: string | null;
    timeZone: string | null;
    tagline: string | null;
    description: string | null;
    skills: string[] | null;
    /** Format: date-time */
    createdAt: string;
    closedAt: string | null;
   }[];
   ownershipOffers: {
    id: string;
    /** @description TypeID with the prefix `company` or `agency`. */
    organizationId: string;
    /** @enum {string} */
    direction: "made" | "received";
    status: string;
    /** Format: date-time */
    createdAt: string;
    endedAt: string | null;
   }[];
   /** @description To any proven address of the account. */
   invitationsReceived: {
    id: string;
    /** @description TypeID with the prefix `company` or `agency`. */
    organizationId: string;
    email: string;
    message: string | null;
    status: string;
    /** @description Without a team: for the whole organization. */
    roles: {
     role: string;
     teamId?: string;
    }[];
    /** Format: date-time */
    createdAt: string;
    /** Format: date-time */
    expiresAt: string;
    endedAt: string | null;
   }[];
   /** @description The address is masked where the person is a member no longer. */
   invitationsSent: {
    id: string;
    /** @description TypeID with the prefix `company` or `agency`. */
    organizationId: string;
    email: string;
    message: string | null;
    status: string;
    /** @description Without a team: for the whole organization. */
    roles: {
     role: string;
     teamId?: string;
    }[];
    /** Format: date-time */
    createdAt: string;
    /** Format: date-time */
    expiresAt: string;
    endedAt: string | null;
   }[];
   joinRequests: {
    id: string;
    /** @description TypeID with the prefix `company` or `agency`. */
    organizationId: string;
    email: string;
    message: string | null;
    status: string;
    reason: string | null;
    /** Format: date-time */
    createdAt: string;
    endedAt: string | null;
   }[];
   /** @description As far as they are known here; the service that owns them has the rest, as for proposals and conversations. */
   contracts: {
    id: string;
    /** @enum {string} */
    part: "freelancer" | "contact" | "business_manager";
    companyId: string;
    agencyId: string | null;
    status: string;
    /** Format: date-time */
    updatedAt: string;
   }[];
   proposals: {
    id: string;
    agencyId: string | null;
    status: string;
    /** Format: date-time */
    updatedAt: string;
   }[];
   conversations: {
    id: string;
    companyId: string;
    level: string | null;
    /** Format: date-time */
    addedAt: string;
   }[];
   /** @description Which facts tie the account to one person. Their values are not kept, only keyed fingerprints (P-12). */
   evidence: {
    kind: string;
    country: string | null;
    documentType: string | null;
    source: string;
    verifiedAt: string | null;
    /** Format: date-time */
    createdAt: string;
   }[];
   identityVerifications: {
    id: string;
    status: string;
    origin: string;
    deadline: string | null;
    defects: string[];
    /** Format: date-time */
    createdAt: string;
    decidedAt: string | null;
   }[];
   enforcement: {
    id: string;
    kind: string;
    status: string;
    reasonCode: string;
    policy: string;
    remedy: string;
    /** Format: date-time */
    startsAt: string;
    endsAt: string | null;
    liftedAt: string | null;
    liftReason: string | null;
   }[];
   appeals: {
    id: string;
    actionId: string;
    status: string;
    /** Format: date-time */
    createdAt: string;
    decidedAt: string | null;
    messages: {
     /** @enum {string} */
     author: "person" | "operator";
     text: string;
     /** Format: date-time */
     createdAt: string;
    }[];
   }[];
   duplicateCases: {
    id: string;
    /** @description As its owner would recognise it, without anything that names it (P-9). */
    otherAccount: string;
    kind: string;
    status: string;
    evidenceKinds: string[];
    keptThis: boolean | null;
    /** Format: date-time */
    createdAt: string;
    decidedAt: string | null;
   }[];
   /** @description What the person did in the account. */
   history: {
    /** Format: date-time */
    at: string;
    action: string;
    resource: string;
    /** @description Words and addresses of the change, as they were. */
    values: {
     [key: string]: unknown;
    } | null;
   }[];
  };
  /** @description RFC 9457 problem details. */
  Problem: {
   /**
    * Format: uri
    * @description A page about this problem.
    */
   type: string;
   title: string;
   status: number;
   /** @description What happened and what to do. */
   detail: string;
   /** @description Path of the request. */
   instance: string;
   /** @description Stable; programs decide by it. */
   code: string;
   /** @description Name it to support. */
   requestId: string;
   /** @description With `invalid_input`: each place that is wrong. */
   errors?: {
    pointer: string;
    message: string;
   }[];
   /** @description With `access_denied` and `own_rights`: what would be needed. */
   missingPermissions?: string[];
   /** @description With `too_many_requests`: the limits that were reached. */
   violatedPolicies?: string[];
   /** @description With a refusal by a guard: all that stands in the way. */
   blockers?: components["schemas"]["Blocker"][];
   /** @description With `contact_changed`: the contact as it is now. */
   currentContact?: {
    /** @description Null once the contract is closed. */
    memberId: string | null;
    accountId: string;
    contactRevision: number;
   };
   /** @description With `participants_changed`: who takes part now. */
   currentParticipants?: {
    participantsRevision: number;
    participants: {
     accountId: string;
     memberId: string | null;
     /** @description Of coworkers. */
     level: string | null;
    }[];
   };
   /** @description With `invitation_email_mismatch`, and with `reauthentication_required` in a session in doubt: what the person can do, each with the call where there is one. */
   ways?: {
    code: string;
    resolve?: {
     method: string;
     href: string;
     body?: Record<string, never>;
    };
   }[];
   /** @description Why, where a code has several reasons. */
   reason?: string;
   /** @description How to put it right. */
   remedy?: string;
   /**
    * Format: uri
    * @description Opens an appeal without signing in.
    */
   appealUrl?: string;
   /**
    * @description With `reauthentication_required`: the session went on from another device in another place, or the login is in use on two devices in two places at once. Absent when the sign-in is just too old.
    * @enum {unknown}
    */
   because?: "moved" | "shared";
   /** @description With `reauthentication_required`: how old a sign-in may be. */
   maxAgeSeconds?: number;
  };
  ProfileClosure: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  Proposal: {
   id: string;
   version: number;
   accountId: string;
   agencyId: string | null;
   /** @enum {string} */
   status: "open" | "archived" | "withdrawn" | "closed";
  };
  ProposalApplied: {
   /** @description False when a newer version is known: nothing was changed. */
   applied: boolean;
   proposal: components["schemas"]["Proposal"];
  };
  ProposalUpdate: {
   /** @description Rises with every change; what is older than known is not applied. */
   version: number;
   /** @description The freelancer. */
   accountId: string;
   /** @description The agency through which it was made; without it, it is independent. */
   agencyId?: string;
   /** @enum {string} */
   status: "open" | "archived" | "withdrawn" | "closed";
  };
  Reactivated: {
   /**
    * @description The account is open; sign in to it.
    * @constant
    */
   status: "active";
  };
  ReactivationRequested: {
   /** @constant */
   status: "accepted";
  };
  Reauthenticated: {
   /** @description How long it stays recent. */
   freshSeconds: number;
  };
  Reauthentication: {
   /**
    * Format: password
    * @description Taken exactly as it is, after NFC.
    */
   password: string;
   /** @description The six digits that the authenticator app shows. */
   totp?: string;
   /** @description One of the recovery codes, instead of `totp`. Works once. */
   recoveryCode?: string;
  };
  RecordedEvidence: {
   /** @enum {string} */
   kind: "government_id" | "tax_id" | "phone" | "payout_account" | "device" | "ip" | "address" | "name_birth_date";
   /** @description As it is kept: what was verified once stays so. */
   verified: boolean;
   /**
    * @description The hardest that followed from it: on the newer account of a pair, whichever that is.
    * @enum {string}
    */
   effect: "restricted" | "verification_requested" | "case_opened" | "case_closed" | "none";
   /** @description Cases of this account with others that hold the same, and those that this closed. */
   cases: {
    id: string;
    /** @enum {string} */
    status: "open" | "awaiting_choice" | "kept" | "not_duplicate" | "exception" | "circumvention";
    /** @enum {string} */
    kind: "ordinary" | "circumvention";
   }[];
  };
  RecoveryCodes: {
   /** @description Shown once; each works once. */
   recoveryCodes: string[];
  };
  Refresh: {
   /** @description Left out when it comes as a cookie. */
   refreshToken?: string;
  };
  Registration: {
   /** @description An email address as its owner writes it. */
   email: string;
   /**
    * Format: password
    * @description Taken exactly as it is, after NFC.
    */
   password: string;
   firstName: string;
   lastName: string;
   /** @description Country of residence, ISO 3166-1 alpha-2. */
   countryCode: string;
   /** @enum {string} */
   intent: "client" | "freelancer";
   /** @description Language of mails, BCP 47. */
   locale?: string;
  };
  Removal: {
   /** @enum {string} */
   outcome: "preview" | "scheduled";
   /** @description What stands in the way; the same list as in the refusal (K-8). */
   blockers: components["schemas"]["Blocker"][];
   effects: components["schemas"]["RemovalEffects"];
  };
  RemovalEffects: {
   teams: {
    id: string;
    name: string;
   }[];
   grants: components["schemas"]["GrantedRole"][];
   /** @description Contracts that get another contact with it. */
   contracts: string[];
  };
  Reopening: {
   /** @description Kept with the audit. */
   reason: string;
  };
  ResourceSearch: {
   subject: components["schemas"]["AccessSubject"];
   action: components["schemas"]["AccessAction"];
   resource: components["schemas"]["AccessResourceType"];
   context?: components["schemas"]["AccessContext"];
   page?: {
    /** @description `next_token` of the page before. */
    token?: string;
    /** @description Most results of one page; never more than 100. */
    limit?: number;
    /** @description Ignored: what decides is here. */
    properties?: Record<string, never>;
   };
  };
  Role: {
   key: string;
   name: string;
   description: string;
   builtIn: boolean;
   /** @description False for the owner: ownership is transferred. */
   grantable: boolean;
   /** @description Whether it can be granted for one team. */
   teams: boolean;
   permissions: string[];
  };
  RoleChanges: {
   name?: string;
   description?: string;
   permissions?: ("company.read" | "company.update" | "domain.manage" | "join_link.manage" | "integration.manage" | "audit.read" | "team.create" | "team.read" | "team.update" | "member.read" | "member.invite" | "member.invite.assign_team" | "member.roles.update" | "member.remove" | "billing.manage" | "report.finance.read" | "job.post" | "talent.invite" | "proposal.review" | "offer.send" | "contract.manage" | "contract.contact" | "contract.contact.change" | "feedback.give" | "report.hours.read" | "workdiary.read" | "chat.start" | "conversation.add_coworker")[];
  };
  RoleInput: {
   /** @description Key of a role. */
   key: string;
   name: string;
   description: string;
   permissions: ("company.read" | "company.update" | "domain.manage" | "join_link.manage" | "integration.manage" | "audit.read" | "team.create" | "team.read" | "team.update" | "member.read" | "member.invite" | "member.invite.assign_team" | "member.roles.update" | "member.remove" | "billing.manage" | "report.finance.read" | "job.post" | "talent.invite" | "proposal.review" | "offer.send" | "contract.manage" | "contract.contact" | "contract.contact.change" | "feedback.give" | "report.hours.read" | "workdiary.read" | "chat.start" | "conversation.add_coworker")[];
  };
  RolePreview: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  Roles: {
   items: components["schemas"]["Role"][];
  };
  ScheduledErasure: {
   /** @constant */
   status: "scheduled";
   /**
    * Format: date-time
    * @description From then on the data are erased. Reactivating before cancels it.
    */
   dueAt: string;
  };
  SecurityPolicy: {
   /** @description Members without a second factor are denied everything (S-7). */
   requireSecondFactor: boolean;
  };
  ServerMetadata: {
   issuer: string;
   token_endpoint: string;
   jwks_uri: string;
   scopes_supported: string[];
   response_types_supported: string[];
   grant_types_supported: string[];
   token_endpoint_auth_methods_supported: string[];
   service_documentation: string;
  };
  ServiceClient: {
   clientId: string;
   clientSecret: string;
   name: string;
   scopes: ("access.evaluate" | "contracts.write" | "proposals.write" | "conversations.write" | "plans.write" | "evidence.write" | "events.read")[];
  };
  Session: {
   id: string;
   /** @description Whether this request was made in it. */
   current: boolean;
   device: string;
   /** @description Network it was last used from: the /24 of an IPv4, the /48 of an IPv6 address. */
   place: string;
   /** Format: date-time */
   createdAt: string;
   /** Format: date-time */
   lastUsedAt: string;
   /** Format: date-time */
   expiresAt: string;
   /** @description Why sensitive acts in it need the password again: it went on from another device in another place (`moved`), or the login was in use on two devices in two places at once (`shared`). */
   doubt: ("moved" | "shared") | null;
  };
  SessionsEnded: {
   ended: number;
   dryRun: boolean;
  };
  SharingSignal: {
   id: string;
   /** @description The two that were in use at once. */
   sessions: {
    sessionId: string;
    device: string;
    /** @description Network: the /24 of an IPv4, the /48 of an IPv6 address. */
    place: string;
   }[];
   /** Format: date-time */
   at: string;
   /** @description When the person proved that both devices are theirs: for a while they raise nothing more. */
   confirmedAt: string | null;
  };
  ShownInvitation: {
   organization: {
    /** @enum {string} */
    kind: "company" | "agency";
    name: string;
    logoUrl: string | null;
   };
   /** @description Name of whoever invites. */
   inviter: string;
   roles: {
    role: string;
    name: string;
   }[];
   affiliation: ("non_exclusive" | "exclusive") | null;
   /** Format: date-time */
   expiresAt: string;
  };
  SignedIn: {
   sessionId: string;
   /** @description JWT (RFC 9068) for `Authorization: Bearer`. */
   accessToken: string;
   /** @description Works once. Absent when it is sent as a cookie. */
   refreshToken?: string;
   /** @description Seconds the access token lives. */
   expiresIn: number;
   account: components["schemas"]["Account"];
  };
  SignIn: {
   /** @description An email address as its owner writes it. */
   email: string;
   /**
    * Format: password
    * @description Taken exactly as it is, after NFC.
    */
   password: string;
   /** @description The six digits that the authenticator app shows. */
   totp?: string;
   /** @description One of the recovery codes, instead of `totp`. Works once. */
   recoveryCode?: string;
   /**
    * @description `cookie` sends the refresh token as an HttpOnly `__Host-` cookie and leaves it out of the body: for browsers.
    * @enum {string}
    */
   refreshTransport?: "body" | "cookie";
  };
  SignInProof: {
   /** @description Shown once, good once. */
   proof: string;
   /** Format: date-time */
   expiresAt: string;
  };
  SpecialisedProfile: {
   /** @description 1 or 2. */
   place: number;
   title: string;
   overview: string;
   hourlyRate: components["schemas"]["HourlyRate"] | null;
   skills: string[];
  };
  SpecialisedProfileChanges: {
   title?: string;
   /** @description Text of several lines. */
   overview?: string;
   hourlyRate?: {
    /** @description For an hour, in the smallest unit of the currency. */
    amount: number;
    /** @description ISO 4217. */
    currency: string;
   } | null;
   skills?: string[];
  };
  SpecialisedProfileInput: {
   title: string;
   /** @description Text of several lines. */
   overview: string;
   /** @default null */
   hourlyRate: {
    /** @description For an hour, in the smallest unit of the currency. */
    amount: number;
    /** @description ISO 4217. */
    currency: string;
   } | null;
   /** @default [] */
   skills: string[];
  };
  SubjectSearch: {
   subject: components["schemas"]["AccessSubjectType"];
   action: components["schemas"]["AccessAction"];
   resource: components["schemas"]["AccessResource"];
   context?: components["schemas"]["AccessContext"];
   page?: {
    /** @description `next_token` of the page before. */
    token?: string;
    /** @description Most results of one page; never more than 100. */
    limit?: number;
    /** @description Ignored: what decides is here. */
    properties?: Record<string, never>;
   };
  };
  Suspension: {
   /** @description Kept with the audit. */
   reason?: string;
  };
  SuspensionPreview: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  Team: {
   id: string;
   name: string;
   default: boolean;
   hidden: boolean;
   memberCount: number;
   /** Format: date-time */
   createdAt: string;
  };
  TeamChanges: {
   name?: string;
   hidden?: boolean;
  };
  TeamInput: {
   name: string;
  };
  TeamPreview: {
   /** @constant */
   dryRun: true;
   blockers: components["schemas"]["Blocker"][];
  };
  TokenOnly: {
   /** @description The token out of the link that was mailed. */
   token: string;
  };
  TokenRequest: {
   /**
    * @description Always needed.
    * @enum {string}
    */
   grant_type?: "client_credentials" | "urn:ietf:params:oauth:grant-type:token-exchange";
   /** @description Unless sent by HTTP Basic. */
   client_id?: string;
   /** Format: password */
   client_secret?: string;
   /** @description Space-separated; all that can be had otherwise. */
   scope?: string;
   /** @description Token exchange: the manager's own access token. */
   subject_token?: string;
   /**
    * @description Token exchange.
    * @enum {string}
    */
   subject_token_type?: "urn:ietf:params:oauth:token-type:access_token";
   /**
    * @description Token exchange; may be left out.
    * @enum {string}
    */
   requested_token_type?: "urn:ietf:params:oauth:token-type:access_token";
   /** @description Token exchange, an extension: id of the member to act for. */
   requested_subject?: string;
  } & {
   [key: string]: unknown;
  };
  Tokens: {
   sessionId: string;
   /** @description JWT (RFC 9068) for `Authorization: Bearer`. */
   accessToken: string;
   /** @description Works once. Absent when it is sent as a cookie. */
   refreshToken?: string;
   /** @description Seconds the access token lives. */
   expiresIn: number;
  };
  TotpConfirmation: {
   /** @description The six digits that the authenticator app shows. */
   code: string;
  };
  TotpSecret: {
   /** @description Base32. */
   secret: string;
   /** @description To be shown as a QR code. */
   uri: string;
  };
  Undone: {
   /** @constant */
   status: "undone";
  };
  WayOfAppeal: {
   /** @constant */
   method: "POST";
   href: string;
   /** @description Beside the statement. */
   body: {
    actionId: string;
   };
  };
 };
 responses: never;
 parameters: never;
 requestBodies: never;
 headers: never;
 pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
 getAccessMetadata: {
  responses: {
   /** @description The metadata. May be kept for five minutes. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["AccessMetadata"];
    };
   };
  };
 };
 getJwks: {
  responses: {
   /** @description The key set. May be kept for five minutes. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JwkSet"];
    };
   };
  };
 };
 getServerMetadata: {
  responses: {
   /** @description The metadata. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ServerMetadata"];
    };
   };
  };
 };
 evaluateAccess: {
  parameters: {
   header?: {
    /** @description `full`: from the present state, whatever it costs. */
    Consistency?: string;
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Evaluation"];
   };
  };
  responses: {
   /** @description The decision. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["AccessDecision"];
    };
   };
  };
 };
 evaluateAccessMany: {
  parameters: {
   header?: {
    /** @description `full`: from the present state, whatever it costs. */
    Consistency?: string;
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Evaluations"];
   };
  };
  responses: {
   /** @description The decisions; of a single question just its decision. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["AccessDecisions"] | components["schemas"]["AccessDecision"];
    };
   };
  };
 };
 searchActions: {
  parameters: {
   header?: {
    /** @description `full`: from the present state, whatever it costs. */
    Consistency?: string;
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ActionSearch"];
   };
  };
  responses: {
   /** @description Permissions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FoundActions"];
    };
   };
  };
 };
 searchResources: {
  parameters: {
   header?: {
    /** @description `full`: from the present state, whatever it costs. */
    Consistency?: string;
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ResourceSearch"];
   };
  };
  responses: {
   /** @description Resources. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FoundResources"];
    };
   };
  };
 };
 searchSubjects: {
  parameters: {
   header?: {
    /** @description `full`: from the present state, whatever it costs. */
    Consistency?: string;
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["SubjectSearch"];
   };
  };
  responses: {
   /** @description Accounts. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FoundSubjects"];
    };
   };
  };
 };
 searchAccounts: {
  parameters: {
   query: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description An email address as its owner writes it. */
    email: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of accounts. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Account"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 registerAccount: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Registration"];
   };
  };
  responses: {
   /** @description Accepted. The answer is the same whether or not anybody has this address. */
   202: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Accepted"];
    };
   };
  };
 };
 proposeAnonymisation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description Id of the account. */
    accountId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AnonymisationProposal"];
   };
  };
  responses: {
   /** @description Proposed. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Erasure"];
    };
   };
  };
 };
 cancelAnonymisation: {
  parameters: {
   path: {
    /** @description Id of the account. */
    accountId: string;
   };
  };
  responses: {
   /** @description Withdrawn. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 approveAnonymisation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description Id of the account. */
    accountId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description Erased. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 listAccountEnforcement: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  responses: {
   /** @description A page of actions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["EnforcementAction"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 imposeAccountEnforcement: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Imposition"];
   };
  };
  responses: {
   /** @description The action; a ban as `proposed`. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EnforcementAction"];
    };
   };
  };
 };
 liftAccountEnforcement: {
  parameters: {
   query?: {
    /** @description `remedied`: what was asked for is done; `mistake`: it should not have been imposed; `other` unless said. */
    reason?: "remedied" | "mistake" | "other";
   };
   path: {
    /** @description TypeID of the account. */
    accountId: string;
    /** @description TypeID of the action. */
    actionId: string;
   };
  };
  responses: {
   /** @description Lifted, or withdrawn. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 approveAccountBan: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the account. */
    accountId: string;
    /** @description TypeID of the action. */
    actionId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The ban, in force. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EnforcementAction"];
    };
   };
  };
 };
 recordEvidence: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EvidenceInput"];
   };
  };
  responses: {
   /** @description Known of this account already. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["RecordedEvidence"];
    };
   };
   /** @description Kept, and what followed from it. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["RecordedEvidence"];
    };
   };
  };
 };
 getIdentityVerification: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  responses: {
   /** @description The verification. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["IdentityVerificationFile"];
    };
   };
  };
 };
 requestIdentityVerification: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["IdentityVerificationRequest"];
   };
  };
  responses: {
   /** @description The verification. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["IdentityVerificationFile"];
    };
   };
  };
 };
 recordVerificationResult: {
  parameters: {
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["IdentityVerificationResult"];
   };
  };
  responses: {
   /** @description The verification. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["IdentityVerification"];
    };
   };
  };
 };
 getPermissionMap: {
  parameters: {
   query?: {
    /** @description Only in this company or agency; one they are not in is left out. */
    organization?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description Id of the account. */
    accountId: string;
   };
  };
  responses: {
   /** @description The permissions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["PermissionMap"];
    };
   };
   /** @description Unchanged. */
   304: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 endSessionsOfAccount: {
  parameters: {
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  responses: {
   /** @description How many ended. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EndedSessions"];
    };
   };
  };
 };
 listSignals: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description Id of the account. */
    accountId: string;
   };
  };
  responses: {
   /** @description A page of signals. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["SharingSignal"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 removeTotpOfAccount: {
  parameters: {
   path: {
    /** @description TypeID of the account. */
    accountId: string;
   };
  };
  responses: {
   /** @description Removed. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 createAgency: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AgencyInput"];
   };
  };
  responses: {
   /** @description The agency. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"];
    };
   };
  };
 };
 getAgency: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description The agency. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"];
    };
   };
  };
 };
 updateAgency: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AgencyChanges"];
   };
  };
  responses: {
   /** @description The agency. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"];
    };
   };
  };
 };
 listAgencyAudit: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Id of the account, service or operator who did it, or `system`. */
    actor?: string;
    /** @description Exactly this action, such as `member.removed`. */
    action?: string;
    /** @description Id of what it was done to. */
    resource?: string;
    /** @description From this moment on. */
    since?: string;
    /** @description Before this moment. */
    until?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description A page of the history. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["AuditEntry"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 closeAgency: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Closure"];
   };
  };
  responses: {
   /** @description The closed agency, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"] | components["schemas"]["AgencyClosure"];
    };
   };
  };
 };
 listAgencyEnforcement: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description A page of actions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["EnforcementAction"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 imposeAgencyEnforcement: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Imposition"];
   };
  };
  responses: {
   /** @description The action; a ban as `proposed`. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EnforcementAction"];
    };
   };
  };
 };
 liftAgencyEnforcement: {
  parameters: {
   query?: {
    /** @description `remedied`: what was asked for is done; `mistake`: it should not have been imposed; `other` unless said. */
    reason?: "remedied" | "mistake" | "other";
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the action. */
    actionId: string;
   };
  };
  responses: {
   /** @description Lifted, or withdrawn. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 approveAgencyBan: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the action. */
    actionId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The ban, in force. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EnforcementAction"];
    };
   };
  };
 };
 listAgencyInvitations: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only such invitations. */
    status?: "pending" | "expired" | "accepted" | "declined" | "revoked" | "superseded";
    /** @description `me`: only those that the caller sent. */
    inviter?: "me";
    /** @description The beginning of the address. */
    text?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description A page of invitations. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Invitation"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 inviteAgencyMember: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AgencyInvitationInput"];
   };
  };
  responses: {
   /** @description The invitation with a link that is shown this once. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invited"];
    };
   };
  };
 };
 getAgencyInvitation: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  responses: {
   /** @description The invitation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invitation"];
    };
   };
  };
 };
 editAgencyInvitation: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AgencyInvitationChanges"];
   };
  };
  responses: {
   /** @description The invitation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invitation"];
    };
   };
  };
 };
 resendAgencyInvitation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationResend"];
   };
  };
  responses: {
   /** @description The invitation with a link that is shown this once. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invited"];
    };
   };
  };
 };
 revokeAgencyInvitation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmptyBody"];
   };
  };
  responses: {
   /** @description The invitation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invitation"];
    };
   };
  };
 };
 inviteAgencyMembers: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AgencyInvitations"];
    "text/csv": string;
   };
  };
  responses: {
   /** @description What became of each row. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationOutcomes"];
    };
   };
  };
 };
 previewAgencyInvitation: {
  parameters: {
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AgencyInvitationInput"];
   };
  };
  responses: {
   /** @description The mail. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["MailPreview"];
    };
   };
  };
 };
 listAgencyMembers: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Members of this team. */
    team?: string;
    /** @description Who has this role, anywhere in the organization; `owner` too. */
    role?: string;
    /** @description Only active or only suspended members. */
    status?: "active" | "suspended";
    /** @description How they became members. */
    source?: "founder" | "invitation" | "join_link" | "domain" | "join_request" | "import";
    /** @description Words of the name, or the beginning of the email address. */
    text?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description A page of members. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Member"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 getAgencyMember: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"];
    };
   };
  };
 };
 removeAgencyMember: {
  parameters: {
   query?: {
    /** @description The member who becomes contact of all active contracts (K-3). */
    reassignContactTo?: string;
    /** @description `true`: the membership ends by itself once nothing blocks it any more (G-4). */
    whenClear?: "true" | "false";
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Dry run: what would happen. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Removal"];
    };
   };
   /** @description The membership ends once nothing blocks it. */
   202: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Removal"];
    };
   };
   /** @description Removed. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 proposeAffiliation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Affiliation"];
   };
  };
  responses: {
   /** @description The member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"];
    };
   };
  };
 };
 withdrawAffiliation: {
  parameters: {
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Nothing is proposed any more. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 acceptAffiliation: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmptyBody"];
   };
  };
  responses: {
   /** @description The member, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"] | components["schemas"]["AffiliationPreview"];
    };
   };
  };
 };
 moveAgencyMember: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Move"];
   };
  };
  responses: {
   /** @description The member, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"] | components["schemas"]["MemberPreview"];
    };
   };
  };
 };
 getAgencyMemberPermissions: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The permissions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["MemberPermissions"];
    };
   };
   /** @description Unchanged. */
   304: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 getAgencyMemberProfile: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The profile. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FreelancerProfile"];
    };
   };
  };
 };
 updateAgencyMemberProfile: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["MemberProfileChanges"];
   };
  };
  responses: {
   /** @description The profile. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FreelancerProfile"];
    };
   };
  };
 };
 previewAgencyMemberRemoval: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Blockers and effects. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Removal"];
    };
   };
  };
 };
 changeAgencyMemberRoles: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["MemberRoles"];
   };
  };
  responses: {
   /** @description The member, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"] | components["schemas"]["MemberRolesPreview"];
    };
   };
  };
 };
 cancelAgencyMemberLeave: {
  parameters: {
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Nothing is scheduled any more. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 suspendAgencyMember: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Suspension"];
   };
  };
  responses: {
   /** @description The member, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"] | components["schemas"]["SuspensionPreview"];
    };
   };
  };
 };
 resumeAgencyMember: {
  parameters: {
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"];
    };
   };
  };
 };
 getAgencyOwnershipTransfer: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description The offer. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["OwnershipTransfer"];
    };
   };
  };
 };
 offerAgencyOwnership: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["OwnershipOffer"];
   };
  };
  responses: {
   /** @description The offer. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["OwnershipTransfer"];
    };
   };
  };
 };
 cancelAgencyOwnershipTransfer: {
  parameters: {
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description No offer is open any more. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 acceptAgencyOwnership: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmptyBody"];
   };
  };
  responses: {
   /** @description The agency with its new owner. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"];
    };
   };
  };
 };
 declineAgencyOwnership: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmptyBody"];
   };
  };
  responses: {
   /** @description Declined. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 forceAgencyOwnershipTransfer: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ForcedTransfer"];
   };
  };
  responses: {
   /** @description The agency with its new owner. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"];
    };
   };
  };
 };
 setAgencyPlan: {
  parameters: {
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AgencyPlan"];
   };
  };
  responses: {
   /** @description The agency. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"];
    };
   };
  };
 };
 reopenAgency: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Reopening"];
   };
  };
  responses: {
   /** @description The agency. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Agency"];
    };
   };
  };
 };
 listAgencyRoles: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description All roles. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Roles"];
    };
   };
  };
 };
 listAgencyTeams: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description `true`: hidden teams too (C-8). */
    hidden?: "true" | "false";
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  responses: {
   /** @description A page of teams. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Team"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 createAgencyTeam: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TeamInput"];
   };
  };
  responses: {
   /** @description The team. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Team"];
    };
   };
  };
 };
 getAgencyTeam: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the team. */
    teamId: string;
   };
  };
  responses: {
   /** @description The team. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Team"];
    };
   };
  };
 };
 updateAgencyTeam: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the team. */
    teamId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TeamChanges"];
   };
  };
  responses: {
   /** @description The team, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Team"] | components["schemas"]["TeamPreview"];
    };
   };
  };
 };
 addAgencyTeamMember: {
  parameters: {
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the team. */
    teamId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"];
    };
   };
  };
 };
 removeAgencyTeamMember: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   path: {
    /** @description TypeID of the agency. */
    agencyId: string;
    /** @description TypeID of the team. */
    teamId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Dry run: what would stand in the way. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["TeamPreview"];
    };
   };
   /** @description Taken out. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 listAnonymisations: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only these. */
    status?: "proposed" | "scheduled" | "done" | "cancelled";
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of requests. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Erasure"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 listAppeals: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only those at this step. */
    status?: "submitted" | "in_review" | "more_info" | "granted" | "denied";
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of appeals. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["ListedAppeal"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 submitAppeal: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AppealInput"];
   };
  };
  responses: {
   /** @description The appeal. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Appeal"];
    };
   };
  };
 };
 getAppeal: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the appeal. */
    appealId: string;
   };
  };
  responses: {
   /** @description The appeal. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Appeal"];
    };
   };
  };
 };
 answerAppeal: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the appeal. */
    appealId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AppealAnswer"];
   };
  };
  responses: {
   /** @description The appeal, in review again. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Appeal"];
    };
   };
  };
 };
 decideAppeal: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the appeal. */
    appealId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AppealDecision"];
   };
  };
  responses: {
   /** @description The appeal. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Appeal"];
    };
   };
  };
 };
 createCompany: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["CompanyInput"];
   };
  };
  responses: {
   /** @description The company. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"];
    };
   };
  };
 };
 getCompany: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description The company. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"];
    };
   };
  };
 };
 updateCompany: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["CompanyChanges"];
   };
  };
  responses: {
   /** @description The company. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"];
    };
   };
  };
 };
 listCompanyAudit: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Id of the account, service or operator who did it, or `system`. */
    actor?: string;
    /** @description Exactly this action, such as `member.removed`. */
    action?: string;
    /** @description Id of what it was done to. */
    resource?: string;
    /** @description From this moment on. */
    since?: string;
    /** @description Before this moment. */
    until?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of the history. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["AuditEntry"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 closeCompany: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Closure"];
   };
  };
  responses: {
   /** @description The closed company, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"] | components["schemas"]["CompanyClosure"];
    };
   };
  };
 };
 listContracts: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only active or only closed contracts. */
    status?: "active" | "closed";
    /** @description Contracts of which this member is contact. */
    contact?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of contracts. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Contract"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 changeContact: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description Id of the contract, as its service names it. */
    contractId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ContactChange"];
   };
  };
  responses: {
   /** @description The contract. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Contract"];
    };
   };
  };
 };
 listDomains: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of domains. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Domain"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 addDomain: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["DomainInput"];
   };
  };
  responses: {
   /** @description It was added before. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Domain"];
    };
   };
   /** @description The domain, not proven yet. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Domain"];
    };
   };
  };
 };
 getDomain: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the domain. */
    domainId: string;
   };
  };
  responses: {
   /** @description The domain. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Domain"];
    };
   };
  };
 };
 removeDomain: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the domain. */
    domainId: string;
   };
  };
  responses: {
   /** @description Given up. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 updateDomain: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the domain. */
    domainId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["DomainChanges"];
   };
  };
  responses: {
   /** @description The domain, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Domain"] | components["schemas"]["DomainPreview"];
    };
   };
  };
 };
 contestDomain: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the domain. */
    domainId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The domain is proven again. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Domain"];
    };
   };
  };
 };
 verifyDomain: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the domain. */
    domainId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["DomainProof"];
   };
  };
  responses: {
   /** @description The domain is proven. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Domain"];
    };
   };
  };
 };
 listCompanyEnforcement: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of actions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["EnforcementAction"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 imposeCompanyEnforcement: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Imposition"];
   };
  };
  responses: {
   /** @description The action; a ban as `proposed`. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EnforcementAction"];
    };
   };
  };
 };
 liftCompanyEnforcement: {
  parameters: {
   query?: {
    /** @description `remedied`: what was asked for is done; `mistake`: it should not have been imposed; `other` unless said. */
    reason?: "remedied" | "mistake" | "other";
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the action. */
    actionId: string;
   };
  };
  responses: {
   /** @description Lifted, or withdrawn. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 approveCompanyBan: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the action. */
    actionId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The ban, in force. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EnforcementAction"];
    };
   };
  };
 };
 listCompanyInvitations: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only such invitations. */
    status?: "pending" | "expired" | "accepted" | "declined" | "revoked" | "superseded";
    /** @description `me`: only those that the caller sent. */
    inviter?: "me";
    /** @description The beginning of the address. */
    text?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of invitations. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Invitation"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 inviteCompanyMember: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationInput"];
   };
  };
  responses: {
   /** @description The invitation with a link that is shown this once. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invited"];
    };
   };
  };
 };
 getCompanyInvitation: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  responses: {
   /** @description The invitation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invitation"];
    };
   };
  };
 };
 editCompanyInvitation: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationChanges"];
   };
  };
  responses: {
   /** @description The invitation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invitation"];
    };
   };
  };
 };
 resendCompanyInvitation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationResend"];
   };
  };
  responses: {
   /** @description The invitation with a link that is shown this once. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invited"];
    };
   };
  };
 };
 revokeCompanyInvitation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the invitation. */
    invitationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmptyBody"];
   };
  };
  responses: {
   /** @description The invitation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Invitation"];
    };
   };
  };
 };
 inviteCompanyMembers: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Invitations"];
    "text/csv": string;
   };
  };
  responses: {
   /** @description What became of each row. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationOutcomes"];
    };
   };
  };
 };
 previewCompanyInvitation: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationInput"];
   };
  };
  responses: {
   /** @description The mail. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["MailPreview"];
    };
   };
  };
 };
 joinCompany: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["JoinInput"];
   };
  };
  responses: {
   /** @description A member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JoinedCompany"];
    };
   };
   /** @description Asked. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JoinRequested"];
    };
   };
  };
 };
 listJoinLinks: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of links. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["JoinLink"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 createJoinLink: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["JoinLinkInput"];
   };
  };
  responses: {
   /** @description The link, with its address. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["NewJoinLink"];
    };
   };
  };
 };
 getJoinLink: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the link. */
    linkId: string;
   };
  };
  responses: {
   /** @description The link. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JoinLink"];
    };
   };
  };
 };
 revokeJoinLink: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the link. */
    linkId: string;
   };
  };
  responses: {
   /** @description It lets nobody in any more. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 listJoinLinkUses: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the link. */
    linkId: string;
   };
  };
  responses: {
   /** @description A page of uses. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["JoinLinkUse"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 listJoinRequests: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only those in this state; `expired` ones were never answered. */
    status?: "open" | "approved" | "refused" | "withdrawn" | "superseded" | "expired";
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of requests. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["JoinRequest"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 withdrawJoinRequest: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the request. */
    requestId: string;
   };
  };
  responses: {
   /** @description Withdrawn. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 decideJoinRequest: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the request. */
    requestId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["JoinRequestDecision"];
   };
  };
  responses: {
   /** @description The request, answered. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JoinRequest"];
    };
   };
  };
 };
 listCompanyMembers: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Members of this team. */
    team?: string;
    /** @description Who has this role, anywhere in the organization; `owner` too. */
    role?: string;
    /** @description Only active or only suspended members. */
    status?: "active" | "suspended";
    /** @description How they became members. */
    source?: "founder" | "invitation" | "join_link" | "domain" | "join_request" | "import";
    /** @description Words of the name, or the beginning of the email address. */
    text?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of members. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Member"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 getCompanyMember: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"];
    };
   };
  };
 };
 removeCompanyMember: {
  parameters: {
   query?: {
    /** @description The member who becomes contact of all active contracts (K-3). */
    reassignContactTo?: string;
    /** @description `true`: the membership ends by itself once nothing blocks it any more (G-4). */
    whenClear?: "true" | "false";
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Dry run: what would happen. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Removal"];
    };
   };
   /** @description The membership ends once nothing blocks it. */
   202: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Removal"];
    };
   };
   /** @description Removed. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 moveCompanyMember: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Move"];
   };
  };
  responses: {
   /** @description The member, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"] | components["schemas"]["MemberPreview"];
    };
   };
  };
 };
 getCompanyMemberPermissions: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The permissions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["MemberPermissions"];
    };
   };
   /** @description Unchanged. */
   304: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 previewCompanyMemberRemoval: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Blockers and effects. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Removal"];
    };
   };
  };
 };
 changeCompanyMemberRoles: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["MemberRoles"];
   };
  };
  responses: {
   /** @description The member, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"] | components["schemas"]["MemberRolesPreview"];
    };
   };
  };
 };
 cancelCompanyMemberLeave: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Nothing is scheduled any more. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 suspendCompanyMember: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Suspension"];
   };
  };
  responses: {
   /** @description The member, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"] | components["schemas"]["SuspensionPreview"];
    };
   };
  };
 };
 resumeCompanyMember: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"];
    };
   };
  };
 };
 getCompanyOwnershipTransfer: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description The offer. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["OwnershipTransfer"];
    };
   };
  };
 };
 offerCompanyOwnership: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["OwnershipOffer"];
   };
  };
  responses: {
   /** @description The offer. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["OwnershipTransfer"];
    };
   };
  };
 };
 cancelCompanyOwnershipTransfer: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description No offer is open any more. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 acceptCompanyOwnership: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmptyBody"];
   };
  };
  responses: {
   /** @description The company with its new owner. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"];
    };
   };
  };
 };
 declineCompanyOwnership: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmptyBody"];
   };
  };
  responses: {
   /** @description Declined. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 forceCompanyOwnershipTransfer: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ForcedTransfer"];
   };
  };
  responses: {
   /** @description The company with its new owner. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"];
    };
   };
  };
 };
 setCompanyPlan: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["CompanyPlan"];
   };
  };
  responses: {
   /** @description The company. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"];
    };
   };
  };
 };
 reopenCompany: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Reopening"];
   };
  };
  responses: {
   /** @description The company. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Company"];
    };
   };
  };
 };
 listCompanyRoles: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description All roles. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Roles"];
    };
   };
  };
 };
 createRole: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["RoleInput"];
   };
  };
  responses: {
   /** @description The role. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Role"];
    };
   };
  };
 };
 getCompanyRole: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description Key of the role. */
    key: string;
   };
  };
  responses: {
   /** @description The role. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Role"];
    };
   };
  };
 };
 deleteRole: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description Key of the role. */
    key: string;
   };
  };
  responses: {
   /** @description Dry run: who has the role. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["RolePreview"];
    };
   };
   /** @description Deleted. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 updateRole: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description Key of the role. */
    key: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["RoleChanges"];
   };
  };
  responses: {
   /** @description The role, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Role"] | components["schemas"]["RolePreview"];
    };
   };
  };
 };
 listCompanyTeams: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description `true`: hidden teams too (C-8). */
    hidden?: "true" | "false";
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  responses: {
   /** @description A page of teams. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Team"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 createCompanyTeam: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TeamInput"];
   };
  };
  responses: {
   /** @description The team. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Team"];
    };
   };
  };
 };
 getCompanyTeam: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the team. */
    teamId: string;
   };
  };
  responses: {
   /** @description The team. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Team"];
    };
   };
  };
 };
 updateCompanyTeam: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the team. */
    teamId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TeamChanges"];
   };
  };
  responses: {
   /** @description The team, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Team"] | components["schemas"]["TeamPreview"];
    };
   };
  };
 };
 addCompanyTeamMember: {
  parameters: {
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the team. */
    teamId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description The member. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Member"];
    };
   };
  };
 };
 removeCompanyTeamMember: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   path: {
    /** @description TypeID of the company. */
    companyId: string;
    /** @description TypeID of the team. */
    teamId: string;
    /** @description TypeID of the member. */
    memberId: string;
   };
  };
  responses: {
   /** @description Dry run: what would stand in the way. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["TeamPreview"];
    };
   };
   /** @description Taken out. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 findConflict: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ConflictQuestion"];
   };
  };
  responses: {
   /** @description The answer. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ConflictAnswer"];
    };
   };
  };
 };
 putContract: {
  parameters: {
   path: {
    /** @description Id of the contract, as its service names it. */
    contractId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ContractUpdate"];
   };
  };
  responses: {
   /** @description The contract as it is known now. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ContractApplied"];
    };
   };
  };
 };
 getConversation: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description Id of the conversation, as its service names it. */
    conversationId: string;
   };
  };
  responses: {
   /** @description The conversation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ConversationView"];
    };
   };
   /** @description Unchanged. */
   304: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 putConversation: {
  parameters: {
   path: {
    /** @description Id of the conversation, as its service names it. */
    conversationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ConversationUpdate"];
   };
  };
  responses: {
   /** @description The conversation as it is known now. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ConversationApplied"];
    };
   };
  };
 };
 addCoworker: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description Id of the conversation, as its service names it. */
    conversationId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["CoworkerInput"];
   };
  };
  responses: {
   /** @description Took part already, or is invited to already: nothing changed, or only the level. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ParticipantAdded"] | components["schemas"]["CoworkerInvited"];
    };
   };
   /** @description Added, or invited. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ParticipantAdded"] | components["schemas"]["CoworkerInvited"];
    };
   };
  };
 };
 removeParticipant: {
  parameters: {
   path: {
    /** @description Id of the conversation, as its service names it. */
    conversationId: string;
    /** @description TypeID of the account that takes part. */
    accountId: string;
   };
  };
  responses: {
   /** @description Takes part no longer. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 listDuplicateCases: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only cases in this state. */
    status?: "open" | "awaiting_choice" | "kept" | "not_duplicate" | "exception" | "circumvention";
    /** @description Only cases of this kind. */
    kind?: "ordinary" | "circumvention";
    /** @description Only cases of this account. */
    account?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of cases. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["DuplicateCase"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 getDuplicateCase: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
   path: {
    /** @description TypeID of the case. */
    caseId: string;
   };
  };
  responses: {
   /** @description The case. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["DuplicateCaseFile"];
    };
   };
  };
 };
 decideDuplicateCase: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description TypeID of the case. */
    caseId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["DuplicateCaseDecision"];
   };
  };
  responses: {
   /** @description The case as it is now. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["DuplicateCaseFile"];
    };
   };
  };
 };
 recordDuplicateException: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["DuplicateExceptionInput"];
   };
  };
  responses: {
   /** @description Recorded before. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["DuplicateException"];
    };
   };
   /** @description Recorded. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["DuplicateException"];
    };
   };
  };
 };
 undoEmailChange: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TokenOnly"];
   };
  };
  responses: {
   /** @description The former address is primary again. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Undone"];
    };
   };
  };
 };
 verifyEmail: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmailVerification"];
   };
  };
  responses: {
   /** @description The account is active; `session` is a first sign-in. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EmailVerified"];
    };
   };
  };
 };
 requestEmailProof: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmailOnly"];
   };
  };
  responses: {
   /** @description Accepted. The answer is the same whether or not anybody has this address. */
   202: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Accepted"];
    };
   };
  };
 };
 listEnforcementActions: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
    /** @description Only those that stand like this now. */
    status?: "proposed" | "pending" | "active" | "ended" | "lifted" | "withdrawn";
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of actions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["EnforcementAction"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 listReasons: {
  parameters: {
   query?: {
    /** @description Language of the words. */
    locale?: "en" | "de";
   };
  };
  responses: {
   /** @description All of them. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EnforcementReasons"];
    };
   };
  };
 };
 listEvents: {
  parameters: {
   query?: {
    /** @description `nextCursor` of the page before, or `sequence` of the last event that was dealt with; without it from the oldest event that is kept. `latest`: none yet, only where the feed ends. */
    after?: string;
    /** @description Events of one page, not of a stream. */
    limit?: number;
    /** @description Only these types, comma-separated: `member.joined` is one type, `member.*` all of a noun. */
    types?: string;
    /** @description Only events of this company or agency. */
    organization?: string;
   };
   header?: {
    /** @description Of a stream that ended: goes on behind this place; before `after`. */
    "Last-Event-ID"?: string;
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of the feed, or the stream. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EventPage"];
     "text/event-stream": string;
    };
   };
  };
 };
 setInvitationPreference: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationPreference"];
   };
  };
  responses: {
   /** @description What holds for the address now. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationPreferenceSet"];
    };
   };
  };
 };
 unsubscribeFromInvitations: {
  parameters: {
   query: {
    /** @description The token out of the link that was mailed. */
    token: string;
   };
  };
  requestBody: {
   content: {
    "application/x-www-form-urlencoded": components["schemas"]["OneClickUnsubscribe"];
    "multipart/form-data": components["schemas"]["OneClickUnsubscribe"];
   };
  };
  responses: {
   /** @description What holds for the address now. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationPreferenceSet"];
    };
   };
  };
 };
 acceptInvitation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationAcceptance"];
   };
  };
  responses: {
   /** @description The membership. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationAccepted"];
    };
   };
   /** @description With `registration`: the account, its first sign-in, and the membership. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationAccepted"];
    };
   };
  };
 };
 declineInvitation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["InvitationRefusal"];
   };
  };
  responses: {
   /** @description Declined. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationDeclined"];
    };
   };
  };
 };
 lookUpInvitation: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["TokenOnly"];
   };
  };
  responses: {
   /** @description The invitation. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ShownInvitation"];
    };
   };
  };
 };
 acceptJoinLink: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["JoinLinkToken"];
   };
  };
  responses: {
   /** @description The membership. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JoinedByLink"];
    };
   };
  };
 };
 lookUpJoinLink: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["JoinLinkToken"];
   };
  };
  responses: {
   /** @description The company that it lets into. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JoinLinkPreview"];
    };
   };
  };
 };
 getAccount: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description The account. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Account"];
    };
   };
  };
 };
 updateAccount: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AccountChanges"];
   };
  };
  responses: {
   /** @description The account. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Account"];
    };
   };
  };
 };
 requestAnonymisation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["AnonymisationRequest"];
   };
  };
  responses: {
   /** @description The account is closed, and its data will be erased. */
   202: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ScheduledErasure"];
    };
   };
  };
 };
 getClosure: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description Blockers and effects. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["AccountClosure"];
    };
   };
  };
 };
 closeAccount: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description Closed, or what a dry run found. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ClosedAccount"] | components["schemas"]["AccountClosurePreview"];
    };
   };
  };
 };
 listContexts: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description All contexts. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Contexts"];
    };
   };
  };
 };
 getOwnDuplicateCase: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description The case. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["OwnDuplicateCase"];
    };
   };
  };
 };
 reportDuplicate: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["OwnDuplicateReport"];
   };
  };
  responses: {
   /** @description There is a case of these two already. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["DuplicateCaseOutcome"];
    };
   };
   /** @description The case. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["DuplicateCaseOutcome"];
    };
   };
  };
 };
 chooseAccount: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["DuplicateChoice"];
   };
  };
  responses: {
   /** @description Chosen. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["DuplicateCaseOutcome"];
    };
   };
  };
 };
 proveSignIn: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 600 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The proof. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["SignInProof"];
    };
   };
  };
 };
 addEmail: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmailOnly"];
   };
  };
  responses: {
   /** @description The account with the address, not proven yet. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Account"];
    };
   };
  };
 };
 removeEmail: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
   path: {
    /** @description An email address as its owner writes it. */
    email: string;
   };
  };
  responses: {
   /** @description Dry run: what would be removed. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["EmailRemoval"];
    };
   };
   /** @description Removed. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 makeEmailPrimary: {
  parameters: {
   path: {
    /** @description An email address as its owner writes it. */
    email: string;
   };
  };
  responses: {
   /** @description The account. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Account"];
    };
   };
  };
 };
 verifyOwnEmail: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
   path: {
    /** @description An email address as its owner writes it. */
    email: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TokenOnly"];
   };
  };
  responses: {
   /** @description The account. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Account"];
    };
   };
  };
 };
 listOwnEnforcement: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of decisions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["OwnEnforcement"];
    };
   };
  };
 };
 exportPersonalData: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description The data, to be kept as a file. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["PersonalDataExport"];
    };
   };
  };
 };
 getOwnIdentityVerification: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description The verification. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["IdentityVerification"];
    };
   };
  };
 };
 startIdentityVerification: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The verification. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["IdentityVerification"];
    };
   };
  };
 };
 listInvitationPreferences: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description The addresses. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["InvitationPreferences"];
    };
   };
  };
 };
 listOwnInvitations: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description The invitations. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["OwnInvitations"];
    };
   };
  };
 };
 listOwnJoinRequests: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of requests. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["OwnJoinRequest"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 listJoinableCompanies: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description All of them. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["JoinableCompanies"];
    };
   };
  };
 };
 changePassword: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PasswordChange"];
   };
  };
  responses: {
   /** @description Changed. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 getFreelancerProfile: {
  parameters: {
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description The whole profile. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FreelancerProfile"];
    };
   };
  };
 };
 createFreelancerProfile: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["FreelancerProfileInput"];
   };
  };
  responses: {
   /** @description The profile, open. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FreelancerProfile"];
    };
   };
  };
 };
 closeFreelancerProfile: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
  };
  responses: {
   /** @description Dry run: what is in the way. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ProfileClosure"];
    };
   };
   /** @description Closed. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 updateFreelancerProfile: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["FreelancerProfileChanges"];
   };
  };
  responses: {
   /** @description The whole profile. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FreelancerProfile"];
    };
   };
  };
 };
 addSpecialisedProfile: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["SpecialisedProfileInput"];
   };
  };
  responses: {
   /** @description The whole profile. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FreelancerProfile"];
    };
   };
  };
 };
 removeSpecialisedProfile: {
  parameters: {
   path: {
    /** @description Which of the two specialised profiles. */
    place: "1" | "2";
   };
  };
  responses: {
   /** @description Removed. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 updateSpecialisedProfile: {
  parameters: {
   header: {
    /** @description The `ETag` of the version that was seen. */
    "If-Match": string;
   };
   path: {
    /** @description Which of the two specialised profiles. */
    place: "1" | "2";
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["SpecialisedProfileChanges"];
   };
  };
  responses: {
   /** @description The whole profile. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["FreelancerProfile"];
    };
   };
  };
 };
 reauthenticate: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Reauthentication"];
   };
  };
  responses: {
   /** @description Recent from now on. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Reauthenticated"];
    };
   };
  };
 };
 replaceRecoveryCodes: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The new codes. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["RecoveryCodes"];
    };
   };
  };
 };
 listSessions: {
  parameters: {
   query?: {
    /** @description Items of one page. */
    limit?: number;
    /** @description Where to go on: `nextCursor` of the page before. */
    cursor?: string;
   };
   header?: {
    /** @description A `Consistency-Token`: the answer is no older than that write. */
    "At-Least-As-Fresh"?: string;
   };
  };
  responses: {
   /** @description A page of sessions. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": {
      items: components["schemas"]["Session"][];
      /** @description Cursor of the next page; null on the last one. */
      nextCursor: string | null;
     };
    };
   };
  };
 };
 endOtherSessions: {
  parameters: {
   query?: {
    /** @description `true` answers the effects and changes nothing. */
    dryRun?: "true" | "false";
   };
  };
  responses: {
   /** @description How many sessions ended, or would. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["SessionsEnded"];
    };
   };
  };
 };
 endSession: {
  parameters: {
   path: {
    /** @description A session id, or `current`. */
    sessionId: string;
   };
  };
  responses: {
   /** @description Ended. The refresh cookie of the current session is cleared. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 startTotp: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": Record<string, never>;
   };
  };
  responses: {
   /** @description The secret, shown once. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["TotpSecret"];
    };
   };
  };
 };
 removeTotp: {
  responses: {
   /** @description Removed, with all recovery codes. */
   204: {
    headers: {
     [name: string]: unknown;
    };
    content?: never;
   };
  };
 };
 confirmTotp: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TotpConfirmation"];
   };
  };
  responses: {
   /** @description Confirmed. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["RecoveryCodes"];
    };
   };
  };
 };
 grantClientToken: {
  requestBody: {
   content: {
    "application/x-www-form-urlencoded": components["schemas"]["TokenRequest"];
   };
  };
  responses: {
   /** @description An access token. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ClientToken"];
    };
   };
  };
 };
 requestPasswordReset: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmailOnly"];
   };
  };
  responses: {
   /** @description Accepted. The answer is the same whether or not anybody has this address. */
   202: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Accepted"];
    };
   };
  };
 };
 resetPassword: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["PasswordReset"];
   };
  };
  responses: {
   /** @description The new password is set; sign in with it. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["PasswordWasReset"];
    };
   };
  };
 };
 listPermissions: {
  responses: {
   /** @description The catalogue. May be kept for five minutes. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["PermissionCatalogue"];
    };
   };
  };
 };
 putProposal: {
  parameters: {
   path: {
    /** @description Id of the proposal, as its service names it. */
    proposalId: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["ProposalUpdate"];
   };
  };
  responses: {
   /** @description The proposal as it is known now. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ProposalApplied"];
    };
   };
  };
 };
 requestReactivation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["EmailOnly"];
   };
  };
  responses: {
   /** @description Accepted. The answer is the same whether or not anybody has this address. */
   202: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ReactivationRequested"];
    };
   };
  };
 };
 confirmReactivation: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["TokenOnly"];
   };
  };
  responses: {
   /** @description The account is open again. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Reactivated"];
    };
   };
  };
 };
 createServiceClient: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewServiceClient"];
   };
  };
  responses: {
   /** @description The client. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["ServiceClient"];
    };
   };
  };
 };
 signIn: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 86400 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["SignIn"];
   };
  };
  responses: {
   /** @description Signed in. The refresh token is shown once. */
   201: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 refreshSession: {
  parameters: {
   header?: {
    /** @description Makes a retry safe: the first answer is given again for 60 seconds. */
    "Idempotency-Key"?: string;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["Refresh"];
   };
  };
  responses: {
   /** @description New tokens. */
   200: {
    headers: {
     [name: string]: unknown;
    };
    content: {
     "application/json": components["schemas"]["Tokens"];
    };
   };
  };
 };
}
