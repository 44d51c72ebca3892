/** What a browser without scripts would send of the forms of a page. Understands the pages that this app makes, no others. */

/** Names and values in the order of the page: hidden inputs come before their checkbox. */
export type FormEntry = readonly [name: string, value: string];

export type BrowserForm = {
  /** Path that it is sent to. */
  readonly action: string;
  readonly entries: readonly FormEntry[];
  /** Values of its buttons that have a name. */
  readonly buttons: readonly FormEntry[];
};

export const formsOf = (page: string): readonly BrowserForm[] => {
  // What is in a template is no part of the page.
  const visible = page.replaceAll(/<template\b[^]*?<\/template>/g, '');
  return [...visible.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)].map(([, attributes = '', inside = '']) => ({
    action: attributeOf(attributes, 'action') ?? '',
    entries: entriesOf(inside),
    buttons: [...inside.matchAll(/<button\b([^>]*)>/g)].flatMap(([, button = '']) => {
      const name = attributeOf(button, 'name');
      return name === undefined ? [] : [[name, attributeOf(button, 'value') ?? ''] as const];
    }),
  }));
};

/** The form with other values: every entry of such a name goes, and the new ones come at the end. A name with no values is taken out. */
export const filledIn = (form: BrowserForm, changes: Readonly<Record<string, string | readonly string[]>>): URLSearchParams => {
  const sent = new URLSearchParams();
  for (const [name, value] of form.entries) if (!Object.hasOwn(changes, name)) sent.append(name, value);
  for (const [name, values] of Object.entries(changes))
    for (const value of typeof values === 'string' ? [values] : values) sent.append(name, value);
  return sent;
};

const CONTROL = /<input\b([^>]*)>|<textarea\b([^>]*)>([^]*?)<\/textarea>|<select\b([^>]*)>([^]*?)<\/select>/g;
const NOT_SENT = new Set(['file', 'submit', 'button', 'reset', 'image']);

const entriesOf = (inside: string): readonly FormEntry[] =>
  [...inside.matchAll(CONTROL)].flatMap(([, input, textarea, text = '', select, options = '']): readonly FormEntry[] => {
    const attributes = input ?? textarea ?? select ?? '';
    const name = attributeOf(attributes, 'name');
    if (name === undefined || hasAttribute(attributes, 'disabled')) return [];
    // The first line break of a text area is not its content; those that it sends are CRLF.
    if (textarea !== undefined) return [[name, decoded(text.replace(/^\r?\n/, '')).replaceAll(/\r?\n/g, '\r\n')]];
    if (select !== undefined) return chosen(options, hasAttribute(select, 'multiple')).map((value) => [name, value]);
    const type = attributeOf(attributes, 'type') ?? 'text';
    if (NOT_SENT.has(type)) return [];
    if ((type === 'checkbox' || type === 'radio') && !hasAttribute(attributes, 'checked')) return [];
    return [[name, attributeOf(attributes, 'value') ?? (type === 'checkbox' ? 'on' : '')]];
  });

const chosen = (options: string, isMultiple: boolean): readonly string[] => {
  const all = [...options.matchAll(/<option\b([^>]*)>([^<]*)/g)].map(([, attributes = '', text = '']) => ({
    value: attributeOf(attributes, 'value') ?? decoded(text.trim()),
    isSelected: hasAttribute(attributes, 'selected'),
  }));
  const selected = all.filter(({ isSelected }) => isSelected).map(({ value }) => value);
  return selected.length > 0 || isMultiple ? selected : all.slice(0, 1).map(({ value }) => value);
};

const attributeOf = (attributes: string, name: string): string | undefined => {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : decoded(value);
};

const hasAttribute = (attributes: string, name: string): boolean =>
  new RegExp(`(?:^|\\s)${name}(?:[\\s=/]|$)`).test(attributes.replaceAll(/"[^"]*"/g, '""'));

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(amp|lt|gt|quot|apos));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
  });
