/** What a browser remembers of its user: name, hue, dark mode. Without storage (a private window may forbid it) it forgets. */
import { log } from './log.ts';

export type SettingName = 'name' | 'hue' | 'darkMode';

const fallback = new Map<SettingName, string>();

export function readSetting(name: SettingName): string | null {
  try {
    return localStorage.getItem(name) ?? fallback.get(name) ?? null;
  } catch (cause) {
    log.debug('settings.unreadable', { reason: String(cause) });
    return fallback.get(name) ?? null;
  }
}

export function writeSetting(name: SettingName, value: string): void {
  fallback.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch (cause) {
    log.info('settings.unwritable', { reason: String(cause) });
  }
}
