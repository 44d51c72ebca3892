/** The language of the document, the same for everybody who has it open. */
import { DEFAULT_LANGUAGE, findLanguage, LANGUAGES } from '../domain/languages.ts';
import { find } from './elements.ts';

export interface LanguageMenu {
  show(languageId: string, options: { readonly readOnly: boolean }): void;
}

export function createLanguageMenu(choose: (languageId: string) => void, signal: AbortSignal): LanguageMenu {
  const menu = find('language', HTMLSelectElement);
  if (menu.options.length === 0)
    menu.append(
      ...LANGUAGES.toSorted((a, b) => rank(a.id) - rank(b.id) || a.name.localeCompare(b.name)).map(
        ({ id, name }) => new Option(name, id),
      ),
    );
  menu.addEventListener('change', () => choose(menu.value), { signal });
  return {
    show(languageId, { readOnly }) {
      // Somebody's client has set one that is not in the list; it is shown as it is called.
      if (findLanguage(languageId) === undefined && !Array.from(menu.options).some(({ value }) => value === languageId))
        menu.append(new Option(languageId, languageId));
      menu.value = languageId;
      menu.disabled = readOnly;
    },
  };
}

const rank = (id: string): number => (id === DEFAULT_LANGUAGE ? 0 : 1);
