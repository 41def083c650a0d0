import { postgresUrls, type Setting, setting, whole } from './setting-forms.ts'

/** The part of the settings that is about from where permission queries are answered. */
export const querySettings = {
  DATABASE_REPLICA_URLS: setting(
    'Database',
    postgresUrls,
    undefined,
    'Streaming replicas for permission queries, comma-separated, each one server, as the same role. Asked only while they prove to be fresh enough (Q-3, Q-4).'
  ),
  FACT_CACHE_ENTRIES: setting(
    'Database',
    whole(0, 1_000_000),
    '50000',
    'Pairs of account and organization whose facts are kept for permission queries, a kilobyte or two each; one more connection hears what changes. `0`: none.'
  )
} satisfies Record<string, Setting>
