/** The search of the header: Ctrl+K or Cmd+K opens it. */

export const startSearchBox = (root: Document): void => {
  const box = root.querySelector<HTMLDetailsElement>('details[data-search]');
  const input = box?.querySelector<HTMLInputElement>('input[type="search"]');
  if (box === null || input === null || input === undefined) return;
  box.addEventListener('toggle', () => {
    if (box.open) input.focus();
  });
  root.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    box.open = true;
    input.select();
  });
};
