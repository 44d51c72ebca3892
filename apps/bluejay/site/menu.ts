/** Menus that editors made, as the frame of the site needs them. */
import type { ContentView } from '../content/content-view.ts';

export type MenuLink = {
  readonly label: string;
  /** undefined: it only opens what is below it. */
  readonly href: string | undefined;
  readonly opensNewTab: boolean;
  readonly children: readonly MenuLink[];
};

export type MenuLocation = 'header' | 'footer' | 'footer_legal' | 'mobile';

/** The menu of a location, or undefined when none is made. What it reads is noted in the view. */
export type ReadMenu = (location: MenuLocation, view: ContentView) => readonly MenuLink[] | undefined;
