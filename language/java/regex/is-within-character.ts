/** Whether a position of a text lies between the halves of a character. */
export const isWithinCharacter = (text: string, at: number): boolean => at > 0 && text.codePointAt(at - 1)! > 0xffff;
