/** What a script adds to the frame of the panel: what was folded stays folded, times are local, a link can be copied. */

/** Which groups of the sidebar are open, by name. */
const STORED_GROUPS = 'bluejay_sidebar_groups';
/** Parameters that make a notice; without them a reload does not repeat it. */
const NOTICES = ['saved', 'done', 'count'];

export const startShell = (root: ParentNode): void => {
  startGroups(root);
  startMenus(root);
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[data-moment]')) localise(time);
  for (const button of root.querySelectorAll<HTMLButtonElement>('button[data-copies]')) startCopying(button);
  const address = new URL(location.href);
  if (!NOTICES.some((name) => address.searchParams.has(name))) return;
  for (const name of NOTICES) address.searchParams.delete(name);
  history.replaceState(history.state, '', address);
};

const startGroups = (root: ParentNode): void => {
  const groups = [...root.querySelectorAll<HTMLDetailsElement>('details[data-group]')];
  const stored = readStored();
  for (const group of groups) {
    const isOpen = stored[group.dataset['group'] ?? ''];
    // Whoever looks for where he is must see it.
    if (typeof isOpen === 'boolean' && group.querySelector('[aria-current]') === null) group.open = isOpen;
    group.addEventListener('toggle', () => {
      const open = Object.fromEntries(groups.map((one) => [one.dataset['group'] ?? '', one.open]));
      store(JSON.stringify(open));
    });
  }
};

const readStored = (): Readonly<Record<string, unknown>> => {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_GROUPS) ?? '{}');
    return typeof stored === 'object' && stored !== null ? (stored as Readonly<Record<string, unknown>>) : {};
  } catch {
    // Storage that is switched off, or that something else wrote into: everything is open.
    return {};
  }
};

const store = (text: string): void => {
  try {
    localStorage.setItem(STORED_GROUPS, text);
  } catch {
    // Storage that is full or switched off: the next page is then as this one was.
    return;
  }
};

/** What is open over the page closes with Escape, and with a click beside it. */
const startMenus = (root: ParentNode): void => {
  const sheets = [...root.querySelectorAll<HTMLDetailsElement>('.account-menu, .share')];
  document.addEventListener('click', ({ target }) => {
    for (const sheet of sheets) if (target instanceof Node && !sheet.contains(target)) sheet.open = false;
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    const open = sheets.find((sheet) => sheet.open);
    if (open !== undefined) {
      open.open = false;
      open.querySelector('summary')?.focus();
    } else if (location.hash === '#sidebar') {
      location.replace('#main');
      root.querySelector<HTMLElement>('.menu-button')?.focus();
    }
  });
};

const localise = (time: HTMLTimeElement): void => {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  time.title = time.textContent;
  time.textContent = moment.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
};

const startCopying = (button: HTMLButtonElement): void => {
  const input = document.getElementById(button.dataset['copies'] ?? '');
  if (!(input instanceof HTMLInputElement)) return;
  const label = button.textContent;
  button.hidden = false;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(input.value);
      button.textContent = 'Copied';
    } catch {
      // No clipboard without TLS: the text is chosen, Ctrl+C copies it.
      button.textContent = 'Press Ctrl C';
    }
  };
  button.addEventListener('click', () => {
    input.select();
    void copy();
    button.addEventListener('blur', () => (button.textContent = label), { once: true });
  });
};
