/** What can be wrong with documents that somebody sent in: stable codes. */
export const verificationDefects = [
  'document_unreadable',
  'document_incomplete',
  'document_expired',
  'document_not_accepted',
  'document_altered',
  'name_differs',
  'birth_date_differs',
  'photo_differs',
  'photo_missing'
] as const
export type VerificationDefect = (typeof verificationDefects)[number]
