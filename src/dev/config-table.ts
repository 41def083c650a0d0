import { z } from 'zod'
import type { Setting } from '../setting-forms.ts'
import { settings } from '../settings.ts'

const marks = { begin: '<!-- configuration -->', end: '<!-- /configuration -->' }

/** Every variable of the environment as Markdown, a table for each group: from the same settings that are parsed. */
export function configTable(): string {
  const all = Object.entries(settings) as Array<[string, Setting]>
  return [...new Set(all.map(([, { group }]) => group))]
    .map((group) => {
      const lines = all.filter(([, setting]) => setting.group === group).map(([name, setting]) => line(name, setting))
      return [`### ${group}`, '', '| variable | default | allowed | meaning |', '|---|---|---|---|', ...lines].join('\n')
    })
    .join('\n\n')
}

function line(name: string, { schema, fallback, describe }: Setting): string {
  const allowed = z.globalRegistry.get(schema)?.allowed
  const cells = [`\`${name}\``, fallback === undefined ? '' : `\`${fallback}\``, String(allowed ?? ''), describe]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** A page with the table as it is now between its marks. @throws when the marks are missing */
export function withConfigTable(page: string): string {
  const begin = page.indexOf(marks.begin)
  const end = page.indexOf(marks.end)
  if (begin < 0 || end < begin) throw new Error(`The page has no ${marks.begin} … ${marks.end}`)
  return `${page.slice(0, begin)}${marks.begin}\n\n${configTable()}\n\n${page.slice(end)}`
}
