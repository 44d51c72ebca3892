/** Light or dark: as the system has it, until somebody chooses. */
import { find } from './elements.ts';
import { readSetting, writeSetting } from './settings.ts';

export type Theme = 'light' | 'dark';

/** `onChange` is called at once and then whenever it changes. */
export function installTheme(onChange: (theme: Theme) => void): void {
  const toggle = find('theme-toggle', HTMLButtonElement);
  const system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = (): boolean | null => {
    const stored = readSetting('darkMode');
    return stored === null ? null : stored === 'true';
  };
  const apply = (): void => {
    const dark = chosen() ?? system.matches;
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    toggle.setAttribute('aria-checked', String(dark));
    onChange(dark ? 'dark' : 'light');
  };
  toggle.addEventListener('click', () => {
    writeSetting('darkMode', String(!(chosen() ?? system.matches)));
    apply();
  });
  system.addEventListener('change', apply);
  // Another tab of ours has chosen.
  addEventListener('storage', ({ key }) => key === 'darkMode' && apply());
  apply();
}
