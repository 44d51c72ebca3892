/** Content for tests of the library: one type, records that are visible between two moments. */
import { type AnyRecord, type ContentType, defineContentType } from '../../content/content-type.ts';
import type { Change } from '../../content/content.ts';
import type { Value } from '../../content/field.ts';
import { mediaShownBy } from '../media-in-content.ts';
import type { ContentWithMedia } from '../publication.ts';

export const PAGE = defineContentType({
  name: 'page',
  table: 'pages',
  label: { one: 'Page', many: 'Pages' },
  kind: 'collection',
  admin: { path: 'pages', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name' },
    body: { kind: 'richText', label: 'Text' },
    image: { kind: 'image', label: 'Picture' },
    file: { kind: 'file', label: 'File', access: 'public' },
    behindForm: { kind: 'file', label: 'File behind the form', access: 'leads' },
  },
  children: {
    images: { label: 'Gallery', one: 'picture', title: 'image', fields: { image: { kind: 'image', label: 'Picture' } } },
  },
  lifecycle: 'publication',
  order: { by: 'name', direction: 'ascending' },
  seo: true,
});

type Page = {
  readonly image?: number;
  readonly file?: number;
  readonly behindForm?: number;
  readonly body?: string;
  readonly gallery?: readonly number[];
  readonly seoImage?: number;
  /** Default: visible always. */
  readonly fromMs?: number;
  readonly toMs?: number;
};

export type FakeContent = ContentWithMedia & {
  save(id: number, page: Page): void;
  remove(id: number): void;
  /** How often all records of the type were read. */
  readonly listings: () => number;
  /** Runs with the next `notice`: another process that saves. */
  whenNoticed(work: () => void): void;
};

export const createFakeContent = (now: () => number): FakeContent => {
  const pages = new Map<number, Page>();
  const listeners: ((change: Change) => void)[] = [];
  let listings = 0;
  let elsewhere: (() => void) | undefined;

  const tell = (id: number, action: Change['action']): void => {
    for (const listener of listeners) listener({ type: 'page', id, action, tags: [`page:${id}`] });
  };
  const isVisible = ({ fromMs = 0, toMs = Number.POSITIVE_INFINITY }: Page): boolean => fromMs <= now() && now() < toMs;

  const view = () => {
    const moments = new Set<number>();
    const see = (page: Page): boolean => {
      for (const at of [page.fromMs, page.toMs]) if (at !== undefined && at > now()) moments.add(at);
      return isVisible(page);
    };
    return {
      list: () => {
        listings += 1;
        return [...pages].filter(([, page]) => see(page)).map(([id, page]) => recordOf(id, page));
      },
      find: (_type: ContentType, id: number) => {
        const page = pages.get(id);
        return page !== undefined && see(page) ? recordOf(id, page) : undefined;
      },
      single: () => {
        throw new Error('there is no singleton');
      },
      changesAtMs: () => (moments.size === 0 ? null : Math.min(...moments)),
    };
  };

  return {
    types: [PAGE],
    // Only what the library asks of a view.
    view: view as unknown as ContentWithMedia['view'],
    onChange: (listener) => void listeners.push(listener),
    announce(change) {
      for (const listener of listeners) listener(change);
    },
    notice() {
      const work = elsewhere;
      elsewhere = undefined;
      work?.();
    },
    usersOfMedia: (mediaId) =>
      [...pages]
        .map(([id, page]) => ({ type: PAGE, record: recordOf(id, page) }))
        .filter(({ record }) => mediaShownBy(PAGE, record).has(mediaId) || record.fields['behindForm'] === mediaId),
    save(id, page) {
      const action = pages.has(id) ? 'updated' : 'created';
      pages.set(id, page);
      tell(id, action);
    },
    remove(id) {
      pages.delete(id);
      tell(id, 'deleted');
    },
    listings: () => listings,
    whenNoticed(work) {
      elsewhere = work;
    },
  };
};

const recordOf = (id: number, page: Page): AnyRecord => {
  const fields: Record<string, Value> = {
    name: `Page ${id}`,
    body: page.body ?? '',
    image: page.image ?? null,
    file: page.file ?? null,
    behindForm: page.behindForm ?? null,
  };
  return {
    id,
    version: 1,
    slug: '',
    status: 'published',
    publishAtMs: page.fromMs ?? null,
    unpublishAtMs: page.toMs ?? null,
    position: id,
    createdAtMs: 0,
    updatedAtMs: 0,
    createdBy: null,
    seo: { title: '', description: '', image: page.seoImage ?? null },
    fields,
    children: { images: (page.gallery ?? []).map((image, index) => ({ id: index + 1, image })) as AnyRecord['children'][string] },
  };
};
