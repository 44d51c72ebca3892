/** Who is here: the list in the sidebar, the faces in the bar, and the form in which one renames oneself. */
import type { UserInfo } from '../domain/messages.ts';
import { find, make } from './elements.ts';
import { type Participant, trimName } from './participant.ts';

export type Person = { readonly id: number; readonly info: UserInfo };

export type PresenceActions = {
  rename(name: string): void;
  reroll(): void;
};

export interface Presence {
  show(me: Participant & { readonly viewer: boolean }, others: readonly Person[]): void;
}

const MAX_FACES = 5;

export function createPresence(actions: PresenceActions, signal: AbortSignal): Presence {
  const list = find('people', HTMLUListElement);
  const form = find('rename', HTMLFormElement);
  const field = find('rename-name', HTMLInputElement);
  const swatch = find('reroll-swatch', HTMLElement);
  let shown: Participant | null = null;

  const own = make('button', 'person');
  own.type = 'button';
  own.setAttribute('aria-controls', form.id);

  const open = (wanted: boolean): void => {
    form.hidden = !wanted;
    own.setAttribute('aria-expanded', String(wanted));
    if (!wanted) return;
    field.value = shown?.name ?? '';
    field.setCustomValidity('');
    field.focus();
    field.select();
  };
  const closeAndReturn = (): void => {
    open(false);
    own.focus();
  };
  open(false);
  own.addEventListener('click', () => open(form.hidden !== false), { signal });
  find('rename-close', HTMLButtonElement).addEventListener('click', closeAndReturn, { signal });
  find('reroll', HTMLButtonElement).addEventListener('click', () => actions.reroll(), { signal });
  field.addEventListener('input', () => field.setCustomValidity(''), { signal });
  form.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      // It closes the form, not the sheet in which the form is.
      event.stopPropagation();
      closeAndReturn();
    },
    { signal },
  );
  form.addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      const name = trimName(field.value);
      if (name === null) {
        field.setCustomValidity('A name needs at least one letter.');
        field.reportValidity();
        return;
      }
      actions.rename(name);
      closeAndReturn();
    },
    { signal },
  );

  return {
    show(me, others) {
      shown = me;
      swatch.style.setProperty('--hue', String(me.hue));
      own.replaceChildren(...describe(me, me.viewer ? '(you, reading)' : '(you)'), make('span', 'person-edit', 'Edit'));
      const ownItem = make('li', '');
      ownItem.append(own);
      const items = others.map(({ info }) => {
        const item = make('li', 'person');
        item.append(...describe(info, info.viewer === true ? 'reading' : ''));
        return item;
      });
      // Putting an element in its place again would take the focus from it.
      if (own.isConnected && list.contains(own)) list.replaceChildren(list.firstElementChild ?? ownItem, ...items);
      else list.replaceChildren(ownItem, ...items);
      find('people-count', HTMLElement).textContent = String(others.length + 1);
      find('faces', HTMLElement).replaceChildren(...[me, ...others.map(({ info }) => info)].slice(0, MAX_FACES).map(face));
    },
  };
}

function describe({ name, hue }: Participant, note: string): HTMLElement[] {
  const swatch = make('span', 'swatch');
  swatch.style.setProperty('--hue', String(hue));
  swatch.ariaHidden = 'true';
  const parts = [swatch, make('span', 'person-name', name)];
  // A space as text: without it a screen reader runs name and note together.
  return note === '' ? parts : [...parts, make('span', 'person-note', ` ${note}`)];
}

function face({ name, hue }: Participant): HTMLElement {
  const words = name.split(' ').filter((word) => word !== '');
  // Of "Anonymous Otter" the second word says who.
  const letter = [...(words[0] === 'Anonymous' ? (words[1] ?? 'A') : (words[0] ?? '?'))][0] ?? '?';
  const item = make('li', '', letter.toUpperCase());
  item.title = name;
  item.style.setProperty('--hue', String(hue));
  return item;
}
