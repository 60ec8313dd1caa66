const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A document's title as people see it. */
export const titleWords = (title: string): string => title.trim() || 'Untitled'

/** A number with its noun: '1 edit', '1,234 edits'. */
export const countWords = (count: number, one: string, many: string, locale?: string): string =>
  count === 1 ? `1 ${one}` : `${count.toLocaleString(locale)} ${many}`

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** A size in bytes, rounded for people: kB of 1,000 bytes and so on. */
export function sizeWords(bytes: number, locale?: string): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1_000 ** step
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step > 0 && value < 10 ? 1 : 0,
  }).format(value)
}

/** A time of day, in hours and minutes. `at` is in ms since the epoch. */
export const timeWords = (at: number, locale?: string): string =>
  new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })

/** A moment in the past as people say it, the shorter the longer ago. `at` and `now` are ms since the epoch. */
export function dateWords(at: number, now: number, locale?: string): string {
  const age = now - at
  // A clock that was set back is no reason to speak of the future.
  if (age < minute) return 'just now'
  if (age < hour) return `${Math.floor(age / minute)} min ago`
  const days = Math.round((startOfDay(now) - startOfDay(at)) / day)
  const date = new Date(at)
  if (days === 0) return `today ${timeWords(at, locale)}`
  if (days === 1) return 'yesterday'
  if (days < 7) return date.toLocaleDateString(locale, { weekday: 'long' })
  const sameYear = date.getFullYear() === new Date(now).getFullYear()
  return date.toLocaleDateString(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  })
}

function startOfDay(at: number): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
