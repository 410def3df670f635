/*
 * What is on the screen is changed where it stands and only where it differs: a button that is pressed, has the focus
 * or is read aloud must still be there a moment later.
 */

/** Makes a text node say something else. */
export function setText(node: Text, text: string): void {
  if (node.data !== text) node.data = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** Shows a codicon in an element that was made for another one. */
export function setIcon(element: HTMLElement, name: string): void {
  setAttribute(element, 'class', `codicon codicon-${name}`);
}

/** A parent gets these children in this order; those that stand right already are not touched. */
export function setChildren(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    const present = parent.children[i];
    if (present !== child) parent.insertBefore(child, present ?? null);
  });
}
