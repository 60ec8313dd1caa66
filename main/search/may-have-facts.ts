/** True for a text that may have tags or links. Much quicker than reading them. */
export const mayHaveFacts = (text: string): boolean => text.startsWith('---') || /#[^\s#]|\[\[/.test(text)
