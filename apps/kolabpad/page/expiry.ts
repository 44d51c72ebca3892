/** How long the document stays when nobody visits it. */
import type { Expiry } from '../domain/messages.ts';
import { find } from './elements.ts';

export interface ExpiryMenu {
  show(expiry: Expiry): void;
}

const DAY_HOURS = 24;
const CHOICES_HOURS = [1, 6, DAY_HOURS, 3 * DAY_HOURS, 7 * DAY_HOURS, 14 * DAY_HOURS, 30 * DAY_HOURS];
const DEFAULT = 'default';

/** `choose` with null: as long as every other document. */
export function createExpiryMenu(choose: (hours: number | null) => Promise<void>, signal: AbortSignal): ExpiryMenu {
  const menu = find('expiry', HTMLSelectElement);
  const words = find('expiry-words', HTMLElement);
  let shown: Expiry | null = null;
  const render = (): void => {
    if (shown === null) return;
    const { hours, chosen } = shown;
    const choices = CHOICES_HOURS.includes(hours) ? CHOICES_HOURS : [...CHOICES_HOURS, hours].toSorted((a, b) => a - b);
    menu.replaceChildren(
      new Option(chosen ? 'The usual time here' : `${durationWords(hours)} (usual here)`, DEFAULT),
      ...choices.map((choice) => new Option(durationWords(choice), String(choice))),
    );
    menu.value = chosen ? String(hours) : DEFAULT;
    words.textContent = `Deleted for good after ${durationWords(hours)} without a visit.`;
  };
  menu.addEventListener(
    'change',
    // The server has the last word: until it agrees, what was true is what is shown.
    () => void choose(menu.value === DEFAULT ? null : Number(menu.value)).finally(render),
    { signal },
  );
  return {
    show(expiry) {
      shown = expiry;
      render();
    },
  };
}

/** "1 hour", "6 hours", "1 day", "14 days". */
export function durationWords(hours: number): string {
  const inDays = hours >= DAY_HOURS && hours % DAY_HOURS === 0;
  const count = inDays ? hours / DAY_HOURS : hours;
  return `${count} ${inDays ? 'day' : 'hour'}${count === 1 ? '' : 's'}`;
}
