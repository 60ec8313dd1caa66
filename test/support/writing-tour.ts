import type { Desk, Room } from './app'

/** A text with every element that the editor draws. */
const text = `---
title: Autumn festival
tags: [plan, orchard]
---

# Autumn festival plan

We open the gates at **two**, *whatever* the weather, and close them ~~when we like~~ ==at dusk==. See [the map](https://example.org/map), www.example.org or run \`make festival\`.[^1] The area is $\\pi r^2$.

## Who does what

- [x] Ask the caretaker for the key
- [ ] Order forty benches
  - twenty of them long
    - with backs
- Lanterns, of which some words are many enough to wrap into a second row below the first one, where they stand below the words

1. Ring Theo
2. Ring Mara
   > She is there from ten.
10. ### A heading in an item

> The hall is ours from ten.
>
> > And the yard from nine.

> [!warning] Rain
> The tent is at Theo's.

| Stand | Who | Price |
|:--|:--:|--:|
| Apples | Mara, *Theo* | 2.50 |
| Cider | [Ben](https://example.org/ben) | 12.00 |

> | Hour | Band |
> |--|--|
> | two | Strings |
> | three to four | Brass |

\`\`\`ts
const benches = (people: number) => Math.ceil(people / 4) // of four seats
\`\`\`

$$
\\sum_{k=1}^{n} k = \\frac{n (n + 1)}{2}
$$

---

Underlined heading
------------------

![The yard](yard.png) and <kbd>html</kbd>, :smile: H~2~O x^2^, [[House rules]]

[^1]: In the orchard, by the school.
`

/** Leads one person through a text with every element, and calls `visit` at each view of it with a name. */
export async function writingTour(
  room: Room,
  dark: boolean,
  visit: (name: string, desk: Desk) => Promise<void>,
): Promise<void> {
  const desk = await room.desk({ name: 'Ada', dark })
  const { page, editor } = desk
  await desk.create()
  await desk.paste(text)
  await desk.holds(text)
  await page.keyboard.press('Control+Home')
  await editor.locator('.table-frame').first().waitFor()
  await visit('elements', desk)
  await editor.getByText('caretaker').dblclick()
  await page.locator('.selection-bar').waitFor()
  await visit('selection-bar', desk)
  await page.getByRole('link', { name: 'the map' }).hover()
  await page.getByRole('group', { name: 'Link' }).waitFor()
  await visit('link-card', desk)
  await page.mouse.move(5, 5)
  await editor.getByRole('cell', { name: 'Mara, Theo' }).click()
  await editor.locator('.table-source').first().waitFor()
  await visit('table-source', desk)
  const outline = page.getByRole('complementary', { name: 'Outline' })
  await desk.menu('Outline')
  await outline.getByText('Underlined heading').waitFor()
  await visit('outline', desk)
  await outline.getByRole('button', { name: 'Hide outline' }).click()
  await desk.menu('Links of the document')
  const links = page.getByRole('complementary', { name: 'Links' })
  await links.getByRole('button', { name: /House rules/ }).waitFor()
  await visit('links', desk)
  await links.getByRole('button', { name: 'Hide links' }).click()
  await editor.focus()
  await page.keyboard.press('Control+End')
  await visit('elements-end', desk)
  await desk.menu('Show all Markdown marks')
  await visit('all-marks', desk)
}
