/** Tab indents in the text, so whoever came into it by Tab is told how to get out again. */
import { find } from './elements.ts';

const SHOWN_MS = 5_000;

export function installKeysHint(signal: AbortSignal): void {
  const hint = find('keys-hint', HTMLElement);
  const host = find('editor', HTMLElement);
  let byTab = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (wanted: boolean): void => {
    hint.classList.toggle('is-shown', wanted);
    clearTimeout(timer);
    if (wanted) timer = setTimeout(() => show(false), SHOWN_MS);
  };
  // The focus moves between the key's going down and its coming up.
  document.addEventListener('keydown', ({ key }) => (byTab = key === 'Tab'), { signal, capture: true });
  document.addEventListener('pointerdown', () => (byTab = false), { signal, capture: true });
  host.addEventListener('focusin', () => byTab && show(true), { signal });
  host.addEventListener('focusout', () => show(false), { signal });
  signal.addEventListener('abort', () => show(false));
}
