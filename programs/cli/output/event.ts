import type { Event } from '@berth/protocol';
import { localTime } from './quantities.ts';
import type { Terminal } from './terminal.ts';

export const renderEvent = ({ at, name, app, operation, fields }: Event, { style }: Pick<Terminal, 'style'>): string => {
  const about = [...(app ? [app] : []), ...(operation ? [`#${operation}`] : [])].join(' ');
  const details = Object.entries(fields).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [`${key}=${shown(value)}`],
  );
  const alarm = /\.(died|failed|expiring|looping|worse|down|unhealthy)$/.test(name);
  return [style.dim(localTime(at)), alarm ? style.red(name) : style.cyan(name), about, style.dim(details.join(' '))]
    .filter(Boolean)
    .join(' ');
};

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[\s"]/.test(text) ? JSON.stringify(text) : text;
};
