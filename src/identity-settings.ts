import { evidenceWeights, type Setting, setting, whole } from './setting-forms.ts'

/** The part of the settings that is about who somebody is. */
export const identitySettings = {
  VERIFICATION_DEADLINE_SECONDS: setting(
    'Identity',
    whole(86_400, 90 * 86_400),
    String(14 * 86_400),
    'How long somebody who is asked to verify their identity has before the account is restricted (P-5).'
  ),
  VERIFICATION_RETRY_SECONDS: setting(
    'Identity',
    whole(86_400, 30 * 86_400),
    String(7 * 86_400),
    'How long they have at least after a try that failed.'
  ),
  VERIFICATION_FAILURES: setting(
    'Identity',
    whole(1, 20),
    '3',
    'How many failed tries move the deadline. After them it stays, and sending in does not stop its clock any more (P-5).'
  ),
  CHOICE_DEADLINE_SECONDS: setting(
    'Identity',
    whole(86_400, 90 * 86_400),
    String(14 * 86_400),
    'How long somebody who is asked which of two accounts to keep has before the newer one is restricted (P-9).'
  ),
  EVIDENCE_WEIGHTS: setting(
    'Identity',
    evidenceWeights,
    'device=20,ip=10,address=15,name_birth_date=40,mailbox=25',
    'Points of each kind of weak evidence that two accounts both hold (P-6).'
  ),
  EVIDENCE_THRESHOLD: setting('Identity', whole(1, 1000), '60', 'Points from which a pair of accounts is put before an operator (P-6).'),
  EVIDENCE_CROWD: setting(
    'Identity',
    whole(2, 200),
    '20',
    'Weak evidence that more accounts than these hold says nothing, and no more accounts are compared for one piece of strong evidence.'
  )
} satisfies Record<string, Setting>
