/** What a page is made from, and the notes of what it read. */
import type { ContentView } from '../content/content-view.ts';
import { trusted } from '../html/html.ts';
import type { Media } from '../media/media.ts';
import type { PageAddress } from './page-address.ts';
import type { PageContext } from './site-frame.ts';

export type RecordedContext = PageContext & {
  /** Parameters of the address that were asked for, whether they were there or not. */
  readonly namesRead: ReadonlySet<string>;
  /** It shows a file that became visible a moment ago, by an address that expires. */
  isUnsettled(): boolean;
  /** The first moment at which it says something that is no longer true; null: none is known. */
  expiresAtMs(): number | null;
};

export type ContextParts = {
  readonly address: PageAddress;
  readonly view: ContentView;
  readonly media: Pick<Media, 'picture' | 'pathOf' | 'find' | 'isPublished'>;
  readonly now: () => number;
};

export const createPageContext = ({ address, view, media, now }: ContextParts): RecordedContext => {
  const namesRead = new Set<string>();
  const moments: number[] = [];
  const files = new Set<number>();
  const uses = (id: number): void => {
    files.add(id);
    view.dependsOn(`media:${id}`);
  };
  return {
    view,
    path: address.path,
    origin: address.origin,
    nowMs: now(),
    namesRead,
    query(name) {
      namesRead.add(name);
      return address.query(name);
    },
    picture(id, options) {
      if (id === null) return trusted('');
      uses(id);
      return media.picture(id, options);
    },
    imagePath(id, width) {
      if (id === null) return undefined;
      uses(id);
      return media.pathOf(id, width === undefined ? {} : { width });
    },
    file(id) {
      if (id === null) return undefined;
      uses(id);
      const file = media.find(id);
      const path = media.pathOf(id);
      return file === undefined || path === undefined ? undefined : { ...file, path };
    },
    changesAt(moment) {
      moments.push(moment);
    },
    isUnsettled: () => [...files].some((id) => media.find(id) !== undefined && !media.isPublished(id)),
    expiresAtMs() {
      const scheduled = view.changesAtMs();
      const all = scheduled === null ? moments : [...moments, scheduled];
      return all.length === 0 ? null : Math.min(...all);
    },
  };
};
