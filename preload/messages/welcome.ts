import { escapeMarkdown } from '../text/markdown/escape'

/**
 * Returns the text of a new person's first document, as Markdown. `keys` is the name of the key of commands on their
 * keyboard.
 */
export const welcomeText = (name: string, keys: 'Ctrl' | 'Cmd'): string => `# Welcome, ${escapeMarkdown(name)}

This page is yours to try things out. Nobody else can see it. Remove it when you are done.

## Try it here

- [ ] Tick this box: click it, or press ${keys}+Enter in its line.
- [ ] Click into this line and add a few words.
- [ ] Double-click a word and press ${keys}+B. It turns **bold**; ${keys}+I makes it *italic*.
- [ ] Go to the empty line below the list, type \`#\` and a space, and write a heading.
- [ ] Undo all of it with ${keys}+Z. Everything is saved by itself.



## Write with somebody

- [ ] Start a document of your own with ${keys}+N.
- [ ] Press **Share** above its text, copy the link and send it to somebody. Whoever has it can write along, and you see their caret move.
- [ ] Did you get a link? Choose **Open link** and paste the whole message that it came in.

> What you write goes straight from your computer to theirs. There is no server between, and no account.

## Find your way

- The list at the left has all your documents.
- The button beside **Share** shows the headings of a text.
- Documents that you have already, as Markdown or plain text, open with **Open file…** in the File menu.
`
