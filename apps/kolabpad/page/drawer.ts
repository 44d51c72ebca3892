/** On a phone the sidebar is a sheet over the text: opened by a button, closed by another, by Escape, or beside it. */
import { find } from './elements.ts';

export function installDrawer(): void {
  const sidebar = find('sidebar', HTMLElement);
  const opener = find('drawer-open', HTMLButtonElement);
  const closer = find('drawer-close', HTMLButtonElement);
  const scrim = find('scrim', HTMLElement);
  // What lies under the sheet cannot be reached, so that the focus stays in it.
  const behind = ['bar', 'stage', 'skip-to-text'].map((id) => find(id, HTMLElement));
  const narrow = matchMedia('(max-width: 760px)');

  const show = (open: boolean): void => {
    sidebar.classList.toggle('is-open', open);
    scrim.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    for (const element of behind) element.inert = open;
    // A hidden element cannot take the focus, and until it is laid out anew the sheet is one.
    if (open) requestAnimationFrame(() => closer.focus());
    else if (narrow.matches) opener.focus();
  };
  const close = (): void => {
    if (sidebar.classList.contains('is-open')) show(false);
  };
  opener.addEventListener('click', () => show(true));
  closer.addEventListener('click', close);
  scrim.addEventListener('click', close);
  sidebar.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
  narrow.addEventListener('change', close);
}
