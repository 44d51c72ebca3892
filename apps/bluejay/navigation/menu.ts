/** Menus that editors make: where they can stand, what they lead to, and how deep they go. */
import type { MenuLocation } from '../site/menu.ts';

export const MENU_LOCATIONS: readonly { readonly value: MenuLocation; readonly label: string }[] = [
  { value: 'header', label: 'Header' },
  { value: 'footer', label: 'Footer' },
  { value: 'footer_legal', label: 'Footer, legal' },
  { value: 'mobile', label: 'Phones' },
];

/** Pages that are always there, by a name that outlives their address. */
export const MENU_PAGES: readonly { readonly value: string; readonly label: string; readonly path: string }[] = [
  { value: 'home', label: 'Front page', path: '/' },
  { value: 'products', label: 'Products', path: '/products' },
  { value: 'solutions', label: 'Solutions', path: '/solutions' },
  { value: 'case-studies', label: 'Case studies', path: '/case-studies' },
  { value: 'whitepapers', label: 'Whitepapers', path: '/whitepapers' },
  { value: 'blog', label: 'Blog', path: '/blog' },
  { value: 'about', label: 'About', path: '/about' },
  { value: 'partners', label: 'Partners', path: '/partners' },
  { value: 'contact', label: 'Contact', path: '/contact' },
  { value: 'search', label: 'Search', path: '/search' },
];

export type LinkType = 'page' | 'url' | 'dropdown';

export const LINK_TYPES: readonly { readonly value: LinkType; readonly label: string }[] = [
  { value: 'page', label: 'Page of this site' },
  { value: 'url', label: 'Address' },
  { value: 'dropdown', label: 'Only opens what is below it' },
];

export type Menu = { readonly id: number; readonly name: string; readonly location: MenuLocation };

/** What somebody enters for an item. */
export type ItemDraft = {
  readonly label: string;
  readonly linkType: LinkType;
  readonly url: string;
  /** A value of MENU_PAGES; '' unless the link type is `page`. */
  readonly page: string;
  readonly opensNewTab: boolean;
  readonly isActive: boolean;
};

/** Items come in the order of the menu: each parent, then its children. */
export type Item = ItemDraft & { readonly id: number; readonly parentId: number | null };

/** Each item of the first level, then those below it, both in the order given. */
export const inMenuOrder = <P extends Pick<Item, 'id' | 'parentId'>>(items: readonly P[]): readonly P[] =>
  items
    .filter(({ parentId }) => parentId === null)
    .flatMap((parent) => [parent, ...items.filter(({ parentId }) => parentId === parent.id)]);

/** Where an item leads; undefined: nowhere, it only opens what is below it. */
export const targetOf = ({ linkType, url, page }: Pick<Item, 'linkType' | 'url' | 'page'>): string | undefined => {
  if (linkType === 'dropdown') return undefined;
  return linkType === 'url' ? url : (MENU_PAGES.find(({ value }) => value === page)?.path ?? '/');
};
