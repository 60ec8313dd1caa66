/** 64 hexadecimal letters. Names a document; opens nothing. */
export type DocumentId = string

/** A person's access level in a document. */
export type Role = 'write' | 'read'

/** Access that a link grants: a role, or keeping the document for others without reading it. */
export type LinkKind = Role | 'keep'
