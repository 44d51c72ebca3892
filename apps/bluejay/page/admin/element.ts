/** Elements as values: made with their properties, attributes and children in one expression. */

type Made = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/** `on…` are listeners, `text` is the text, true an attribute without a value, false none. */
export const element = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Made = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(name.replace(/^on/, ''), value);
    else if (name === 'text') made.textContent = String(value);
    else if (value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
};

/** An input was changed by a script: who watches the form is told as if it was typed. */
export const announceChange = (input: Element): void => {
  input.dispatchEvent(new Event('input', { bubbles: true }));
};

/** For POSTs by script: the token of the form, or of the page. */
export const csrfToken = (): string =>
  document.querySelector<HTMLInputElement>('input[name="_csrf"]')?.value ??
  document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ??
  '';
