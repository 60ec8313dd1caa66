/** The beginning of HTML that Swarmpad put on the clipboard: beside it stands the Markdown that it was made of. */
export const ownMark = '<meta name="generator" content="Swarmpad">'
