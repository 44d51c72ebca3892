/** What the panel's sidebar shows to somebody: made from the declared types and from what his role permits. */
import { can, type Permission } from '../accounts/permissions.ts';
import type { Account } from '../accounts/session.ts';
import type { ContentType } from '../content/content-type.ts';
import { mayRead } from './access.ts';

export type SidebarEntry = { readonly label: string; readonly path: string };

/** Entries that belong together, as products and their categories do: the others are shown while one of them is open. */
export type SidebarArea = SidebarEntry & {
  /** After `g` on the keyboard; '' when all its letters are taken. */
  readonly key: string;
  readonly entries: readonly SidebarEntry[];
};

export type SidebarGroup = {
  readonly name: ContentType['admin']['group'];
  readonly label: string;
  readonly areas: readonly SidebarArea[];
};

export const DASHBOARD: SidebarEntry = { label: 'Dashboard', path: '/admin/dashboard' };

const GROUPS = [
  { name: 'website', label: 'Website' },
  { name: 'content', label: 'Content' },
  { name: 'admin', label: 'Admin' },
] as const;

/** What no declaration says: screens that were written by hand. */
const SCREENS: readonly (SidebarEntry & { readonly permission: Permission })[] = [
  { label: 'Media', path: '/admin/media', permission: 'media' },
  { label: 'Submissions', path: '/admin/contact/submissions', permission: 'leads' },
  { label: 'Leads', path: '/admin/leads', permission: 'leads' },
  { label: 'Navigation', path: '/admin/navigation', permission: 'content.publish' },
  { label: 'Activity', path: '/admin/activity', permission: 'activity' },
  { label: 'Accounts', path: '/admin/accounts', permission: 'accounts' },
];

export const sidebarOf = (types: readonly ContentType[], account: Account): readonly SidebarGroup[] => {
  const visible = types.filter((type) => mayRead(account, type));
  const screens = SCREENS.filter(({ permission }) => can(account, permission)).map(({ label, path }) => ({
    label,
    path,
    entries: [{ label, path }],
  }));
  const groups = GROUPS.map(({ name, label }) => {
    const areas = areasOf(
      visible.filter((type) => type.admin.group === name),
      types,
    );
    return { name, label, areas: [...(name === 'admin' ? screens : []), ...areas] };
  }).filter(({ areas }) => areas.length > 0);
  const keys = keysOf(groups);
  return groups.map((group) => ({ ...group, areas: group.areas.map((area) => ({ ...area, key: keys.get(area.path) ?? '' })) }));
};

/** `products`, `products/settings` and `product-categories` are one area. */
const areaOf = ({ admin }: ContentType): string => (/^[^/-]+/.exec(admin.path)?.[0] ?? admin.path).replace(/s$/, '');

const areasOf = (visible: readonly ContentType[], all: readonly ContentType[]): readonly Omit<SidebarArea, 'key'>[] =>
  [...Map.groupBy(visible, areaOf)].map(([area, members]) => {
    const main = members.find(({ admin }) => !/[/-]/.test(admin.path));
    const settings = all.find((type) => areaOf(type) === area && isSettings(type));
    const label = members.length === 1 ? members[0]?.label.many : (main ?? settings ?? members[0])?.label.many;
    const ordered = [...members].sort((one, other) => rank(one, main) - rank(other, main));
    const entries = ordered.map((type) => ({
      label: isSettings(type) && members.length > 1 ? 'Settings' : type.label.many,
      path: `/admin/${type.admin.path}`,
    }));
    return { label: label ?? area, path: entries[0]?.path ?? '', entries };
  });

const isSettings = ({ admin }: ContentType): boolean => admin.path.endsWith('/settings');

const rank = (type: ContentType, main: ContentType | undefined): number => {
  if (type === main) return 0;
  return isSettings(type) ? 2 : 1;
};

type Keyless = { readonly name: string; readonly areas: readonly SidebarEntry[] };

/** Each area gets the first letter of its name that is free: what is written every day first. `d` is the dashboard's. */
const keysOf = (groups: readonly Keyless[]): ReadonlyMap<string, string> => {
  const taken = new Set(['d']);
  const keys = new Map<string, string>();
  const daily = groups.filter(({ name }) => name === 'content');
  for (const { areas } of [...daily, ...groups.filter(({ name }) => name !== 'content')])
    for (const { label, path } of areas) {
      const key = [...label.toLowerCase()].find((letter) => /[a-z]/.test(letter) && !taken.has(letter));
      if (key === undefined) continue;
      taken.add(key);
      keys.set(path, key);
    }
  return keys;
};
