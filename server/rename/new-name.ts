import { identifierText, RESERVED_WORDS } from '../../language/text/identifier-text.ts';

/** A name as somebody typed it, and what it means. */
export interface NewName {
  readonly name: string;
  /** How it is written where it stands for itself. */
  readonly text: string;
}

/**
 * Reads a name: in quotes it is as it stands, else letters are large, as everywhere in KSQL. Undefined for what can be
 * no name.
 */
export function readNewName(typed: string): NewName | undefined {
  const text = typed.trim();
  const quoted = /^(?<quote>[`"])(?<inner>.+)\k<quote>$/s.exec(text)?.groups;
  if (quoted !== undefined) {
    const { quote, inner } = quoted as { readonly quote: string; readonly inner: string };
    const name = inner.replaceAll(quote + quote, quote);
    return { name, text: identifierText(name) };
  }
  if (text === '' || /[`"'\s]/.test(text)) return undefined;
  const upper = text.toUpperCase();
  if (/^[A-Za-z_][A-Za-z0-9_@]*$/.test(text)) {
    return RESERVED_WORDS.has(upper) ? { name: upper, text: identifierText(upper) } : { name: upper, text };
  }
  return { name: text, text: identifierText(text) };
}

/** A name that follows from another one, in small letters where that was written so. */
export function derivedName(name: string, like: NewName): NewName {
  const plain = identifierText(name);
  const isLower = like.text === like.text.toLowerCase() && /[a-z]/.test(like.text);
  return { name, text: isLower && plain === name ? plain.toLowerCase() : plain };
}
