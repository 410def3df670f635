type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/**
 * Makes an element: attributes, `on…` handlers, and children (texts become text nodes, so nothing is ever parsed as
 * HTML).
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key.slice(2), value);
    else if (typeof value === 'boolean') made.toggleAttribute(key, value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Makes an element of a drawing. */
export function svgElement(
  name: keyof SVGElementTagNameMap,
  attributes: Readonly<Record<string, string>>,
  ...children: SVGElement[]
): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A codicon. */
export const icon = (name: string): HTMLElement =>
  element('span', { class: `codicon codicon-${name}`, 'aria-hidden': 'true' });

/** A button that shows only an icon; its title is also its accessible name. */
export function iconButton(name: string, title: string, onclick: () => void): HTMLButtonElement {
  return element('button', { class: 'icon-button', title, 'aria-label': title, onclick }, icon(name));
}
