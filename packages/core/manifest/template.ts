import { referenceUnknown } from '../errors.ts';
import { didYouMean } from './suggestion.ts';

/** What `${…}` in an environment value may stand for. Built per instance, when it starts. */
export type TemplateContext = {
  readonly app: {
    readonly name: string;
    /** Of the first host that answers, e.g. https://pad.localhost:8443, without a slash at the end; null without one. */
    readonly url: string | null;
    /** The host name in that URL, e.g. pad.localhost. */
    readonly domain: string | null;
  };
  readonly release: { readonly number: number };
  /** By name; `path` is absolute. */
  readonly stores: Readonly<Record<string, { readonly kind: 'sqlite' | 'files'; readonly path: string }>>;
  /** By name: the stable loopback port of every service that has one. */
  readonly services: Readonly<Record<string, { readonly port: number }>>;
};

/** Which names there are, known from the manifest alone. */
export type TemplateNames = {
  readonly stores: Iterable<string>;
  readonly services: Iterable<string>;
  /** Is there a host that answers, rather than redirects? */
  readonly hasRoutes: boolean;
};

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly name: string; readonly text: string }
  | { readonly kind: 'open'; readonly text: string };

/** `$$` is a `$`, `${name}` a reference, and any other `$` itself. `open` is a reference without its closing brace. */
export const parseTemplate = (text: string): TemplatePart[] => {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (const match of text.matchAll(/\$\$|\$\{([^}]*)(\}?)/g)) {
    if (match.index > at) parts.push({ kind: 'text', text: text.slice(at, match.index) });
    at = match.index + match[0].length;
    if (match[0] === '$$') parts.push({ kind: 'text', text: '$' });
    else if (match[2] === '') parts.push({ kind: 'open', text: match[0] });
    else parts.push({ kind: 'reference', name: (match[1] ?? '').trim(), text: match[0] });
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) });
  return parts;
};

/** The value with every reference filled in. Throws MANIFEST_REFERENCE_UNKNOWN for one that stands for nothing. */
export const resolveTemplate = (text: string, context: TemplateContext): string => {
  if (!text.includes('$')) return text;
  const values = templateValues(context);
  return parseTemplate(text)
    .map((part) => {
      if (part.kind === 'text') return part.text;
      const value = part.kind === 'reference' ? values.get(part.name) : undefined;
      if (value === undefined) throw referenceUnknown(part.text, [...values.keys()]);
      return value;
    })
    .join('');
};

export type TemplateMistake = { readonly text: string; readonly message: string; readonly suggestion: string | null };

/** What is wrong with the references in a value; nothing of it is resolved. */
export const checkTemplate = (text: string, names: TemplateNames): TemplateMistake[] => {
  const known = referenceNames(names);
  return parseTemplate(text).flatMap((part): TemplateMistake[] => {
    if (part.kind === 'text') return [];
    const shown = part.text.length > 40 ? `${part.text.slice(0, 40)}…` : part.text;
    if (part.kind === 'open') {
      return [
        { text: part.text, message: `\`${shown}\` has no closing brace`, suggestion: 'write $$ for a $ that is meant as such' },
      ];
    }
    if (known.has(part.name)) return [];
    return [{ text: part.text, ...explainUnknown(part.name, shown, names, known) }];
  });
};

/** The services whose address a value refers to. */
export const referencedServices = (text: string): string[] => namesAfter('services', text);

/** The stores that a value refers to. */
export const referencedStores = (text: string): string[] => namesAfter('stores', text);

const namesAfter = (kind: string, text: string): string[] =>
  parseTemplate(text).flatMap((part) => {
    const [first, name] = part.kind === 'reference' ? part.name.split('.') : [];
    return first === kind && name !== undefined ? [name] : [];
  });

const explainUnknown = (name: string, shown: string, names: TemplateNames, known: ReadonlySet<string>) => {
  if (name === 'app.url' || name === 'app.domain') {
    return {
      message: `\`${shown}\` has no value: no host of this app answers`,
      suggestion: 'add a route, or remove the reference',
    };
  }
  if (/^[A-Za-z_]\w*$/.test(name)) {
    const suggestion = `write $$\{${name}} for the text itself`;
    return { message: `\`${shown}\` is not a reference; variables are not looked up in the environment`, suggestion };
  }
  if (name.startsWith('secrets.')) {
    return {
      message: `\`${shown}\`: secrets are not put into other values`,
      suggestion: 'name it under `secrets:` of the service',
    };
  }
  const [kind, item] = name.split('.');
  const items = kind === 'stores' ? [...names.stores] : kind === 'services' ? [...names.services] : null;
  const message =
    items !== null && item !== undefined && !items.includes(item)
      ? `\`${shown}\` refers to a ${kind === 'stores' ? 'store' : 'service'} that this manifest does not have`
      : `\`${shown}\` refers to nothing`;
  return {
    message,
    suggestion:
      didYouMean(name, known) ?? 'known: stores.NAME.path, stores.NAME.url, services.NAME.url, app.name, app.url, release.number',
  };
};

const referenceNames = ({ stores, services, hasRoutes }: TemplateNames): Set<string> => {
  const known = new Set(['app.name', 'release.number', ...(hasRoutes ? ['app.url', 'app.domain'] : [])]);
  for (const store of stores)
    for (const name of [`stores.${store}`, `stores.${store}.path`, `stores.${store}.url`]) known.add(name);
  for (const service of services) for (const part of ['url', 'host', 'port']) known.add(`services.${service}.${part}`);
  return known;
};

const templateValues = ({ app, release, stores, services }: TemplateContext): Map<string, string> => {
  const values = new Map([
    ['app.name', app.name],
    ['release.number', String(release.number)],
  ]);
  if (app.url !== null) values.set('app.url', app.url);
  if (app.domain !== null) values.set('app.domain', app.domain);
  for (const [name, store] of Object.entries(stores)) {
    values.set(`stores.${name}`, store.path);
    values.set(`stores.${name}.path`, store.path);
    values.set(`stores.${name}.url`, storeUrl(store));
  }
  for (const [name, { port }] of Object.entries(services)) {
    values.set(`services.${name}.url`, `http://127.0.0.1:${port}`);
    values.set(`services.${name}.host`, '127.0.0.1');
    values.set(`services.${name}.port`, String(port));
  }
  return values;
};

/** "sqlite:///srv/app.db": scheme, no host, absolute path, as most libraries that take an SQLite URL expect it. */
const storeUrl = (store: { kind: 'sqlite' | 'files'; path: string }): string =>
  `${store.kind === 'sqlite' ? 'sqlite' : 'file'}://${encodeURI(store.path).replace(/[?#]/g, encodeURIComponent)}`;
