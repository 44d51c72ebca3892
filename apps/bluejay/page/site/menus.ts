/** What opens in the header closes again: by Escape, and by a click elsewhere. */

export const startMenus = (root: Document): void => {
  const opened = (): readonly HTMLDetailsElement[] => [
    ...root.querySelectorAll<HTMLDetailsElement>('.site-header details[open]'),
  ];
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    // The innermost first.
    const details = opened().at(-1);
    if (details === undefined) return;
    details.open = false;
    details.querySelector('summary')?.focus();
  });
  root.addEventListener('click', (event) => {
    for (const details of opened()) if (event.target instanceof Node && !details.contains(event.target)) details.open = false;
  });
};
