import { expect, it } from 'vitest'
import { kindNamed } from '../../../../renderer/features/callouts/callouts'

it.each([
  ['warning', 'warning'],
  ['bug', 'caution'],
  ['unknown', 'note'],
  ['constructor', 'note'],
  ['__proto__', 'note'],
  ['', 'note'],
])('a callout named %j is a %s', (name, kind) => expect(kindNamed(name)).toBe(kind))
