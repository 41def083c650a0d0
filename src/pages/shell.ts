const safe = Symbol('safe markup')

/** Markup that `html` made. Nothing else counts as markup, whatever it looks like: JSON cannot carry the symbol. */
export interface Markup {
  readonly [safe]: string
}

export type Content = Markup | string | number | false | undefined | Content[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(content: Content): string {
  if (content === undefined || content === false) return ''
  if (Array.isArray(content)) return content.map(escaped).join('')
  return typeof content === 'object' ? content[safe] : String(content).replace(/[&<>"']/g, (sign) => entities[sign]!)
}

/** Makes markup. Every value is escaped, for text and for quoted attributes, unless it is markup itself or a list of it. */
export const html = (parts: TemplateStringsArray, ...contents: Content[]): Markup => ({
  [safe]: String.raw({ raw: parts }, ...contents.map(escaped))
})

export interface Page {
  /** Name of the tab, and the heading unless there is one. */
  title: string
  heading?: Markup | string
  body: Markup
  /** Modules of this page, as paths of the service such as `/pages/undo-email-change.js`. */
  scripts?: string[]
  /** Room for tables and samples; text and forms are easier to read in a narrow column. */
  wide?: boolean
  /** Where the service begins, seen from this page and ending with a slash, or empty; `/` unless it is behind a path. */
  root?: string
}

/** A whole page as text: heading, body, the one style sheet. It loads nothing from any other host and has no inline script or style. */
export function htmlPage({ title, heading = title, body, scripts = [], wide = false, root = '/' }: Page): string {
  const modules = scripts.map((path) => html`\n    <script type="module" src="${root}${path.replace(/^\//, '')}"></script>`)
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Guildhall</title>
    <link rel="icon" href="${root}pages/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="${root}pages/style.css">${modules}
  </head>
  <body${wide && html` class="wide"`}>
    <header>
      <a href="${root || './'}"><img src="${root}pages/icon.svg" alt="" width="28" height="28">Guildhall</a>
    </header>
    <main>
      <h1>${heading}</h1>
${body}
    </main>
  </body>
</html>
`[safe]
}
